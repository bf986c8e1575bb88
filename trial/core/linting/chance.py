"""N: strata, blocks, and how well the next allocation can be foretold."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from trial.core.linting.rules import Found, Severity, Subject, rule

WARNING = Severity.WARNING
EACH = 10  # people in each stratum or at each level, below which balance there says little


@rule("N804", WARNING, "Too many strata for the sample",
      why="With many strata most blocks stay unfinished, and the arms are less alike than without any.",
      mend="Keep one or two factors; the others can be covariates.")  # fmt: skip
def too_many_strata(trial: Subject) -> Iterator[Found]:
    rule_ = trial.protocol.allocation
    strata = prod(len(factor.levels) for factor in rule_.strata)
    if rule_.strata and rule_.block_sizes and trial.protocol.sample_size.target < strata * 2 * max(rule_.block_sizes):
        what = f"{trial.protocol.sample_size.target} people in {strata} strata fill fewer than two blocks each."
        yield Found(("allocation", "strata"), what)


@rule("N805", WARNING, "Blocks of one size",
      why="Who knows the size of the blocks can foretell the last arm of each one.",
      mend="Name several sizes, such as two, three and four times the arms.")  # fmt: skip
def fixed_blocks(trial: Subject) -> Iterator[Found]:
    sizes = trial.protocol.allocation.block_sizes
    if len(set(sizes)) == 1:
        yield Found(("allocation", "block_sizes"), f"every block has {sizes[0]} places.")


@rule("N809", WARNING, "Minimisation or coin without chance",
      why="With probability 1 the next allocation follows from those before, and whoever keeps count foretells it.",
      mend="Write a probability below 1, such as 0.8.")  # fmt: skip
def certain(trial: Subject) -> Iterator[Found]:
    said = trial.protocol.allocation
    if said.probabilities and Fraction(said.probabilities[0]) == 1:
        yield Found(("allocation", "probability"), "the arm that is behind is certain.")


@rule("N810", WARNING, "Big stick of 1",
      why="With a largest imbalance of 1 every second allocation is certain, as in blocks of two.",
      mend="Allow an imbalance of 3 or more.")  # fmt: skip
def short_stick(trial: Subject) -> Iterator[Found]:
    if trial.protocol.allocation.largest_imbalance == 1:
        yield Found(("allocation", "largest_imbalance"), "every second allocation is certain.")


@rule("N811", WARNING, "More strata than people can fill",
      why="Where a stratum holds few people its own chance balances nothing, and together the strata can leave arms "
          "unequal.",
      mend="Keep one or two factors, or take minimisation, which balances each factor for itself.")  # fmt: skip
def thin_strata(trial: Subject) -> Iterator[Found]:
    said = trial.protocol.allocation
    if not said.strata or said.method in ("permuted_blocks", "minimisation", "none"):
        return
    strata = prod(len(factor.levels) for factor in said.strata)
    if trial.protocol.sample_size.target < strata * EACH:
        what = f"{trial.protocol.sample_size.target} people stand in {strata} strata, fewer than {EACH} in each."
        yield Found(("allocation", "strata"), what)


@rule("N812", WARNING, "Strata that simple randomisation does not use",
      why="Simple randomisation gives everybody the same chances, so strata balance nothing.",
      mend="Take permuted blocks or minimisation, or leave the strata out and adjust for them.")  # fmt: skip
def idle_strata(trial: Subject) -> Iterator[Found]:
    said = trial.protocol.allocation
    if said.method == "simple" and said.strata:
        yield Found(("allocation", "strata"), "the chances are the same in every stratum.")


@rule("N813", WARNING, "Everything by simple randomisation first",
      why="Minimisation that begins when most people are in has little left to balance.",
      mend="Begin with about ten for each arm.")  # fmt: skip
def late_start(trial: Subject) -> Iterator[Found]:
    said, target = trial.protocol.allocation, trial.protocol.sample_size.target
    if said.first_simple * 2 > target:
        what = f"the first {said.first_simple} of {target} people are allocated by simple randomisation."
        yield Found(("allocation", "first_simple"), what)
