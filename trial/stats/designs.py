"""A design as somebody names it on the command line, `big_stick:3` or `minimisation:0.8:range`, as a rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from trial.core.randomization.biased_coin import BiasedCoin
from trial.core.randomization.big_stick import BigStick
from trial.core.randomization.blocks import PermutedBlocks
from trial.core.randomization.imbalance import MEASURES
from trial.core.randomization.minimisation import Minimisation, MinimisedFactor
from trial.core.randomization.rule import Rule
from trial.core.randomization.simple import Simple
from trial.core.randomization.urn import Urn

FORMS = (
    "simple, permuted_blocks:4+6+8, big_stick:3, biased_coin:2/3, urn:0+1, minimisation:0.8 or "
    "minimisation:0.8:variance; with :overall one sequence for everybody in place of one in each stratum"
)


@dataclass(frozen=True, slots=True)
class Design:
    """A rule with its name. `strata` off: it runs over all people as one, whatever strata the protocol has."""

    name: str
    rule: Rule
    ratios: tuple[int, ...]
    strata: bool = True


@dataclass(frozen=True, slots=True)
class Setting:
    """What a protocol fixes for every design: arms, ratio, factors."""

    arms: tuple[str, ...]
    ratios: tuple[int, ...]
    factors: tuple[MinimisedFactor, ...]


def named(text: str, setting: Setting) -> Design:
    """The design of this name; ValueError in words where there is none, or it was published for other trials."""
    method, *parts = [part.strip() for part in text.strip().split(":")]
    overall = "overall" in parts
    parts = [part for part in parts if part != "overall"]
    maker = _MAKERS.get(method)
    if maker is None:
        raise ValueError(f"`{text}` is no design. Designs: {FORMS}.")
    if overall and method == "minimisation":
        raise ValueError("minimisation is over everybody by itself; name it without `:overall`")
    return Design(text.strip(), maker(parts, setting), setting.ratios, strata=not overall)


def _whole(parts: Sequence[str], method: str, *, many: bool = False) -> list[int]:
    numbers = parts[0].split("+") if len(parts) == 1 else []
    if not numbers or any(not re.fullmatch(r"\d{1,3}", one) for one in numbers) or (len(numbers) > 1 and not many):
        raise ValueError(f"`{method}` is named like one of these: {FORMS}")
    return [int(one) for one in numbers]


def _chance(text: str) -> Fraction:
    try:
        chance = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"`{text}` is no chance; write 2/3 or 0.8") from None
    if not Fraction(1, 2) <= chance <= 1:
        raise ValueError(f"the chance {text} does not lie between 1/2 and 1")
    return chance


def _two_equal(setting: Setting, method: str) -> None:
    if len(setting.arms) != 2 or len(set(setting.ratios)) != 1:
        raise ValueError(f"`{method}` was published for two arms in equal ratio")


def _simple(parts: list[str], setting: Setting) -> Rule:
    if parts:
        raise ValueError("`simple` takes no number")
    return Simple(setting.arms, setting.ratios)


def _blocks(parts: list[str], setting: Setting) -> Rule:
    sizes, unit = _whole(parts, "permuted_blocks", many=True), sum(setting.ratios)
    if any(size == 0 or size % unit for size in sizes):
        raise ValueError(f"blocks in this ratio are multiples of {unit}")
    return PermutedBlocks(setting.arms, setting.ratios, tuple(sorted(sizes)))


def _big_stick(parts: list[str], setting: Setting) -> Rule:
    _two_equal(setting, "big_stick")
    largest = _whole(parts, "big_stick")[0]
    if largest == 0:
        raise ValueError("the largest imbalance is at least 1")
    return BigStick(setting.arms, largest)


def _biased_coin(parts: list[str], setting: Setting) -> Rule:
    _two_equal(setting, "biased_coin")
    return BiasedCoin(setting.arms, _chance(parts[0] if len(parts) == 1 else ""))


def _urn(parts: list[str], setting: Setting) -> Rule:
    if len(set(setting.ratios)) != 1:
        raise ValueError("`urn` was published for arms in equal ratio")
    numbers = _whole(parts, "urn", many=True)
    if len(numbers) != 2:
        raise ValueError("`urn` has two numbers: balls at the start, balls added, as in urn:0+1")
    return Urn(setting.arms, numbers[0], numbers[1])


def _minimisation(parts: list[str], setting: Setting) -> Rule:
    if not setting.factors:
        raise ValueError("minimisation balances factors, and the protocol has no `strata`")
    if not 1 <= len(parts) <= 2:
        raise ValueError(f"`minimisation` is named like one of these: {FORMS}")
    measure = parts[1] if len(parts) == 2 else "range"
    if measure not in MEASURES:
        raise ValueError(f"`{measure}` is no measure of imbalance; there are {', '.join(MEASURES)}")
    chance = _chance(parts[0])
    factors = tuple(replace(one) for one in setting.factors)
    return Minimisation(setting.arms, setting.ratios, factors, measure, (chance,))


_MAKERS = {
    "simple": _simple,
    "permuted_blocks": _blocks,
    "big_stick": _big_stick,
    "biased_coin": _biased_coin,
    "urn": _urn,
    "minimisation": _minimisation,
}
