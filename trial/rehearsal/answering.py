"""What a pretend person answers: potential outcomes under each arm, down to the single item.

Scores come about in one of two ways: here from well-being, for a demo; in `lifelike` from a profile. In a demo
well-being at a timepoint is part stable trait, part the day; each score has its own share. Writing moves it by the
arm's effect times the share of the exercises done, fading over the months. An item is a noisy look at its score,
cut into the scale's categories. All noise is keyed by person, timepoint and item, never by arm: the same person under
another arm differs by the effect alone, so that the true effect of everyone randomised can be worked out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

from trial.core.instruments import Instrument, Item, Score
from trial.core.protocol import TrialProtocol
from trial.rehearsal.dice import Dice
from trial.rehearsal.profile import DemoProfile, Profile

_NORMAL = NormalDist()
# an active comparator is pretended to work half as well; a control not at all
SHARE_OF_EFFECT = {"experimental": 1.0, "active": 0.5, "attention_control": 0.0, "waitlist": 0.0, "no_treatment": 0.0}

# the types of item that pretend people answer, and those that scores are made of
CLOSED = ("scale", "slider", "choice", "choices", "number", "yes_no")
SCORED = ("scale", "slider", "number", "yes_no")


@dataclass(frozen=True, slots=True)
class Lived:
    """What a person has been through by a timepoint: the arm met in the exercises, and the share of them done."""

    arm: str | None
    dose: float


@dataclass(frozen=True, slots=True)
class Answerer:
    """The answers of one person to any instrument at any timepoint; what scores are made of, each kind in its way."""

    dice: Dice
    profile: Profile
    protocol: TrialProtocol

    def _modelled(self, instrument: Instrument, item: Item, timepoint: str, lived: Lived) -> str | None:
        """The answer to an item that some model speaks of; None for any other."""
        raise NotImplementedError

    def sheet(self, instrument: Instrument, timepoint: str, lived: Lived) -> dict[str, str]:
        """Column to form value for every closed item; items left out are absent."""
        answers: dict[str, str] = {}
        for item in instrument.items:
            if item.type in CLOSED and not self._left_out(instrument, item, timepoint):
                answers |= self.given(instrument, item, timepoint, lived)
        return answers

    def given(self, instrument: Instrument, item: Item, timepoint: str, lived: Lived) -> dict[str, str]:
        """What is filled in for one closed item: its field, or a tick for each of several answers."""
        if item.type != "choices":
            return {instrument.column(item): self.answer(instrument, item, timepoint, lived)}
        key = (instrument.code, item.id, timepoint)
        first = self.dice.choice(item.choices, "choices", *key)
        chosen = [one for one in item.choices if one is first or self.dice.happens(0.3, "also", one.value, *key)]
        return dict.fromkeys((f"{instrument.column(item)}_{one.value}" for one in chosen), "yes")

    def answer(self, instrument: Instrument, item: Item, timepoint: str, lived: Lived) -> str:
        """One item, whatever its type."""
        if (modelled := self._modelled(instrument, item, timepoint, lived)) is not None:
            return modelled
        key = (instrument.code, item.id, timepoint)
        if item.type == "yes_no":
            return "yes" if self.dice.happens(self.profile.says_worse, "yes", *key) else "no"
        if item.type in ("number", "slider"):
            low, high = _limits(item)
            drawn = self.dice.between(low, high, "number", *key)
            return str(round(drawn)) if low <= round(drawn) <= high else f"{drawn:.6f}"
        return str(self.dice.choice(instrument.choices_of(item), "choice", *key).value)

    def _left_out(self, instrument: Instrument, item: Item, timepoint: str) -> bool:
        return self.dice.happens(self.profile.leaves_an_item_out, "left_out", instrument.code, item.id, timepoint)


@dataclass(frozen=True, slots=True)
class DemoAnswerer(Answerer):
    """The answers of one person of a demo, from well-being."""

    profile: DemoProfile
    effect: float
    # what was worked out for one item of a score holds for its others
    _known: dict[tuple[str, str, Lived], float] = field(default_factory=dict, repr=False, compare=False)

    def _modelled(self, instrument: Instrument, item: Item, timepoint: str, lived: Lived) -> str | None:
        return str(self._scale(instrument, item, timepoint, lived)) if item.type == "scale" else None

    def _scale(self, instrument: Instrument, item: Item, timepoint: str, lived: Lived) -> int:
        score = instrument.score_of_item.get(item.id)
        values = [int(choice.value) for choice in instrument.choices_of(item)]
        loading = self.profile.loading
        noise = self.dice.normal("item", instrument.code, item.id, timepoint) * math.sqrt(1 - loading**2)
        seen = loading * (self.wellbeing(score, timepoint, lived) if score else 0.0) + noise
        better_is_high = score is None or (score.better == "higher") != (item.id in score.reverse)
        share = _NORMAL.cdf(seen + 0.2) if better_is_high else _NORMAL.cdf(-seen - 0.4)
        return values[min(int(share * len(values)), len(values) - 1)]

    def wellbeing(self, score: Score, timepoint: str, lived: Lived) -> float:
        """The score's latent value, higher is better, in standard deviations."""
        key = (score.id, timepoint, lived)
        if key not in self._known:
            self._known[key] = self._wellbeing(score, timepoint, lived)
        return self._known[key]

    def _wellbeing(self, score: Score, timepoint: str, lived: Lived) -> float:
        stable, shared = self.profile.stable, self.profile.shared
        general = math.sqrt(stable) * self.dice.normal("trait") + math.sqrt(1 - stable) * self.dice.normal(
            "day", timepoint
        )
        own = self.dice.normal("own", score.id)
        value = math.sqrt(shared) * general + math.sqrt(1 - shared) * own
        if self.protocol.timepoint(timepoint).anchor == "consent":
            return value
        return value + self.profile.improves + self._gain(timepoint, lived)

    def _gain(self, timepoint: str, lived: Lived) -> float:
        if lived.arm is None:
            return 0.0
        share = SHARE_OF_EFFECT[self.protocol.arm(lived.arm).kind]
        return self.effect * share * lived.dose * self._kept(timepoint)

    def _kept(self, timepoint: str) -> float:
        """The share of the gain still there: all at first, fading in a straight line to the last timepoint."""
        last = max(max(one.days) for one in self.protocol.timepoints if one.anchor != "consent")
        day = max(self.protocol.timepoint(timepoint).days)
        return 1 - (1 - self.profile.fades_to) * day / max(last, 1)


def _limits(item: Item) -> tuple[float, float]:
    """Where a pretend number lies: within the item's limits, or up to 100 beyond the one that it has."""
    if item.minimum is None and item.maximum is not None:
        return min(0.0, item.maximum - 100), item.maximum
    low = item.minimum or 0.0
    return low, low + 100 if item.maximum is None else item.maximum


def scale_scores(answers: Mapping[str, str], instrument: Instrument) -> dict[int | str, float | None]:
    """Form values back as numbers by item id, for scoring: yes is 1, no is 0; what is no number is left out."""
    return {
        item.id: _as_number(item, answers.get(instrument.column(item)))
        for item in instrument.items
        if item.type in SCORED
    }


def _as_number(item: Item, value: str | None) -> float | None:
    if value is None:
        return None
    return float(value == "yes") if item.type == "yes_no" else float(value)
