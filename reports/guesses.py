"""What people guessed of their own arm, where a questionnaire asked: Bang's index by arm. It is proof of nothing.

The plan names the question under `analysis.allocation_guess`. Where it names none and the instrument
`allocation_guess` of the library was asked, its figures come out as exploratory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from reports import clustered
from reports.data_file import TrialData
from reports.document import Block, Paragraph, Row, Section, Table
from reports.labels import Labels, sentence
from reports.numbers import NONE, count, declared, interval, number
from reports.variables import LANGUAGE, asked_at, questionnaire_timepoints
from trial.core.dataset import ItemRow
from trial.core.protocol import AllocationGuess, RightGuess, Timepoint, TrialProtocol
from trial.core.rows import cells
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder
from trial.stats.blinding import blinding_index

Values = Mapping[str, Any]
When = Literal["before", "with", "after"]
LIBRARY, ITEM = "allocation_guess", "guess"
SAID = (
    "People were asked which arm they thought they were in. Bang's index of an arm is its right guesses less its wrong "
    "ones, as a share of those who answered: zero is what chance gives, one that all guess right, minus one that all "
    "guess wrong. It tells what was guessed and never why: it proves neither that people knew their arm nor that they "
    "did not."
)
TIMES: dict[When, str] = {
    "before": "before the primary outcome",
    "with": "together with the primary outcome, so that people may have guessed from how they felt",
    "after": "after the primary outcome, so that people may have guessed from how they felt",
}
ALIKE = "The interval of every arm holds zero, which is no evidence that people only guessed."
UNPLANNED = (
    "The plan does not name this question, so that this is exploratory; right is taken to be the exercise that is "
    "tested in an experimental arm, and the one it is compared with in any other."
)
_NOTE = "Intervals are Tango's score intervals. Whoever did not know counts in the number of people, on neither side."
_CLUSTERS = " They take people of one cluster for independent, and are too narrow if they are alike."


def allocation_guess(folder: ProtocolFolder, data: TrialData, items: Sequence[ItemRow]) -> dict[str, Any] | None:
    """Right, wrong and unsure guesses of each arm at each time, with Bang's index; None where nobody was asked."""
    planned = folder.protocol.analysis.allocation_guess
    guess = planned or _of_library(folder)
    if guess is None:
        return None
    column = f"{guess.instrument}_{guess.item}"
    right = {arm.id: {str(one.answer) for one in guess.right if arm.id in one.arms} for arm in folder.protocol.arms}
    meant = {str(one.answer) for one in guess.right}
    given: dict[tuple[str, str], str] = {
        (timepoint, code): value
        for item, value, timepoint, code in cells(items, "item", "value", "timepoint", "participant")
        if item == column and value
    }
    lines = [
        {"timepoint": point.id, "when": _when(folder.protocol, point), "arm": arm}
        | _figures(
            [given[point.id, code] for code, its in data.arm_of.items() if its == arm and (point.id, code) in given],
            right[arm],
            meant,
            folder.protocol.analysis.level,
        )
        for point in questionnaire_timepoints(folder.protocol)
        if point.anchor != "consent"
        for arm in right
        if right[arm] and asked_at(folder, point, guess.instrument, arm)
    ]
    return {"item": column, "planned": planned is not None, "lines": lines} if lines else None


def _of_library(folder: ProtocolFolder) -> AllocationGuess | None:
    """The question of the library as its own words have it, where it is asked and two kinds of arm are compared."""
    arms = folder.protocol.arms
    tested = [one.id for one in arms if one.kind == "experimental"]
    others = [one.id for one in arms if one.kind != "experimental"]
    if LIBRARY not in folder.instruments or not tested or not others:
        return None
    right = [RightGuess(answer="tested", arms=tested), RightGuess(answer="comparison", arms=others)]
    return AllocationGuess(instrument=LIBRARY, item=ITEM, right=right)


def _when(protocol: TrialProtocol, point: Timepoint) -> When:
    primary = protocol.timepoint(protocol.analysis.primary.timepoint)
    if point.id == primary.id:
        return "with"
    in_time = [one.id for one in protocol.in_time]
    return "before" if in_time.index(point.id) < in_time.index(primary.id) else "after"


def _figures(answers: Sequence[str], right: set[str], meant: set[str], level: float) -> dict[str, Any]:
    kinds = Counter("right" if one in right else "wrong" if one in meant else "unsure" for one in answers)
    found: dict[str, Any] = {"n": len(answers)} | {kind: kinds[kind] for kind in ("right", "wrong", "unsure")}
    if not answers:
        return found | {"index": None, "ci": None, "level": level}
    index = blinding_index("", kinds["right"], kinds["wrong"], kinds["unsure"], level=level)
    return found | {"index": index.estimate, "ci": list(index.ci), "level": level}


def sections(results: Values, labels: Labels) -> list[Section]:
    """The section, where such a question was asked."""
    found = results.get("allocation_guess")
    if not found:
        return []
    blocks: list[Block] = [Paragraph(SAID)]
    blocks += [] if found["planned"] else [Paragraph(UNPLANNED, "mark")]
    blocks += [Paragraph(one) for one in in_words(found["lines"], labels)]
    return [Section("allocation-guess", "Guess of allocation", (*blocks, _table(found, labels)))]


def in_words(lines: Sequence[Values], labels: Labels) -> Iterator[str]:
    """For each time when it was asked, and of each arm what its interval allows to say."""
    for timepoint in labels.in_time({one["timepoint"] for one in lines}):
        its = [one for one in lines if one["timepoint"] == timepoint]
        said = f"{sentence(labels.at(timepoint))} it was asked {TIMES[its[0]['when']]}."
        alike = all(one["index"] is not None and one["ci"][0] <= 0 <= one["ci"][1] for one in its)
        yield " ".join([said, *([ALIKE] if alike else [_of_arm(one, labels) for one in its])])


def _of_arm(one: Values, labels: Labels) -> str:
    arm = labels.arm(one["arm"])
    if one["index"] is None:
        return f"{arm}: nobody answered."
    low, high = one["ci"]
    if low > 0:
        which = "the data speak for more right guesses than wrong ones"
    elif high < 0:
        which = "the data speak for more wrong guesses than right ones"
    else:
        which = "the interval holds zero, which is no evidence that people only guessed"
    return f"{arm}: index {number(one['index'], 2)} ({interval(one['ci'], 2)}); {which}."


def _table(found: Values, labels: Labels) -> Table:
    lines = found["lines"]
    level = declared(100 * lines[0]["level"])
    rows: list[Row] = []
    for timepoint in labels.in_time({one["timepoint"] for one in lines}):
        rows.append(Row((labels.timepoint(timepoint),), "group"))
        rows += [
            Row(
                (
                    labels.arm(one["arm"]),
                    *(count(one[kind]) for kind in ("n", "right", "wrong", "unsure")),
                    _index(one),
                ),
                "under",
            )
            for one in lines
            if one["timepoint"] == timepoint
        ]
    heads = ("", "Answered", "Right", "Wrong", "Did not know", f"Index ({level}%\u00a0CI)")
    caption = f"What people guessed of their arm: “{labels.variable(found['item'])}”"
    clusters = _CLUSTERS if clustered.used(labels.folder.protocol) else ""
    return Table("allocation-guess-table", caption, heads, tuple(rows), _NOTE + clusters, alike=False)


def _index(one: Values) -> str:
    return NONE if one["index"] is None else f"{number(one['index'], 2)} ({interval(one['ci'], 2)})"


def plan_in_words(labels: Labels) -> str:
    """How it is counted, as the plan says; nothing where it names no such question."""
    guess = labels.folder.protocol.analysis.allocation_guess
    if guess is None:
        return ""
    tool = labels.folder.instruments[guess.instrument]
    item = next(one for one in tool.items if one.id == guess.item)
    words = {str(one.value): say(one.label, LANGUAGE) for one in tool.choices_of(item)}
    right = []
    for one in guess.right:
        arms = " or ".join(map(labels.arm, one.arms))
        right.append(f"“{words[str(one.answer)]}” is right in {arms}")
    return (
        f"People are asked “{labels.variable(f'{guess.instrument}_{guess.item}')}”: {'; '.join(right)}; the "
        "other of the two is wrong, and any further answer is that they do not know. Bang's index is given by arm with "
        "a score interval, and read as proof of nothing."
    )
