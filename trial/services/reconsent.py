"""Consent to a newer version of the protocol, or staying with the one that was agreed to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from trial.core.amendment import Change, ChangeClass, Chapter, compare
from trial.core.consent import check
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.participant import Participant, ParticipantState, StopLevel
from trial.core.trial import Trial
from trial.pages.service_mail import own_message
from trial.protocol_files import ProtocolFolder
from trial.services.amendments import version_of
from trial.services.consent import ANOTHER_VERSION, SIGNED_IN, Consented, ask_again, keep_proof, may_sign_form
from trial.services.replanning import follow_version
from trial.storage import deliveries, events, participants, trials
from trial.storage.work import Work

S = ParticipantState
IN = (S.CONSENTED, S.HELD, S.RANDOMIZED)
# the other chapters could tell of an arm that the person is not in
TOLD = (Chapter.ADMINISTRATIVE, Chapter.CONSENT, Chapter.CARE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person is asked about: the newest version, and what it changes that may be told to everybody."""

    trial: Trial
    person: Participant
    newest: ProtocolFolder
    changes: tuple[Change, ...]


def is_asked(work: Work, person: Participant, trial: Trial) -> bool:
    """Whether there is a newer version that this person has neither agreed to nor said no to."""
    if person.protocol_id == trial.protocol_id or person.state not in IN or person.stopped is StopLevel.EVERYTHING:
        return False
    if trials.folder_of(work, trial.protocol_id).protocol.consent.reconsent == "never":
        return False
    stayed = events.details_of(work, person.id, Event.STAYED_ON_VERSION)
    return all(one["newest"] != trial.protocol_id for one in stayed)


def asks(work: Work, participant_id: int, trial: Trial) -> bool:
    """The same for a visit that begins: one look more where a trial was never amended."""
    return is_asked(work, participants.by_id(work, participant_id), trial)


def asked(work: Work, participant_id: int) -> Asked | None:
    """What this person is to be asked, if anything."""
    person = participants.by_id(work, participant_id)
    trial = trials.by_id(work, person.trial_id)
    if not is_asked(work, person, trial):
        return None
    old, newest = trials.folder_of(work, person.protocol_id), trials.folder_of(work, trial.protocol_id)
    return Asked(trial, person, newest, _told(old, newest, person.language))


def moved(work: Work, participant_id: int) -> Asked | None:
    """What holds for this person by now and was not so when they signed, where an urgent change moved them on."""
    person = participants.by_id(work, participant_id)
    signed = [one for kind in SIGNED_IN for one in events.details_of(work, person.id, kind)]
    last = max((int(one["protocol"]) for one in signed), default=person.protocol_id)
    if last == person.protocol_id or person.state not in IN:
        return None
    now = trials.folder_of(work, person.protocol_id)
    return Asked(
        trials.by_id(work, person.trial_id), person, now, _told(trials.folder_of(work, last), now, person.language)
    )


def was_told(work: Work, participant_id: int) -> bool:
    """Whether an urgent change holds for this person that they were written to about and did not agree to since."""
    mails = deliveries.count_of_message(work, participant_id, own_message("changed"))
    return mails > 0 and moved(work, participant_id) is not None


def _told(old: ProtocolFolder, new: ProtocolFolder, language: str) -> tuple[Change, ...]:
    """What may be told to everybody; of a text in several languages, the words of the person's own alone."""
    changes = compare(version_of(old), version_of(new)).changes
    told = (one for one in changes if one.chapter in TOLD and one.change_class is not ChangeClass.CORRECTION)
    others = tuple(f".{one}.md" for one in new.protocol.languages if one != language)
    return tuple(one for one in told if not (one.of_words and one.file.endswith(others)))


def language_of(change: Change, language: str) -> str:
    """The language that a change is shown in: a text's own, and English for all that is said about a protocol."""
    return language if change.of_words and change.file.endswith(f".{language}.md") else "en"


def consent_again(
    work: Work,
    participant_id: int,
    *,
    ticked: Collection[str],
    signature: str,
    answers: Mapping[str, str],
    data_sharing: bool,
    seen: str,
    language: str = "",
) -> Consented:
    """Agree to the newest version: the person goes on by it. What is to come follows its hours and days."""
    person = participants.by_id(work, participant_id, lock=True)
    trial = trials.by_id(work, person.trial_id)
    if not is_asked(work, person, trial):
        return Consented((), None)
    folder = trials.folder_of(work, trial.protocol_id)
    form = folder.protocol.consent
    if seen != folder.digest:
        return Consented((ANOTHER_VERSION,), None)
    if not may_sign_form(work, person, form):
        raise Refused("The consent form is not valid today.")
    found = check(form, ticked=ticked, signature=signature, answers=answers)
    if found.wrong:
        ask_again(work, person, form, found.wrong)
    if found.missing or found.wrong:
        return Consented(found.missing, None, found.wrong)
    keep_proof(work, person, form, signature, data_sharing=data_sharing)
    follow_version(work, person, trials.folder_of(work, person.protocol_id).protocol, folder.protocol)
    participants.set_version(work, person.id, trial.protocol_id)
    read_in = language if language in folder.protocol.languages else person.language
    detail: dict[str, str | int] = {"version": form.version, "language": read_in, "protocol": trial.protocol_id}
    events.write(work, Event.CONSENTED_AGAIN, trial_id=trial.id, participant_id=person.id, detail=detail)
    return Consented((), None)


def stay(work: Work, participant_id: int) -> None:
    """Say no to the newest version: nothing is lost, and it is not asked about again."""
    person = participants.by_id(work, participant_id, lock=True)
    trial = trials.by_id(work, person.trial_id)
    if is_asked(work, person, trial):
        detail = {"newest": trial.protocol_id}
        events.write(work, Event.STAYED_ON_VERSION, trial_id=trial.id, participant_id=person.id, detail=detail)
