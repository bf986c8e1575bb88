"""The closed report of a running trial, for an independent committee: the real arms, estimates, harms, bounds.

The same cut as the blind report, under the arms' own names. Sealed before it is written, where it is for a committee.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from reports import interim, plan_history, tables_harms, tables_outcomes
from reports.blind import CutFacts, blind_results
from reports.blind_page import blind_document, so_far, waiting
from reports.document import Block, Document, Paragraph, Row, Section, Table, Terms
from reports.frozen import Frozen
from reports.harms import harms
from reports.in_labels import in_labels
from reports.labels import Labels
from reports.numbers import count, share
from reports.sections import MARKS
from reports.sentences import result
from reports.variables import LANGUAGE
from trial.core.texts import say
from trial.stats.plan.run import run_plan

MARK = "Closed report: shows the arms. Not for anybody who is blinded"
SUBTITLE = "Closed report of a running trial"


def closed_results(frozen: Frozen, facts: CutFacts, earlier: Sequence[float]) -> dict[str, Any]:
    """What the blind report holds, by arm, and the planned estimates so far; `earlier` are the looks before."""
    protocol = frozen.folder.protocol
    arms = {arm.id: say(arm.label, LANGUAGE) for arm in protocol.arms}
    people = {one.participant: one for one in frozen.dispositions if one.stage == "randomized"}
    reached = tuple(people[code].minimum_dose is True for code in frozen.data.table.participants)
    had = tuple(people[code].received is True for code in frozen.data.table.participants)
    planned = run_plan(protocol, replace(frozen.data.table, minimum_dose=reached, received=had))
    estimates = in_labels(planned, Labels(frozen.folder))
    found = blind_results(frozen, replace(facts, groups=arms), named=True)
    made: dict[str, Any] = {"estimates": estimates}
    plan_history.marked(frozen, made)
    return (
        found
        | made
        | {
            "blinded": None,
            "arms": arms,
            "interim": interim.of_look(protocol, estimates[0], earlier, _to_come(found)),
            "adherence_by_arm": [_adherence(frozen, arm) for arm in arms],
            "harms": found["harms"] | {"by_arm": harms(frozen)},
            "data_digest": frozen.record.digest,
        }
    )


def _to_come(found: Mapping[str, Any]) -> int:
    """Of how many more people the primary outcome may be known: not due yet, or still sought."""
    everybody = found["primary"][-1]
    sought = max(found["recruitment"]["target"] - everybody["randomised"], 0)
    return int(everybody["randomised"] - everybody["due"] + sought)


def _adherence(frozen: Frozen, arm: str) -> dict[str, Any]:
    people = [one for one in frozen.dispositions if one.arm == arm]
    return {
        "arm": arm,
        "of": len(people),
        "done": sum(one.exercises_done for one in people),
        "due": sum(one.exercises_due for one in people),
        "received": sum(one.received is True for one in people),
        "stopped": sum(bool(one.stopped) for one in people),
    }


def closed_document(results: Mapping[str, Any], frozen: Frozen) -> Document:
    """The blind report's sections under the arms' names, after the estimates and the bounds."""
    labels = Labels(frozen.folder)
    plain = blind_document(results, frozen.folder)
    summary = Section(
        "summary",
        "Summary",
        (
            Paragraph(MARK, "mark"),
            Paragraph(so_far(results, labels)),
            Paragraph("So far, without everybody's answers: " + result(results["estimates"][0], labels), "key"),
            Terms(tuple(interim.terms(results["interim"]))),
            *(Paragraph(one, "mark") for one in waiting(results)),
        ),
    )
    estimates: list[Block] = [
        *tables_outcomes.estimates(results, labels, "primary"),
        tables_outcomes.arms_of(results["estimates"][0], labels),
        *plan_history.blocks(results, labels, "secondary"),
        *tables_outcomes.estimates(results, labels, "secondary"),
        *plan_history.blocks(results, labels, "exploratory"),
        *tables_outcomes.estimates(results, labels, "exploratory"),
    ]
    new = (
        Section("estimates", "Estimates so far", tuple(estimates)),
        Section("by-arm", "Exercises by arm", (_by_arm(results, labels),)),
    )
    kept = [_harms(results, labels) if one.id == "harms" else one for one in plain.sections[1:]]
    mark = ". ".join(filter(None, (MARKS[results["trial"]["kind"]], MARK)))  # a rehearsal says so in each report
    return replace(plain, subtitle=SUBTITLE, mark=mark, sections=(summary, *new, *kept))


def _harms(results: Mapping[str, Any], labels: Labels) -> Section:
    """As the report at the end has them: everything that is known of an event, by arm."""
    asked = labels.folder.protocol.harms
    question = labels.variable(f"{asked.instrument}_{asked.item}")
    known = {"harms": results["harms"]["by_arm"]}
    blocks: list[Block] = [
        tables_harms.asked(known, labels, question),
        tables_harms.events(known, labels),
        *tables_harms.terms(known, labels),
    ]
    return Section("harms", "Harms", tuple(blocks))


def _by_arm(results: Mapping[str, Any], labels: Labels) -> Table:
    its = results["adherence_by_arm"]
    rows = (
        Row(("Exercises done", *(share(one["done"], one["due"]) if one["due"] else "0" for one in its))),
        Row(("Received: the arm's own rule", *(share(one["received"], one["of"]) for one in its))),
        Row(("Stopped anything", *(count(one["stopped"]) for one in its))),
    )
    return Table("by-arm-table", "Exercises by arm", ("", *(labels.arm(one["arm"]) for one in its)), rows)


def closed_files(frozen: Frozen, facts: CutFacts, earlier: Sequence[float]) -> dict[str, bytes]:
    """The closed report as HTML, PDF and JSON."""
    from reports.html import render_html
    from reports.pdf import render_pdf
    from reports.results import write_results

    results = json.loads(write_results(closed_results(frozen, facts, earlier)))
    document = closed_document(results, frozen)
    stem = f"cut-{facts.number}-closed"
    return {
        f"{stem}.json": write_results(results),
        f"{stem}.html": render_html(document).encode(),
        f"{stem}.pdf": render_pdf(document),
    }
