"""Incentives: earned by sending in questionnaires, kept on withdrawal; given as voucher codes, one each and once.

What is sent in another way stands in `payees`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trial.core import access
from trial.core.access import SYSTEM, Verb
from trial.core.errors import BadInput, Problem, Refused
from trial.core.events import Event
from trial.core.participant import Occasion, Participant
from trial.core.protocol import TrialProtocol
from trial.services import payees, service_mails
from trial.storage import events, incentives, occasions, participants, trials
from trial.storage.incentives import Earning, Stock
from trial.storage.work import OpenWork, Work

LONGEST_CODE, MOST_CODES, LONGEST_REASON, LONGEST_EXPLANATION = 100, 5_000, 300, 5_000


def earn(work: Work, person: Participant, protocol: TrialProtocol, occasion: Occasion) -> bool:
    """A sheet was just kept: whoever has sent in every questionnaire of that timepoint has earned what it gives.

    Returns whether a mail is due that asks where to send it.
    """
    gives = [one for one in protocol.incentives if one.earned_at == occasion.timepoint]
    if not gives or protocol.is_exercise(occasion.activity):
        return False
    asked = [
        one
        for one in occasions.of_participant(work, person.id)
        if (one.timepoint, one.occurrence) == (occasion.timepoint, occasion.occurrence)
        and not protocol.is_exercise(one.activity)
    ]
    if any(one.done_at is None and one.id != occasion.id for one in asked):
        return False
    asks = False
    for one in gives:
        about = f"{occasion.timepoint}:{occasion.occurrence}"
        earning_id, new = incentives.add(work, person, one.id, about)
        if new:
            _record(work, Event.INCENTIVE_EARNED, person.trial_id, person.id, earning_id)
        if new and one.given_by != "code":
            service_mails.send(work, person, "payee", occurrence=earning_id)
            asks = True
    return asks


def give_due(open_work: OpenWork) -> int:
    """Give the codes that are there to those who wait, first earned first, each in a transaction of its own.

    Where something was sent to long enough ago is forgotten as well.
    """
    with open_work(SYSTEM, write=False) as work:
        waiting, over = incentives.due(work), incentives.to_forget(work)
    payees.forget_each(open_work, over)
    given = 0
    for one in waiting:
        with open_work(SYSTEM) as work:
            given += _give(work, one)
    return given


def _give(work: Work, earning_id: int) -> bool:
    earning = incentives.by_id(work, earning_id, lock=True)
    person = participants.by_id(work, earning.participant_id)
    if earning.state != "earned" or not _can_be_written_to(person) or not incentives.give(work, earning):
        return False
    service_mails.send(work, person, "voucher", occurrence=earning.id)
    _record(work, Event.INCENTIVE_GIVEN, earning.trial_id, person.id, earning.id)
    return True


def _can_be_written_to(person: Participant) -> bool:
    """A code that reaches nobody would be lost: it waits for an address, or for a decision of the team."""
    return person.erased_at is None and person.bounced_at is None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The page of incentives: what each gives and how, its figures, and who earned what; no name, no arm, no code."""

    what: Mapping[str, Mapping[str, str]]
    by_code: frozenset[str]
    stock: list[Stock]
    earnings: list[tuple[str, Earning]]


def ledger(work: Work, slug: str) -> Ledger:
    """Everything that was earned in a trial."""
    access.require(work.by, Verb.READ_INCENTIVES)
    trial = trials.by_slug(work, slug)
    known = trials.folder_of(work, trial.protocol_id).protocol.incentives
    what, by_code = {one.id: one.what for one in known}, frozenset(one.id for one in known if one.given_by == "code")
    return Ledger(what, by_code, incentives.stock(work, trial.id, list(what)), incentives.of_trial(work, trial.id))


def upload(work: Work, slug: str, incentive: str, codes: Iterable[str]) -> tuple[int, int]:
    """Keep voucher codes, one a line: (new, known already). A list with a mistake in it is refused whole."""
    access.require(work.by, Verb.GIVE_INCENTIVES)
    trial = trials.by_slug(work, slug)
    gives = trials.folder_of(work, trial.protocol_id).protocol.incentives
    known = [one.id for one in gives if one.given_by == "code"]
    if incentive not in known:
        raise Refused("Choose what these codes are for.")
    listed = [one.strip() for one in codes if one.strip()]
    _check(listed)
    new = sum(incentives.add_voucher(work, trial.id, incentive, one) for one in dict.fromkeys(listed))
    detail: dict[str, str | int] = {"incentive": incentive, "codes": new}
    events.write(work, Event.VOUCHERS_UPLOADED, trial_id=trial.id, detail=detail)
    return new, len(listed) - new


def _check(codes: list[str]) -> None:
    if not codes:
        raise BadInput([Problem("codes", None, None, "there is no code here.", "Paste them, one a line.")])
    if len(codes) > MOST_CODES:
        mend = f"Send at most {MOST_CODES} at a time."
        raise BadInput([Problem("codes", None, None, f"these are {len(codes)} codes.", mend)])
    for line, code in enumerate(codes, 1):
        if len(code) > LONGEST_CODE or not code.isprintable():
            what = "this code is longer than 100 characters or holds a character that cannot be printed."
            raise BadInput([Problem("codes", line, None, what, "Look at this line; nothing was kept.")])


def refuse(work: Work, earning_id: int, reason: str) -> Earning:
    """Give nothing for an earning: a person of the team says why, and writes to the participant about it."""
    earning = incentives.by_id(work, earning_id, lock=True)
    access.require(work.by, Verb.GIVE_INCENTIVES)
    if not reason.strip():
        raise Refused("Say why: the person will ask, and it stays in the record.")
    if earning.state != "earned":
        raise Refused(f"This was {earning.state} already.")
    payees.forget(work, earning)
    incentives.refuse(work, earning, reason.strip()[:LONGEST_REASON])
    _record(work, Event.INCENTIVE_REFUSED, earning.trial_id, earning.participant_id, earning.id)
    return incentives.by_id(work, earning_id)


def explain(work: Work, earning_id: int, words: str) -> Earning:
    """A person of the team writes to somebody who was refused, in words that go as they stand; once for each."""
    earning = incentives.by_id(work, earning_id, lock=True)
    access.require(work.by, Verb.GIVE_INCENTIVES)
    if earning.state != "refused":
        raise Refused("Nothing was refused here, so there is nothing to explain.")
    if earning.explained_at is not None:
        raise Refused("Somebody wrote about this already. An answer comes to the list of replies.")
    if not words.strip() or len(words) > LONGEST_EXPLANATION:
        raise Refused(f"An explanation has between 1 and {LONGEST_EXPLANATION} characters.")
    person = participants.by_id(work, earning.participant_id, lock=True)
    if not _can_be_written_to(person):
        raise Refused("This person cannot be written to: the address does not exist, or the data were erased.")
    service_mails.send_answer(work, person, words.strip(), "explained")
    incentives.change(work, earning.id, explained_at=work.now)
    _record(work, Event.INCENTIVE_EXPLAINED, earning.trial_id, person.id, earning.id)
    return incentives.by_id(work, earning_id)


def _record(work: Work, what: Event, trial_id: int, participant_id: int, earning_id: int) -> None:
    detail: dict[str, str | int] = {"earning": earning_id}
    events.write(work, what, trial_id=trial_id, participant_id=participant_id, detail=detail)
