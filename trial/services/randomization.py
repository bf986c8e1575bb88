"""Allocation: strata or cluster, draw, decision record, event and the whole schedule, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trial.core.eligibility import cluster_of, stratum_levels
from trial.core.errors import RecruitmentClosed
from trial.core.events import Event
from trial.core.expressions import Value
from trial.core.participant import Participant, ParticipantState
from trial.core.protocol import TrialProtocol
from trial.core.randomization import (
    CLUSTERS,
    STAGE,
    Decision,
    Last,
    Levels,
    Listed,
    allocate,
    configuration_digest,
    rule_of,
    standing,
)
from trial.core.trial import Trial
from trial.services import ending, list_ends
from trial.services.planning import plan_after_randomization
from trial.services.trials import close_recruitment
from trial.storage import allocations, clusters, events, outside_lists, participants, trials, vault
from trial.storage.work import Work


def randomize(work: Work, person: Participant, facts: Mapping[str, Value]) -> None:
    """Allocate one participant and plan all that follows; the caller's submission is in the same transaction.

    The trial's row is held to the end, so allocations of one trial stand in line: no place is given twice and
    recruitment closes at the target exactly. Raises RecruitmentClosed when the last place was taken meanwhile.

    All that is asked of the person and sent to them follows the version that they agreed to.
    """
    trial = trials.by_id(work, person.trial_id, lock=True)
    last = last_allocation(work, trial)
    taken = last.sequence if last else 0
    if not trial.recruits or taken >= trial.target:
        raise RecruitmentClosed("The last place was taken while this questionnaire was being filled in.")
    protocol, running = trials.folder_of(work, person.protocol_id).protocol, ruling(work, trial, person)
    if running.allocation.cluster:
        decision, configuration = _with_cluster(work, trial, running, facts, last)
    else:
        decision, configuration = drawn(work, trial, running, STAGE, stratum_levels(running, facts), last)
    allocations.add(work, trial.id, person.id, decision, configuration, sequence=taken + 1)
    participants.change_state(work, person, ParticipantState.RANDOMIZED)
    events.write(work, Event.RANDOMIZED, trial_id=trial.id, participant_id=person.id)
    plan_after_randomization(work, person, protocol, decision.arm)
    ending.plan(work, person, protocol)
    if taken + 1 >= trial.target:
        close_recruitment(work, trial, "target_reached")


def ruling(work: Work, trial: Trial, person: Participant) -> TrialProtocol:
    """The version that chance goes by: the one that the trial runs while its row is held, whatever the person's own.

    So there is one sequence, and each epoch has one end. An amendment sees to it that everybody's levels are known.
    """
    return trials.folder_of(work, trial.protocol_id).protocol


def last_allocation(work: Work, trial: Trial) -> Last | None:
    """The trial's last allocation. Version 0.1 did not keep its rule: until now no amendment could change it."""
    last = allocations.last(work, trial.id, STAGE)
    if last is None or last.configuration:
        return last
    first = trials.folder_of(work, trials.versions_of(work, trial.id)[0]).protocol
    return replace(last, configuration=configuration_digest(first))


def drawn(
    work: Work,
    trial: Trial,
    protocol: TrialProtocol,
    stage: str,
    levels: Levels,
    last: Last | None,
    given: Mapping[str, str] | None = None,
) -> tuple[Decision, str]:
    """The next decision of a stage and the digest of its configuration; the caller holds the trial and keeps both."""
    rule, configuration = rule_of(protocol, stage, given=given), configuration_digest(protocol, stage)
    kept = allocations.kept(work, trial.id, stage, rule.key(levels))
    number, state, epoch = standing(rule, configuration, kept, last)
    if isinstance(rule, Listed):
        key = rule.key(levels)
        entry = outside_lists.entry(work, trial.id, STAGE, key, number)
        if entry:
            list_ends.watch(work, trial, key, number)
        else:
            list_ends.end(work, trial, key)
        rule = rule_of(protocol, stage, entry)
    seal = trials.seal_of(work, trial.id)
    seed = vault.unseal(work.keys.sealing, seal["sealed_seed"], f"seed|{trial.id}")
    return allocate(rule, seed, trial.slug, stage, levels, number, state, epoch), configuration


def _with_cluster(
    work: Work, trial: Trial, protocol: TrialProtocol, facts: Mapping[str, Value], last: Last | None
) -> tuple[Decision, str]:
    """The arm of somebody's cluster; the first of a cluster brings about the cluster's own allocation."""
    question, cluster = cluster_of(protocol, facts)
    arm = clusters.arm_of(work, trial.id, cluster)
    if arm is None:
        levels, before = stratum_levels(protocol, facts), clusters.last(work, trial.id)
        decision, configuration = drawn(work, trial, protocol, CLUSTERS, levels, before)
        clusters.add(work, trial.id, cluster, decision, configuration, sequence=before.sequence + 1 if before else 1)
        arm = decision.arm
    return drawn(work, trial, protocol, STAGE, {question: cluster}, last, {cluster: arm})
