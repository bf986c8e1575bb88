"""From the first click to a confirmed address; consent follows in `consent.py`."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from trial.core import answers as core_answers
from trial.core.answers import Fault
from trial.core.eligibility import first_failed
from trial.core.errors import NotFound, RecruitmentClosed
from trial.core.events import Event
from trial.core.fraud import FormEvidence
from trial.core.links import make_code
from trial.core.local_time import is_zone
from trial.core.participant import Participant, ParticipantState
from trial.core.resources import ANOTHER, countries
from trial.core.safety import items_met
from trial.core.schedule import PlannedContact
from trial.core.trial import Trial
from trial.mail.headers import UnsafeHeader, one_address
from trial.services import fraud
from trial.storage import deliveries, events, participants, trials, vault
from trial.storage.deliveries import NewContact
from trial.storage.work import Work, tentative

CODE_LIVES = timedelta(hours=24)
CODE_TRIES = 5
CODE_MAILS = 5
CODE_MESSAGE = "code"
# who confirmed the address and may go on where they left off
ON_THE_WAY = (ParticipantState.CONFIRMED, ParticipantState.CONSENTED)


@dataclass(frozen=True, slots=True)
class Screening:
    """What came of the screening form; with faults, nothing was recorded.

    `calls` says that an answer calls for places to turn to, at once and whatever comes of it. It is kept nowhere:
    nobody is enrolled yet, so there is nobody to watch over.
    """

    id: int | None
    eligible: bool
    faults: Mapping[str, Fault]
    calls: bool = False


participant = participants.by_id


def screen(
    work: Work,
    trial: Trial,
    form: Mapping[str, str],
    source: str,
    *,
    submission: str,
    evidence: FormEvidence | None = None,
    language: str = "en",
) -> Screening:
    """Assess one person, once. Of those not eligible only the date and one reason are kept.

    `evidence` is what the form says about who sent it: it raises flags, and changes nothing for the person now.
    """
    must_recruit(trial)
    protocol = trials.folder_of(work, trial.protocol_id).protocol
    asked = core_answers.asked_plainly(protocol.eligibility.questions)
    given = core_answers.read(asked, form, needed=[one.column for one in asked])
    if given.faults:
        return Screening(None, False, given.faults)
    calls = bool(items_met(asked, given.closed))
    failed = first_failed(protocol, given.closed)
    screening_id, new = participants.add_screening(
        work,
        trial.id,
        submission,
        reason=failed.id if failed else None,
        source=source,
        answers=None if failed else given.closed,
    )
    if not new:
        return Screening(screening_id, participants.screening_of(work, trial.id, screening_id).eligible, {}, calls)
    detail = {"failed": failed.id} if failed else {}
    events.write(work, Event.SCREENED, trial_id=trial.id, screening_id=screening_id, detail=detail)
    if evidence is not None:
        fraud.look_at_screening(work, trial, screening_id, evidence, language, eligible=failed is None)
    return Screening(screening_id, failed is None, {}, calls)


def give_address(
    work: Work, trial: Trial, screening_id: int, *, email: str, language: str, zone: str, country: str = ""
) -> str | None:
    """Plan the mail with the code; the same answer whether the address is new, known or already taking part."""
    must_recruit(trial)
    folder = trials.folder_of(work, trial.protocol_id)
    try:
        address = one_address("To", email)  # what no mail of ours could be addressed to is refused here, not at night
    except UnsafeHeader:
        return "bad_address"
    if not is_zone(zone):
        return "bad_zone"
    if language not in folder.protocol.languages:
        return "bad_language"
    screening = participants.screening_of(work, trial.id, screening_id)
    if not screening.eligible:
        raise NotFound("There is no such screening.")
    trials.by_id(work, trial.id, lock=True)  # two forms with one address at once must not become two people
    known = vault.find(work, trial.id, address)
    # known or not, both parts are done in full and one of them is thrown away: the time that it takes tells nothing
    with tentative(work, keep=known is None):
        person = participants.add(
            work,
            trial.id,
            protocol_id=trial.protocol_id,
            language=language,
            zone=zone,
            country=country if country in (*countries(folder.resources), ANOTHER) else None,
            source=screening.source,
            code_expires_at=work.now + CODE_LIVES,
        )
        vault.keep_identity(work, trial.id, person.id, address if known is None else _nobodys_address(work, trial))
        _plan_code_mail(work, person, 1)
        if known is not None:
            person = participants.by_id(work, known)
    act = Event.ADDRESS_GIVEN if known is None else Event.ADDRESS_KNOWN
    events.write(work, act, trial_id=trial.id, participant_id=person.id, screening_id=screening.id if known else None)
    participants.link_screening(work, screening.id, person.id)  # assessed again, counted once
    if known is None:
        fraud.look_at_address(work, person, address)
    _seen_again(work, person, screening.id, wanted=known is not None)
    _fresh_code(work, person, wanted=known is not None)
    return None


def _nobodys_address(work: Work, trial: Trial) -> str:
    """An address that nobody can give, for the person that is thrown away again."""
    return f"nobody {trial.slug} {work.machine_now.isoformat()}"


def _seen_again(work: Work, person: Participant, screening_id: int, *, wanted: bool) -> None:
    """Another screening of somebody who is not in yet is flagged; as above, the time taken tells nothing."""
    on_the_way = person.state is ParticipantState.ADDRESS_GIVEN or person.state in ON_THE_WAY
    first = participants.first_screening(work, person.id)
    with tentative(work, keep=wanted and on_the_way and first != screening_id):
        fraud.seen_again(work, person, screening_id, first or screening_id)


def _fresh_code(work: Work, person: Participant, *, wanted: bool) -> None:
    """For somebody who came back a fresh code if they had not come to the end, silence if they take part already."""
    on_the_way = person.state is ParticipantState.ADDRESS_GIVEN or person.state in ON_THE_WAY
    few = deliveries.count_of_message(work, person.id, CODE_MESSAGE) < CODE_MAILS
    with tentative(work, keep=wanted and on_the_way and few):
        generation = participants.renew_code(work, person.id, work.now + CODE_LIVES)
        _plan_code_mail(work, person, generation)


def _plan_code_mail(work: Work, person: Participant, generation: int) -> None:
    contact = PlannedContact(CODE_MESSAGE, "service", 0, "at once", work.now, work.now + CODE_LIVES)
    deliveries.add(work, person, [NewContact(contact, occurrence=generation)])


def confirm_address(work: Work, trial: Trial, screening_id: int, code: str) -> int | None:
    """The typed code proves the address: the participant's id, or None.

    Wrong, lapsed and unknown codes are answered alike; wrong tries are counted, so this never raises for them (a
    refusal would take the count back). A second press of the same button is harmless while consent is to come.
    """
    screening = participants.screening_of(work, trial.id, screening_id)
    if screening.participant_id is None:
        return None
    person = participants.by_id(work, screening.participant_id, lock=True)
    state = participants.code_state(work, person.id)
    if state.tries >= CODE_TRIES or work.now > state.expires_at or not _fits(work, person, state.generation, code):
        participants.count_wrong_code(work, person.id)
        events.write(work, Event.CODE_REFUSED, trial_id=trial.id, participant_id=person.id)
        return None
    if person.state is ParticipantState.ADDRESS_GIVEN:
        participants.change_state(work, person, ParticipantState.CONFIRMED)
        events.write(work, Event.ADDRESS_CONFIRMED, trial_id=trial.id, participant_id=person.id)
        return person.id
    return person.id if person.state in ON_THE_WAY else None


def _fits(work: Work, person: Participant, generation: int, code: str) -> bool:
    expected = make_code(work.keys.link, person.id, generation)
    return hmac.compare_digest(expected.encode(), code.strip().replace(" ", "").encode(errors="replace"))


def must_recruit(trial: Trial) -> None:
    """Refuse where nobody new may come in."""
    if not trial.recruits:
        raise RecruitmentClosed("This study takes no further participants.")
