"""What one allocation costs after many: each method with its running state, beside one that counts its history anew.

The history is a made-up list of people; the state is what it adds up to. Both sides then make the same allocation, in
turn. Four factors of 2, 3, 4 and 5 levels; minimisation balances them, the other methods run in the strata of the
first.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from bench.saying import middle, say
from trial.core.randomization import (
    STAGE,
    BiasedCoin,
    BigStick,
    Levels,
    Minimisation,
    MinimisedFactor,
    PermutedBlocks,
    Rule,
    Simple,
    State,
    Urn,
    allocate,
)

SEED = bytes(range(32))
ARMS = ("a", "b")
SIZES = {f"f{size}": tuple(f"l{n}" for n in range(size)) for size in (2, 3, 4, 5)}
FACTORS = tuple(MinimisedFactor(name, levels) for name, levels in SIZES.items())
BLOCK = 4
RULES: dict[str, Rule] = {
    "simple": Simple(ARMS, (1, 1)),
    "permuted blocks": PermutedBlocks(ARMS, (1, 1), (BLOCK,)),
    "biased coin": BiasedCoin(ARMS, Fraction(2, 3)),
    "big stick": BigStick(ARMS, 3),
    "urn": Urn(ARMS, 1, 1),
    "minimisation": Minimisation(ARMS, (1, 1), FACTORS, "range", (Fraction(4, 5),)),
}
History = Sequence[tuple[tuple[str, ...], int]]
TRIES, RESCANS = 2000, 5


def history_of(people: int) -> History:
    """Levels and arms of people who came before, in a regular order that fills every level and both arms evenly."""
    names = list(SIZES.values())
    found = []
    for n in range(people):
        levels = tuple(levels[(n // 2 * 7 + n // 14 * place) % len(levels)] for place, levels in enumerate(names, 1))
        found.append((levels, n % 2))
    return found


def _arms_in(history: History, stratum: str) -> list[int]:
    return [arm for levels, arm in history if levels[0] == stratum]


def _block(history: History, stratum: str) -> State:
    own = _arms_in(history, stratum)
    begun = Counter(own[len(own) // BLOCK * BLOCK :])
    left = [BLOCK // 2 - begun[arm] for arm in range(2)] if begun else [0, 0]
    return {"block": -(-len(own) // BLOCK), "left": left}


def _lead(history: History, stratum: str) -> State:
    had = Counter(_arms_in(history, stratum))
    return {"lead": max(-3, min(3, had[0] - had[1]))}


def _urn(history: History, stratum: str) -> State:
    had = Counter(_arms_in(history, stratum))
    return {"had": [had[0], had[1]]}


def _margins(history: History, stratum: str) -> State:
    counts = Counter((place, level, arm) for levels, arm in history for place, level in enumerate(levels))
    total = Counter(arm for _, arm in history)
    at = {
        one.id: {level: [counts[place, level, arm] for arm in range(2)] for level in one.levels}
        for place, one in enumerate(FACTORS)
    }
    return {"had": [total[0], total[1]], "at": at}


COUNTED: dict[str, Callable[[History, str], State]] = {
    "simple": lambda history, stratum: {},
    "permuted blocks": _block,
    "biased coin": _lead,
    "big stick": _lead,
    "urn": _urn,
    "minimisation": _margins,
}


def measure(sizes: Sequence[int]) -> None:
    """Say for each method what an allocation costs after each number of people, with running state and by rescan."""
    costs: dict[str, dict[int, tuple[float, float]]] = {name: {} for name in RULES}
    for size in sizes:
        history = history_of(size)
        for name in RULES:
            costs[name][size] = _pair(name, history)
    for name, found in costs.items():
        figures: dict[str, Any] = {"method": name}
        for size, (ours, rescan) in found.items():
            figures |= {f"us_at_{size}": ours, f"rescan_us_at_{size}": rescan}
        kept = " / ".join(f"{one:,.0f}" for one, _ in found.values())
        anew = " / ".join(f"{one:,.0f}" for _, one in found.values())
        people = " / ".join(f"{size:,}" for size in found)
        say(
            "allocation_methods",
            figures,
            f"{name}: after {people} people an allocation takes {kept} µs; counting the history anew {anew} µs.",
        )


def _pair(name: str, history: History) -> tuple[float, float]:
    rule, counted = RULES[name], COUNTED[name]
    levels = {factor: levels[0] for factor, levels in SIZES.items()}
    state = counted(history, levels["f2"])
    ours = middle([_timed(lambda: _allocate(rule, levels, state), TRIES // RESCANS) for _ in range(RESCANS)], 1)
    rescan = middle([_timed(lambda: _allocate(rule, levels, counted(history, "l0")), 1) for _ in range(RESCANS)], 1)
    return ours, rescan


def _allocate(rule: Rule, levels: Levels, state: State) -> None:
    known = levels if isinstance(rule, Minimisation) else {"f2": levels["f2"]}
    allocate(rule, SEED, "bench", STAGE, known, 1, state)


def _timed(act: Callable[[], None], times: int) -> float:
    """Microseconds for one of so many."""
    began = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - began) / times * 1e6
