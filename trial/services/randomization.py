"""Allocation: strata, draw, decision record, event and the whole schedule, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trial.core.eligibility import stratum_levels
from trial.core.errors import RecruitmentClosed
from trial.core.events import Event
from trial.core.expressions import Value
from trial.core.participant import Participant, ParticipantState
from trial.core.randomization import STAGE, Last, allocate, configuration_digest, rule_of, standing
from trial.core.trial import Trial
from trial.services import ending
from trial.services.planning import plan_after_randomization
from trial.services.trials import close_recruitment
from trial.storage import allocations, events, outside_lists, participants, trials, vault
from trial.storage.work import Work


def randomize(work: Work, person: Participant, facts: Mapping[str, Value]) -> None:
    """Allocate one participant and plan all that follows; the caller's submission is in the same transaction.

    The trial's row is held to the end, so allocations of one trial stand in line: no place is given twice and
    recruitment closes at the target exactly. Raises RecruitmentClosed when the last place was taken meanwhile.

    Chance allocates by the version that the trial runs when the row is held, whatever version the person agreed to:
    one sequence, and an epoch with one end. All that is asked of the person and sent to them follows their own.
    """
    trial = trials.by_id(work, person.trial_id, lock=True)
    last = last_allocation(work, trial)
    taken = last.sequence if last else 0
    if not trial.recruits or taken >= trial.target:
        raise RecruitmentClosed("The last place was taken while this questionnaire was being filled in.")
    protocol, running = (trials.folder_of(work, one).protocol for one in (person.protocol_id, trial.protocol_id))
    levels, rule, configuration = stratum_levels(running, facts), rule_of(running), configuration_digest(running)
    seal = trials.seal_of(work, trial.id)
    seed = vault.unseal(work.keys.sealing, seal["sealed_seed"], f"seed|{trial.id}")
    kept = allocations.kept(work, trial.id, STAGE, rule.key(levels))
    number, state, epoch = standing(rule, configuration, kept, last)
    if running.allocation.method == "listed":
        rule = rule_of(running, STAGE, outside_lists.entry(work, trial.id, STAGE, rule.key(levels), number))
    decision = allocate(rule, seed, trial.slug, STAGE, levels, number, state, epoch)
    allocations.add(work, trial.id, person.id, decision, configuration, sequence=taken + 1)
    participants.change_state(work, person, ParticipantState.RANDOMIZED)
    events.write(work, Event.RANDOMIZED, trial_id=trial.id, participant_id=person.id)
    plan_after_randomization(work, person, protocol, decision.arm)
    ending.plan(work, person, protocol)
    if taken + 1 >= trial.target:
        close_recruitment(work, trial, "target_reached")


def last_allocation(work: Work, trial: Trial) -> Last | None:
    """The trial's last allocation. Version 0.1 did not keep its rule: until now no amendment could change it."""
    last = allocations.last(work, trial.id, STAGE)
    if last is None or last.configuration:
        return last
    first = trials.folder_of(work, trials.versions_of(work, trial.id)[0]).protocol
    return replace(last, configuration=configuration_digest(first))
