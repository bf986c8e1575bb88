"""What is earned and is no code: the person says where to send it, somebody of the team sends it, and it is forgotten.

Where to is sealed in the vault under the person's own key, by the number of the earning. It is no answer: taking
answers back leaves it, erasing the person takes it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from trial.core import access
from trial.core.access import SYSTEM, Verb
from trial.core.durations import Length
from trial.core.errors import NotFound, Refused
from trial.core.events import Event
from trial.core.local_time import later
from trial.core.participant import Participant
from trial.core.payee import Fault, Way, clean, faults
from trial.core.protocol import TrialProtocol
from trial.core.protocol.conduct import Incentive
from trial.core.spreadsheets import as_text
from trial.core.texts import Text
from trial.storage import events, incentives, notes, participants, trials, vault
from trial.storage.incentives import Earning
from trial.storage.work import OpenWork, Work

LONGEST_REASON = 300
COLUMNS = ("number", "what", "name", "account", "address")


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that a person earned: `state` is asks (nobody knows where to), told, or given on a day."""

    what: Text
    way: Way
    state: str
    given_at: datetime | None
    keep: Length


def owed_to(work: Work, person: Participant, protocol: TrialProtocol) -> list[Owed]:
    """What a person's own page says of it; what was refused is told by a person, not by a page."""
    known, found = _sent(protocol), list[Owed]()
    if not known or person.erased_at is not None:
        return found
    for one in incentives.of_participant(work, person.id):
        if one.incentive in known and one.state != "refused":
            incentive = known[one.incentive]
            state = "given" if one.state == "given" else "told" if one.payee_at else "asks"
            found.append(Owed(incentive.what, _way(incentive), state, one.given_at, incentive.keep_payee))
    return found


def sent(protocol: TrialProtocol) -> list[tuple[Incentive, Way]]:
    """What can be earned in a trial and is sent to somewhere that the person has to name."""
    return [(one, _way(one)) for one in _sent(protocol).values()]


def _sent(protocol: TrialProtocol) -> dict[str, Incentive]:
    return {one.id: one for one in protocol.incentives if one.given_by != "code"}


def _way(incentive: Incentive) -> Way:
    assert incentive.given_by != "code"
    return incentive.given_by


def tell(work: Work, participant_id: int, way: Way, given: Mapping[str, str]) -> dict[str, Fault]:
    """The person says where to send everything that waits for this; what they said before is replaced."""
    details = clean(way, given)
    if wrong := faults(details):
        return wrong
    person = participants.by_id(work, participant_id, lock=True)
    if person.erased_at is not None:
        raise Refused("These data were erased.")
    waiting = _waiting(work, person, way)
    for one in waiting:
        vault.replace_words(work, person.trial_id, person.id, vault.PAYEE, str(one.id), json.dumps(details))
        incentives.change(work, one.id, payee_at=work.now)
    if waiting:
        _record(work, Event.PAYEE_GIVEN, waiting[0])
    return {}


def take_back(work: Work, participant_id: int, way: Way) -> None:
    """The person does not want it after all: what they said is gone, and may be said again."""
    person = participants.by_id(work, participant_id, lock=True)
    for one in _waiting(work, person, way):
        if one.payee_at is not None:
            _forget(work, one)


def _waiting(work: Work, person: Participant, way: Way) -> list[Earning]:
    """What this person earned and nobody sent, each held by the caller."""
    known = _sent(trials.folder_of(work, person.protocol_id).protocol)
    mine = [one for one in incentives.of_participant(work, person.id) if one.incentive in known]
    held = [incentives.by_id(work, one.id, lock=True) for one in mine if known[one.incentive].given_by == way]
    return [one for one in held if one.state == "earned"]


def details_of(work: Work, person: Participant) -> dict[int, dict[str, str]]:
    """Where a person asked to have things sent to, by the number of the earning; empty once they were erased."""
    if person.erased_at is not None:
        return {}
    return {int(about): json.loads(text) for about, text in vault.all_words(work, person.id, vault.PAYEE).items()}


@dataclass(frozen=True, slots=True)
class Payee:
    """One thing to send: its number, what it is, and where to."""

    earning: Earning
    what: Text
    details: Mapping[str, str]


def _require(work: Work) -> None:
    """Who sends must see who somebody is."""
    access.require(work.by, Verb.GIVE_INCENTIVES)
    access.require(work.by, Verb.READ_IDENTITY)


def open_one(work: Work, earning_id: int, reason: str) -> Payee:
    """Where one thing is to be sent to; who looked and why stays in the record and in the person's notes."""
    one = incentives.by_id(work, earning_id, lock=True)
    _require(work)
    found = _payee(work, one)
    _said_why(work, [one], reason, "Looked up where to send what was earned")
    _record(work, Event.PAYEE_OPENED, one)
    return found


def _payee(work: Work, one: Earning) -> Payee:
    person = participants.by_id(work, one.participant_id)
    what = {each.id: each.what for each in trials.folder_of(work, person.protocol_id).protocol.incentives}
    try:
        details = json.loads(vault.words_of(work, person.id, vault.PAYEE, str(one.id)))
    except NotFound:
        raise Refused("This person has not said where to send it, or it is known no longer.") from None
    return Payee(one, what[one.incentive], details)


def _said_why(work: Work, ones: Iterable[Earning], reason: str, what: str) -> None:
    if not (why := reason.strip()[:LONGEST_REASON]):
        raise Refused("Say why you need to know where it goes.")
    for one in ones:
        notes.add(work, participants.by_id(work, one.participant_id), f"{what}: {why}")


def payment_list(work: Work, slug: str, reason: str) -> str:
    """Everything that waits to be sent, as CSV by number; no study code stands beside a name."""
    _require(work)
    trial = trials.by_slug(work, slug)
    waiting = [one for one in incentives.to_pay(work, trial.id) if _is_there(work, one)]
    if not waiting:
        raise Refused("Nothing waits to be sent.")
    _said_why(work, waiting, reason, "Took a list of what is to be sent")
    out = StringIO()
    table = csv.writer(out, quoting=csv.QUOTE_ALL)
    table.writerow(COLUMNS)
    for one in waiting:
        found = _payee(work, one)
        said = {"number": str(one.id), "what": found.what.get("en") or next(iter(found.what.values())), **found.details}
        table.writerow([as_text(said.get(name, "")) for name in COLUMNS])
    events.write(work, Event.PAYMENT_LIST_TAKEN, trial_id=trial.id, detail={"payees": len(waiting)})
    return out.getvalue()


def _is_there(work: Work, one: Earning) -> bool:
    return participants.by_id(work, one.participant_id).erased_at is None


def paid(work: Work, earning_id: int) -> Earning:
    """It was sent: once, and from now on the time runs until where to is forgotten."""
    one = incentives.by_id(work, earning_id, lock=True)
    _require(work)
    if one.state != "earned" or one.payee_at is None:
        raise Refused(f"Number {one.id} does not wait to be sent: it was {one.state}, or nobody said where to.")
    person = participants.by_id(work, one.participant_id)
    keep = _sent(trials.folder_of(work, person.protocol_id).protocol)[one.incentive].keep_payee
    forget = later(work.now, keep, person.zone)
    incentives.change(work, one.id, state="given", given_at=work.now, forget_at=forget, by=str(work.by))
    _record(work, Event.INCENTIVE_GIVEN, one)
    return incentives.by_id(work, earning_id)


def forget_each(open_work: OpenWork, due: Iterable[int]) -> None:
    """What was sent long enough ago: where to is forgotten, each in a transaction of its own."""
    for one in due:
        with open_work(SYSTEM) as work:
            forget(work, incentives.by_id(work, one, lock=True))


def forget(work: Work, one: Earning) -> None:
    """Nothing is sent for this any more: where to need not be known. The caller holds it."""
    if one.payee_at is not None:
        _forget(work, one)


def _forget(work: Work, one: Earning) -> None:
    vault.forget_words(work, one.participant_id, vault.PAYEE, str(one.id))
    incentives.change(work, one.id, payee_at=None, forget_at=None)
    _record(work, Event.PAYEE_FORGOTTEN, one)


def _record(work: Work, what: Event, one: Earning) -> None:
    events.write(work, what, trial_id=one.trial_id, participant_id=one.participant_id, detail={"earning": one.id})
