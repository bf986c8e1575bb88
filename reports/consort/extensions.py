"""What the extensions of CONSORT ask beside the thirty items, in our own words, each beside its item of 2025.

They were written to the numbers of 2010. A number stands here only where it was read in a table of the extension:
CONSORT-SPI 2018 in Montgomery et al. (Trials 2018;19:407, table 1), CONSORT-EHEALTH V1.6.1 in Eysenbach (J Med Internet
Res 2011;13(4):e126, table 2, which has the parts of item 5). All others have a dash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reports.consort import states
from reports.consort.items import By
from reports.consort.states import Facts, Question

NONE = "–"


@dataclass(frozen=True, slots=True)
class Ask:
    """One line: the item of 2025 that it goes with, its own number, what it asks, and whether it is there."""

    goes_with: str
    number: str
    asks: str
    by: By
    where: tuple[str, ...]
    question: Question


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension; `applies` says for which trials."""

    id: str
    name: str
    source: str
    applies: Callable[[Facts], bool]
    asks: tuple[Ask, ...]


def _ask(goes_with: str, number: str, asks: str, by: By, where: str, question: Question) -> Ask:
    return Ask(goes_with, number, asks, by, tuple(where.split()), question)


def _always(_: Facts) -> bool:
    return True


SPI = (
    _ask("7", "2b", "How it is supposed to work", "protocol", "tidier", states.described("why")),
    _ask("9", "3a", "What was randomised, if not each person", "software", "methods-allocation", states.clustered),
    _ask("12b", "4a", "Who could deliver it, and where", "protocol", "tidier", states.deliverers),
    _ask("24a", "5a", "Whether it was delivered and taken up as planned", "software", "delivery tidier",
         states.recorded),
    _ask("13", "5b", "Where materials for delivering it are", "software", "tidier", states.filled),
    _ask("13", "5c", "How those who deliver were assigned to arms", "person", "",
         states.of_guides("Say how guides came to their arm.")),
    _ask("21c", NONE, "How missing data were filled in, in detail", "software", "methods sensitivity", states.filled),
    _ask("22a", NONE, "How many were screened and eligible before chance decided, and why others did not enrol",
         "software", "flow", states.recorded),
    _ask("25", NONE, "Social and economic position at the start", "person", "baseline",
         states.person("Say which variables of the baseline table speak to it, or that none was asked.")),
    _ask("4", NONE, "Whether the data can be had", "protocol", "office", states.stated("administrative.data_sharing")),
    _ask("5b", NONE, "What the developers of the intervention had a part in", "protocol", "office", states.interests),
    _ask("8", NONE, "What others with a stake had a part in", "protocol", "office",
         states.stated("administrative.patient_involvement")),
    _ask("13", NONE, "What people were offered for taking part", "software", "methods-incentives", states.recorded),
)  # fmt: skip
EHEALTH = (
    _ask("1a", NONE, "The title names the way of delivery", "person", "",
         states.person("Mails and web pages: name them in the title of the paper.")),
    _ask("5b", "5-i", "Who made and owns the intervention", "protocol", "office", states.interests),
    _ask("10", "5-iii", "Which version ran, and whether its content changed", "software", "planned provenance",
         states.changes),
    _ask("13", "5-v", "Source code or screens to see", "software", "tidier provenance", states.filled),
    _ask("3", "5-vi", "Where it stays to be seen", "person", "",
         states.person("Give an archived address of the pages, or of the protocol's document, which draws them all.")),
    _ask("13", "5-vii", "How people got access, and at what price", "person", "methods-consent",
         states.person("Links in mails need no password; say what taking part cost.")),
    _ask("13", "5-viii", "Mode, content and theory", "protocol", "tidier", states.described("why", "procedures")),
    _ask("13", "5-ix", "How much people were asked to do", "software", "tidier", states.filled),
    _ask("13", "5-x", "What people had a hand in it", "software", "tidier", states.filled),
    _ask("13", "5-xi", "Mails that prompt and remind", "software", "tidier delivery", states.filled),
    _ask("13", "5-xii", "What else came with it", "software", "delivery", states.other_help),
    _ask("12a", NONE, "Whether people had to be at home with mail and web", "software", "methods-eligibility",
         states.filled),
    _ask("12a", NONE, "How consent was given online", "software", "methods-consent", states.filled),
    _ask("14", NONE, "That outcomes are what people say of themselves, online", "software", "methods-blinding",
         states.filled),
    _ask("14", NONE, "Whether the questionnaires hold online", "person", "methods-outcomes",
         states.person("Cite studies of each scale as an online questionnaire.")),
    _ask("24a", NONE, "How use was defined and counted", "software", "delivery", states.recorded),
    _ask("14", NONE, "What people said in their own words", "person", "",
         states.person("Their words stay out of the frozen record: report them apart, or that none were asked for.")),
    _ask("16a", NONE, "Whether the number of people allows for those who stop", "software", "methods-sample",
         states.assumptions),
    _ask("20a", NONE, "Whether people knew which arm was expected to help", "software", "methods-blinding",
         states.filled),
    _ask("15", NONE, "Ethics, consent and safety on the way", "protocol", "office methods-safety",
         states.stated("administrative.ethics")),
    _ask("22b", NONE, "A diagram of who still took part over time", "software", "missing", states.filled),
    _ask("23a", NONE, "What happened in the world meanwhile", "person", "",
         states.person("Events, seasons or updates that may have changed answers or use.")),
    _ask("26", NONE, "Results over several denominators, by use", "software", "sensitivity delivery", states.by_use),
    _ask("28", NONE, "That analyses of users alone decide nothing", "software", "sensitivity", states.users_alone),
    _ask("27", NONE, "Breaches of privacy, and technical failures", "software", "planned delivery", states.changes),
    _ask("30", NONE, "Limitations of trials by mail and web; whom they reach", "person", "", states.limitations),
)  # fmt: skip
OUTCOMES = (
    _ask("14", NONE, "Why this is the primary outcome", "person", "",
         states.person("Why the primary outcome matters to those whom it is about.")),
    _ask("14", NONE, "The smallest difference that matters, and its source", "protocol", "methods-outcomes",
         states.important),
    _ask("14", NONE, "Where an outcome is cut in two, at which value and why", "protocol", "methods-outcomes",
         states.cut_offs),
    _ask("14", NONE, "Which of several times is analysed", "software", "methods-outcomes", states.filled),
    _ask("14", NONE, "Who assessed", "software", "methods-blinding", states.recorded),
    _ask("14", NONE, "How well each scale measures, in people like these", "person", "reliability",
         states.person("Cite reliability and validity of each scale.")),
    _ask("10", NONE, "Outcomes that were not planned", "software", "planned", states.changes),
    _ask("21a", NONE, "What is done about many comparisons", "software", "methods", states.filled),
    _ask("26", NONE, "Results of every planned outcome", "software", "primary secondary over-time", states.filled),
)  # fmt: skip
HARMS = (
    _ask("15", NONE, "Which harms, with their definitions", "software", "methods-harms harms", states.recorded),
    _ask("15", NONE, "Asked of everyone, or told unasked; when", "software", "methods-harms", states.recorded),
    _ask("15", NONE, "Who judged what they come from, and whether they knew the arm", "software", "harms",
         states.recorded),
    _ask("27", NONE, "People and events in each arm, over how many; zero said", "software", "harms", states.recorded),
    _ask("22b", NONE, "Who stopped because of harm", "software", "harms withdrawals", states.recorded),
)  # fmt: skip
PRO = (
    _ask("14", NONE, "Which outcomes people report themselves, and on which questionnaires", "software",
         "methods-outcomes", states.recorded),
    _ask("21c", NONE, "What is done where such answers are missing", "software", "methods sensitivity", states.filled),
    _ask("26", NONE, "How many answered at each time, in each arm", "software", "missing", states.filled),
    _ask("30", NONE, "What that means for the people concerned", "person", "",
         states.person("What a difference of this size is to somebody who lives with it.")),
)  # fmt: skip
NON_DRUG = (
    _ask("12b", NONE, "Skill of those who deliver", "protocol", "tidier", states.deliverers),
    _ask("13", NONE, "What may be tailored, and what must stay the same", "software", "tidier", states.recorded),
    _ask("24a", NONE, "How faithfully it was delivered and followed", "software", "tidier delivery", states.recorded),
    _ask("21a", NONE, "Whether people of one guide are alike", "person", "",
         states.of_guides("Say whether the analysis allows for guides, and how many people each had.")),
)  # fmt: skip
MULTI_ARM = (
    _ask("9", NONE, "Which arms are compared with which", "software", "planned", states.filled),
    _ask("16a", NONE, "How many people for each comparison", "software", "methods-sample", states.assumptions),
    _ask("21a", NONE, "What is done about several comparisons", "software", "methods", states.filled),
    _ask("26", NONE, "Every planned comparison", "software", "primary secondary", states.filled),
)  # fmt: skip


def _several(facts: Facts) -> bool:
    return len(facts.protocol.arms) > 2


EXTENSIONS = (
    Extension("spi", "Social and psychological interventions", "CONSORT-SPI 2018", _always, SPI),
    Extension("ehealth", "E-health", "CONSORT-EHEALTH V1.6.1", states.run_here, EHEALTH),
    Extension("outcomes", "Outcomes", "CONSORT-Outcomes 2022", _always, OUTCOMES),
    Extension("harms", "Harms", "CONSORT Harms 2022", _always, HARMS),
    Extension("pro", "Patient-reported outcomes", "CONSORT-PRO 2013", _always, PRO),
    Extension(
        "non-drug", "Non-pharmacological treatments", "CONSORT for non-pharmacological treatments", _always, NON_DRUG
    ),
    Extension("multi-arm", "More than two arms", "CONSORT multi-arm 2019", _several, MULTI_ARM),
)
