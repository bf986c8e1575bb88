"""Permuted blocks of fixed or random size, within strata where there are any.

Rule. Within a stratum the sequence is cut into blocks. The size of block b is drawn with equal chance from the
declared sizes by HMAC-SHA256(seed, "size|trial|stage|stratum|b"). A block of size k holds k * ratio / sum(ratio)
places for each arm. Allocation number n draws HMAC-SHA256(seed, "draw|trial|stage|stratum|n") as a 256-bit number u
and takes place floor(u * remaining / 2^256) of the remaining places, counted in the order of the arms; each remaining
place so has the same chance up to 2^-250. Replay needs the seed, the order and the strata alone.

Any number of arms, any ratio of whole numbers.

Permuted blocks: Matts and Lachin, Controlled Clinical Trials 1988;9:327-344.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trial.core.randomization.draws import Draws, pick
from trial.core.randomization.rule import Levels, State, stratum_name


@dataclass(frozen=True, slots=True)
class PermutedBlocks:
    """State: the number of the block, and the places `left` in it, in the order of the arms."""

    arms: tuple[str, ...]
    ratios: tuple[int, ...]
    sizes: tuple[int, ...]
    version: ClassVar[str] = "permuted-blocks-1"

    def key(self, levels: Levels) -> str:
        """Each stratum has blocks of its own."""
        return stratum_name(levels)

    def start(self) -> State:
        """No block is open."""
        return {"block": 0, "left": []}

    def ready(self, state: State, draws: Draws) -> State:
        """Where no place is left the next block is opened, its size drawn."""
        if any(state["left"]):
            return state
        block = state["block"] + 1
        size = self.sizes[pick(draws.number("size", block), (1,) * len(self.sizes))]
        parts = size // sum(self.ratios)
        return {"block": block, "left": [ratio * parts for ratio in self.ratios]}

    def weights(self, state: State, levels: Levels) -> tuple[int, ...]:
        """The places left."""
        return tuple(state["left"])

    def after(self, state: State, levels: Levels, chosen: int) -> State:
        """One place fewer."""
        return {**state, "left": [count - (place == chosen) for place, count in enumerate(state["left"])]}
