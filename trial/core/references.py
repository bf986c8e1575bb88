"""Whether the parts of a protocol name each other rightly.

What the protocol asks and plans to analyse is checked in `trial.core.measured`; each instrument's own key in
`trial.core.instrument_keys`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from trial.core import measured
from trial.core.durations import parse_length
from trial.core.findings import Finding, Path, shown, texts_at, twice, unknown, walk

# a hostile file may hold thousands of mistakes; the first ones are enough to mend it by
MOST = 200
MOST_LANGUAGES = 20

# (where an id is used, where such ids are declared, what they are called)
USES = (
    ("activities.*.arms.*", "arms.*.id", "arm"),
    ("activities.*.instruments.*", "instruments.*", "instrument of this protocol"),
    ("timepoints.*.activities.*", "activities.*.id", "activity"),
    ("timepoints.*.invitation", "messages.*.id", "message"),
    ("timepoints.*.reminders.*.message", "messages.*.id", "message"),
    ("analysis.primary.outcome", "outcomes.*.id", "outcome"),
    ("analysis.primary.timepoint", "timepoints.*.id", "timepoint"),
    ("analysis.primary.contrast.*", "arms.*.id", "arm"),
    ("analysis.secondary.analyses.*.outcome", "outcomes.*.id", "outcome"),
    ("analysis.secondary.analyses.*.timepoint", "timepoints.*.id", "timepoint"),
    ("analysis.secondary.analyses.*.contrast.*", "arms.*.id", "arm"),
    ("harms.instrument", "instruments.*", "instrument of this protocol"),
)

UNIQUE = (
    "languages.*", "arms.*.id", "instruments.*", "activities.*.id", "timepoints.*.id", "messages.*.id",
    "outcomes.*.id", "eligibility.questions.*.id", "eligibility.criteria.*.id", "consent.statements.*.id",
    "allocation.strata.*.id",
)  # fmt: skip


def find(tree: Any, instruments: Mapping[str, Any], texts: Mapping[str, Iterable[str]]) -> list[Finding]:
    """Every mistake between parts, at most MOST.

    `instruments` maps codes to the plain trees of the instrument files that could be read; `texts` maps each
    Markdown text to the languages it is written in.
    """
    if not isinstance(tree, Mapping):
        return []
    checks: tuple[Callable[[Any], Iterator[Finding]], ...] = (
        _unknown_ids, _repeated_ids, _block_sizes, _single_baseline, _one_at_a_time, _windows, _same_arm_twice,
        _languages_complete, _address_code,
    )  # fmt: skip
    found = chain(
        chain.from_iterable(check(tree) for check in checks),
        measured.find(tree, instruments),
        _texts_exist(tree, texts),
    )
    return list(islice(found, MOST))


def _unknown_ids(tree: Any) -> Iterator[Finding]:
    for used, declared, noun in USES:
        known = set(texts_at(tree, declared))
        for path, value in walk(tree, used):
            if isinstance(value, str) and value not in known:
                yield unknown(path, value, known, noun)


def _repeated_ids(tree: Any) -> Iterator[Finding]:
    for pattern in UNIQUE:
        yield from twice(tree, pattern)
    for path, factor in walk(tree, "allocation.strata.*"):
        for found in twice(factor, "levels.*.id"):
            yield found._replace(path=path + found.path)


def _block_sizes(tree: Any) -> Iterator[Finding]:
    ratios = [arm.get("ratio", 1) for _, arm in walk(tree, "arms.*") if isinstance(arm, Mapping)]
    whole = [ratio for ratio in ratios if isinstance(ratio, int) and ratio > 0]
    total = sum(whole)
    if len(whole) != len(ratios) or not total:
        return
    for path, size in walk(tree, "allocation.block_sizes.*"):
        if isinstance(size, int) and size % total:
            what = f"a block of {size} cannot hold the arms in their ratio."
            yield Finding(path, what, f"Use multiples of {total}, the sum of the arms' ratios.")


def _single_baseline(tree: Any) -> Iterator[Finding]:
    found = [path for path, anchor in walk(tree, "timepoints.*.anchor") if anchor == "consent"]
    if len(found) != 1 and isinstance(tree.get("timepoints"), list):
        yield Finding(
            found[1] if found else ("timepoints",),
            f"there are {len(found)} timepoints before randomisation.",
            "Give exactly one timepoint `anchor: consent`: the baseline.",
        )


def _one_at_a_time(tree: Any) -> Iterator[Finding]:
    """One invitation opens one page, so after randomisation an arm does one activity at a timepoint."""
    arms_of = {
        str(one["id"]): set(texts_at(one, "arms.*")) for _, one in walk(tree, "activities.*") if _has_text_id(one)
    }
    every_arm = texts_at(tree, "arms.*.id")
    for path, point in walk(tree, "timepoints.*"):
        if not isinstance(point, Mapping) or point.get("anchor") == "consent":
            continue
        named = [one for one in texts_at(point, "activities.*") if one in arms_of]
        for arm in every_arm:
            own = [one for one in named if not arms_of[one] or arm in arms_of[one]]
            if len(own) > 1:
                what = f"the arm {shown(arm)} has {len(own)} activities at once: {', '.join(own[:12])}."
                yield Finding((*path, "activities"), what, "Give each a timepoint of its own.")
                break


def _has_text_id(node: Any) -> bool:
    return isinstance(node, Mapping) and isinstance(node.get("id"), str)


def _windows(tree: Any) -> Iterator[Finding]:
    for path, point in walk(tree, "timepoints.*"):
        closes = _minutes(point.get("closes_after")) if isinstance(point, Mapping) else None
        if closes == 0:
            yield Finding((*path, "closes_after"), "the window closes as it opens.", "Leave time to answer: 20 hours.")
        for place, after in walk(point, "reminders.*.after"):
            late = _minutes(after)
            if closes and late is not None and late >= closes:
                mend = f"Send it earlier than {point['closes_after']} after the opening, or close later."
                yield Finding((*path, *place), "the reminder goes out after the window has closed.", mend)


def _minutes(value: Any) -> int | None:
    try:
        length = parse_length(value)
    except ValueError:
        return None
    return length.days * 1440 + length.minutes


def _same_arm_twice(tree: Any) -> Iterator[Finding]:
    for pattern in ("analysis.primary.contrast", "analysis.secondary.analyses.*.contrast"):
        for path, pair in walk(tree, pattern):
            if isinstance(pair, list) and len(pair) == 2 and pair[0] == pair[1]:
                yield Finding(path, "the contrast compares an arm with itself.", "Name two different arms.")


def _address_code(tree: Any) -> Iterator[Finding]:
    """An address is confirmed by a typed code, so every trial has the message that carries it."""
    if "code" not in texts_at(tree, "messages.*.id") and isinstance(tree.get("messages"), list):
        mend = "Add a message with `id: code` and `stream: service`, and write messages/code."
        yield Finding(("messages",), "there is no message `code`, which confirms an address.", mend)


def _texts_exist(tree: Any, texts: Mapping[str, Iterable[str]]) -> Iterator[Finding]:
    languages = texts_at(tree, "languages.*")[:MOST_LANGUAGES]
    named = chain(
        walk(tree, "trial_page"), walk(tree, "eligibility.notice"), walk(tree, "consent.information"),
        walk(tree, "debrief"), walk(tree, "activities.*.exercise"),
        ((path, f"messages/{value}") for path, value in walk(tree, "messages.*.id") if isinstance(value, str)),
    )  # fmt: skip
    for path, name in named:
        for language in languages:
            if isinstance(name, str) and language not in texts.get(name, ()):
                file = shown(f"{name}.{language}.md").strip("'\"")
                yield Finding(path, f"the text {file} is not in the folder.", f"Write {file}.")


def _languages_complete(tree: Any) -> Iterator[Finding]:
    languages = texts_at(tree, "languages.*")[:MOST_LANGUAGES]
    for path, text in _texts(tree, ()):
        for language in languages:
            if language not in text:
                yield Finding(path, f"this text is not written in {language!r}.", f"Add a line `{language}: …`.")


_TEXT_KEYS = {"title", "summary", "label", "description", "reason", "text", "topic", "justification", "unit"}


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in _TEXT_KEYS and isinstance(value, Mapping):
                yield (*path, key), value
            else:
                yield from _texts(value, (*path, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _texts(value, (*path, place))
