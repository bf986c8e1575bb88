"""The list that a pretend statistician made, where a rehearsed trial goes by one."""

from __future__ import annotations

from trial.core.outside_list import strata
from trial.core.protocol import TrialProtocol
from trial.core.randomization import STAGE, Entries, PermutedBlocks, allocate


def pretend_list(protocol: TrialProtocol, seed: bytes) -> Entries | None:
    """Blocks of twice the ratio in each stratum, long enough for everybody; None for another method."""
    if protocol.allocation.method != "listed":
        return None
    ratios = tuple(arm.ratio for arm in protocol.open_arms)
    rule = PermutedBlocks(tuple(arm.id for arm in protocol.open_arms), ratios, (2 * sum(ratios),))
    found = {}
    for stratum in strata(protocol):
        state = rule.start()
        for number in range(1, protocol.sample_size.target + 1):
            decision = allocate(rule, seed, "pretend list", STAGE, {"stratum": stratum}, number, state)
            state, found[stratum, number] = decision.next_state, decision.arm
    return found
