"""The roster: who is called when something is urgent. The owner writes it; nobody on it means that the owners are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial.core import access
from trial.core.access import Role, Verb, member_actor
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.matters import MatterKind
from trial.core.on_call import AHEAD, MOST_PLACES, Duty, ladder, unwatched
from trial.services.matters import ACTS
from trial.storage import duties, events, trials
from trial.storage.duties import Colleague
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the roster with the person's name; `obstacle` says why they cannot be called, where that is so."""

    duty: Duty
    name: str
    obstacle: str


@dataclass(frozen=True, slots=True)
class Roster:
    """The lines that count now or later, who would be called at this moment in turn, and who may stand on it."""

    lines: tuple[Line, ...]
    past: tuple[Line, ...]
    in_turn: tuple[Colleague, ...]
    eligible: tuple[Colleague, ...]
    on_duty: bool


def in_turn(work: Work, trial_id: int, kind: MatterKind = MatterKind.ALERT) -> list[Colleague]:
    """Whom to call now about something of this kind; only those who can be reached and may act on it.

    First who is on duty. Then, about alerts and harms, the owners; about all else everybody who may act, coordinators
    first, for that is their daily work.
    """
    everyone = duties.colleagues(work, trial_id)
    verb = Verb.ACT_ON_ALERT if kind in (MatterKind.ALERT, MatterKind.ADVERSE_EVENT) else ACTS[kind]
    first = Role.OWNER if verb is Verb.ACT_ON_ALERT else Role.COORDINATOR
    others = sorted(everyone.values(), key=lambda one: (first not in one.roles, Role.OWNER not in one.roles))
    fallback = [one.member_id for one in others if verb is not Verb.ACT_ON_ALERT or Role.OWNER in one.roles]
    order = ladder(duties.of_trial(work, trial_id), fallback, work.now)
    return [everyone[one] for one in order if one in everyone and not _obstacle(everyone[one], trial_id, verb)]


@dataclass(frozen=True, slots=True)
class OnCall:
    """Somebody who is on call in the coming days; `obstacle` says why they cannot be called, where that is so."""

    member_id: int
    name: str
    obstacle: str


def ahead(work: Work, trial_id: int) -> list[OnCall]:
    """Everybody who stands on the roster in the coming 14 days, in whatever place; and the owners, where at any moment
    of them nobody is on duty who can be called."""
    everyone, until = duties.colleagues(work, trial_id), work.now + AHEAD
    coming = [
        _line(one, everyone, trial_id)
        for one in duties.of_trial(work, trial_id)
        if one.from_at < until and (one.until_at is None or one.until_at > work.now)
    ]
    found = {one.duty.member_id: OnCall(one.duty.member_id, one.name, one.obstacle) for one in coming}
    if unwatched([one.duty for one in coming if not one.obstacle], work.now, until):
        for one in everyone.values():
            if Role.OWNER in one.roles and one.member_id not in found:
                found[one.member_id] = OnCall(one.member_id, one.name, _obstacle(one, trial_id))
    return list(found.values())


def can_be_called(work: Work, trial_id: int, member_id: int | None) -> Colleague | None:
    """This member, where they may act on alerts and have an address."""
    found = duties.colleagues(work, trial_id).get(member_id or 0)
    return found if found is not None and not _obstacle(found, trial_id) else None


def shown(work: Work, slug: str) -> Roster:
    """The roster as its page shows it."""
    access.require(work.by, Verb.READ_ROSTER)
    trial = trials.by_slug(work, slug)
    everyone = duties.colleagues(work, trial.id)
    lines = [_line(one, everyone, trial.id) for one in duties.of_trial(work, trial.id)]
    eligible = [one for one in everyone.values() if _may_act(one, trial.id)]
    return Roster(
        lines=tuple(one for one in lines if one.duty.until_at is None or one.duty.until_at > work.now),
        past=tuple(one for one in lines if one.duty.until_at is not None and one.duty.until_at <= work.now),
        in_turn=tuple(in_turn(work, trial.id)),
        eligible=tuple(eligible),
        on_duty=any(one.duty.holds(work.now) and not one.obstacle for one in lines),
    )


def add(
    work: Work, slug: str, member_id: int, place: int, *, from_at: datetime | None, until_at: datetime | None
) -> int:
    """Put a member in a place of the roster; without a beginning from now on, without an end for good."""
    access.require(work.by, Verb.EDIT_ROSTER)
    trial = trials.by_slug(work, slug)
    person = duties.colleagues(work, trial.id).get(member_id)
    begins = from_at or work.now
    if person is None or not _may_act(person, trial.id):
        raise Refused("Only an owner or a safety contact of this trial can be called about alerts.")
    if not 1 <= place <= MOST_PLACES:
        raise Refused(f"A place is a number from 1 to {MOST_PLACES}.")
    if until_at is not None and until_at <= max(begins, work.now):
        raise Refused("The end lies before the beginning, or in the past.")
    line = duties.add(work, trial.id, member_id, place, begins, until_at)
    detail: dict[str, str | int] = {"duty": line, "member": member_id, "place": place, "act": "added"}
    events.write(work, Event.ROSTER_CHANGED, trial_id=trial.id, detail=detail)
    return line


def end(work: Work, slug: str, duty_id: int) -> None:
    """Take a line off the roster from now on; one that has not begun never counts."""
    access.require(work.by, Verb.EDIT_ROSTER)
    trial = trials.by_slug(work, slug)
    line = duties.by_id(work, trial.id, duty_id)
    if line.until_at is not None and line.until_at <= work.now:
        return
    duties.end(work, duty_id, max(work.now, line.from_at))
    detail: dict[str, str | int] = {"duty": duty_id, "member": line.member_id, "place": line.place, "act": "ended"}
    events.write(work, Event.ROSTER_CHANGED, trial_id=trial.id, detail=detail)


def _line(one: Duty, everyone: dict[int, Colleague], trial_id: int) -> Line:
    person = everyone.get(one.member_id)
    if person is None:
        return Line(one, f"member {one.member_id}", "is no longer on the team")
    return Line(one, person.name, _obstacle(person, trial_id))


def _obstacle(person: Colleague, trial_id: int, verb: Verb = Verb.ACT_ON_ALERT) -> str:
    if not _may_act(person, trial_id, verb):
        return "may not act on alerts"
    return "" if person.address else "has no mail address yet"


def _may_act(person: Colleague, trial_id: int, verb: Verb = Verb.ACT_ON_ALERT) -> bool:
    return member_actor(person.member_id, person.roles, trial_id).may(verb)
