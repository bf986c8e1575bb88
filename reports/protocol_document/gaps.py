"""What SPIRIT and CONSORT 2025 ask for, only words can fill, and is still empty; and what this version does not run.

Topics are in our own words. The numbers are those of the CONSORT 2025 list (Hopewell et al. 2025, doi
10.1371/journal.pmed.1004587); where a topic has none there, none is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reports.document import Block, Paragraph, Row, Table, Terms
from reports.methods import listed
from reports.protocol_document import privacy
from reports.protocol_document.names import Names
from trial.core import not_yet
from trial.core.protocol import Intervention
from trial.core.texts import Part

_TO_FILL = re.compile(r"\[[^\[\]()]{8,400}\](?!\()")
_IN_A_TEXT = 120
NO_PLACE = "The protocol file has no place for it: write it in the application itself."


@dataclass(frozen=True, slots=True)
class Gap:
    """One topic without words: its number in CONSORT 2025, and where the words go."""

    topic: str
    number: str
    where: str


def empty(names: Names) -> list[Block]:
    """The list as a table, then the gaps in the texts, then what is declared and does not run yet."""
    rows = tuple(Row((one.topic, one.number or "–", one.where)) for one in gaps(names))
    heads = ("What is missing", "CONSORT 2025", "Where it goes")
    note = "Numbers are those of the items of CONSORT 2025; a dash: no item of that list asks for it in these terms."
    blocks: list[Block] = [Table("gaps", "Still to be written", heads, rows, note, alike=False, words=True)]
    texts = tuple((file, "; ".join(marks)) for file, marks in unfinished(names))
    if texts:
        blocks += [Paragraph("These texts still hold a mark for something that the team adds:"), Terms(texts)]
    if waived := names.folder.protocol.waivers:
        items = tuple((f"{one.code}{f', {one.where}' if one.where else ''}", one.reason) for one in waived)
        blocks += [Paragraph("Findings of the checker that the team has waived, each with its reason:"), Terms(items)]
    parts = not_yet.parts(names.folder.protocol)
    if parts:
        said = f"Declared in the protocol, and not carried out by this version of the software: {listed(parts)}."
        blocks.append(Paragraph(said, "mark"))
    return blocks


def gaps(names: Names) -> list[Gap]:
    """Every empty topic, in the order of the file."""
    return [*_office(names), *_no_place(), *_arms(names), *_conduct(names)]


def to_write(value: object) -> bool:
    """Whether words are missing: nothing is there, or what is there holds a note to the team in square brackets."""
    return not value or any(_TO_FILL.search(one) for one in _texts(value))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Part):
        yield from _texts([one for _, one in value])
    elif isinstance(value, Iterable):
        yield from (text for one in (value.values() if isinstance(value, Mapping) else value) for text in _texts(one))


def _office(names: Names) -> Iterator[Gap]:
    office = names.folder.protocol.administrative
    fields = (
        (office.registration, "Registry and number of the trial", "2", "registration"),
        (office.ethics, "Ethics committee", "", "ethics"),
        (office.sponsor, "Sponsor", "", "sponsor"),
        (office.funder, "Funding, and what the funder has a say in", "5a", "funder"),
        (office.people, "Who has which role, with affiliation", "", "people"),
        (office.dates.recruitment_from, "Start of recruitment", "23a", "dates.recruitment_from"),
        (office.dates.recruitment_until, "End of recruitment", "23a", "dates.recruitment_until"),
        (office.dates.last_follow_up, "End of follow-up", "23a", "dates.last_follow_up"),
        (office.data_sharing, "What data and materials are shared, where and from when", "4", "data_sharing"),
        (office.patient_involvement, "Involvement of patients and the public, or that there was none", "8",
         "patient_involvement"),
        (office.dissemination, "How results reach participants and others", "", "dissemination"),
    )  # fmt: skip
    for value, topic, number, key in fields:
        if to_write(value):
            yield Gap(topic, number, f"administrative.{key}")
    if office.registration and office.registration.date is None:
        yield Gap("Date of registration", "2", "administrative.registration.date")
    if office.ethics and office.ethics.reference is None:
        yield Gap("Reference of the ethics committee's decision", "", "administrative.ethics.reference")
    silent = [one.name for one in office.people if not one.interests]
    if silent or not office.people:
        whose = f" of {listed(silent)}" if silent else ""
        yield Gap(f"Competing interests{whose}", "5b", "administrative.people, key interests")


def _no_place() -> Iterator[Gap]:
    yield Gap("Background and reasons for the trial", "6", NO_PLACE)
    yield Gap("How alike the arms look to those who are blinded", "20b", NO_PLACE)


def _arms(names: Names) -> Iterator[Gap]:
    for arm in names.folder.protocol.arms:
        said = arm.intervention or Intervention()
        wanted = [("why", "why it may work"), ("procedures", "what is done"), ("fidelity", "how well it is followed")]
        wanted += [("provided_by", "who guides, with what training")] if arm.guided else []
        missing = [words for key, words in wanted if to_write(getattr(said, key))]
        if missing:
            yield Gap(f"{names.arm(arm)}: {listed(missing)}", "13", f"arms, {arm.id}, intervention")


def _conduct(names: Names) -> Iterator[Gap]:
    protocol = names.folder.protocol
    if not protocol.estimands:
        yield Gap("What exactly is to be estimated (estimand)", "7", "estimands")
    if protocol.outcome(protocol.analysis.primary.outcome).important_difference is None:
        yield Gap("The smallest difference that matters, with its source", "14", "outcomes, important_difference")
    if protocol.sample_size.assumptions is None:
        yield Gap("Assumptions of the sample size as numbers", "16a", "sample_size.assumptions")
    if not protocol.analysis.sensitivity:
        yield Gap("Sensitivity analyses", "21d", "analysis.sensitivity")
    if to_write(protocol.monitoring):
        yield Gap("Monitoring, interim analyses and rules for stopping", "16b", "monitoring")
    if protocol.safety is None:
        yield Gap("What is done when answers give cause for concern", "15", "safety")
    if missing := privacy.missing(protocol.data_protection):
        yield Gap(f"Data protection: {listed(missing)}", "", "data_protection")


def unfinished(names: Names) -> list[tuple[str, list[str]]]:
    """(file, marks in square brackets that stand for words to come), for every text that holds one."""
    found = []
    for name in dict.fromkeys(names.folder.protocol.text_files):
        for language, text in sorted(names.folder.texts.get(name, {}).items()):
            marks = [one if len(one) <= _IN_A_TEXT else f"{one[:_IN_A_TEXT]}…" for one in _TO_FILL.findall(text)]
            if marks:
                found.append((f"{name}.{language}.md", marks))
    return found
