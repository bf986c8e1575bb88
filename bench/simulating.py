"""Simulated trials: 10,000 of 500 people with four factors at once, beside the same rules person by person.

    python -m bench.simulating [--trials N] [--people N]

The arrays are those of `equipoise randomization simulate`, guesses of three guessers included; the plain way asks the
rules of the core one person after another, with Python's own random numbers, and only allocates. Both in the same run,
in turn; the plain way makes fewer trials, and its time is set against as many of ours.
"""

from __future__ import annotations

import argparse
import random  # noqa: TID251 - nobody is allocated by it
import time

from bench.allocation_methods import ARMS, FACTORS, RULES, SIZES
from bench.saying import middle, say
from trial.core.randomization import Draws, Rule, pick
from trial.core.randomization.draws import BITS
from trial.stats.designs import Design
from trial.stats.dice import Dice
from trial.stats.operating_characteristics import run
from trial.stats.sequences import Entry, drawn

PLAIN = 40  # trials of the plain way in each round
ROUNDS = 3


def main() -> None:
    """Measure each method."""
    parser = argparse.ArgumentParser(prog="python -m bench.simulating", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=500)
    asked = parser.parse_args()
    entry = drawn(asked.people, asked.trials, [[1.0] * len(one.levels) for one in FACTORS], Dice("bench", "entry"))
    for name, rule in RULES.items():
        pairs = [(_arrays(name, rule, entry), _plain(rule, asked.people)) for _ in range(ROUNDS)]
        ours, plain = middle([one for one, _ in pairs], 1), middle([one for _, one in pairs], 2)
        ratio = middle([other / PLAIN * asked.trials / one for one, other in pairs], 0)
        figures = {"method": name, "trials": asked.trials, "people": asked.people, "seconds": ours, "ratio": ratio}
        say(
            "simulating",
            figures | {"plain_trials": PLAIN, "plain_seconds": plain},
            f"{name}: {asked.trials:,} trials of {asked.people} people with four factors take {ours:.1f} s, as long as "
            f"{asked.trials / ratio:.0f} of them take person by person: ratio {ratio:.0f}.",
        )


def _arrays(name: str, rule: Rule, entry: Entry) -> float:
    design = Design(name, rule, (1,) * len(ARMS))
    began = time.perf_counter()
    run(design, entry, Dice("bench", name))
    return time.perf_counter() - began


def _plain(rule: Rule, people: int) -> float:
    """Seconds for so many trials, each person after the other; who comes is drawn before the clock runs."""
    names = {factor: list(levels) for factor, levels in SIZES.items()}
    coming = [{f: random.choice(levels) for f, levels in names.items()} for _ in range(people)]
    began = time.perf_counter()
    for number in range(PLAIN):
        draws = Draws(number.to_bytes(32, "big"), "bench", "main", "all")
        states = {}
        for levels in coming:
            key = rule.key(levels)
            state = rule.ready(states.get(key) or rule.start(), draws)
            chosen = pick(random.getrandbits(BITS), rule.weights(state, levels))
            states[key] = rule.after(state, levels, chosen)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
