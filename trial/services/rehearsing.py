"""What only a rehearsal may do: move the pretend clock, and ask which pretend people were randomised."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from trial.core.errors import Refused
from trial.core.participant import Occasion, ParticipantState
from trial.core.trial import TrialKind
from trial.storage import (
    allocations,
    clock,
    deliveries,
    occasions,
    participants,
    passing_time,
    stage_entries,
    trials,
    vault,
)
from trial.storage.work import Work

start_clock = clock.start
is_pretend = clock.is_pretend


def next_due(work: Work, *, stages: bool = False) -> datetime | None:
    """When the next mail falls due, or, where the trial has further `stages`, the next decision at one of them."""
    found = [deliveries.next_due(work), stage_entries.next_due(work) if stages else None]
    return min((one for one in found if one is not None), default=None)


def move_clock(work: Work, instant: datetime) -> None:
    """Move the pretend time forward; Refused while a mail is due or in somebody's hands."""
    if not nothing_in_hand(work):
        raise Refused("A mail is still due: the pretend clock waits for it.")
    clock.move(work, instant)


def somebody_sends(work: Work) -> bool:
    """Whether a mail is in somebody's hands at this moment: when a fault finds something to break."""
    return passing_time.any_in_hand(work)


def let_time_pass(work: Work, is_gone: Callable[[str], bool]) -> int:
    """Minutes of machine time, for what senders that are gone held and for what was put off; how many they held.

    A lease lasts two minutes and a mail in doubt waits a quarter of an hour: no rehearsal need wait for that.
    """
    if not clock.is_pretend(work):
        raise Refused("Only a rehearsal's time may be let pass.")
    held = passing_time.end_leases(work, is_gone)
    passing_time.end_waits(work)
    return held


def nothing_in_hand(work: Work) -> bool:
    """Whether no mail is due or claimed at the present time: only then may the clock move."""
    return not deliveries.any_open(work)


def arm_of(work: Work, slug: str, address: str) -> str | None:
    """The arm of the pretend person with this address; None while there is none."""
    trial = trials.by_slug(work, slug)
    if trial.kind is not TrialKind.REHEARSAL:
        raise Refused("Only pretend people may be looked up by address.")
    person = vault.find(work, trial.id, address)
    return allocations.arm_of(work, person) if person is not None else None


def randomized_addresses(work: Work, slug: str, addresses: Iterable[str]) -> set[str]:
    """Of these pretend addresses, those whose owner was randomised."""
    trial = trials.by_slug(work, slug)
    if trial.kind is not TrialKind.REHEARSAL:
        raise Refused("Only pretend people may be looked up by address.")
    found = {address: vault.find(work, trial.id, address) for address in addresses}
    return {
        address
        for address, person in found.items()
        if person is not None and participants.by_id(work, person).state is ParticipantState.RANDOMIZED
    }


def occasions_of(work: Work, participant_id: int) -> tuple[str, list[Occasion]]:
    """(arm, or nothing before it is known; everything planned) of a pretend person."""
    person = participants.by_id(work, participant_id)
    if trials.by_id(work, person.trial_id).kind is not TrialKind.REHEARSAL:
        raise Refused("Only pretend people may be looked at together with their arm.")
    return allocations.arm_of(work, participant_id) or "", occasions.of_participant(work, participant_id)
