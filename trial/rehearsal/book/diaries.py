"""Diaries: the whole trial of three people of each arm, as the ledger, the sheets and the events tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from reports.book.values import Diary, Entry
from reports.protocol_document.names import Names
from trial.core import contact_words
from trial.core.delivery import Contact, ContactState
from trial.core.events import Event
from trial.core.local_time import relative_day
from trial.core.participant import Occasion
from trial.pages.service_mail import OWN, is_own
from trial.rehearsal.book.mails import Mails, mailing_of
from trial.rehearsal.book.material import Material, slug
from trial.rehearsal.book.pages import Pages
from trial.rehearsal.witness import ACTIVITY
from trial.services.lived import Details, Life, Sent

STAYS, DRIFTS, STOPS = "somebody who stays", "somebody who drifts away", "somebody who stops"
# event to its words, and the page that it happened on
_EVENTS = {
    Event.SCREENED: ("Answers the questions about eligibility", "/{slug}/screening"),
    Event.ADDRESS_GIVEN: ("Gives an address", "/{slug}/address"),
    Event.ADDRESS_CONFIRMED: ("Types the code", "/{slug}/code"),
    Event.CONSENTED: ("Signs the consent", "/{slug}/consent"),
    Event.INFORMATION_ASKED_AGAIN: ("Misreads a question about the information", "/{slug}/consent"),
    Event.EXERCISE_PASSED_OVER: ("Says “not today”", "/not-today"),
    Event.STOPPED_EXERCISES: ("Stops the exercises", "/stop"),
    Event.STOPPED_QUESTIONNAIRES: ("Stops the questionnaires", "/stop"),
    Event.STOPPED_EVERYTHING: ("Stops everything", "/stop"),
    Event.ADVERSE_EVENT_REPORTED: ("Tells the team that something is not right", "/report"),
    Event.ADDRESS_BOUNCED: ("The mailbox is gone: a mail came back", ""),
    Event.ENROLMENT_HELD: ("Is held until somebody has looked", ""),
    Event.ALERT_RAISED: ("An alert goes to the desk", ""),
    Event.PAUSED: ("Pauses", "/me/pause"),
    Event.DEBRIEFED: ("Reads what was compared", "/end"),
    Event.REPLY_RECEIVED: ("Writes back to a mail", ""),
    Event.WITHDRAWAL_ASKED: ("Asks to take the answers back", "/me/data"),
    Event.ERASURE_ASKED: ("Asks to be erased", "/me/data"),
}
# of one instant: what led to a page comes before what was done there, and what followed from it after
_BEFORE = (Event.SCREENED, Event.ADDRESS_GIVEN, Event.ADDRESS_CONFIRMED, Event.CONSENTED, Event.DEBRIEFED)
_Line = tuple[datetime, int, Entry]


def examples(lives: Sequence[Life], arms: Sequence[str]) -> list[tuple[str, str, Life]]:
    """(arm, kind of example, life): of each arm one who stays, one who drifts away and one who stops, if there are."""
    found = []
    for arm in arms:
        its = [one for one in lives if one.arm == arm]
        stopped = [one for one in its if one.person.stopped is not None]
        others = sorted((one for one in its if one.person.stopped is None), key=_done)
        drifting = [one for one in others if 0 < _done(one) < len(one.occasions)]
        stays = others[-1:]
        chosen = ((STAYS, stays), (DRIFTS, [one for one in drifting if one not in stays][:1]), (STOPS, stopped[:1]))
        found += [(arm, kind, one) for kind, some in chosen for one in some]
    return found


def _done(life: Life) -> int:
    return sum(one.done_at is not None for one in life.occasions)


class Diaries:
    """Writes diaries, with links to the sheets of a book."""

    def __init__(self, material: Material, mails: Mails, pages: Pages) -> None:
        self._material, self._mails, self._pages = material, mails, pages
        self._names = Names(material.folder)

    def diary(self, arm: str, kind: str, life: Life, details: Details) -> Diary:
        person, label = life.person, self._material.arms[arm]
        day, hour = _clock(life)
        lines = sorted(self._lines(life, details, day, hour), key=lambda one: one[:2])
        due = [one for one in life.occasions if self._material.protocol.is_exercise(one.activity)]
        exercises = sum(one.done_at is not None for one in due)
        about = (
            f"{person.code}, language {person.language}, lives by {person.zone}; did {exercises} of {len(due)} "
            f"exercises and {_done(life) - exercises} of {len(life.occasions) - len(due)} questionnaires. Days count "
            "from the day of randomisation there."
        )
        return Diary(f"{slug(arm)}-{slug(kind)}", label, kind, about, tuple(entry for _, _, entry in lines))

    def _lines(
        self, life: Life, details: Details, day: Callable[[datetime], str], hour: Callable[[datetime], str]
    ) -> Iterator[_Line]:
        language = life.person.language
        for event in details.events:
            words, path = _EVENTS.get(event.event, ("", ""))
            if event.event is Event.RANDOMIZED:
                words = f"Chance decides: {self._material.arms[life.arm]}"
            if words:
                sheet = self._pages.at(path, language) if path else ""
                yield event.at, 0 if event.event in _BEFORE else 2, Entry(day(event.at), hour(event.at), words, sheet)
        for contact in life.contacts:
            at = details.ended.get(contact.id, contact.due_at)
            yield at, 3, self._mail(contact, life, day(at), hour(at))
        planned = {one.id: one for one in life.occasions}
        for sent in details.sent:
            yield from self._sheet(sent, planned[sent.occasion], life, day, hour)

    def _mail(self, contact: Contact, life: Life, day: str, hour: str) -> Entry:
        sheet = self._mails.of(mailing_of(contact, life.arm if contact.timepoint else "", life.person.language))
        message = contact.message.removeprefix(OWN)
        name = f"“{message}”" if not is_own(contact.message) else f"“{message}”, the product's own"
        if contact.state is ContactState.ACCEPTED:
            return Entry(day, hour, f"Gets the {'reminder' if contact.reminder else 'mail'} {name}", sheet)
        state, reason = contact_words.state_of(contact), contact_words.reason_of(contact)
        return Entry(day, hour, f"Mail {name}, {state}. {reason}".rstrip(), sheet, quiet=True)

    def _sheet(
        self,
        sent: Sent,
        occasion: Occasion,
        life: Life,
        day: Callable[[datetime], str],
        hour: Callable[[datetime], str],
    ) -> Iterator[_Line]:
        found = self._material.protocol.activity(occasion.activity)
        title = self._names.activity(found)
        at = (occasion.activity, occasion.timepoint, occasion.occurrence)
        language = life.person.language
        sheet = self._pages.of(*at, life.arm, language) or self._pages.at(ACTIVITY, language)
        if sent.opened_at is not None:
            opened = sent.opened_at
            yield opened, 1, Entry(day(opened), hour(opened), f"Opens “{title}”", sheet)
        said = "1 answer" if sent.answers == 1 else f"{sent.answers} answers"
        words = f"Sends “{title}”: {said}"
        yield sent.submitted_at, 1, Entry(day(sent.submitted_at), hour(sent.submitted_at), words, sheet)


def _clock(life: Life) -> tuple[Callable[[datetime], str], Callable[[datetime], str]]:
    """(day, hour) of an instant where this person lives."""
    person = life.person
    origin, zone = person.randomized_at or person.created_at, ZoneInfo(person.zone)

    def day(moment: datetime) -> str:
        return f"Day {relative_day(moment, origin, person.zone)}"

    def hour(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%a %d %b, %H:%M}"

    return day, hour


def chosen(found: Sequence[tuple[str, str, Life]]) -> Mapping[int, Life]:
    """The people of some examples, by id."""
    return {life.person.id: life for _, _, life in found}
