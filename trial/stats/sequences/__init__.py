"""Many trials at once: the rules of trial/core/randomization with other dice, over arrays.

A real trial allocates by HMAC-SHA256 from its sealed seed. Here the numbers come from Philox 4x64 (`trial.stats.dice`),
so nothing in a simulation tells anything about a trial. The chances are the same: a test holds each rule's against
those of the core, state by state.
"""

from trial.stats.sequences.entry import Entry, drawn, given
from trial.stats.sequences.stepping import Stepper, chosen_by, stepper

__all__ = ["Entry", "Stepper", "chosen_by", "drawn", "given", "stepper"]
