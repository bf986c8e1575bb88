"""What every method of allocation is: a rule that says the chances of the next allocation from a running state.

The state of a rule does not grow with the people allocated: it holds totals, never a history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from trial.core.randomization.draws import Draws

State = Mapping[str, Any]
Levels = Mapping[str, str]
ALL = "all"


class Rule(Protocol):
    """One method with its parameters. `levels` maps each factor to the level of the one to be allocated."""

    @property
    def version(self) -> str:
        """Name and version of the exact rule; another rule is another version."""

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms in the order of the protocol."""

    def key(self, levels: Levels) -> str:
        """Where the state is kept: the stratum, or `all` for a rule with one state for everybody."""

    def start(self) -> State:
        """The state before the first allocation, as JSON can hold it."""

    def ready(self, state: State, draws: Draws) -> State:
        """The state in which the next allocation is made; blocks open a new one here."""

    def weights(self, state: State, levels: Levels) -> tuple[int, ...]:
        """The chances of the arms for the next allocation, as whole parts of their sum."""

    def after(self, state: State, levels: Levels, chosen: int) -> State:
        """The state once the arm at this position was allocated."""


def stratum_name(levels: Levels) -> str:
    """The levels in the protocol's order, joined: one name for the stratum; `all` without factors."""
    return "/".join(levels.values()) or ALL
