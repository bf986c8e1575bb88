"""Clusters as the unit of allocation: chance allocates a team, a class, a school, and everybody of it has its arm.

Rule. Where the unit is the cluster, the declared method allocates clusters, at the stage `clusters`, each when its
first person is ready; its chances, numbers and running state count clusters. At the stage `main` a person has the arm
of their cluster, with certainty; the number counts the people of the cluster.

Any method, any number of arms, any ratio: what the method that allocates the clusters can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from trial.core.randomization.draws import Draws
from trial.core.randomization.rule import Levels, State, stratum_name

CLUSTERS = "clusters"


@dataclass(frozen=True, slots=True)
class Clustered:
    """The rule for people. State: nothing. `given` maps each cluster that was allocated to its arm."""

    arms: tuple[str, ...]
    given: Mapping[str, str]
    version: ClassVar[str] = "cluster-1"

    def key(self, levels: Levels) -> str:
        """Each cluster counts its people."""
        return stratum_name(levels)

    def start(self) -> State:
        """Nothing is kept."""
        return {}

    def ready(self, state: State, draws: Draws) -> State:
        """Nothing to prepare."""
        return state

    def weights(self, state: State, levels: Levels) -> tuple[int, ...]:
        """Certainty for the arm of the cluster, which was allocated before."""
        arm = self.given[self.key(levels)]
        return tuple(int(one == arm) for one in self.arms)

    def after(self, state: State, levels: Levels, chosen: int) -> State:
        """Nothing is kept."""
        return state
