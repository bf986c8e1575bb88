"""Allocation by chance as a pure function of a sealed seed; one file per method."""

from trial.core.randomization.allocating import STAGE, Decision, Kept, Last, allocate, fits, record_of, standing
from trial.core.randomization.biased_coin import BiasedCoin
from trial.core.randomization.big_stick import BigStick
from trial.core.randomization.blocks import PermutedBlocks
from trial.core.randomization.clusters import CLUSTERS, Clustered
from trial.core.randomization.declared import (
    between,
    commitment,
    configuration,
    configuration_digest,
    factors_of,
    in_order,
    rule_of,
    stages_of,
)
from trial.core.randomization.draws import Draws, pick
from trial.core.randomization.listed import Entries, Listed
from trial.core.randomization.minimisation import Minimisation, MinimisedFactor
from trial.core.randomization.rule import ALL, Levels, Rule, State, stratum_name
from trial.core.randomization.simple import Simple
from trial.core.randomization.urn import Urn

__all__ = [
    "ALL",
    "CLUSTERS",
    "STAGE",
    "BiasedCoin",
    "BigStick",
    "Clustered",
    "Decision",
    "Draws",
    "Entries",
    "Kept",
    "Last",
    "Levels",
    "Listed",
    "Minimisation",
    "MinimisedFactor",
    "PermutedBlocks",
    "Rule",
    "Simple",
    "State",
    "Urn",
    "allocate",
    "between",
    "commitment",
    "configuration",
    "configuration_digest",
    "factors_of",
    "fits",
    "in_order",
    "pick",
    "record_of",
    "rule_of",
    "stages_of",
    "standing",
    "stratum_name",
]
