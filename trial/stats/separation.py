"""Whether a logistic model has an estimate at all: separation, and which columns bring it about."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize

from trial.stats.arrays import FloatArray

_MOVES = 1e-6


def separating(rows: FloatArray) -> npt.NDArray[np.bool_] | None:
    """Which of p parameters (p,) separate, None where nothing does; `rows` is (r, p), of full column rank.

    A row is the direction in which the likelihood of one person grows: x where the outcome is there, -x where it is
    not. Separation is a direction b with rows b >= 0, not all of them 0: along it the likelihood grows without end, and
    no finite estimate exists; else one does, and one only. Albert A, Anderson JA (1984), On the existence of maximum
    likelihood estimates in logistic regression models, Biometrika 71, 1-10. It is looked for by a linear programme:
    the largest sum of rows b with every b from -1 to 1.
    """
    different = np.unique(rows, axis=0)
    found = optimize.linprog(-different.sum(axis=0), A_ub=-different, b_ub=np.zeros(len(different)), bounds=(-1, 1))
    if not found.success or -found.fun <= _MOVES:
        return None
    return np.asarray(np.abs(found.x) > _MOVES)
