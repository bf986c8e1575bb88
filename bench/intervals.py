"""How often intervals hold the truth in small pretend trials: yes or no, order, compliance, bounds, guesses.

python -m bench.intervals                    every kind of trial, 2,000 each; some minutes
python -m bench.intervals --only 0 1         these kinds alone, by their place
python -m bench.intervals --trials 200       fewer
python -m bench.intervals --write            also writes the table into docs/statistics.md

Truths are known by construction, or by a very large trial of the same kind. Trials that a method refuses by name
are not counted; the last column says how many were.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.blinding import blinding_index
from trial.stats.clinical_significance import responded
from trial.stats.complier_effect import complier_effect
from trial.stats.filling import find_gaps
from trial.stats.harm_rates import clopper_pearson
from trial.stats.kaplan_meier import kaplan_meier
from trial.stats.lee_bounds import lee_bounds
from trial.stats.logistic import odds_ratio
from trial.stats.multiple_imputation import completed_outcomes
from trial.stats.proportional_odds import proportional_odds
from trial.stats.reliability import alpha_interval, cronbach_alpha
from trial.stats.responders import analyse_responders
from trial.stats.standardization import standardize
from trial.stats.superiority import superiority
from trial.stats.two_proportions import miettinen_nurminen, miettinen_nurminen_ratio, newcombe

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
BEGIN, END = "<!-- intervals: written by python -m bench.intervals --write -->", "<!-- end of intervals -->"
SEED, TRIALS, PEOPLE = 20261127, 2000, 20
ARMS = ("letter", "memory")

# what a method is called, the interval it found (None: refused by name), and the truth
Found = tuple[str, tuple[float, float] | None, float]
Kind = Callable[[np.random.Generator], Iterator[Found]]


def both(people: int = PEOPLE) -> list[str]:
    return [ARMS[0]] * people + [ARMS[1]] * people


def asked(method: Callable[[], tuple[float, float]]) -> tuple[float, float] | None:
    try:
        return method()
    except AnalysisImpossible:
        return None


def baselines(dice: np.random.Generator, skewed: bool, people: int) -> FloatArray:
    return dice.exponential(1, 2 * people) - 1 if skewed else dice.normal(size=2 * people)


def plain_shares(first: float, second: float) -> Kind:
    def trial(dice: np.random.Generator) -> Iterator[Found]:
        events, n = (int(dice.binomial(PEOPLE, first)), int(dice.binomial(PEOPLE, second))), (PEOPLE, PEOPLE)
        yield "difference, Newcombe", newcombe(events, n).ci, first - second
        yield "difference, Miettinen and Nurminen", miettinen_nurminen(events, n).ci, first - second
        ratio = asked(lambda: miettinen_nurminen_ratio(events, n).ci)
        yield "ratio, Miettinen and Nurminen", ratio, first / second

    return trial


def shares_by_baseline(effect: float, skewed: bool) -> Kind:
    large = baselines(np.random.default_rng(1), skewed, 1_000_000)
    first, second = (float(special.expit(-0.2 + 0.7 * large + each).mean()) for each in (effect, 0))

    def trial(dice: np.random.Generator) -> Iterator[Found]:
        x = baselines(dice, skewed, PEOPLE)
        chance = special.expit(-0.2 + 0.7 * x + effect * (np.arange(2 * PEOPLE) < PEOPLE))
        y = (dice.random(2 * PEOPLE) < chance).astype(np.float64)
        for kind in ("HC3", "HC2", "model"):
            found = asked(lambda k=kind: standardize(y, both(), x[:, None], ARMS, covariance=k).difference.ci)
            yield f"adjusted difference, {kind}", found, first - second
        yield "adjusted ratio, HC3", asked(lambda: standardize(y, both(), x[:, None], ARMS).ratio.ci), first / second
        yield "odds ratio", asked(lambda: odds_ratio(y, both(), x[:, None], ARMS).ci), math.exp(effect)

    return trial


def in_order(effect: float) -> Kind:
    def draw(dice: np.random.Generator, people: int) -> tuple[FloatArray, FloatArray]:
        x = dice.normal(size=2 * people)
        latent = effect * (np.arange(2 * people) < people) + 0.7 * x + dice.logistic(size=2 * people)
        return np.searchsorted([-1, 0.5, 2], latent).astype(np.float64), x[:, None]

    truth = superiority(draw(np.random.default_rng(1), 1_000_000)[0], both(1_000_000), ARMS).estimate

    def trial(dice: np.random.Generator) -> Iterator[Found]:
        y, x = draw(dice, PEOPLE)
        yield "proportional odds", asked(lambda: proportional_odds(y, both(), x, ARMS).ci), math.exp(effect)
        yield "probability of superiority", asked(lambda: superiority(y, both(), ARMS).ci), truth

    return trial


def unequal_order(dice: np.random.Generator) -> Iterator[Found]:
    y = np.concatenate([dice.normal(0, 3, PEOPLE), dice.normal(0, 1, PEOPLE)])
    yield "probability of superiority", asked(lambda: superiority(y, both(), ARMS).ci), 0.5


def compliance(taken: float, skewed: bool) -> Kind:
    def trial(dice: np.random.Generator) -> Iterator[Found]:
        given = np.repeat([1.0, 0.0], PEOPLE)
        complier = dice.random(2 * PEOPLE) < taken
        noise = (dice.chisquare(3, 2 * PEOPLE) - 3) * (1 + given) if skewed else dice.normal(0, 3, 2 * PEOPLE)
        d, y = given * complier, 20 - 4 * given * complier - 2 * complier + noise
        none = np.empty((2 * PEOPLE, 0))
        try:
            found = complier_effect(y, d, both(), none, ARMS, comparator_has_content=False)
        except AnalysisImpossible:
            return
        yield "effect on compliers, usual interval", found.ci, -4
        yield "effect on compliers, Anderson and Rubin", found.ci_weak or (-math.inf, math.inf), -4

    return trial


def unequal_loss(gap: float, skewed: bool) -> Kind:
    def trial(dice: np.random.Generator) -> Iterator[Found]:
        kind = dice.random(2 * PEOPLE)
        noise = (dice.chisquare(3, 2 * PEOPLE) - 3) * 1.6 if skewed else dice.normal(0, 4, 2 * PEOPLE)
        second = np.arange(2 * PEOPLE) >= PEOPLE
        y = 10 - 2.0 * second + noise - gap * (kind > 0.6)
        y[(kind > 0.9) | (second & (kind > 0.6))] = np.nan
        yield "Lee's bounds", asked(lambda: lee_bounds(y, both(), ARMS).ci), 2.0

    return trial


def guesses(right: float, wrong: float) -> Kind:
    def trial(dice: np.random.Generator) -> Iterator[Found]:
        r, w, u = (int(each) for each in dice.multinomial(PEOPLE, [right, wrong, 1 - right - wrong]))
        yield "Bang's index, score interval", blinding_index("letter", r, w, u).ci, right - wrong
        wald = asked(lambda: blinding_index("letter", r, w, u, interval="Wald").ci)
        yield "Bang's index, published interval", wald, right - wrong

    return trial


def responders(people: int) -> Kind:
    def draw(dice: np.random.Generator, per_arm: int) -> tuple[FloatArray, FloatArray]:
        x = dice.normal(20, 5, 2 * per_arm)
        return x, 6 + 0.6 * x - 3.0 * (np.arange(2 * per_arm) < per_arm) + dice.normal(0, 4, 2 * per_arm)

    x, y = draw(np.random.default_rng(1), 1_000_000)
    yes = responded(x, y, 5, "lower")
    truth = float(yes[:1_000_000].mean() - yes[1_000_000:].mean())

    def trial(dice: np.random.Generator) -> Iterator[Found]:
        x, y = draw(dice, people)
        lost = np.argsort(np.argsort(x + dice.normal(0, 8, 2 * people))) < 0.4 * 2 * people
        y[lost] = np.nan

        def method() -> tuple[float, float]:
            gaps = find_gaps(both(people), [("week_1", y)], "week_1", x[:, None], ["baseline"], ARMS)
            scores, _ = completed_outcomes(gaps, (str(dice.integers(2**32)),), imputations=40)
            return analyse_responders(responded(x, scores, 5, "lower"), both(people), x[:, None], ARMS).difference.ci

        yield "responders from imputed scores", asked(method), truth

    return trial


def harms(first: float, second: float) -> Kind:
    def trial(dice: np.random.Generator) -> Iterator[Found]:
        events = (int(dice.binomial(PEOPLE, first)), int(dice.binomial(PEOPLE, second)))
        yield "risk of one arm, Clopper and Pearson", clopper_pearson(events[0], PEOPLE), first
        yield (
            "difference in risk, Miettinen and Nurminen",
            miettinen_nurminen(events, (PEOPLE, PEOPLE)).ci,
            first - second,
        )

    return trial


def leaving(gone: float, ends_early: bool) -> Kind:
    """People leave at a constant rate, `gone` of them by day 28; where it ends early, half are followed for less."""

    def trial(dice: np.random.Generator) -> Iterator[Found]:
        until = np.where(dice.random(PEOPLE) < 0.5 * ends_early, dice.uniform(7, 28, PEOPLE), 28.0)
        left = dice.exponential(-28 / math.log(1 - gone), PEOPLE)
        steps = kaplan_meier(np.minimum(left, until), [bool(one) for one in left <= until])
        by_day = [one for one in steps if one.time <= 21]
        # before anybody has left there is no interval, as the estimate is 1 without an error
        found = by_day[-1].ci if by_day else None
        yield "still taking part on day 21, Kaplan and Meier", found, (1 - gone) ** (21 / 28)

    return trial


def answered(items: int, correlation: float, levels: bool) -> Kind:
    """A scale of items that are equally correlated; in levels, four steps of which the lowest is the commonest."""

    def draw(dice: np.random.Generator, people: int) -> FloatArray:
        common = dice.normal(size=(people, 1)) * math.sqrt(correlation)
        found = common + math.sqrt(1 - correlation) * dice.normal(size=(people, items))
        return np.searchsorted([0.3, 1.0, 1.7], found).astype(np.float64) if levels else found

    truth = cronbach_alpha(draw(np.random.default_rng(1), 1_000_000)) or math.nan

    def trial(dice: np.random.Generator) -> Iterator[Found]:
        found = cronbach_alpha(draw(dice, 2 * PEOPLE))
        ends = None if found is None else alpha_interval(found, 2 * PEOPLE, items)
        yield "Cronbach's alpha, Feldt", ends, truth

    return trial


KINDS: dict[str, Kind] = {
    "20 per arm, shares .5 and .5": plain_shares(0.5, 0.5),
    "20 per arm, shares .6 and .3": plain_shares(0.6, 0.3),
    "20 per arm, shares .25 and .05": plain_shares(0.25, 0.05),
    "20 per arm, a baseline, no effect": shares_by_baseline(0.0, False),
    "20 per arm, a baseline, odds ratio 4.5": shares_by_baseline(1.5, False),
    "20 per arm, a skewed baseline, no effect": shares_by_baseline(0.0, True),
    "20 per arm, a skewed baseline, odds ratio 4.5": shares_by_baseline(1.5, True),
    "20 per arm, four levels, no effect": in_order(0.0),
    "20 per arm, four levels, odds ratio 2.2": in_order(0.8),
    "20 per arm, four levels, odds ratio 7.4": in_order(2.0),
    "20 per arm, spread 3 : 1": unequal_order,
    "20 per arm, 90 % comply": compliance(0.9, False),
    "20 per arm, 60 % comply, skewed, spread 2 : 1": compliance(0.6, True),
    "20 per arm, 30 % comply": compliance(0.3, False),
    "20 per arm, 10 and 40 % lost, they score 4 lower": unequal_loss(4.0, False),
    "20 per arm, 10 and 40 % lost, like the others, skewed": unequal_loss(0.0, True),
    "20 asked, all alike by chance": guesses(1 / 3, 1 / 3),
    "20 asked, 85 % right": guesses(0.85, 0.1),
    "20 per arm, 40 % lost": responders(20),
    "50 per arm, 40 % lost": responders(50),
    "20 per arm, risks .1 and .05": harms(0.1, 0.05),
    "20 per arm, risks .3 and .3": harms(0.3, 0.3),
    "20 followed, 40 % leave": leaving(0.4, False),
    "20 followed, 40 % leave, half of them for less than 28 days": leaving(0.4, True),
    "40 answer 6 items, alpha .80": answered(6, 0.4, False),
    "40 answer 6 items in four levels, most the lowest": answered(6, 0.4, True),
}


def row(kind: str, method: str, held: Counter[str], told: int, trials: int) -> str:
    share = held[method] / told if told else math.nan
    error = math.sqrt(share * (1 - share) / told) if told else math.nan
    return f"| {kind} | {method} | {100 * share:.1f} ({100 * error:.1f}) | {told:,} of {trials:,} |"


def simulate(kind: str, trials: int) -> list[str]:
    dice = np.random.default_rng([SEED, list(KINDS).index(kind)])
    held: Counter[str] = Counter()
    told: defaultdict[str, int] = defaultdict(int)
    for _ in range(trials):
        for method, interval, truth in KINDS[kind](dice):
            told[method] += interval is not None
            held[method] += interval is not None and interval[0] <= truth <= interval[1]
    return [row(kind, method, held, told[method], trials) for method in told]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--trials", type=int, default=TRIALS)
    options.add_argument("--write", action="store_true")
    options.add_argument("--only", type=int, nargs="*", default=range(len(KINDS)))
    asked_for = options.parse_args()
    lines = [
        "| trials | method | intervals that hold the truth, % (Monte Carlo error) | trials with an interval |",
        "|---|---|---|---|",
    ]
    for kind in [list(KINDS)[place] for place in asked_for.only]:
        found = simulate(kind, asked_for.trials)
        print("\n".join(found), flush=True)
        lines += found
    if asked_for.write:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN, 1)
        after = rest.split(END, 1)[1]
        PAGE.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
