"""From the protocol: the rule that it declares, and the digest that is published before the first enrolment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trial.core.protocol import AllocationRule, Arm, StageArm, TrialProtocol
from trial.core.randomization.allocating import STAGE
from trial.core.randomization.biased_coin import BiasedCoin
from trial.core.randomization.big_stick import BigStick
from trial.core.randomization.blocks import PermutedBlocks
from trial.core.randomization.clusters import CLUSTERS, Clustered
from trial.core.randomization.exact import chance
from trial.core.randomization.hashing import digest_of
from trial.core.randomization.listed import Entries, Listed
from trial.core.randomization.minimisation import Minimisation, MinimisedFactor
from trial.core.randomization.rule import Rule
from trial.core.randomization.simple import Simple
from trial.core.randomization.urn import Urn


def stages_of(protocol: TrialProtocol) -> tuple[str, ...]:
    """Every stage at which the trial allocates, `main` first."""
    return (STAGE, *((CLUSTERS,) if protocol.allocation.cluster else ()), *(one.id for one in protocol.stages))


def factors_of(protocol: TrialProtocol, stage: str = STAGE) -> tuple[str, ...]:
    """What a stage's levels are of, in order: its factors; for people of clusters the question that names them."""
    if protocol.allocation.cluster and stage == STAGE:
        return (protocol.allocation.cluster.question,)
    return tuple(factor.id for factor in between(protocol, stage)[1].strata)


def rule_of(
    protocol: TrialProtocol,
    stage: str = STAGE,
    entries: Entries | None = None,
    given: Mapping[str, str] | None = None,
) -> Rule:
    """The rule that a protocol declares for a stage; in a single arm every block is that arm's one place.

    `entries` are those of an outside list, all or the next one; `given` the arms of the clusters. Without them the rule
    can only say keys and version.
    """
    if protocol.allocation.cluster and stage == STAGE:
        return Clustered(tuple(arm.id for arm in protocol.arms), given or {})
    arms, said = between(protocol, stage)
    if said.method == "none":
        return PermutedBlocks((arms[0].id,), (1,), (1,))
    if said.method == "listed":
        return Listed(tuple(arm.id for arm in arms), entries or {})
    return _MAKERS[said.method](said, tuple(arm.id for arm in arms), tuple(arm.ratio for arm in arms))


def between(protocol: TrialProtocol, stage: str = STAGE) -> tuple[Sequence[Arm | StageArm], AllocationRule]:
    """Between which open arms, or options, a stage allocates, and how."""
    if stage in (STAGE, CLUSTERS):
        return protocol.open_arms, protocol.allocation
    found = protocol.stage(stage)
    return found.arms, found.allocation


def _minimisation(said: AllocationRule, arms: tuple[str, ...], ratios: tuple[int, ...]) -> Rule:
    factors = tuple(
        MinimisedFactor(one.id, tuple(level.id for level in one.levels), said.weights.get(one.id, 1))
        for one in said.strata
    )
    chances = tuple(chance(one) for one in said.probabilities)
    assert said.imbalance is not None
    return Minimisation(arms, ratios, factors, said.imbalance, chances, said.overall_weight, said.first_simple)


_MAKERS: dict[str, Callable[[AllocationRule, tuple[str, ...], tuple[int, ...]], Rule]] = {
    "simple": lambda said, arms, ratios: Simple(arms, ratios),
    "permuted_blocks": lambda said, arms, ratios: PermutedBlocks(arms, ratios, tuple(sorted(said.block_sizes))),
    "biased_coin": lambda said, arms, ratios: BiasedCoin(arms, chance(said.probabilities[0])),
    "big_stick": lambda said, arms, ratios: BigStick(arms, said.largest_imbalance or 1),
    "urn": lambda said, arms, ratios: Urn(arms, said.urn.start if said.urn else 0, said.urn.added if said.urn else 1),
    "minimisation": _minimisation,
}


def configuration(protocol: TrialProtocol, stage: str = STAGE) -> dict[str, Any]:
    """What the published digest covers beside the seed: arms, ratio, strata with their rules, every parameter.

    Of the arms, those that are open to new people. Permuted blocks have theirs from when no other method was known.
    That of `main` holds the digest of each further stage, so that the published one covers them all; that of a further
    stage says which it is.
    """
    arms, said = between(protocol, stage)
    covered: dict[str, Any] = {"arms": [[arm.id, arm.ratio] for arm in arms], "protocol": protocol.id}
    if further := stages_of(protocol)[1:]:
        digests = [[one, configuration_digest(protocol, one)] for one in further] if stage == STAGE else []
        covered |= {"stages": digests} if digests else {"stage": stage}
    if said.cluster and stage == STAGE:
        # people go on joining a team whose arm is closed; which teams there are is left open: one more is no new design
        strata: list[Any] = [[said.cluster.question, []]]
        return covered | {"arms": [[arm.id, arm.ratio] for arm in protocol.arms], "method": "cluster", "strata": strata}
    covered["strata"] = [[f.id, [[level.id, level.when] for level in f.levels]] for f in said.strata]
    if said.method in ("permuted_blocks", "none"):
        return covered | {"block_sizes": sorted(said.block_sizes)}
    return covered | {"method": said.method} | _PARAMETERS[said.method](said)


_PARAMETERS: dict[str, Callable[[AllocationRule], dict[str, Any]]] = {
    "simple": lambda said: {},
    "listed": lambda said: {},
    "biased_coin": lambda said: {"probability": [str(chance(one)) for one in said.probabilities]},
    "big_stick": lambda said: {"largest_imbalance": said.largest_imbalance},
    "urn": lambda said: {"urn": [said.urn.start, said.urn.added] if said.urn else None},
    "minimisation": lambda said: {
        "imbalance": said.imbalance,
        "probability": [str(chance(one)) for one in said.probabilities],
        "weights": [[one.id, said.weights.get(one.id, 1)] for one in said.strata],
        "overall_weight": said.overall_weight,
        "first_simple": said.first_simple,
    },
}


def configuration_digest(protocol: TrialProtocol, stage: str = STAGE) -> str:
    """SHA-256 over rule version and configuration: which rule a decision was made by, without the seed."""
    return digest_of(_said(protocol, stage))


def commitment(seed: bytes, salt: bytes, protocol: TrialProtocol, entries: Entries | None = None) -> str:
    """SHA-256 over seed, salt, rule version and configuration: published before the first enrolment.

    An outside list is covered whole, as JSON of its sorted [stratum, number, arm]; the secret seed keeps anybody from
    trying lists against the digest.
    """
    whole = json.dumps(in_order(entries or {}), separators=(",", ":"), ensure_ascii=False)
    more = [whole.encode()] if entries else []
    return digest_of([seed, salt, *_said(protocol), *more])


def in_order(entries: Entries) -> list[list[str | int]]:
    """An outside list as it is covered and published: [stratum, number, arm], sorted."""
    return [[stratum, number, arm] for (stratum, number), arm in sorted(entries.items())]


def _said(protocol: TrialProtocol, stage: str = STAGE) -> list[bytes]:
    settings = json.dumps(configuration(protocol, stage), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return [rule_of(protocol, stage).version.encode(), settings.encode()]
