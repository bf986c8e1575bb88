"""The blind report of a cut as a document: over everybody, or by dummy labels, with a mark on every page and figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

from reports import reasons, recruiting, tables_people
from reports.blind import ALL
from reports.document import Block, Document, Figure, Paragraph, Row, Section, Table, Terms
from reports.drawing import FONT, Drawing
from reports.flow_diagram import diagram_so_far
from reports.labels import STATES, STREAMS, Labels, plain, reason, sentence
from reports.numbers import NONE, count, percent, share, size
from reports.sections import MARKS
from reports.tables_harms import people_and_events
from reports.variables import LANGUAGE
from trial.core.harm_words import HARM_LINES
from trial.protocol_files import ProtocolFolder

Results = Mapping[str, Any]
SUBTITLE = "Blind report of a running trial"
_POOLED = (
    "Everything here is counted over everybody. It shows no arm, no effect and no p-value: those wait for the lock of "
    "the data, or for the closed report of an independent committee."
)
_DUMMY = (
    "Groups stand under dummy labels, shuffled anew for this cut: Group 1 here need not be Group 1 of another cut. "
    "What would tell an arm is counted over everybody or left out: exercises and mails, each arm's own rules, "
    "questionnaires that not every arm is asked, what the team calls an event. There is no effect and no p-value."
)


def mark_of(results: Results) -> str:
    """What stands on every page, figure and file."""
    if results["blinded"] is None:
        return "Closed: real arms"
    return f"Blinded: {results['blinded']}"


def blind_document(results: Results, folder: ProtocolFolder) -> Document:
    """Everything that is printed."""
    labels = Labels(folder)
    marks = [one for one in (MARKS[results["trial"]["kind"]], mark_of(results)) if one]
    sections = (
        Section("summary", "Summary", tuple(_summary(results, labels))),
        Section(
            "flow",
            "Flow of participants",
            (_flow_figure(results, labels), _flow(results, labels), _primary(results, labels)),
        ),
        Section("recruitment", "Recruitment", tuple(_recruitment(results, labels))),
        Section("baseline", "Baseline", (_baseline(results, labels),)),
        Section("missing", "Missing data", (_missing(results, labels),)),
        Section("delivery", "Delivery and adherence", (_delivery(results), _adherence(results))),
        Section("withdrawals", "Withdrawals", (_withdrawals(results),)),
        Section("harms", "Harms", tuple(_harms(results, labels))),
        Section("provenance", "Provenance", (_provenance(results),)),
    )
    return Document(results["trial"]["title"], SUBTITLE, ". ".join(marks), LANGUAGE, sections)


def marked(drawing: Drawing, words: str) -> Drawing:
    """The drawing with its mark across it, pale enough to read what lies below."""
    x, y = drawing.width / 2, drawing.height / 2
    big = min(drawing.width / max(len(words), 1) * 1.5, 34.0)
    text = (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-family="{FONT}" font-size="{big:.1f}" '
        f'fill="currentColor" fill-opacity="0.16" transform="rotate(-18 {x:.1f} {y:.1f})">{escape(words)}</text>'
    )
    before, _, after = drawing.svg.rpartition("</svg>")
    return replace(drawing, svg=f"{before}{text}</svg>{after}", title=f"{drawing.title} ({words})")


def _columns(results: Results) -> tuple[str, ...]:
    return ("", *results["groups"], "All" if results["groups"] else "Everybody")


def _members(results: Results) -> list[str]:
    return [*results["groups"], ALL]


def so_far(results: Results, labels: Labels) -> str:
    """Which cut it is, and how far the trial was."""
    cut, found = results["cut"], results["recruitment"]
    people = results["flow"]["randomised"]
    everybody = next(one for one in results["primary"] if one["group"] == ALL)
    primary = labels.folder.protocol.analysis.primary
    return (
        f"Cut {cut['number']}, taken on {cut['taken_at'][:10]}. {count(people)} of the {count(found['target'])} people "
        f"sought were {labels.joined}. {labels.outcome(primary.outcome)} {labels.at(primary.timepoint)} is "
        f"known for {count(everybody['known'])} of the {count(everybody['due'])} for whom it was due."
    )


def _summary(results: Results, labels: Labels) -> list[Block]:
    return [
        Paragraph(mark_of(results), "mark"),
        Paragraph(so_far(results, labels), "key"),
        Paragraph(_DUMMY if results["groups"] else _POOLED),
        *(Paragraph(one, "mark") for one in waiting(results)),
    ]


def waiting(results: Results) -> list[str]:
    """What of the events nobody has judged yet."""
    n = results["harms"]["not_assessed"]
    said = "1 adverse event was" if n == 1 else f"{count(n)} adverse events were"
    return [f"{said} not assessed at the cut."] if n else []


def _flow_figure(results: Results, labels: Labels) -> Figure:
    """Over everybody, under dummy labels too: no box tells an arm."""
    everybody = next(one for one in results["primary"] if one["group"] == ALL)
    wide, narrow = (
        marked(diagram_so_far({**results["flow"]}, everybody, labels, narrow=each), mark_of(results))
        for each in (False, True)
    )
    return Figure("flow-figure", "Flow of participants so far, over everybody.", wide, narrow=narrow)


def _flow(results: Results, labels: Labels) -> Table:
    rows = tables_people.enrolment({**results["flow"], "arms": []}, labels)
    return Table("flow-counts", "From the first page to the randomisation", ("", "Everybody"), tuple(rows))


def _primary(results: Results, labels: Labels) -> Table:
    by_group = {one["group"]: one for one in results["primary"]}
    its = [by_group[group] for group in _members(results)]
    rows = [Row((heading, *(count(one[key]) for one in its))) for key, heading in _PRIMARY.items()]
    rows += _reasons([one["lost_reasons"] for one in its])
    note = "Due: the window has closed, or there is an answer already."
    return Table("primary-table", "The primary outcome so far", _columns(results), tuple(rows), note)


_PRIMARY = {
    "randomised": "Randomised",
    "due": "Due for the primary outcome",
    "known": "Primary outcome known",
    "lost": "Lost to follow-up for it",
}


def _reasons(found: Sequence[Mapping[str, int]], before: str = "") -> list[Row]:
    return [
        Row((sentence(f"{before}{reason(code)}"), *(count(one.get(code, 0)) for one in found)), "under")
        for code in reasons.in_order(found)
    ]


def _recruitment(results: Results, labels: Labels) -> list[Block]:
    found = results["recruitment"]
    drawn = recruiting.figure(found, labels)
    blocks: list[Block] = [replace(one, drawing=marked(one.drawing, mark_of(results))) for one in drawn]
    rows = tuple(
        Row((one["source"] or "No source kept", count(one["assessed"]), count(one["randomized"])))
        for one in found["sources"]
    )
    columns = ("Source", "Assessed", sentence(labels.joined))
    return [*blocks, Table("source-table", "Where participants came from", columns, rows)]


def _baseline(results: Results, labels: Labels) -> Table:
    rows = [row for one in results["baseline"] for row in tables_people.baseline_rows(one, results["groups"], labels)]
    sizes = {one["group"]: one["randomised"] for one in results["primary"]}
    names = zip(_columns(results)[1:], _members(results), strict=True)
    columns = ("", *(f"{name} {size(sizes[group])}" for name, group in names))
    note = "Mean (SD) or number (%). Percentages are of those with a value."
    return Table("baseline-table", "Participants at baseline", columns, tuple(rows), note)


def _missing(results: Results, labels: Labels) -> Table:
    found = {(one["timepoint"], one["group"]): one for one in results["missing"]}
    rows: list[Row] = []
    for point in labels.in_time({timepoint for timepoint, _ in found}):
        its = [found[point, group] for group in _members(results)]
        rows.append(Row((labels.timepoint(point),), "group"))
        rows.append(Row(("Due", *(count(one["due"]) for one in its)), "under"))
        rows.append(Row(("Answered", *(_of_due(one) for one in its)), "under"))
        if any(one["not_due_yet"] for one in its):
            rows.append(Row(("Not due yet", *(count(one["not_due_yet"]) for one in its)), "under"))
        rows += _reasons([one["reasons"] for one in its], "missing: ")
    note = "Due: the window has closed, or there is an answer already. Questionnaires that every arm is asked."
    return Table("missing-table", "Questionnaires due and answered", _columns(results), tuple(rows), note)


def _of_due(one: Mapping[str, Any]) -> str:
    return share(one["answered"], one["due"]) if one["due"] else NONE


def _delivery(results: Results) -> Table:
    counted, rows = results["delivery"]["counted"], []
    for stream in results["delivery"]["streams"]:
        rows.append(Row((STREAMS.get(stream["stream"], plain(stream["stream"])),), "group"))
        rows += [Row(("Planned", count(stream["planned"])), "under")] if counted else []
        states = stream["states"]
        rows += [Row((said, _told_as(states[one], counted)), "under") for one, said in STATES.items() if one in states]
        waiting = sum(n for state, n in states.items() if state not in STATES)
        rows += [Row(("Not sent at the cut", _told_as(waiting, counted)), "under")] if waiting else []
    return Table("delivery-table", "Mails", ("", "Everybody"), tuple(rows), "" if counted else _percents(results))


_PERCENTS = (
    "The arms are not written to at the same times: numbers would tell the size of an arm, so there are whole percents."
)


def _percents(results: Results) -> str:
    return _PERCENTS if results["blinded"] else "Whole percents, as in the blind report of the same cut."


def _told_as(n: int, counted: bool) -> str:
    return count(n) if counted else f"{n}%"


def _adherence(results: Results) -> Table:
    found, counted = results["adherence"], results["delivery"]["counted"]
    rows = [Row(("Exercises that fell due", count(found["due"])))] if counted else []
    done = share(found["done"], found["due"]) if found["due"] else _told_as(found["done"], counted)
    rows.append(Row(("Exercises done, of those that fell due", done)))
    for key, heading in _RULES.items():
        rows.append(Row((heading, share(found[key], found["of"]) if counted else _told_as(found[key], counted))))
    return Table("adherence-table", "Exercises", ("", "Everybody"), tuple(rows), "" if counted else _percents(results))


_RULES = {
    "received": "Received: each arm's own rule, so far",
    "minimum_dose": "Minimum dose: each arm's own rule, so far",
}


def _withdrawals(results: Results) -> Table:
    headings = {"exercises": "Stopped the exercises only", "questionnaires": "Stopped the questionnaires only"}
    rows: list[Row] = []
    for one in results["withdrawals"]:
        rows.append(Row((headings.get(one["stopped"], "Stopped everything"),), "group"))
        rows.append(Row(("People", count(one["n"])), "under"))
        rows += _reasons([one["reasons"]])
    return Table("withdrawal-table", "Participants who stopped", ("", "Everybody"), tuple(rows))


def _harms(results: Results, labels: Labels) -> list[Block]:
    found = results["harms"]
    asked = {(one["timepoint"], one["group"]): one for one in found["asked"]}
    rows = [
        Row((f"Yes, {labels.timepoint(point)}", *(_of(asked[point, group]) for group in _members(results))))
        for point in labels.in_time({timepoint for timepoint, _ in asked})
    ]
    note = "People who said yes, of those who answered the one question about harm."
    tables: list[Block] = [
        Table("harms-table", "Harm that was asked about", _columns(results), tuple(rows), note),
        _told(results),
    ]
    terms = tuple(Row((one["term"], f"{count(one['people'])} / {count(one['events'])}")) for one in found["terms"])
    if terms:
        caption = "Adverse events by what happened, in the team's words"
        tables.append(Table("terms-table", caption, ("", "Everybody"), terms, "People / events; assessed events only."))
    return tables


def _of(one: Mapping[str, Any]) -> str:
    among = f" ({percent(one['yes'], one['answered'])})" if one["answered"] else ""
    return f"{count(one['yes'])} of {count(one['answered'])}{among}"


def _told(results: Results) -> Table:
    by_group = {one["group"]: one for one in results["harms"]["told"]}
    its = [by_group[group] for group in _members(results)]
    rows = [Row(("Any adverse event", *(people_and_events(one, one) for one in its)), "strong")]
    rows.append(Row(("Deaths", *(people_and_events(one["deaths"], one) for one in its)), "strong"))
    for part, (heading, lines) in HARM_LINES.items():
        if part in its[0]["counts"]:
            happened = {
                one: said for one, said in lines.items() if any(at["counts"][part][one]["events"] for at in its)
            }
            rows += [Row((heading,), "group"), *_lines(part, happened, its)] if happened else []
    note = "People with at least one (share of everybody in the column) / events."
    if waiting := results["harms"]["not_assessed"]:
        note += f" {count(waiting)} of the events {'was' if waiting == 1 else 'were'} not assessed at the cut."
    note += " Of the rest, lines that held of nobody are left out."
    return Table("adverse-events-table", "Adverse events told unasked", _columns(results), tuple(rows), note)


def _lines(part: str, lines: Mapping[str, str], its: Sequence[Mapping[str, Any]]) -> Iterable[Row]:
    for value, said in lines.items():
        yield Row((said, *(people_and_events(one["counts"][part][value], one) for one in its)), "under")


def _provenance(results: Results) -> Terms:
    cut, protocol, made = results["cut"], results["protocol"], results["reported_with"]
    return Terms(
        (
            ("Cut", f"{cut['number']}, {cut['taken_at'][:16].replace('T', ' ')} UTC"),
            ("Digest of the cut", f"{cut['digest']} (with a secret salt, so that it tells nothing of the arms)"),
            ("Protocol", f"{protocol['id']}, version {protocol['version']}"),
            ("Protocol digest", protocol["digest"]),
            ("Reported with", f"{made['name']} {made['version']}"),
        )
    )
