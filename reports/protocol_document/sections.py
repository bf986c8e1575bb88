"""The protocol's document: which sections there are, and what stands in each."""

from __future__ import annotations

from collections.abc import Sequence

from reports.document import Block, Document, Paragraph, Section, Terms
from reports.methods import UNSTATED, online, shape
from reports.numbers import count
from reports.protocol_document import arms, gaps, methods_text, privacy, robots
from reports.protocol_document.burden import burden
from reports.protocol_document.calendars import calendars
from reports.protocol_document.mails import mails
from reports.protocol_document.names import Names
from reports.protocol_document.pages import pages
from reports.protocol_document.schedule_figure import schedule
from reports.protocol_document.sheets import screen_style
from reports.variables import LANGUAGE
from trial.core.protocol import Person
from trial.core.texts import say
from trial.pages.translations import own_name
from trial.protocol_files import ProtocolFolder

ROLES = {
    "sponsor": "Sponsor's representative",
    "principal_investigator": "Principal investigator",
    "investigator": "Investigator",
    "trial_manager": "Trial manager",
    "statistician": "Statistician",
    "data_manager": "Data manager",
    "safety_contact": "Safety contact",
    "custodian": "Custodian of the seed",
    "patient_representative": "Patient representative",
}


def document(folder: ProtocolFolder, published: Sequence[tuple[str, str]] = ()) -> Document:
    """Everything that is printed: the protocol folder, and what the trial that runs it has published."""
    names = Names(folder)
    protocol = folder.protocol
    what = "Protocol of a single-arm study" if names.labels.single else "Protocol of a randomised trial"
    sections = (
        _section("summary", "The trial at a glance", _title(names, published)),
        _section("schedule", "Schedule of activities", [schedule(names)]),
        _section("arms", "Arms side by side", arms.side_by_side(names)),
        _section("calendar", "A participant's calendar", calendars(names)),
        _section("burden", "Burden", burden(names)),
        _section("mails", "Every mail", mails(names)),
        _section("pages", "Every page", pages(names)),
        _section("privacy", "Privacy notice", privacy.notice(protocol.data_protection)),
        _section("robots", "Checks for robots and repeated sign-ups", robots.checks(protocol.eligibility.guard)),
        _section("methods", "Methods", methods_text.text(names)),
        _section("empty", "Still empty", gaps.empty(names)),
    )
    subtitle = f"{what}, version {protocol.version}"
    title = say(protocol.title, LANGUAGE)
    return Document(title, subtitle, "", LANGUAGE, sections, style=screen_style(), contents=True)


def _section(key: str, heading: str, blocks: list[Block]) -> Section:
    return Section(key, heading, tuple(blocks))


def _title(names: Names, published: Sequence[tuple[str, str]]) -> list[Block]:
    protocol = names.folder.protocol
    office = protocol.administrative
    dates = (
        f"Recruitment {office.dates.recruitment_from or '?'} to {office.dates.recruitment_until or '?'}, last "
        f"follow-up {office.dates.last_follow_up or '?'}"
    )
    languages = ", ".join(f"{own_name(one)} ({one})" for one in protocol.languages)
    items = [
        ("Protocol", f"{protocol.id}, version {protocol.version}"),
        ("Digest of the folder", f"{names.folder.digest} (SHA-256)"),
        *published,
        ("Registration", str(office.registration or UNSTATED)),
        ("Ethics", str(office.ethics or UNSTATED)),
        ("Dates", dates if any(office.dates.model_dump().values()) else UNSTATED),
        ("Design", f"{shape(protocol)}; {online(protocol)}"),
        ("Planned size", f"{count(protocol.sample_size.target)} people"),
        ("Languages", languages),
        ("Sponsor", office.sponsor or UNSTATED),
        ("Funder", office.funder or UNSTATED),
        ("Contact", f"{office.contact_name}, {office.contact_email}"),
        *[(ROLES[one.role], _person(one)) for one in office.people],
        *([] if office.people else [("Roles", UNSTATED)]),
    ]
    if office.patient_involvement:
        items.append(("Patients and public", say(office.patient_involvement, LANGUAGE).strip()))
    said = (
        "Made from the protocol folder alone, the one that runs the trial: whoever has a folder with this digest has "
        "the trial described here, word for word."
    )
    return [Paragraph(say(protocol.summary, LANGUAGE).strip(), "key"), Terms(tuple(items)), Paragraph(said, "note")]


def _person(person: Person) -> str:
    interests = f" Interests: {person.interests}" if person.interests else ""
    return f"{person.name}{f', {person.affiliation}' if person.affiliation else ''}.{interests}"
