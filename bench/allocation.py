"""Allocations per second of the pure rule, beside one bare HMAC-SHA256 for each of them.

    python -m bench.allocation [--draws N] [--people N N …]

Then every method after 10^3, 10^5 and 10^6 people, beside one that counts its history anew (`allocation_methods`).

The rule and the strata of the first figure are those of the shipped trial. Nothing is stored: what a randomisation
costs in a trial is its transaction, which is not measured here.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import time

from bench.allocation_methods import measure
from bench.saying import middle, say
from trial.core.randomization import STAGE, Rule, allocate, rule_of
from trial.protocol_files import read_folder, shipped

ROUNDS = 5
SEED = bytes(range(32))
STRATA = ("high", "low")


def main() -> None:
    """Measure in rounds, rule and reference in turn."""
    parser = argparse.ArgumentParser(prog="python -m bench.allocation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=20_000, help="allocations in each of five rounds")
    parser.add_argument("--people", type=int, nargs="*", default=[10**3, 10**5, 10**6], help="people allocated before")
    asked = parser.parse_args()
    draws = asked.draws
    rule = rule_of(read_folder(shipped("shapira-mongrain-2010")).protocol)
    pairs = [(_rule(rule, draws), _reference(draws)) for _ in range(ROUNDS)]
    ours, bare = (middle([pair[one] for pair in pairs], 0) for one in (0, 1))
    ratio = middle([reference / rate for rate, reference in pairs])
    figures = {"draws": draws, "rounds": ROUNDS, "per_second": ours, "bare_hmac_per_second": bare, "cost_ratio": ratio}
    say(
        "allocation",
        figures,
        f"{ours:,.0f} allocations per second; one costs as much as {ratio} bare HMAC-SHA256.",
    )
    measure(asked.people)


def _rule(rule: Rule, draws: int) -> float:
    """Allocations per second over two strata in turn, each from an empty state."""
    states = dict.fromkeys(STRATA, rule.start())
    began = time.perf_counter()
    for number in range(draws):
        stratum = STRATA[number % 2]
        done = allocate(rule, SEED, "bench", STAGE, {"stratum": stratum}, number // 2 + 1, states[stratum])
        states[stratum] = done.next_state
    return draws / (time.perf_counter() - began)


def _reference(draws: int) -> float:
    """HMACs per second over messages as long as those of the rule."""
    began = time.perf_counter()
    for number in range(draws):
        hmac.new(SEED, f'["draw","bench","main","{STRATA[0]}",{number}]'.encode(), hashlib.sha256).digest()
    return draws / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
