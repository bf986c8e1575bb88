"""Looking for signs of robots and repeats before randomisation: flags go up, nobody is refused by rule.

What is kept of it: the signal with codes and counts, with the screening or the person. No network address, no browser's
name and no answer is kept for it. After randomisation nothing here runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from trial.core import answers as core_answers
from trial.core import fraud
from trial.core.events import Event
from trial.core.expressions import Value
from trial.core.fraud import FormEvidence, Raised
from trial.core.matters import MatterKind
from trial.core.participant import Participant, ParticipantState
from trial.core.protocol import Questionnaire
from trial.core.texts import say
from trial.core.trial import Trial, TrialKind
from trial.protocol_files import ProtocolFolder
from trial.protocol_files.disposable import disposable_domains
from trial.services import call_plans
from trial.storage import events, flags, matters, participants, trials
from trial.storage.work import Work

# for so long a complete enrolment may wait for a decision
DECIDE_WITHIN = timedelta(days=1)


def look_at_screening(
    work: Work, trial: Trial, screening_id: int, form: FormEvidence, language: str, *, eligible: bool
) -> None:
    """Flag what the screening form says about its sender."""
    eligibility = trials.folder_of(work, trial.protocol_id).protocol.eligibility
    asked = core_answers.asked_plainly(eligibility.questions)
    texts = [say(one.topic, language) for one in eligibility.questions]
    if _stands_still(trial):
        form = FormEvidence(form.proof, form.trapped, None, form.earlier)
    for one in fraud.of_screening(eligibility.guard, form, texts, len(asked), eligible=eligible):
        _raise(work, trial.id, one, screening_id=screening_id)


def look_at_address(work: Work, person: Participant, address: str) -> None:
    """Flag an address at a provider of throw-away mailboxes; which one is not written down."""
    for one in fraud.disposable(address, disposable_domains()):
        _raise(work, person.trial_id, one, participant_id=person.id)


def seen_again(work: Work, person: Participant, screening_id: int, first: int) -> None:
    """The same address came by another screening before it was in."""
    again = Raised("seen_before", {"how": "address", "first": first})
    _raise(work, person.trial_id, again, screening_id=screening_id)


def must_wait(
    work: Work, trial: Trial, folder: ProtocolFolder, person: Participant, facts: Mapping[str, Value]
) -> bool:
    """The baseline is complete: look once more, and say whether a person has to look before the allocation."""
    guard = folder.protocol.eligibility.guard
    found = [*fraud.inconsistent(guard, facts)]
    if not _stands_still(trial):
        found += fraud.in_burst(guard, participants.arrivals_around(work, person, trial.opened_at))
        found += fraud.too_fast(guard, "consent_and_baseline", _seconds(work, person), *_reading(folder, person, facts))
    for one in found:
        _raise(work, person.trial_id, one, participant_id=person.id)
    raised = [one.signal for one in flags.of_participant(work, person.id)]
    return bool(fraud.holding(guard, raised, trial.kind))


def hold(work: Work, person: Participant) -> None:
    """Keep a complete enrolment until a person has looked at it."""
    participants.change_state(work, person, ParticipantState.HELD)
    events.write(work, Event.ENROLMENT_HELD, trial_id=person.trial_id, participant_id=person.id)
    kind, act_by = MatterKind.HELD_ENROLMENT, work.now + DECIDE_WITHIN
    number = matters.open_one(work, person.trial_id, kind, person.id, participant_id=person.id, act_by=act_by)
    call_plans.begin(work, matters.by_id(work, number))


def _stands_still(trial: Trial) -> bool:
    """A rehearsal's clock stands still while a page is filled in, so it cannot tell who was fast or came in a crowd."""
    return trial.kind is TrialKind.REHEARSAL


def _raise(work: Work, trial_id: int, one: Raised, **about: int) -> None:
    flags.add(work, trial_id, one.signal, one.detail, **about)
    events.write(work, Event.FLAGGED, trial_id=trial_id, detail={"signal": one.signal}, **about)


def _seconds(work: Work, person: Participant) -> float | None:
    """From the confirmed address to the last answer of the baseline, which is now."""
    confirmed = events.first_of(work, person.id, Event.ADDRESS_CONFIRMED)
    return None if confirmed is None else (work.now - confirmed).total_seconds()


def _reading(folder: ProtocolFolder, person: Participant, facts: Mapping[str, Value]) -> tuple[Iterable[str], int]:
    """The texts that somebody answered between the code and the end of the baseline, and how many.

    The information before the statements does not count, for many skim it; nor does what was left out or never asked.
    """
    protocol, language = folder.protocol, person.language
    texts = [say(one.text, language) for one in protocol.consent.statements]
    items = len(protocol.consent.statements)
    for activity in protocol.activities_at(protocol.baseline, None):
        if not isinstance(activity, Questionnaire):
            continue
        for instrument in (folder.instruments[code] for code in activity.instruments):
            answered = [one for one in instrument.items if facts.get(instrument.column(one)) is not None]
            texts += [say(one.words or one.topic, language) for one in answered]
            items += len(answered)
    return texts, items
