"""Tables of what was done: mails sent, exercises done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.document import Row, Table
from reports.keys import of_protocol
from reports.labels import STATES, STREAMS, SUPPRESSED, WAITING, Labels, plain, sentence
from reports.numbers import NONE, count, never_none, number, share, size

Results = Mapping[str, Any]


def delivery(results: Results, labels: Labels) -> Table:
    """Mails by stream and by what became of them, in each arm."""
    found = results["delivery"]
    groups = list(dict.fromkeys(arm for stream in found["streams"] for arm in stream["arms"]))
    rows = [row for stream in found["streams"] for row in _stream(stream, groups)]
    rows += _held_back(found["suppressed"], groups)
    never = found["never_reached"]
    rows.append(Row((f"People {labels.joined} whom no mail reached", *(count(never.get(arm)) for arm in groups))))
    return Table("delivery-table", "Mails by arm", ("", *(labels.arm(arm) for arm in groups)), tuple(rows))


def _stream(stream: Mapping[str, Any], groups: Sequence[str]) -> list[Row]:
    """One kind of mail: planned, then each state that occurred."""
    states = [stream["arms"].get(arm, {}) for arm in groups]
    rows = [Row((STREAMS.get(stream["stream"], plain(stream["stream"])),), "group")]
    rows.append(Row(("Planned", *(count(sum(one.values())) for one in states)), "under"))
    for state, heading in STATES.items():
        if any(one.get(state) for one in states):
            rows.append(Row((heading, *(count(one.get(state, 0)) for one in states)), "under"))
    waiting = [sum(n for state, n in one.items() if state not in STATES) for one in states]
    return [*rows, Row((WAITING, *map(count, waiting)), "under")] if any(waiting) else rows


def _held_back(suppressed: Sequence[Mapping[str, Any]], groups: Sequence[str]) -> list[Row]:
    """Why planned mails were not sent."""
    found = {(one["arm"], one["reason"]): one["n"] for one in suppressed}
    rows = [Row(("Why mails were not needed any more",), "group")] if found else []
    for code in sorted({code for _, code in found}):
        heading = sentence(SUPPRESSED.get(code, plain(code)))
        rows.append(Row((heading, *(count(found.get((arm, code), 0)) for arm in groups)), "under"))
    return rows


_NOTE = (
    "Of each number of exercises: the people who did just so many; and those who did so many or more. Everyone counts, "
    "who never began with none.{compared} A practice that was sent in with “not today” is among those sent in and is "
    "not counted as done. Minutes are those of exercises that were sent in: from the page on which something was first "
    "kept, and in use as the page's own script counted them, where there was one. Who only looks leaves no trace, so "
    "how many were opened and never sent in is not known."
)
_BANDS = (
    " Of a line of several numbers, so many or more is from its first on; results.json holds each number by itself."
)
MOST_ROWS = 9
_MINUTES = (("seconds_open", "Median minutes from opening to sending"), ("seconds_active", "Median minutes in use"))


def _dose(found: Sequence[Mapping[str, Any]]) -> list[Row]:
    """How long exercises took, and how much was written; each median with the number that it is taken over."""
    doses = [one["dose"] for one in found]
    if not any(one["sent"] for one in doses):
        return []
    rows = [Row(("Exercises sent in", *(count(one["sent"]) for one in doses)))]
    for part, heading in _MINUTES:
        if any(one[part]["n"] for one in doses):
            rows.append(Row((heading, *(_median(one[part], 60, 1) for one in doses)), "under"))
    if any(one["characters"]["n"] for one in doses):
        rows.append(Row(("Median characters", *(_median(one["characters"], 1, 0) for one in doses)), "under"))
    return rows


def _median(part: Mapping[str, Any], unit: int, decimals: int) -> str:
    if part["median"] is None:
        return NONE
    return f"{never_none(part['median'] / unit, decimals)} {size(part['n'])}"


def adherence(results: Results, labels: Labels) -> Table:
    """How many people did how many exercises, and each arm's own rules."""
    found = results["adherence"]
    most = max((len(one["distribution"]) for one in found), default=0)
    rows = [
        Row(("Mean number done", *(number(one["mean_done"] if _has_any(one) else None, 1) for one in found))),
        Row(("Median number done (quartiles)", *(_quartiles(one) for one in found))),
        Row(("Received: the arm's own rule", *(share(one["received"], one["allocated"]) for one in found))),
        Row(("Minimum dose: the arm's own rule", *(share(one["minimum_dose"], one["allocated"]) for one in found))),
        *_dose(found),
        Row(("Number of exercises done: just so many; so many or more",), "group"),
    ]
    longest: Sequence[Mapping[str, Any]] = max((one["distribution"] for one in found), key=len, default=[])
    for low, high in _bands(most):
        name = count(longest[low]["done"]) + (f" to {count(longest[high]['done'])}" if high > low else "")
        shares = [_at(one, low, high) if _has_any(one) else NONE for one in found]
        rows.append(Row((name, *shares), "under"))
    columns = ("", *(f"{labels.arm(one['arm'])} {size(one['allocated'])}" for one in found))
    compared = "" if labels.single else " No arm is compared with another, as who does much is not left to chance."
    note = (
        f"{_NOTE.format(compared=compared)}{_BANDS if most > MOST_ROWS else ''}{_after_the_wait(found, labels)}"
        if most
        else ""
    )
    return Table("adherence-table", "Exercises done, by arm", columns, tuple(rows), note)


def _after_the_wait(found: Sequence[Mapping[str, Any]], labels: Labels) -> str:
    """What of a waiting arm is no part of its dose."""
    waits = labels.folder.protocol.design.waitlist
    if waits is None:
        return ""
    day = of_protocol(waits.release_after_day, "design.waitlist.release_after_day", beside=found)
    return (
        f" What {labels.arm(waits.arm)} is given after day {day}, when it need not wait any more, is "
        "counted among the exercises sent in alone."
    )


def _has_any(one: Mapping[str, Any]) -> bool:
    """Whether an arm has exercises."""
    return len(one["distribution"]) > 1


def _bands(most: int) -> list[tuple[int, int]]:
    """The numbers of exercises that share a line, first and last: none by itself, and not more lines than are read."""
    if most <= MOST_ROWS:
        return [(done, done) for done in range(most)]
    wide = -(-(most - 1) // (MOST_ROWS - 1))
    return [(0, 0), *((low, min(low + wide, most) - 1) for low in range(1, most, wide))]


def _at(one: Mapping[str, Any], low: int, high: int) -> str:
    """People who did so many, and those who did the lowest number of the line or more."""
    its = one["distribution"][low : high + 1]
    if not its:
        return NONE
    return f"{share(sum(at['n'] for at in its), one['allocated'])}; {share(its[0]['at_least'], one['allocated'])}"


def _quartiles(one: Mapping[str, Any]) -> str:
    if one["median_done"] is None or not _has_any(one):
        return NONE
    low, high = one["quartiles_done"]
    return f"{count(one['median_done'])} ({count(low)} to {count(high)})"
