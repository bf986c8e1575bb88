"""The checklist of a report: each item, where it is, and who fills it; as an annex and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.consort.extensions import EXTENSIONS
from reports.consort.items import GROUPS, ITEMS
from reports.consort.states import Facts, State
from reports.document import Block, Linked, Paragraph, Row, Section, Subheading, Table, places
from reports.labels import Labels
from reports.numbers import NONE, count

BY = {"software": "Software", "protocol": "Protocol", "person": "Person"}
HEADS = ("list", "item", "own_number", "asks", "filled_by", "state", "headings", "ids", "note")
ABOUT = (
    "Items are in our own words; the numbers are those of CONSORT 2025 (Hopewell and others, PLOS Medicine 2025, doi "
    "10.1371/journal.pmed.1004587). An item is filled by the software, from the record and the protocol file; by the "
    "words of the protocol; or by a person, who alone can write it. The same list is in checklist.csv."
)
OLD_NUMBERS = (
    "The extensions were written to the numbers of 2010. Each line stands beside its item of 2025; its own number is "
    "given where it was read in a table of the extension."
)
MAY_FIT = (
    "Which of them fit, the data file does not say. The one for e-health is left out: whether the trial was online is "
    "not known here."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is printed."""

    list: str
    item: str
    own: str
    asks: str
    by: str
    state: State
    places: tuple[tuple[str, str], ...]


def lines(results: Mapping[str, Any], labels: Labels, sections: Sequence[Section]) -> list[Line]:
    """Every line that fits this trial, CONSORT first; nothing for a single arm, which CONSORT is not for."""
    if labels.single:
        return []
    facts, known = Facts(results, labels), places(sections)
    known |= {one: f"Methods: {heading}" for one, heading in known.items() if one.startswith("methods-")}

    def to(ids: Sequence[str], state: State) -> tuple[tuple[str, str], ...]:
        if state.kind in ("not_applicable", "not_recorded"):
            return ()
        return tuple((one, known[one]) for one in ids if one in known)

    found = []
    for item in ITEMS:
        state = item.question(facts)
        found.append(Line("CONSORT 2025", item.number, "", item.asks, item.by, state, to(item.where, state)))
    for extension in EXTENSIONS:
        for ask in extension.asks if extension.applies(facts) else ():
            state = ask.question(facts)
            where = to(ask.where, state)
            found.append(Line(extension.source, ask.goes_with, ask.number, ask.asks, ask.by, state, where))
    return found


def section(results: Mapping[str, Any], labels: Labels, sections: Sequence[Section]) -> list[Section]:
    """The annex, or nothing for a single arm."""
    found = lines(results, labels, sections)
    outside = results["trial"]["kind"] == "outside"
    return [Section("checklist", "CONSORT 2025 checklist", tuple(_blocks(found, outside=outside)))] if found else []


def _blocks(found: Sequence[Line], *, outside: bool) -> Iterator[Block]:
    main = [one for one in found if one.list == "CONSORT 2025"]
    done = sum(one.state.kind == "filled" for one in main)
    waits = [one.item for one in main if one.state.kind == "waits"]
    person = [one.item for one in main if one.state.kind == "person"]
    without = [one.item for one in main if one.state.kind == "not_applicable"]
    unknown = [one.item for one in main if one.state.kind == "not_recorded"]
    said = f"{count(done)} of {count(len(main))} items are filled."
    said += f" For a person to write: {', '.join(person)}." if person else ""
    said += f" Waiting for words of the protocol: {', '.join(waits)}." if waits else ""
    said += f" Does not apply: {', '.join(without)}." if without else ""
    said += f" Not in the record: {', '.join(unknown)}." if unknown else ""
    yield Paragraph(said, "key")
    yield Paragraph(ABOUT)
    by_number = {one.item: one for one in main}
    for key, heading, items in GROUPS:
        rows = tuple(_row(by_number[item.number], one_number=True) for item in items)
        columns = ("Item", "What it asks for", "Filled by", "Where")
        yield Table(f"checklist-{key}", heading, columns, rows, alike=False, words=True)
    yield Subheading("checklist-extensions", f"Extensions that {'may fit' if outside else 'fit'} this trial")
    yield Paragraph(f"{OLD_NUMBERS} {MAY_FIT}" if outside else OLD_NUMBERS)
    for extension in EXTENSIONS:
        rows = tuple(_row(one, one_number=False) for one in found if one.list == extension.source)
        if rows:
            heads = ("Item of 2025", "Its own", "What it asks for", "Filled by", "Where")
            caption = f"{extension.name} ({extension.source})"
            yield Table(f"checklist-{extension.id}", caption, heads, rows, alike=False, words=True)


def _row(one: Line, *, one_number: bool) -> Row:
    where = Linked(one.places) if one.places else NONE
    own = () if one_number else (one.own,)
    return Row((one.item, *own, one.asks, in_words(one), where))


def in_words(one: Line) -> str:
    """`Software`; `Protocol: still to be written, arms, …`; `Person: write the conclusion.`"""
    state = one.state
    if state.kind == "filled":
        by = BY["software" if one.by == "person" else one.by]  # filled with nobody's help
        return f"{by}. {state.note}" if state.note else by
    return {
        "waits": f"Still to be written. It goes into {state.note}.",
        "person": f"Only a person can write this. {state.note}",
        "not_applicable": f"Does not apply. {state.note}",
        "not_recorded": f"Not in the record. {state.note}",
    }[state.kind]


def as_csv(found: Sequence[Line]) -> bytes:
    """The lines as a CSV file in UTF-8, one row each."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADS)
    for one in found:
        ids, headings = ("; ".join(place[at] for place in one.places) for at in (0, 1))
        writer.writerow((one.list, one.item, one.own, one.asks, one.by, one.state.kind, headings, ids, one.state.note))
    return out.getvalue().encode()
