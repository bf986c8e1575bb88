"""The rule of a published configuration: from what `configuration` wrote, without the protocol behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trial.core.randomization.biased_coin import BiasedCoin
from trial.core.randomization.big_stick import BigStick
from trial.core.randomization.blocks import PermutedBlocks
from trial.core.randomization.exact import chance
from trial.core.randomization.listed import Listed
from trial.core.randomization.minimisation import Minimisation, MinimisedFactor
from trial.core.randomization.rule import Rule
from trial.core.randomization.simple import Simple
from trial.core.randomization.urn import Urn

Said = Mapping[str, Any]


def published_rule(said: Said) -> Rule:
    """The rule that this configuration declares; ValueError for a method that is unknown here.

    That of an outside list holds no entries: they are not part of the configuration.
    """
    arms = tuple(str(arm) for arm, _ in said["arms"])
    ratios = tuple(int(ratio) for _, ratio in said["arms"])
    method = said.get("method", "permuted_blocks")
    if method not in _MAKERS:
        raise ValueError(f"{method} is no method of allocation that is known here")
    return _MAKERS[method](said, arms, ratios)


def factors_of(said: Said) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each factor with its levels, in the order of the protocol."""
    return tuple((str(factor), tuple(str(level) for level, _ in levels)) for factor, levels in said["strata"])


def _minimisation(said: Said, arms: tuple[str, ...], ratios: tuple[int, ...]) -> Rule:
    weights = dict(said["weights"])
    factors = tuple(MinimisedFactor(one, levels, int(weights[one])) for one, levels in factors_of(said))
    chances = tuple(chance(one) for one in said["probability"])
    return Minimisation(
        arms, ratios, factors, said["imbalance"], chances, int(said["overall_weight"]), int(said["first_simple"])
    )


_MAKERS: dict[str, Callable[[Said, tuple[str, ...], tuple[int, ...]], Rule]] = {
    "simple": lambda said, arms, ratios: Simple(arms, ratios),
    "permuted_blocks": lambda said, arms, ratios: PermutedBlocks(arms, ratios, tuple(said["block_sizes"]) or (1,)),
    "biased_coin": lambda said, arms, ratios: BiasedCoin(arms, chance(said["probability"][0])),
    "big_stick": lambda said, arms, ratios: BigStick(arms, said["largest_imbalance"] or 1),
    "urn": lambda said, arms, ratios: Urn(arms, *(said["urn"] or (0, 1))),
    "minimisation": _minimisation,
    "listed": lambda said, arms, ratios: Listed(arms, {}),
}
