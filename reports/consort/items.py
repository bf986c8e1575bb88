"""The thirty items of CONSORT 2025, forty-two with their letters, in our own words.

Numbers are those of Hopewell et al. 2025 (PLOS Medicine 22(4):e1004587, doi 10.1371/journal.pmed.1004587). `by` says
who can fill an item: the software from record and protocol file, the words of the protocol, or a person at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reports.consort import states
from reports.consort.states import Question

By = Literal["software", "protocol", "person"]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist: its number, what it asks, who fills it, where in the report, and whether it is there.

    `where` are ids of sections and subheadings; those that a report does not have are passed over.
    """

    number: str
    asks: str
    by: By
    where: tuple[str, ...]
    question: Question


def _item(number: str, asks: str, by: By, where: str, question: Question) -> Item:
    return Item(number, asks, by, tuple(where.split()), question)


FIRST = (
    _item("1a", "The title says that chance decided who got what", "protocol", "summary", states.title),
    _item(
        "1b", "A structured abstract: design, methods, results, conclusions", "person", "summary paragraphs",
        states.person("Design, numbers and result stand in the summary and the two paragraphs; write the conclusion."),
    ),
    _item(
        "2", "Registry, number with its address, date of registration", "software", "office",
        states.stated("administrative.registration"),
    ),
    _item("3", "Where protocol and analysis plan can be read", "software", "provenance said", states.filled),
    _item(
        "4", "Where data without names, their dictionary, code and materials can be had", "software",
        "office provenance", states.stated("administrative.data_sharing"),
    ),
    _item(
        "5a", "Who paid, and what the payer had a say in", "protocol", "office", states.stated("administrative.funder")
    ),
    _item("5b", "Money and other interests of the authors", "protocol", "office", states.interests),
    _item(
        "6", "What is known, and why this trial", "person", "",
        states.person("Why the question is open, and what is known of benefits and harms."),
    ),
    _item(
        "7", "Objectives, for benefits and for harms", "protocol", "methods-objectives methods-estimands",
        states.objectives,
    ),
)  # fmt: skip
METHODS = (
    _item(
        "8", "What patients or the public had a part in, or that they had none", "protocol", "office",
        states.stated("administrative.patient_involvement"),
    ),
    _item("9", "Kind of trial, ratio, and what it sets out to show", "software", "design said", states.filled),
    _item(
        "10", "What changed after the start, with reasons; what was analysed beside the plan", "software", "planned",
        states.changes,
    ),
    _item("11", "Where it took place", "software", "office", states.stated("administrative.countries")),
    _item("12a", "Who could take part", "software", "methods-eligibility", states.filled),
    _item("12b", "Which places and people could deliver it", "protocol", "tidier", states.deliverers),
    _item(
        "13", "What each arm got, so that others can do the same, and where the materials are", "protocol", "tidier",
        states.described("why", "procedures"),
    ),
    _item(
        "14", "Each outcome: variable, metric, summary, time", "software", "methods-outcomes", states.filled,
    ),
    _item("15", "What counted as harm, and how it was looked for", "protocol", "methods-harms harms", states.recorded),
    _item("16a", "How many people, with every assumption", "software", "methods-sample", states.assumptions),
    _item("16b", "Looks at the data on the way, and rules for stopping", "software", "methods-monitoring",
          states.stated("monitoring")),
    _item("17a", "Who made the random sequence, and how", "software", "methods-allocation provenance", states.recorded),
    _item("17b", "Kind of randomisation: strata, blocks and their sizes", "software", "design methods-allocation",
          states.filled),
    _item("18", "How the sequence was kept from view", "software", "methods-allocation", states.recorded),
    _item("19", "Whether those who enrolled or assigned people could see it", "software", "provenance",
          states.recorded),
    _item("20a", "Who did not know the arm", "protocol", "methods-blinding", states.recorded),
    _item(
        "20b", "How that was done, and how alike the arms looked", "person", "methods-blinding allocation-guess",
        states.alike,
    ),
    _item("21a", "How outcomes and harms were compared", "software", "methods methods-harms", states.filled),
    _item("21b", "Who is in each analysis, and in which group", "software", "methods flow", states.filled),
    _item("21c", "What was done about missing data", "software", "methods methods-sensitivity", states.filled),
    _item("21d", "Further analyses, and whether they were planned", "software", "planned methods-sensitivity",
          states.dated),
)  # fmt: skip
RESULTS = (
    _item("22a", "How many of each arm were randomised, received it, were analysed, with a diagram", "software", "flow",
          states.recorded),
    _item("22b", "Who was lost or left out afterwards, and why", "software", "flow withdrawals missing",
          states.recorded),
    _item("23a", "Dates of recruitment, of follow-up for benefits and for harms", "software", "planned",
          states.changes),
    _item("23b", "Why the trial ended or was stopped", "person", "planned provenance", states.ended),
    _item("24a", "What was delivered and taken up", "software", "delivery tidier", states.recorded),
    _item("24b", "Other help during the trial", "software", "delivery", states.other_help),
    _item("25", "Each group at the start", "software", "baseline", states.filled),
    _item(
        "26", "For each outcome and group: how many, the result, the effect with its interval; of shares, both the "
        "difference and the ratio", "software", "primary secondary", states.filled,
    ),
    _item("27", "Every harm or unwanted event, by group", "software", "harms", states.recorded),
    _item("28", "Other analyses, planned or not", "software", "sensitivity secondary exploratory", states.dated),
    _item(
        "29", "What the results mean, benefits beside harms, beside other evidence", "person", "summary",
        states.person("The summary says what the interval supports; set it beside harms and other trials."),
    ),
    _item("30", "Limitations", "person", "missing planned", states.limitations),
)  # fmt: skip
ITEMS = (*FIRST, *METHODS, *RESULTS)
GROUPS = (
    ("first", "Title, abstract, open science and introduction", FIRST),
    ("methods", "Methods", METHODS),
    ("results", "Results and discussion", RESULTS),
)
