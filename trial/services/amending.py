"""Applying an amendment: the new version is registered, and each person comes to it as its changes allow.

Corrections and urgent safety changes reach everybody at once who is on the version that ran before; of what is urgent
they are told by a mail. Of a substantial
change people are told on their next visit; who agrees moves, who does not stays and loses nothing.
What would move mails that are planned, or allocate by another rule, is refused: this version does not carry it out.
"""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import access
from trial.core.access import Verb
from trial.core.amendment import Amendment, ChangeClass, Chapter, compare
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.participant import ParticipantState
from trial.core.trial import Trial
from trial.protocol_files import ProtocolFolder
from trial.services import service_mails
from trial.services.amendments import version_of
from trial.services.trials import require_ready
from trial.storage import events, participants, trials
from trial.storage.work import Work

S = ParticipantState
ON_THE_WAY = (S.ADDRESS_GIVEN, S.CONFIRMED)
IN = (S.CONSENTED, S.HELD, S.RANDOMIZED)
# what decides who is planned which mail, asked which questions or allocated how: only its texts may change
KEPT = (Chapter.DESIGN, Chapter.ALLOCATION, Chapter.TIMETABLE, Chapter.MEASURES, Chapter.INTERVENTIONS)


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: how many people moved at once, and how many will be asked."""

    version: str
    change_class: ChangeClass
    moved: int
    asked: int


def asks(amendment: Amendment, new: ProtocolFolder) -> bool:
    """Whether those who take part are asked for consent again."""
    reconsent = new.protocol.consent.reconsent
    return reconsent == "every_version" or amendment.needs_consent


def apply(
    work: Work, slug: str, new: ProtocolFolder, *, raised: ChangeClass | None = None, placeholder_wording: bool = False
) -> Applied:
    """Register a version and move those whom it reaches at once. Whom it reaches is shown before."""
    access.require(work.by, Verb.AMEND)
    trial = trials.by_id(work, trials.by_slug(work, slug).id, lock=True)
    if trial.is_locked:
        raise Refused(f"The data of {slug} are frozen: no amendment reaches it any more.")
    running = trials.folder_of(work, trial.protocol_id)
    amendment = compare(version_of(running), version_of(new), raised=raised)
    _require_possible(running, new, amendment)
    if trials.has_protocol(work, trial.id, new.digest):
        raise Refused("This version was registered before. Give the new one a number and a content of its own.")
    require_ready(new, trial.kind, placeholder_wording=placeholder_wording)
    assert amendment.change_class is not None
    asked = asks(amendment, new)
    newest = trials.add_protocol(work, trial.id, new)
    detail = {"digest": new.digest, "class": amendment.change_class.value}
    events.write(work, Event.PROTOCOL_REGISTERED, trial_id=trial.id, detail=detail)
    moved = participants.move_to_version(work, trial.id, newest, states=ON_THE_WAY)
    if not asked:
        if amendment.change_class is ChangeClass.URGENT_SAFETY or amendment.counts[ChangeClass.URGENT_SAFETY]:
            _tell(work, trial)
        moved += participants.move_to_version(work, trial.id, newest, states=IN, since=trial.protocol_id)
    staying = participants.count_on_other_versions(work, trial.id, newest, states=IN)
    return Applied(new.protocol.version, amendment.change_class, moved, staying)


def _tell(work: Work, trial: Trial) -> None:
    """Who takes part and is moved by what is urgent is told by one mail; their page says what is new."""
    for person in participants.of_trial(work, trial.id):
        if person.state in IN and person.protocol_id == trial.protocol_id and person.erased_at is None:
            service_mails.send(work, person, "changed")


def _require_possible(running: ProtocolFolder, new: ProtocolFolder, amendment: Amendment) -> None:
    one, two = running.protocol, new.protocol
    if one.id != two.id:
        raise Refused(f"The trial runs {one.id}; {two.id} is another protocol, not a new version of it.")
    if not amendment.changes:
        raise Refused("Nothing that the trial uses differs from the version that runs.")
    if one.version == two.version:
        raise Refused(f"Both are version {one.version}. Give the new one a number of its own.")
    if missing := [each for each in one.languages if each not in two.languages]:
        raise Refused(f"The new version no longer speaks {', '.join(missing)}, in which people may take part.")
    kept = [each for each in amendment.changes if not _is_carried_out(each.chapter, words=each.of_words)]
    kept += [each for each in amendment.changes if each.change_class is ChangeClass.RANDOMIZATION and each not in kept]
    if kept:
        parts = "; ".join(dict.fromkeys(each.part for each in kept[:5]))
        raise Refused(
            f"This version of the software does not carry out changes of what is planned, asked or allocated: {parts}. "
            "Texts, eligibility, consent, privacy, contacts and safety can be amended."
        )
    if asks(amendment, new) and two.consent.version == one.consent.version:
        raise Refused("People will be asked for consent again: give the consent form a new version.")
    if amendment.needs_consent and amendment.counts[ChangeClass.URGENT_SAFETY]:
        raise Refused("What is urgent may not wait for consent to the rest: make it a version of its own first.")


def _is_carried_out(chapter: Chapter, *, words: bool) -> bool:
    return words or chapter not in KEPT
