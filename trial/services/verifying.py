"""Verifying: every allocation of a trial is made again from the sealed seed, and compared with the record.

Nothing is kept while the list goes by but one state for each stratum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidTag

from trial.core import access
from trial.core.access import Actor, Verb
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.protocol import TrialProtocol
from trial.core.randomization import (
    CLUSTERS,
    STAGE,
    commitment,
    configuration,
    configuration_digest,
    factors_of,
    rule_of,
    stages_of,
)
from trial.core.replay import Declared, Difference, Recorded, Replay
from trial.core.trial import Trial
from trial.services import contributing, designs
from trial.storage import allocations, clusters, events, outside_lists, trials, vault
from trial.storage.designs import DesignAmendment
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: nothing, or the first difference."""

    trial: str
    digest: str
    allocations: int
    difference: Difference | None
    epochs: int = 1

    @property
    def holds(self) -> bool:
        return self.difference is None


def verify(work: Work, slug: str) -> Verdict:
    """Make every allocation again. Before the lock this is for the unblinded statistician and the custodian alone."""
    trial = trials.by_slug(work, slug)
    access.require(work.by, Verb.VERIFY_AFTER_LOCK if trial.is_locked else Verb.VERIFY_ALLOCATION)
    if trials.seal_digest(work, trial.id) is None:
        raise Refused(f"The trial {slug} is in preparation: its seed is sealed when it opens.")
    seal = trials.seal_of(work, trial.id)
    count, difference = _first_difference(work, trial, seal)
    if difference is not None and not _sees_values(work.by, trial):
        difference = replace(difference, expected="", found="")
    last = allocations.last(work, trial.id, STAGE)
    return Verdict(slug, seal["digest"], count, difference, last.epoch if last else 1)


def _sees_values(by: Actor, trial: Trial) -> bool:
    """An expected arm is an arm: who may not read allocations hears which one differs and in what, and no value."""
    return by.may(Verb.READ_ALLOCATION) or (trial.is_locked and by.may(Verb.FREEZE))


def _first_difference(work: Work, trial: Trial, seal: Mapping[str, Any]) -> tuple[int, Difference | None]:
    try:
        seed = open_seed(work, trial.id, seal)
    except InvalidTag:
        return 0, Difference("the sealed seed: it does not open with this installation's key")
    try:
        outside_lists.whole(work, trial.id, STAGE)
    except InvalidTag:
        return 0, Difference("the sealed list: a place of it does not open where it stands")
    if difference := _of_seal(work, trial, seal, seed):
        return 0, difference
    amendments = designs.published(work, trial.id)
    if not _on_record(work, trial, amendments):
        return 0, Difference("the amendments of the design: the record of acts says others")
    replay = Replay(
        seed, trial.slug, declared(work, trial, seal, seed), designs.ran(work, trial, amendments)
    )  # fmt: skip
    orders = {stage: _order(work, trial, stage) for stage in replay.declared if stage != CLUSTERS}
    for one in recorded(work, trial.id):
        if difference := replay.check(one) or _of_person(one, orders.get(one.stage)):
            return one.sequence, difference
    count = sum(replay.counts.values())
    if code := allocations.allocated_twice(work, trial.id):
        return count, Difference("the allocation: there are two", participant=code)
    if code := allocations.randomized_without(work, trial.id):
        return count, Difference("the allocation: there is none", participant=code)
    return count, replay.left(allocations.states(work, trial.id))


def recorded(work: Work, trial_id: int) -> Iterator[Recorded]:
    """Every allocation in the order in which it is checked: clusters first, where they are the unit."""
    yield from clusters.recorded(work, trial_id)
    yield from allocations.recorded(work, trial_id)


def _on_record(work: Work, trial: Trial, amendments: Sequence[DesignAmendment]) -> bool:
    """Whether the record of acts, which is written apart, tells of the same amendments."""
    told = [(one["configuration"], one["allocated_before"]) for one in
            events.details_in(work, trial.id, Event.DESIGN_AMENDED)]  # fmt: skip
    return told == [(one.configuration, one.allocated_before) for one in amendments]


def _order(work: Work, trial: Trial, stage: str) -> Iterator[int]:
    """Whom a stage allocated, by the record of acts."""
    if stage == STAGE:
        return events.order_of(work, trial.id, Event.RANDOMIZED)
    return events.order_of(work, trial.id, Event.STAGE_ALLOCATED, stage=stage)


def _of_person(one: Recorded, order: Iterator[int] | None) -> Difference | None:
    """The record of acts, which is written apart, names the same person in the same place; of a cluster nobody."""
    if order is None or next(order, None) == one.participant_id:
        return None
    return Difference("person: the record of acts names another in this place", one.stage, one.sequence)


def open_seed(work: Work, trial_id: int, seal: Mapping[str, Any]) -> bytes:
    """The seed, for the moment of its use; InvalidTag where key or content are others."""
    return vault.unseal(work.keys.sealing, seal["sealed_seed"], f"seed|{trial_id}")


def _of_seal(work: Work, trial: Trial, seal: Mapping[str, Any], seed: bytes) -> Difference | None:
    """Whether the digest fits seed, salt, rule and configuration, and is the one on record from the opening."""
    on_record = events.first_detail(work, trial.id, Event.SEED_SEALED)
    if on_record is None or on_record.get("digest") != seal["digest"]:
        return Difference("the digest: it is not the one that was recorded at the opening")
    if difference := contributing.difference(work, trial.id, seed, seal["salt"]):
        return difference
    opening = _opening(work, trial, seal, seed)
    if opening is None:
        return Difference("the published digest: seed, salt, rule version and configuration give another")
    if rule_of(opening).version != seal["rule_version"]:
        return Difference("the rule version beside the digest", "", None, "", rule_of(opening).version, "")
    return None


def _versions(work: Work, trial: Trial) -> Iterator[TrialProtocol]:
    for version in trials.versions_of(work, trial.id):
        yield trials.folder_of(work, version).protocol


def _opening(work: Work, trial: Trial, seal: Mapping[str, Any], seed: bytes) -> TrialProtocol | None:
    """The registered version whose rule and configuration the digest covers; None where it fits none."""
    entries = outside_lists.whole(work, trial.id, STAGE)
    fits = (one for one in _versions(work, trial) if commitment(seed, seal["salt"], one, entries) == seal["digest"])
    return next(fits, None)


def declared(work: Work, trial: Trial, seal: Mapping[str, Any], seed: bytes) -> dict[str, list[Declared]]:
    """By stage every rule that the trial may have allocated by, the one of the digest first."""
    entries = outside_lists.whole(work, trial.id, STAGE)
    found: dict[str, dict[str, Declared]] = {}
    for one, stage, digest in _registered(work, trial, seal, seed):
        rule = rule_of(one, stage, entries)
        known = found.setdefault(stage, {})
        known.setdefault(digest, Declared(digest, rule, factors_of(one, stage)))
    return {stage: list(rules.values()) for stage, rules in found.items()}


def configurations(work: Work, trial: Trial, seal: Mapping[str, Any], seed: bytes) -> list[dict[str, Any]]:
    """The same as values to be published: each by its digest, that of `main` at the opening first."""
    found: dict[str, dict[str, Any]] = {}
    for one, stage, digest in _registered(work, trial, seal, seed):
        said = {"rule_version": rule_of(one, stage).version, "configuration": configuration(one, stage)}
        found.setdefault(digest, {"digest": digest} | said)
    return list(found.values())


def _registered(
    work: Work, trial: Trial, seal: Mapping[str, Any], seed: bytes
) -> Iterator[tuple[TrialProtocol, str, str]]:
    """Every version with each of its stages and the digest of its configuration, the version of the opening first."""
    opening = _opening(work, trial, seal, seed)
    for one in [*([opening] if opening else []), *_versions(work, trial)]:
        for stage in stages_of(one):
            yield one, stage, configuration_digest(one, stage)
