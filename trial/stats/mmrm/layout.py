"""What a model of repeated outcomes is made of: which covariate has which coefficient at which timepoint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trial.stats.arrays import FloatArray

NONE = -1
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The mean of outcome t of somebody with covariates x (q,) is the sum over c of x[c] beta[places[c, t]].

    `places` (q, T) holds the coefficient of each covariate at each timepoint, -1 where it plays no part there. A
    covariate with the same place throughout has one coefficient in common; one with places of its own has a line
    for each timepoint.
    """

    places: Places

    @property
    def size(self) -> int:
        """How many coefficients there are, p."""
        return int(self.places.max()) + 1

    def selection(self) -> FloatArray:
        """S (T q, p), with a one where row (t, c) takes its coefficient from: the model matrix of a person who has all
        T outcomes is (I kron x') S, so that sums of x x' are all that is needed of people."""
        q, timepoints = self.places.shape
        chosen = np.zeros((timepoints * q, self.size))
        for t in range(timepoints):
            has = np.flatnonzero(self.places[:, t] != NONE)
            chosen[t * q + has, self.places[has, t]] = 1.0
        return chosen


def by_timepoint(covariates: int, timepoints: int, *, first: int = 0) -> Places:
    """Places (covariates, T) with a coefficient of its own for each covariate at each timepoint, from `first` on."""
    return first + np.arange(covariates * timepoints).reshape(covariates, timepoints)
