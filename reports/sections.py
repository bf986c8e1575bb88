"""The report from its results: which sections there are, and what stands in each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from reports import (
    acts,
    adherence_map,
    allocating,
    attrition,
    cautions,
    clinical_change,
    clustered,
    clusters,
    compliers,
    dropout,
    enrolment_errors,
    epochs,
    exploratory,
    factors,
    families,
    figures,
    figures_of_dose,
    figures_of_risks,
    final_look,
    guesses,
    harm_risks,
    locks,
    margins,
    methods,
    narrow_forest,
    ordinal,
    plan_history,
    raincloud,
    recruiting,
    reliability,
    repeated,
    sensitivity,
    sentences,
    sources,
    stages,
    tables_conduct,
    tables_harms,
    tables_outcomes,
    tables_people,
)
from reports.consort import annex, other_help
from reports.document import Block, Document, Figure, Paragraph, Section, Table, Terms, cited
from reports.flow_diagram import flow_diagram, flow_pages
from reports.keys import plain
from reports.labels import Labels
from reports.numbers import NONE, count, declared
from reports.sentences import importance, meaning, result, truth
from reports.variables import LANGUAGE, questionnaire_timepoints
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder

Results = dict[str, Any]

SUBTITLES = {
    "rehearsal": "Report of a rehearsal of a randomised trial",
    "test": "Report of a test of a randomised trial",
    "live": "Report of a randomised trial",
    "outside": "Planned analysis of a randomised trial whose data were collected elsewhere",
}
MARKS = {
    "rehearsal": "Rehearsal: all participants are pretend people",
    "test": "Test trial: not for conclusions",
    "live": "",
    "outside": "",
}
WARNINGS = {
    "rehearsal": "A rehearsal with pretend people: it shows that the trial runs and says nothing about real people.",
    "test": "This is a test of the set-up. No conclusion may be drawn from it.",
}
NOT_IN_FILE = "The data file does not hold this."


def document(results: Results, folder: ProtocolFolder) -> Document:
    """Everything that is printed, from results.json and the protocol."""
    labels = Labels(folder)
    kind = results["trial"]["kind"]
    sections = (
        _section("summary", "Summary", _summary(results, labels)),
        _section(
            "design",
            "Design",
            [
                *_planned(
                    results,
                    methods.arms(labels),
                    methods.design(
                        labels,
                        outside=kind == "outside",
                        ratios=epochs.ratios(results),
                        rules=epochs.rules(results),
                    ),
                ),
                *epochs.blocks(results, labels),
            ],
        ),
        _section("flow", "Flow of participants", _flow(results, labels)),
        _section("baseline", "Baseline", _baseline(results, labels)),
        _section("delivery", "Delivery and adherence", _delivery(results, labels)),
        _section("primary", "Primary outcome", _primary(results, labels)),
        _section("sensitivity", "Sensitivity analyses", sensitivity.blocks(results, labels)),
        _section("secondary", "Secondary outcomes", _secondary(results, labels)),
        *_explored(results, labels),
        *clinical_change.sections(results, labels),
        _section("over-time", "Outcomes over time", _over_time(results, labels)),
        *reliability.sections(results, labels),
        *guesses.sections(results, labels),
        _section("missing", "Missing data", _missing(results, labels)),
        _section("withdrawals", "Withdrawals", _withdrawals(results, labels)),
        _section("harms", "Harms", _harms(results, labels)),
        _section("methods", "How it was analysed", _methods(results, labels)),
        _section("provenance", "Provenance", _provenance(results, labels)),
    )
    sections += annex.sections(results, labels, sections)
    whole = (cited(sources.sourced(one, results)) for one in sections)
    if labels.single:
        whole = (replace(one, blocks=tuple(map(_of_one_arm, one.blocks))) for one in whole)
    subtitle = SUBTITLES[kind]
    if labels.single:
        subtitle = subtitle.replace("randomised trial", "single-arm study")
    return Document(results["trial"]["title"], subtitle, MARKS[kind], LANGUAGE, tuple(whole))


def _of_one_arm(block: Block) -> Block:
    """A table or figure whose caption says nothing of arms."""
    if not isinstance(block, Table | Figure):
        return block
    return replace(block, caption=re.sub(",? by arm\\b", "", block.caption))


def _section(key: str, heading: str, blocks: list[Block]) -> Section:
    return Section(key, heading, tuple(blocks))


def _planned(results: Results, *said: Terms) -> list[Block]:
    """What is said of the plan: a number in it that is no result is the protocol's."""
    return [sources.of_terms(one, results) for one in said]


def _summary(results: Results, labels: Labels) -> list[Block]:
    blocks: list[Block] = []
    if results["trial"]["kind"] == "rehearsal":
        mark = (
            "This is a rehearsal with pretend people. It shows that the trial runs and says nothing about real people."
        )
        blocks.append(Paragraph(mark, "mark"))
    if results["trial"]["kind"] == "test":
        blocks.append(Paragraph("This is a test of the set-up. No conclusion may be drawn from it.", "mark"))
    blocks.append(Paragraph(_what_was_compared(results, labels)))
    primary = final_look.counted(results)
    blocks.append(Paragraph(result(primary, labels), "key"))
    said = " ".join(filter(None, (meaning(primary, labels), importance(primary, labels))))
    blocks += [Paragraph(said)] if said else []
    blocks += [Paragraph(final_look.COUNTED)] if primary is not results["estimates"][0] else []
    blocks += [Paragraph(words) for words in truth(results, labels)]
    return blocks + [Paragraph(words, "mark") for words in tables_harms.not_final(results)]


def _what_was_compared(results: Results, labels: Labels) -> str:
    flow = results["flow"]
    arms = [f"{labels.arm(one['arm'])} ({count(one['allocated'])})" for one in flow["arms"]]
    assessed = "" if flow["assessed"] is None else f"Of {count(flow['assessed'])} people assessed, "
    plan = labels.folder.protocol.analysis.primary
    into = "" if labels.single else f": {', '.join(arms[:-1])} and {arms[-1]}"
    return (
        f"{say(labels.folder.protocol.summary, LANGUAGE).strip()} "
        f"{assessed}{count(flow['randomised'])} were {labels.joined}{into}. "
        f"The primary outcome, {labels.outcome(plan.outcome)} {labels.at(plan.timepoint)}, "
        f"is known for {count(results['estimates'][0]['n_with_data'])} of them."
    )


def _flow(results: Results, labels: Labels) -> list[Block]:
    counts = tables_people.flow(results, labels)
    name = "Flow diagram of a single-arm study" if labels.single else "CONSORT 2025 flow diagram"
    caption = (
        f"{name}."
        if results["trial"]["kind"] == "outside"
        else f"{name}. Lost to follow-up and discontinued may overlap."
    )
    drawn = plain(results["flow"])
    wide, narrow = (flow_diagram(drawn, labels, narrow=each) for each in (False, True))
    pages = flow_pages(drawn, labels)
    blocks: list[Block] = [Figure("flow-diagram", caption, wide, narrow, pages, counts)]
    if results["recruitment"]:
        found = results["recruitment"]
        blocks += [
            Paragraph(recruiting.said(found, labels)),
            *recruiting.figure(found, labels),
            tables_people.sources(results, labels),
        ]
    more = clusters.blocks(results, labels) + stages.blocks(results, labels) + enrolment_errors.blocks(results, labels)
    return blocks + more


def _baseline(results: Results, labels: Labels) -> list[Block]:
    if not results["baseline"]:
        return [Paragraph(NOT_IN_FILE)]
    return [tables_people.baseline(results, labels)]


def _delivery(results: Results, labels: Labels) -> list[Block]:
    if results["delivery"] is None:
        return [Paragraph(NOT_IN_FILE)]
    sent, planned = results["delivery"]["accepted"], results["delivery"]["planned"]
    said = f"{count(sent)} of {count(planned)} planned mails were accepted by the mail server."
    blocks: list[Block] = [Paragraph(said), tables_conduct.delivery(results, labels)]
    if any(one["occasions"] for one in results["adherence"]):
        caption = f"Share of {'people' if labels.single else 'each arm'} who did each exercise."
        blocks.append(Figure("adherence-figure", caption, figures.adherence(results, labels)))
        blocks += adherence_map.blocks(results, labels)
    if any(one["allocated"] and len(one["distribution"]) > 1 for one in results["adherence"]):
        blocks.append(
            Figure("dose-figure", figures_of_dose.caption(results, labels), figures_of_dose.dose(results, labels))
        )
    return [*blocks, tables_conduct.adherence(results, labels), *other_help.blocks(results, labels)]


def _primary(results: Results, labels: Labels) -> list[Block]:
    primary, counts = results["estimates"][0], final_look.counted(results)
    said = " ".join(filter(None, (result(counts, labels), meaning(counts, labels), importance(counts, labels))))
    return [
        *plan_history.blocks(results, labels, "primary"),
        Paragraph(said),
        *margins.figure(results, labels, sensitivity.names(results)),
        *tables_outcomes.estimates(results, labels, "primary"),
        tables_outcomes.arms_of(primary, labels),
        *raincloud.figure(results, labels),
        *clustered.blocks(results, "primary", labels),
        *factors.blocks(results, "primary", labels),
        *repeated.blocks(results, "primary", labels),
        *ordinal.blocks(results, "primary", labels),
        *cautions.blocks(results, "primary", labels),
        *(Paragraph(one) for one in final_look.in_words(results["interim"])),
    ]


def _secondary(results: Results, labels: Labels) -> list[Block]:
    blocks: list[Block] = []
    if any(one["analysis"] == "secondary" for one in results["estimates"]):
        blocks += plan_history.blocks(results, labels, "secondary")
        blocks += tables_outcomes.estimates(results, labels, "secondary")
        blocks += [
            Paragraph(words)
            for words in families.outcome([final_look.counted(results), *results["estimates"][1:]], labels)
        ]
    else:
        blocks.append(Paragraph("No secondary analyses were planned."))
    blocks += clustered.blocks(results, "secondary", labels)
    blocks += factors.blocks(results, "secondary", labels)
    blocks += repeated.blocks(results, "secondary", labels)
    blocks += ordinal.blocks(results, "secondary", labels)
    blocks += compliers.blocks(results, "secondary", labels)
    blocks += cautions.blocks(results, "secondary", labels)
    registered = [one for one in results["estimates"] if one["analysis"] != "exploratory"]
    if any(one["g"] for one in registered):
        named = "arm or level" if any(one["factors"] for one in registered) else "arm"
        caption = (
            "The planned differences and their intervals over the pooled standard deviation. Right of the broken line "
            f"favours the {named} named first; signs are turned where lower is better. The square is the primary "
            "estimate. Intervals are those of the analyses, not adjusted for their number."
        )
        if not clustered.used(labels.folder.protocol):
            caption += (
                " Hedges g of the tables has a correction for small samples and an interval of its own, so that its "
                "digits can differ."
            )
        blocks.append(
            Figure("forest-figure", caption, figures.forest(results, labels), narrow_forest.forest(results, labels))
        )
    if any(one["measure"] == "risk_difference" and one["ci"] for one in registered):
        blocks.append(Figure("risks-figure", figures_of_risks.CAPTION, *figures_of_risks.forest(results, labels)))
    return blocks


def _explored(results: Results, labels: Labels) -> list[Section]:
    found = exploratory.blocks(results, labels)
    return [_section("exploratory", "Exploratory analyses", found)] if found else []


def _over_time(results: Results, labels: Labels) -> list[Block]:
    outcome = labels.folder.protocol.analysis.primary.outcome
    if not any(one["outcome"] == outcome for one in results["outcome_over_time"]):
        return [Paragraph(NOT_IN_FILE)]
    level = sentences.level(results["estimates"][0])
    share = labels.folder.protocol.outcome(outcome).aggregation == "proportion"
    caption = (
        f"{labels.outcome(outcome)}: {'share' if share else 'mean'} of those with a value, with its {level} "
        "confidence band, by arm. "
        "Timepoints are evenly spaced; the bands are of single means, not of differences."
    )
    if clustered.used(labels.folder.protocol):
        caption += f" {clustered.BANDS}"
    figure = Figure("over-time-figure", caption, figures.over_time(results, labels, outcome))
    return [figure, tables_outcomes.over_time(results, labels)]


def _missing(results: Results, labels: Labels) -> list[Block]:
    blocks: list[Block] = [
        tables_people.missing(results, labels),
        *attrition.blocks(results, labels),
        *dropout.blocks(results, labels),
    ]
    if results["trial"]["kind"] == "outside":
        absent = {one.id for one in questionnaire_timepoints(labels.folder.protocol)}
        absent -= {one["timepoint"] for one in results["missing"]}
        said = f"Everyone in the data file counts as {labels.joined}. The file gives no reasons."
        if absent:
            named = methods.listed([labels.timepoint(one) for one in labels.in_time(absent)])
            said += f" It has no row of {named}, of which nothing is said here."
        blocks.append(Paragraph(said, "note"))
    return blocks + [Paragraph(f"{warning}", "mark") for warning in results["warnings"]]


def _withdrawals(results: Results, labels: Labels) -> list[Block]:
    if results["withdrawals"] is None:
        return [Paragraph(NOT_IN_FILE)]
    return [tables_people.withdrawals(results, labels)]


def _harms(results: Results, labels: Labels) -> list[Block]:
    if results["harms"] is None:
        return [Paragraph(NOT_IN_FILE)]
    harms = labels.folder.protocol.harms
    question = labels.variable(f"{harms.instrument}_{harms.item}")
    asked = {(one["timepoint"], one["arm"]) for one in results["harms"]["systematic"]}
    points = {point for point, _ in asked}
    alike = len(asked) == len(points) * len(labels.arms)
    when = "at the same times in every arm" if alike else "not at the same times in every arm"
    said = f"Harm was asked about with one question, {when}, and could be reported unasked. {methods.HARM}"
    return [
        Paragraph(said),
        tables_harms.asked(results, labels, question),
        Paragraph(methods.ASSESSED),
        *(Paragraph(one, "mark") for one in tables_harms.not_final(results)),
        tables_harms.events(results, labels),
        *tables_harms.terms(results, labels),
        *harm_risks.blocks(results, labels, question, asked_alike=alike),
    ]


def _methods(results: Results, labels: Labels) -> list[Block]:
    told = acts.in_words(results["acts"])
    said = [Paragraph(" ".join(told))] if told else []  # one paragraph, which leads to the table of locks below it
    return [*_planned(results, methods.analysis(results, labels)), *said, *locks.blocks(results)]


def _provenance(results: Results, labels: Labels) -> list[Block]:
    found, protocol = results["provenance"], results["protocol"]
    items = [
        ("Protocol", f"{protocol['id']}, version {protocol['version']}"),
        ("Protocol digest", protocol["digest"]),
        ("Data digest", found["data_digest"]),
    ]
    if found["randomization"] and not labels.single:
        seed = found["randomization"]
        items.append(("Seed digest", f"{seed['seed_digest']} (published {seed['published']})"))
        items += [("Seed", allocating.contributed(seed["contribution"]))] if seed.get("contribution") else []
        items.append(("Allocation rule", f"version {seed['rule_version']}"))
        items.append(
            (
                "Access to the sequence (item 19)",
                allocating.access(labels.folder.protocol, had_a_list=epochs.had_a_list(results)),
            )
        )
    for key, term in (("frozen_with", "Frozen with"), ("reported_with", "Reported with")):
        if found[key]:
            items.append((term, f"{found[key]['name']} {found[key]['version']}"))
    if results["rehearsal"]:
        pretend = results["rehearsal"]
        people = f"{count(pretend['participants'])} pretend people"
        items.append(("Rehearsal", f"{people}, seed {pretend['seed']}, effect {declared(pretend['effect'])}"))
    files = "the data file" if results["trial"]["kind"] == "outside" else "the frozen files"
    note = (
        f"Digests are SHA-256. Every number here comes from results.json, which {files} and the protocol give "
        f"again, byte for byte. A cell with {NONE} has nothing to say."
    )
    return [Terms(tuple(items)), Paragraph(note, "note")]
