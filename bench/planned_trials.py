"""Pretend trials as a report gets them: kinds of trial, their people made many trials at a time, and their truths.

Baseline and outcomes have a mean of 20 and a standard deviation of about 5 in the reference arm, the lower the better;
each outcome correlates 0.6 with the baseline, and outcomes of one person 0.74 with one another. The effect is the same
for everyone at all three timepoints. People are lost for good, a third of them before each timepoint, and the likelier
the lower their baseline: at random given what is known of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import special

from trial.core.randomization import Minimisation
from trial.core.randomization.exact import chance
from trial.core.randomization.minimisation import MinimisedFactor
from trial.stats.arrays import FloatArray
from trial.stats.designs import Design
from trial.stats.dice import Dice
from trial.stats.operating_characteristics import run
from trial.stats.plan.table import AnalysisTable
from trial.stats.sequences import drawn

SEED, BATCH = "20261127", 50
ARMS = ("kind_letter", "good_moments")
SCORE, TIMEPOINTS = "cesd", ("look_back", "week_4", "week_7")
MEAN, SD, SLOPE, LASTING, CUT = 20.0, 5.0, 0.6, 0.6, 20.0
EFFECT, EFFECTS = -4.0, (0.0, -4.0)
FACTORS = (MinimisedFactor("sex", ("f", "m")), MinimisedFactor("age", ("young", "old")))
DESIGN = Design("minimisation", Minimisation(ARMS, (1, 1), FACTORS, "range", (chance("0.8"),)), (1, 1))
OF_FACTOR, COMPLY, SCORE_OF_COMPLIERS = 2.0, 0.7, -2.0
# of what the baseline does not explain, the share that people of a cluster have in common; who is in which, in order
ICC, CLUSTER, ENDS = 0.1, "team", (0.1, 0.2, 0.4, 0.7)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of trial: people of the first arm and of the reference, the first arm's spread over the reference's,
    whether errors are skewed, the share lost of either arm, whether allocation was minimised, whether people are in
    clusters, five of either arm, of a tenth to three tenths of its people each, and whether the two arms are levels of
    a factor that is crossed with another: each is two arms then, with five clusters of their own."""

    people: tuple[int, int] = (20, 20)
    spread: float = 1.0
    skewed: bool = False
    lost: tuple[float, float] = (0.0, 0.0)
    minimised: bool = False
    clustered: bool = False
    factorial: bool = False

    @property
    def words(self) -> str:
        """What it is called in the table."""
        said = [f"{self.people[0]} + {self.people[1]} people"]
        said += ["minimised over two factors"] if self.minimised else []
        said += ["crossed with a second factor"] if self.factorial else []
        said += [f"in {'4 times 5' if self.factorial else '5 + 5'} clusters, ICC {ICC:g}"] if self.clustered else []
        said += ["skewed" if self.skewed else "normal"]
        said += [f"spread {self.spread:g} : 1"] if self.spread != 1 else []
        one, other = (f"{100 * each:.0f}" for each in self.lost)
        said += [f"{one} % lost" if one == other else f"{one} and {other} % lost"] if any(self.lost) else []
        return ", ".join(said)


KINDS = (
    Kind(),
    Kind(people=(20, 40), spread=2.0),
    Kind(skewed=True),
    Kind(skewed=True, spread=2.0),
    Kind(minimised=True),
    Kind(people=(50, 50), clustered=True),
    Kind(people=(50, 50), clustered=True, skewed=True, spread=2.0),
    Kind(lost=(0.4, 0.4)),
    Kind(people=(100, 100), lost=(0.4, 0.2)),
    Kind(people=(100, 100), lost=(0.4, 0.4), skewed=True, spread=2.0),
    Kind(people=(50, 50), clustered=True, lost=(0.4, 0.4)),
    Kind(people=(40, 40), factorial=True),
    Kind(people=(40, 80), factorial=True, spread=2.0),
    Kind(people=(40, 40), factorial=True, skewed=True, spread=2.0),
    Kind(people=(40, 40), factorial=True, lost=(0.4, 0.4)),
    Kind(people=(100, 100), factorial=True, clustered=True),
    Kind(people=(100, 100), factorial=True, clustered=True, skewed=True, spread=2.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class Pretend:
    """One trial: its table, and what no table tells: who complies, and outcomes had everybody been in the reference."""

    table: AnalysisTable
    complies: npt.NDArray[np.bool_]
    untreated: FloatArray


def batch(kind: Kind, effect: float, number: int, size: int = BATCH) -> Iterator[Pretend]:
    """Trials of this kind, the same whenever they are asked for."""
    dice = Dice("planned", SEED, kind.words, f"{effect:g}", str(number))
    n = sum(kind.people)
    levels, treated = _allocated(kind, size, dice)
    baseline = dice.normal(size, n)
    outcomes = _outcomes(kind, baseline, levels[:, :, 0], treated, dice)
    gone = special.ndtr(0.6 * baseline + 0.8 * dice.normal(size, n))
    lost = np.where(treated, *kind.lost)
    complies = dice.uniform(size, n) < COMPLY
    for at in range(len(TIMEPOINTS)):
        outcomes[:, :, at][gone < lost * (at + 1) / len(TIMEPOINTS)] = np.nan
    codes = tuple(f"P{at:03}" for at in range(n))
    teams = {CLUSTER: tuple(str(one) for one in _clusters(kind))} if kind.clustered else {}
    for at in range(size):
        received = outcomes[at] + effect * treated[at][:, None]
        scores = {(SCORE, point): received[:, place] for place, point in enumerate(TIMEPOINTS)}
        scores[SCORE, "baseline"] = MEAN + SD * baseline[at]
        arms = tuple(np.where(treated[at], *ARMS).tolist())
        factors = {
            factor.id: tuple(np.array(factor.levels)[levels[at, :, place]].tolist())
            for place, factor in enumerate(FACTORS)
        }
        yield Pretend(AnalysisTable(codes, arms, scores, {}, factors | teams), complies[at], outcomes[at, :, -1])


def _allocated(kind: Kind, size: int, dice: Dice) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Levels (size, n, 2) of the factors, and who is in the first arm, (size, n)."""
    n = sum(kind.people)
    entry = drawn(n, size, ((0.5, 0.5), (0.5, 0.5)), dice)
    levels = np.moveaxis(np.asarray(entry.levels, dtype=np.intp), 1, 0)
    if kind.minimised:
        return levels, np.ascontiguousarray((run(DESIGN, entry, dice).arms == 0).T)
    # chance left levels and baselines in no order, so the first so many may be the first arm
    return levels, np.tile(np.arange(n) < kind.people[0], (size, 1))


def _outcomes(
    kind: Kind, baseline: FloatArray, level: npt.NDArray[np.intp], treated: npt.NDArray[np.bool_], dice: Dice
) -> FloatArray:
    """Outcomes (size, n, T) had nobody been treated but for the first arm's spread; factors matter if minimised."""
    lasting = _noise(kind, dice, *baseline.shape)[:, :, None]
    passing = _noise(kind, dice, *baseline.shape, len(TIMEPOINTS))
    errors = math.sqrt(LASTING) * lasting + math.sqrt(1 - LASTING) * passing
    if kind.clustered:
        clusters = _clusters(kind)
        shared = _noise(kind, dice, len(baseline), int(clusters.max()) + 1)[:, clusters, None]
        errors = math.sqrt(ICC) * shared + math.sqrt(1 - ICC) * errors
    spread = np.where(treated, kind.spread, 1.0)[:, :, None]
    own = SLOPE * baseline[:, :, None] + math.sqrt(1 - SLOPE**2) * spread * errors
    return np.asarray(MEAN + SD * own + (OF_FACTOR * (level - 0.5) * kind.minimised)[:, :, None])


def expected(kind: Kind, table: AnalysisTable, people: npt.NDArray[np.bool_]) -> float:
    """The mean untreated outcome of people with the baselines and levels of these."""
    baseline = table.outcome(SCORE, "baseline")[people]
    second = np.array([one == FACTORS[0].levels[1] for one in table.factors[FACTORS[0].id]])[people]
    return float(MEAN + SLOPE * (baseline.mean() - MEAN) + OF_FACTOR * (second.mean() - 0.5) * kind.minimised)


def _clusters(kind: Kind) -> npt.NDArray[np.intp]:
    """The cluster of each person, those of the first arm before the others', of an arm the first half before."""
    arms = [each // 2 for each in kind.people for _ in range(2)] if kind.factorial else kind.people
    places = [np.searchsorted(ENDS, (np.arange(people) + 0.5) / people) for people in arms]
    return np.concatenate([its + at * (len(ENDS) + 1) for at, its in enumerate(places)])


def second_half(kind: Kind) -> npt.NDArray[np.bool_]:
    """Who is in the second half of their arm, people of the first arm before the others'."""
    return np.concatenate([np.arange(people) >= people // 2 for people in kind.people])


def _noise(kind: Kind, dice: Dice, *shape: int) -> FloatArray:
    """Errors of mean 0 and spread 1: normal, or a chi-square with 2 degrees of freedom (skewness 2)."""
    if kind.skewed:
        # of 2 degrees of freedom it is twice an exponential
        return np.asarray(-np.log(dice.uniform(*shape)) - 1)
    return dice.normal(*shape)


@dataclass(frozen=True, slots=True)
class Truth:
    """What each method aims at: the effect and what becomes of it by each rule for the lost, and the two risks."""

    effect: float
    by_rule: dict[str, float]
    risks: tuple[float, float]
    sd: float

    @property
    def odds_ratio(self) -> float:
        one, other = self.risks
        return one / (1 - one) / (other / (1 - other))


def truth_of(kind: Kind, effect: float) -> Truth:
    """Under each rule the lost of the first arm differ from what they would have been by what the rule takes from them.

    Who jumps keeps nothing of the effect; who copies the reference keeps what their seen outcomes foretell of it by
    the reference's regression; who copies increments keeps all of it, if any outcome was seen. Risks are of everyone
    randomised, by adding up 400,000 people of each arm, and the SD is that of those seen, as Hedges g takes it.
    """
    third = kind.lost[0] / len(TIMEPOINTS)
    own = SD**2 * (1 - SLOPE**2)
    covariance = own * (LASTING + (1 - LASTING) * np.eye(len(TIMEPOINTS)))
    copied = 0.0
    for seen in range(1, len(TIMEPOINTS)):
        weights = np.linalg.solve(covariance[:seen, :seen], covariance[:seen, -1])
        copied += third * float(weights.sum())
    kept = 1 - kind.lost[0]
    rules = {
        "jump_to_reference": effect * kept,
        "copy_reference": effect * (kept + copied),
        "copy_increments": effect * (1 - third),
    }
    return Truth(effect, rules, *_large(replace(kind, clustered=False, factorial=False), effect))


@dataclass(frozen=True, slots=True, eq=False)
class Large:
    """So many people of each arm, the first arm's before the other's, that what they come to is the truth: baseline,
    level of the first factor, outcome at the end, who is seen then, who is in the first arm, each (2 n,)."""

    baseline: FloatArray
    level: npt.NDArray[np.intp]
    outcome: FloatArray
    seen: npt.NDArray[np.bool_]
    treated: npt.NDArray[np.bool_]


def large(kind: Kind, effect: float, n: int = 400_000) -> Large:
    """The people that a truth is counted in."""
    dice = Dice("large", SEED, kind.words)
    treated = np.arange(2 * n)[None] < n
    baseline = dice.normal(1, 2 * n)
    level = (dice.uniform(1, 2 * n) < 0.5).astype(np.intp)
    outcome = _outcomes(kind, baseline, level, treated, dice)[0, :, -1] + effect * treated[0]
    seen = special.ndtr(0.6 * baseline[0] + 0.8 * dice.normal(2 * n)) >= np.where(treated[0], *kind.lost)
    return Large(baseline[0], level[0], outcome, seen, treated[0])


def _large(kind: Kind, effect: float) -> tuple[tuple[float, float], float]:
    its = large(kind, effect)
    outcome, n = its.outcome, len(its.outcome) // 2
    yes = outcome <= CUT
    risks = float(yes[:n].mean()), float(yes[n:].mean())
    if effect == 0 and (kind.spread == 1 or not kind.skewed):
        # both arms have the same chance: that of the two together, or one half
        risks = (0.5, 0.5) if not kind.skewed else (float(yes.mean()),) * 2
    sizes = [people * (1 - lost) - 1 for people, lost in zip(kind.people, kind.lost, strict=True)]
    spreads = [float(outcome[its.seen & arm].var()) for arm in (its.treated, ~its.treated)]
    sd = math.sqrt(sum(size * spread for size, spread in zip(sizes, spreads, strict=True)) / sum(sizes))
    return risks, sd
