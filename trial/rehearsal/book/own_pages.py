"""Specimens of the pages that every trial has, filled from the protocol: one's own page, the copy, the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from reports.protocol_document import examples
from reports.variables import LANGUAGE
from trial.core.protocol import Exercise, Questionnaire, TrialProtocol
from trial.core.texts import say
from trial.pages import ending, help
from trial.pages.aside import NotTodayPage, UpsetPage, not_today_page, upset_page
from trial.pages.consent_copy import CopyPage, copy_page
from trial.pages.frame import Frame
from trial.pages.joining import ResearchersPage, researchers_page
from trial.pages.my_page import (
    AddressPage,
    CodePage,
    DataPage,
    MailsPage,
    MyPage,
    PausePage,
    address_page,
    code_page,
    data_page,
    mails_page,
    my_page,
    pause_page,
)
from trial.pages.notices import no_session, notice
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.book.later_pages import later_pages
from trial.services import preferences, withdrawal

_WISHES = ("today", "skip", "mute", "help")
_SIGNED = examples.START - timedelta(days=1)
_OWED = examples.START + timedelta(days=90)


def own_pages(folder: ProtocolFolder, language: str) -> Iterator[tuple[str, str, str]]:
    """(address, what it is called where the address does not say, its document)."""
    protocol, frame = folder.protocol, _frame(folder.protocol, language)
    languages = tuple(protocol.languages)
    public = replace(frame, personal=False, home="/{slug}")
    yield "/{slug}/researchers", "", researchers_page(public, _for_researchers(folder, language))
    yield "/{slug}/help", "", help.help_page(public, _help(folder, language))
    yield "/go/{token}", "", notice(frame, "landing")
    yield "/not-today", "", not_today_page(frame, NotTodayPage())
    yield "/upset", "", upset_page(frame, UpsetPage(_WISHES))
    yield "/help", "", help.help_page(frame, _help(folder, language))
    yield "/me", "", my_page(frame, MyPage((), examples.ZONE))
    yield "/me/pause", "", pause_page(frame, PausePage(examples.ZONE))
    hours = preferences.hours(protocol)
    yield "/me/mails", "", mails_page(frame, MailsPage(examples.ZONE, language, languages, hours))
    yield "/me/data", "", data_page(frame, _data(protocol))
    yield "/me/data", "My study page: the code before one's data", code_page(frame, CodePage())
    yield "/me/address", "", address_page(frame, AddressPage())
    yield "/copy", "", copy_page(frame, _copy(folder, language))
    for address, document in later_pages(folder, frame):
        yield address, "", document
    if others := _others(protocol):
        titles = tuple((one.id, say(one.title, language)) for one in others)
        yield "/end/exercises", "", ending.others_page(frame, titles)
        for one in others:
            yield f"/end/exercises/{one.id}", _of_another(one), _reading(folder, frame, one)


def own_texts(protocol: TrialProtocol, path: str) -> list[str]:
    """The texts of the protocol that such a page shows."""
    exercises = {f"/end/exercises/{one.id}": one.exercise for one in _others(protocol)}
    help_texts = [protocol.safety.resources] if protocol.safety else []
    texts = {one: [protocol.consent.information] for one in ("/copy", "/again", "/changed")}
    texts |= {"/help": help_texts, "/{slug}/help": help_texts}
    return [exercises[path]] if path in exercises else texts.get(path, [])


def without_address(folder: ProtocolFolder, language: str) -> Iterator[tuple[str, str, str]]:
    """(name, what it is called, its document) of pages that answer for another address."""
    frame = _frame(folder.protocol, language)
    yield "link-invalid", "A link that works no more", notice(frame, "link_invalid")
    yield "link-sent", "Another link was asked for", notice(frame, "link_sent")
    yield "no-session", "A visit that is over", no_session(frame)
    yield "not-yet", "The end of the study, before it has come", ending.not_yet_page(frame)


def _frame(protocol: TrialProtocol, language: str) -> Frame:
    office = protocol.administrative
    return Frame(language=language, contact_name=office.contact_name, contact_email=office.contact_email, personal=True)


def _help(folder: ProtocolFolder, language: str) -> help.HelpPage:
    care, found = folder.protocol.safety, folder.resources
    text = folder.text(care.resources, language) if care else ""
    return help.HelpPage(text, help.places(found, "", language), help.choices(found, language))


def _for_researchers(folder: ProtocolFolder, language: str) -> ResearchersPage:
    protocol, office = folder.protocol, folder.protocol.administrative
    return ResearchersPage(
        title=say(protocol.title, language),
        registration=str(office.registration) if office.registration else None,
        sponsor=office.sponsor,
        funder=office.funder,
        ethics=str(office.ethics) if office.ethics else None,
        protocol_id=protocol.id,
        version=protocol.version,
        digest=folder.digest,
        seed_digest=None,
        opened_at=None,
    )


def _data(protocol: TrialProtocol) -> DataPage:
    kept = protocol.withdrawal.data_until_then == "kept"
    return DataPage(examples.ZONE, withdrawal.takes_effect_at(examples.START), _OWED, kept, frozen=False)


def _copy(folder: ProtocolFolder, language: str) -> CopyPage:
    protocol, form = folder.protocol, folder.protocol.consent
    return CopyPage(
        title=say(protocol.title, language),
        text=folder.text(form.information, language),
        version=form.version,
        statements=tuple(say(one.text, language) for one in form.statements),
        sharing=say(form.data_sharing.text, language) if form.data_sharing else "",
        shares=True,
        signature="",
        signed_at=_SIGNED,
        zone=examples.ZONE,
        digest=folder.digest,
    )


def _others(protocol: TrialProtocol) -> list[Exercise]:
    """What somebody who was in no arm may read after the end: the exercises of all of them."""
    if not protocol.design.other_exercises_after:
        return []
    return [one for one in protocol.activities if not isinstance(one, Questionnaire) and one.arms]


def _of_another(exercise: Exercise) -> str:
    return f"An exercise of another arm, after the end: {say(exercise.title, LANGUAGE)}"


def _reading(folder: ProtocolFolder, frame: Frame, exercise: Exercise) -> str:
    text = folder.text(exercise.exercise, frame.language)
    return ending.reading_page(frame, ending.ReadingPage(say(exercise.title, frame.language), text, exercise=True))
