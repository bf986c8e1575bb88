"""Allocation by chance as a pure function of a sealed seed; one file per method."""

from trial.core.randomization.allocating import STAGE, Decision, Kept, allocate, fits, record_of, standing
from trial.core.randomization.blocks import PermutedBlocks
from trial.core.randomization.declared import commitment, configuration, configuration_digest, rule_of
from trial.core.randomization.draws import Draws, pick
from trial.core.randomization.rule import ALL, Levels, Rule, State, stratum_name

__all__ = [
    "ALL",
    "STAGE",
    "Decision",
    "Draws",
    "Kept",
    "Levels",
    "PermutedBlocks",
    "Rule",
    "State",
    "allocate",
    "commitment",
    "configuration",
    "configuration_digest",
    "fits",
    "pick",
    "record_of",
    "rule_of",
    "standing",
    "stratum_name",
]
