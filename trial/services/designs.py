"""Amendments of the design: what chance allocates by from now on, in which epoch, and what is published of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from trial.core.amendment import Change
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.expressions import parse
from trial.core.protocol import TrialProtocol
from trial.core.randomization import STAGE, configuration_digest, rule_of
from trial.core.trial import Trial
from trial.services.randomization import last_allocation
from trial.storage import allocations, designs, events, trials
from trial.storage.designs import DesignAmendment
from trial.storage.work import Work

RATIO, UNIT = "arms.*.ratio", ("allocation.unit.", "allocation.cluster.")


@dataclass(frozen=True, slots=True)
class Epoch:
    """What an amendment does to the allocation: from allocation `first` on chance goes by a rule of this digest.

    `begins` is False where the new rule is that of the last allocation, whose epoch then goes on.
    """

    number: int
    first: int
    begins: bool
    configuration: str
    rule_version: str
    closed: tuple[str, ...]
    opened: tuple[str, ...]


def is_of_design(change: Change) -> bool:
    """Whether this is a change of how chance allocates that a running trial can make; its unit is none."""
    if f"{change.pattern}.".startswith(UNIT):
        return False
    return change.pattern == RATIO or f"{change.pattern}.".startswith("allocation.")


def ahead(work: Work, trial: Trial, running: TrialProtocol, new: TrialProtocol) -> Epoch | None:
    """What allocation would do if this version ran from now on; None where chance goes by the same rule as before."""
    if (digest := configuration_digest(new)) == configuration_digest(running):
        return None
    last = last_allocation(work, trial)
    begins = last is not None and last.configuration != digest
    was, now = ({arm.id for arm in one.open_arms} for one in (running, new))
    return Epoch(
        number=(last.epoch + begins) if last else 1,
        first=last.sequence + 1 if last else 1,
        begins=begins,
        configuration=digest,
        rule_version=rule_of(new).version,
        closed=tuple(sorted(was - now)),
        opened=tuple(sorted(now - was)),
    )


def require_possible(work: Work, trial: Trial, running: TrialProtocol, new: TrialProtocol) -> None:
    """Refuse a rule that could not allocate everybody who is on the way in, whenever they came.

    An outside list is sealed before its first place is taken, and numbers go on: no amendment begins or changes one.
    """
    if configuration_digest(new) == configuration_digest(running):
        return
    if new.allocation.method == "listed":
        raise Refused(
            "An outside list is sealed when a trial opens: no amendment begins one, or changes the arms or strata of "
            "one. Go on by another method."
        )
    first, *later = [_always_known(one) for one in _versions(work, trial)]
    if unknown := sorted(_named(new) - first.intersection(*later)):
        raise Refused(
            f"The strata stand on {', '.join(unknown)}. Somebody who is on the way in may not have been asked that, or "
            "may have left it out: balance on screening questions of every version so far, or on what the strata stand "
            "on already."
        )


def _always_known(protocol: TrialProtocol) -> set[str]:
    """What nobody can reach the allocation without: screening answers, and what the strata made obligatory."""
    return {str(one.id) for one in protocol.eligibility.questions} | _named(protocol)


def _named(protocol: TrialProtocol) -> set[str]:
    rules = [level.when for factor in protocol.allocation.strata for level in factor.levels if level.when]
    return {name for rule in rules for name in parse(rule).names}


def announce(work: Work, trial: Trial, protocol_id: int, found: Epoch) -> None:
    """Keep and publish the digest of the new rule, before anybody is allocated by it; the caller holds the trial."""
    before = found.first - 1
    designs.add(
        work,
        trial.id,
        protocol_id,
        configuration=found.configuration,
        rule_version=found.rule_version,
        allocated_before=before,
    )
    detail: dict[str, str | int] = {"configuration": found.configuration, "allocated_before": before}
    events.write(work, Event.DESIGN_AMENDED, trial_id=trial.id, detail=detail)


def published(work: Work, trial_id: int) -> list[DesignAmendment]:
    """What everybody may read: from which number on chance went by which rule."""
    return designs.of_trial(work, trial_id)


def ran(work: Work, trial: Trial, amendments: Sequence[DesignAmendment]) -> dict[str, list[tuple[int, str]]]:
    """How many had been allocated when each rule began to run, and its digest, as a replay asks for it."""
    if not amendments:
        return {}
    opening = opening_of(work, trial, amendments)
    return {STAGE: [(0, opening), *((one.allocated_before, one.configuration) for one in amendments)]}


def epochs(work: Work, trial: Trial) -> list[dict[str, Any]]:
    """Each epoch of the main allocation with its numbers and what it went by; nothing where no amendment made one."""
    amendments = designs.of_trial(work, trial.id)
    if not amendments:
        return []
    by_digest = {configuration_digest(one): one for one in reversed(_versions(work, trial))}
    opening = opening_of(work, trial, amendments)
    rows = ((one.record.get("epoch", 1), one.record.get("configuration") or opening, one.sequence)
            for one in allocations.recorded(work, trial.id) if one.stage == STAGE)  # fmt: skip
    found = []
    for (number, digest), part in groupby(rows, key=lambda one: one[:2]):
        sequences = [sequence for _, _, sequence in part]
        ran = [one.version for one in amendments if one.allocated_before < sequences[0]]
        ruled = by_digest.get(digest)  # a record that does not hold is published as it is
        found.append({
            "epoch": number,
            "first": sequences[0],
            "people": len(sequences),
            "version": ran[-1] if ran else by_digest[opening].version,
            "configuration": digest,
            "allocation": ruled.allocation.model_dump(mode="json", exclude_defaults=True) if ruled else None,
            "ratios": {arm.id: arm.ratio for arm in ruled.arms} if ruled else {},
        })  # fmt: skip
    return found


def opening_of(work: Work, trial: Trial, amendments: Sequence[DesignAmendment]) -> str:
    """The digest of the rule that the trial opened with: that of the version before the first amendment of it."""
    versions = trials.versions_of(work, trial.id)
    if amendments:
        versions = [one for one in versions if one < amendments[0].protocol_id]
    return configuration_digest(trials.folder_of(work, versions[-1]).protocol)


def _versions(work: Work, trial: Trial) -> list[TrialProtocol]:
    return [trials.folder_of(work, one).protocol for one in trials.versions_of(work, trial.id)]
