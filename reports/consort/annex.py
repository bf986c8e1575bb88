"""The sections that CONSORT 2025 and its relatives add to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.consort import checklist, office, paragraphs, planned_done, tidier
from reports.document import Block, Paragraph, Section
from reports.labels import Labels
from reports.protocol_document import methods_text
from reports.protocol_document.names import Names

AS_SAID = (
    "From the protocol file that ran the trial, in the words of its own document; what was done otherwise stands under "
    "Planned and done."
)
AS_SAID_OUTSIDE = (
    "From the protocol file that holds the plan, in the words of its own document. The data were collected elsewhere: "
    "whether the trial ran by these words the data file cannot say. How this software would have asked for consent, "
    "masked, watched over and let go of people is left out."
)
ELSEWHERE = ("Interventions", "Analysis", "Dissemination")  # in sections of their own, or of the protocol's document
RUN_HERE = (
    "Blinding and disclosure",
    "Consent",
    "Harms",
    "Safety",
    "Incentives",
    "Withdrawal",
    "Data protection and sharing",
)  # ways of this software


def sections(results: Mapping[str, Any], labels: Labels, before: Sequence[Section]) -> tuple[Section, ...]:
    """After the results: two paragraphs, the methods, what each arm was given, planned and done, office, checklist.

    `before` are the sections that the checklist may lead to beside these.
    """
    made = (
        Section("paragraphs", "Paragraphs to start a paper from", tuple(paragraphs.blocks(results, labels))),
        Section("said", "Methods, as the protocol says them", tuple(_said(results, labels))),
        Section("tidier", "What each arm was given", tuple(tidier.blocks(results, labels))),
        Section("planned", "Planned and done", tuple(planned_done.blocks(results, labels))),
        Section("office", "Registration, money, people, places", tuple(office.blocks(results, labels))),
    )
    return (*made, *checklist.section(results, labels, (*before, *made)))


def _said(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    if results["trial"]["kind"] == "outside":
        names = Names(labels.folder, outside=True)
        return [Paragraph(AS_SAID_OUTSIDE), *methods_text.text(names, without=(*ELSEWHERE, *RUN_HERE))]
    return [Paragraph(AS_SAID), *methods_text.text(Names(labels.folder), without=ELSEWHERE)]
