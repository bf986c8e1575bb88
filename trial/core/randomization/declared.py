"""From the protocol: the rule that it declares, and the digest that is published before the first enrolment."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from trial.core.protocol import TrialProtocol
from trial.core.randomization.allocating import STAGE
from trial.core.randomization.blocks import PermutedBlocks
from trial.core.randomization.rule import Rule


def rule_of(protocol: TrialProtocol, stage: str = STAGE) -> Rule:
    """The rule that a protocol declares; in a single arm every block is that arm's one place."""
    if protocol.allocation.method == "none":
        return PermutedBlocks((protocol.arms[0].id,), (1,), (1,))
    arms, ratios = tuple(arm.id for arm in protocol.arms), tuple(arm.ratio for arm in protocol.arms)
    return PermutedBlocks(arms, ratios, tuple(sorted(protocol.allocation.block_sizes)))


def configuration(protocol: TrialProtocol) -> dict[str, Any]:
    """What the published digest covers beside the seed: arms, ratio, sizes, strata with their rules."""
    return {
        "arms": [[arm.id, arm.ratio] for arm in protocol.arms],
        "block_sizes": sorted(protocol.allocation.block_sizes),
        "protocol": protocol.id,
        "strata": [[f.id, [[level.id, level.when] for level in f.levels]] for f in protocol.allocation.strata],
    }


def configuration_digest(protocol: TrialProtocol) -> str:
    """SHA-256 over rule version and configuration: which rule a decision was made by, without the seed."""
    return _digest(_said(protocol))


def commitment(seed: bytes, salt: bytes, protocol: TrialProtocol) -> str:
    """SHA-256 over seed, salt, rule version and configuration: published before the first enrolment."""
    return _digest([seed, salt, *_said(protocol)])


def _said(protocol: TrialProtocol) -> list[bytes]:
    settings = json.dumps(configuration(protocol), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return [rule_of(protocol).version.encode(), settings.encode()]


def _digest(parts: list[bytes]) -> str:
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
