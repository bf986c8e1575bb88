"""An informed yes, or a no: what is asked for consent, and the proof of it that is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from trial.core.consent import check, is_valid, tries
from trial.core.errors import NotFound, RecruitmentClosed
from trial.core.events import Event
from trial.core.local_time import local_day
from trial.core.participant import Participant, ParticipantState
from trial.core.protocol.joining import Consent as Form
from trial.core.schedule import plan_baseline
from trial.protocol_files import ProtocolFolder
from trial.services import ending, planning, proof_clock
from trial.services.enrolment import must_recruit
from trial.storage import events, occasions, participants, trials, vault
from trial.storage.participants import ConsentRecord
from trial.storage.work import Work

# what is missing where the form that was read is no longer the one to agree to
ANOTHER_VERSION = "version"
SIGNED_IN = (Event.CONSENTED, Event.CONSENTED_AGAIN)


@dataclass(frozen=True, slots=True)
class Consented:
    """What came of the consent form: what is missing or was answered wrongly, or the baseline to do now."""

    missing: tuple[str, ...]
    occasion_id: int | None
    wrong: tuple[str, ...] = ()


def decline(work: Work, participant_id: int) -> None:
    """The person read the information and said no; nothing more is asked or sent."""
    person = participants.by_id(work, participant_id, lock=True)
    if person.state is ParticipantState.DECLINED:
        return
    participants.change_state(work, person, ParticipantState.DECLINED)
    events.write(work, Event.DECLINED, trial_id=person.trial_id, participant_id=person.id)


def consent(
    work: Work,
    participant_id: int,
    *,
    ticked: Collection[str],
    signature: str,
    answers: Mapping[str, str] | None = None,
    data_sharing: bool = False,
    seen: str | None = None,
    language: str = "",
) -> Consented:
    """Every statement ticked and a typed signature make consent; the baseline opens in the same transaction.

    `answers` are those to the questions about the information: what is not right yet is asked again, as often as it
    takes. `data_sharing` is a yes of its own, which nobody needs to give. `seen` is the digest of the protocol whose
    form was read: where it is no longer the person's, nothing is agreed to. `language` is the one it was read in.
    """
    person = participants.by_id(work, participant_id, lock=True)
    if person.state in (ParticipantState.CONSENTED, ParticipantState.HELD, ParticipantState.RANDOMIZED):
        return Consented((), baseline_to_do(work, person.id))
    trial = trials.by_id(work, person.trial_id)
    must_recruit(trial)
    folder = trials.folder_of(work, person.protocol_id)
    protocol = folder.protocol
    if seen not in (None, folder.digest):
        return Consented((ANOTHER_VERSION,), None)
    if not may_sign(work, person):
        raise RecruitmentClosed("The consent form is not valid today.")
    found = check(protocol.consent, ticked=ticked, signature=signature, answers=answers or {})
    if found.wrong:
        ask_again(work, person, protocol.consent, found.wrong)
    if found.missing or found.wrong:
        return Consented(found.missing, None, found.wrong)
    person = participants.change_state(work, person, ParticipantState.CONSENTED)
    keep_proof(work, person, protocol.consent, signature, data_sharing=data_sharing)
    read_in = language if language in protocol.languages else person.language
    detail: dict[str, str | int] = {
        "version": protocol.consent.version,
        "language": read_in,
        "protocol": person.protocol_id,
    }
    events.write(work, Event.CONSENTED, trial_id=trial.id, participant_id=person.id, detail=detail)
    occasions.add(work, person, plan_baseline(protocol, work.now, person.zone))
    ending.plan_at_consent(work, person, protocol)
    proof_clock.start(work, person, protocol)
    return Consented((), baseline_to_do(work, person.id))


def may_sign(work: Work, person: Participant) -> bool:
    """Whether the consent form of this person's version is valid where they live today."""
    return may_sign_form(work, person, trials.folder_of(work, person.protocol_id).protocol.consent)


def may_sign_form(work: Work, person: Participant, form: Form) -> bool:
    """The same for any version's form."""
    return is_valid(form, local_day(work.now, person.zone))


def ask_again(work: Work, person: Participant, form: Form, wrong: Collection[str]) -> None:
    """Nothing is held against anyone: that a question was put again tells the team how clear the information is."""
    detail = {"version": form.version, "questions": " ".join(wrong)}
    events.write(work, Event.INFORMATION_ASKED_AGAIN, trial_id=person.trial_id, participant_id=person.id, detail=detail)


def keep_proof(work: Work, person: Participant, form: Form, signature: str, *, data_sharing: bool) -> None:
    """The row that stands for a consent, and the typed name in the vault."""
    asked_again = events.details_of(work, person.id, Event.INFORMATION_ASKED_AGAIN) if form.comprehension else []
    here = [str(one["questions"]) for one in asked_again if one["version"] == form.version]
    consent_id = participants.add_consent(
        work,
        person,
        version=form.version,
        statements=[one.id for one in form.statements],
        data_sharing=data_sharing if form.data_sharing else None,
        comprehension=tries(form, " ".join(here).split()),
    )
    vault.keep_words(work, person.trial_id, person.id, "signature", f"consent:{consent_id}", signature.strip()[:200])


@dataclass(frozen=True, slots=True)
class Signed:
    """A consent as it was given: the proof, the protocol and the language that were read, and the name."""

    proof: ConsentRecord
    folder: ProtocolFolder
    language: str
    signature: str


def signed(work: Work, participant_id: int) -> Signed:
    """The latest consent of one person; NotFound where there is none, or where the name was erased."""
    proofs = participants.consents_of(work, participant_id)
    if not proofs:
        raise NotFound("Nothing was signed yet.")
    person = participants.by_id(work, participant_id)
    acts = [
        one for kind in SIGNED_IN for one in events.details_of(work, participant_id, kind)
        if one["version"] == proofs[-1].version
    ]  # fmt: skip
    about = acts[-1] if acts else {}
    folder = trials.folder_of(work, int(about.get("protocol", person.protocol_id)))
    signature = vault.words_of(work, participant_id, "signature", f"consent:{proofs[-1].id}")
    return Signed(proofs[-1], folder, str(about.get("language", person.language)), signature)


def baseline_to_do(work: Work, participant_id: int) -> int | None:
    """The first baseline occasion that is open and not done; None where there is none."""
    person = participants.by_id(work, participant_id)
    return planning.baseline_to_do(work, person, trials.folder_of(work, person.protocol_id))
