"""Allocation as a pure function of a sealed seed: stratified permuted blocks of random size.

Rule. Within a stratum the sequence is cut into blocks. The size of block b is drawn with equal chance from the
declared sizes by HMAC-SHA256(seed, "size|trial|stage|stratum|b"). A block of size k holds k * ratio / sum(ratio)
places for each arm. Allocation number n draws HMAC-SHA256(seed, "draw|trial|stage|stratum|n") as a 256-bit number u
and takes place floor(u * remaining / 2^256) of the remaining places, counted in the order of the arms; each remaining
place so has the same chance up to 2^-250. Replay needs the seed, the order and the strata alone.

Permuted blocks: Matts and Lachin, Controlled Clinical Trials 1988;9:327-344.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from trial.core.protocol import TrialProtocol

RULE_VERSION = "permuted-blocks-1"
STAGE = "main"


@dataclass(frozen=True, slots=True)
class BlockRule:
    """The declared design: arms in order with their ratio, and the possible block sizes."""

    arms: tuple[tuple[str, int], ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BlockState:
    """One stratum before the next allocation; `left` counts the places of the block, in the order of the arms."""

    number: int = 0
    block: int = 0
    left: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One allocation and all that is needed to check it."""

    arm: str
    stratum: str
    number: int
    block: int
    probabilities: Mapping[str, float]
    draw: str
    state_seen: BlockState
    next_state: BlockState


def rule_of(protocol: TrialProtocol) -> BlockRule:
    """The block rule that a protocol declares; in a single arm every block is that arm's one place."""
    if protocol.allocation.method == "none":
        return BlockRule(((protocol.arms[0].id, 1),), (1,))
    return BlockRule(
        tuple((arm.id, arm.ratio) for arm in protocol.arms), tuple(sorted(protocol.allocation.block_sizes))
    )


def allocate(rule: BlockRule, seed: bytes, trial: str, stratum: str, state: BlockState) -> Decision:
    """The next allocation in a stratum; the caller stores `next_state` in the same transaction."""
    left, block = state.left, state.block
    if not any(left):
        block += 1
        left = _new_block(rule, seed, trial, stratum, block)
    number = state.number + 1
    total = sum(left)
    draw = _draw(seed, "draw", trial, stratum, number)
    chosen = _place(left, (draw * total) >> 256)
    arms = [arm for arm, _ in rule.arms]
    remaining = tuple(count - (position == chosen) for position, count in enumerate(left))
    return Decision(
        arm=arms[chosen],
        stratum=stratum,
        number=number,
        block=block,
        probabilities={arm: float(Fraction(count, total)) for arm, count in zip(arms, left, strict=True)},
        draw=f"{draw:064x}",
        state_seen=state,
        next_state=BlockState(number, block, remaining),
    )


def _new_block(rule: BlockRule, seed: bytes, trial: str, stratum: str, block: int) -> tuple[int, ...]:
    index = (_draw(seed, "size", trial, stratum, block) * len(rule.sizes)) >> 256
    parts = rule.sizes[index] // sum(ratio for _, ratio in rule.arms)
    return tuple(ratio * parts for _, ratio in rule.arms)


def _draw(seed: bytes, purpose: str, trial: str, stratum: str, number: int) -> int:
    message = json.dumps([purpose, trial, STAGE, stratum, number], separators=(",", ":")).encode()
    return int.from_bytes(hmac.new(seed, message, hashlib.sha256).digest(), "big")


def _place(left: Sequence[int], place: int) -> int:
    for position, count in enumerate(left):
        if place < count:
            return position
        place -= count
    raise AssertionError("a place beyond the block")


def configuration(protocol: TrialProtocol) -> dict[str, Any]:
    """What the published digest covers beside the seed: arms, ratio, sizes, strata with their rules."""
    return {
        "arms": [[arm.id, arm.ratio] for arm in protocol.arms],
        "block_sizes": sorted(protocol.allocation.block_sizes),
        "protocol": protocol.id,
        "strata": [[f.id, [[level.id, level.when] for level in f.levels]] for f in protocol.allocation.strata],
    }


def commitment(seed: bytes, salt: bytes, protocol: TrialProtocol) -> str:
    """SHA-256 over seed, salt, rule version and configuration: published before the first enrolment."""
    settings = json.dumps(configuration(protocol), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    parts = (seed, salt, RULE_VERSION.encode(), settings.encode())
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
