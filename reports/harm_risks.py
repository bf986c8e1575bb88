"""How many of each arm were harmed, with intervals, and how the arms differ: no test, and no word on safety."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import clustered
from reports.document import Block, Paragraph, Row, Table
from reports.labels import Labels
from reports.numbers import NONE, count, declared, interval, number
from reports.tables_harms import none_assessed, unknown
from trial.core.protocol import TrialProtocol
from trial.stats.harm_rates import Collection, Harmed, HarmLine, harm_line

Values = Mapping[str, Any]
UNASKED = {
    "any": "Any adverse event",
    "serious": "Serious",
    "serious_related": "Serious, and possibly, probably or definitely related to taking part",
    "severe": "Severe",
}
_EVENTS = {"serious": ("serious", "serious"), "serious_related": ("serious", "serious_related"),
           "severe": ("severity", "severe")}  # fmt: skip
CAUTION = (
    "No test decides anything here. Harms are rare and of many kinds: an interval which holds no difference is no sign "
    "of safety, and of many intervals some leave it out by chance alone."
)
_NOTE = (
    "People with at least one, of those in the arm; of what was asked about, of those who answered at least once. In "
    "brackets the exact interval, which has an upper end where it happened to nobody."
)
_DIFFERENCES = " Differences are of people, in percentage points, by a score interval."
_NOT_ALIKE = " Arms were not asked equally often, for which nothing here allows."
_CLUSTERS = " People of one cluster are taken for independent; the intervals are too narrow if they are alike."


def harm_risks(protocol: TrialProtocol, harms: Values) -> list[dict[str, Any]]:
    """Each line of harm, asked about or told unasked: the share of each arm with its exact interval, and how arms
    differ from the second one of the primary contrast; from the counts of `reports.harms`."""
    arms = [arm.id for arm in protocol.arms]
    asked = [Harmed(one["arm"], one["people"], one["events"], one["answered"]) for one in harms["systematic_people"]]
    told = {one["arm"]: one for one in harms["spontaneous"]}
    sizes = {arm: told[arm]["of"] or 0 for arm in arms}
    level, reference = protocol.analysis.level, protocol.analysis.primary.contrast[-1]

    def line(kind: str, collection: Collection, its: list[Harmed], term: str | None = None) -> dict[str, Any]:
        return {"kind": kind, "term": term} | _values(harm_line(term or kind, collection, its, reference, level))

    return [
        line("asked", "systematic", asked),
        *(
            line(name, "non-systematic", _harmed({arm: _count(told[arm], name) for arm in arms}, sizes))
            for name in UNASKED
        ),
        *(line("term", "non-systematic", _harmed(one["arms"], sizes), one["term"]) for one in harms["terms"]),
    ]


def _count(arm: Values, name: str) -> Values:
    if name == "any":
        return arm
    part, value = _EVENTS[name]
    found: Values = arm["counts"][part][value]
    return found


def _harmed(counts: Mapping[str, Values], sizes: Mapping[str, int]) -> list[Harmed]:
    return [Harmed(arm, counts[arm]["people"], counts[arm]["events"], of) for arm, of in sizes.items()]


def _values(line: HarmLine) -> dict[str, Any]:
    return {
        "collection": line.collection,
        "arms": [
            {
                "arm": one.arm,
                "people": one.people,
                "events": one.events,
                "of": one.of,
                "risk": one.risk,
                "ci": None if one.ci is None else list(one.ci),
                "events_per_person": one.events_per_person,
            }
            for one in line.risks
        ],
        "differences": [
            {
                "arm": one.arm,
                "reference": one.reference,
                "estimate": one.difference.estimate,
                "ci": list(one.difference.ci),
            }
            for one in line.differences
        ],
        "not_compared": list(line.not_compared),
        "level": line.level,
    }


def blocks(results: Values, labels: Labels, question: str, *, asked_alike: bool) -> list[Block]:
    """The caution, then a table: what was asked about and what was told unasked apart, zero stated."""
    found = results["harms"]["risks"]
    rows = [Row((f"Asked of everyone: “{question}”",), "group")]
    rows += [_row("Yes at least once", one, labels) for one in found if one["collection"] == "systematic"]
    rows.append(Row(("Told unasked",), "group"))
    for one in found:
        if one["collection"] != "systematic" and (one["kind"] == "any" or not none_assessed(results)):
            rows.append(_row(UNASKED.get(one["kind"]) or f"{one['term']}", one, labels))
    level = f"{declared(100 * found[0]['level'])}%"
    others, reference = _compared(labels)
    heads = ["", *(f"{labels.arm(arm)} ({level}\u00a0CI); events" for arm in labels.arms)]
    one = len(others) == 1
    heads += [
        f"{'Difference' if one else f'{labels.arm(arm)} minus {labels.arm(reference)}'} ({level}\u00a0CI)"
        for arm in others
    ]
    between = f" The difference is {labels.arm(others[0])} minus {labels.arm(reference)}." if one else ""
    note = _NOTE + (_DIFFERENCES + between if others else "") + ("" if asked_alike else _NOT_ALIKE)
    note += unknown(results)
    note += _CLUSTERS if clustered.used(labels.folder.protocol) else ""
    caption = "People harmed, by arm, with intervals"
    table = Table("harm-risks-table", caption, tuple(heads), tuple(rows), note, alike=False)
    return [Paragraph(CAUTION), table] if others else [table]


def _compared(labels: Labels) -> tuple[Sequence[str], str]:
    reference = labels.folder.protocol.analysis.primary.contrast[-1]
    return [arm for arm in labels.arms if arm != reference], reference


def _row(heading: str, one: Values, labels: Labels) -> Row:
    differences = {each["arm"]: each for each in one["differences"]}
    others, _ = _compared(labels)
    return Row((heading, *(_risk(each) for each in one["arms"]), *(_apart(differences.get(arm)) for arm in others)),
               "under")  # fmt: skip


def _risk(one: Values) -> str:
    if one["risk"] is None:
        return NONE
    ends = interval([100 * end for end in one["ci"]], 1).replace(" ", "\u00a0")  # narrow columns break around it
    people = f"{count(one['people'])} of {count(one['of'])}"
    return f"{people}, {number(100 * one['risk'], 1)}% ({ends}); {count(one['events'])}"


def _apart(one: Values | None) -> str:
    if one is None:
        return NONE
    return f"{number(100 * one['estimate'], 1)} ({interval([100 * end for end in one['ci']], 1)})"
