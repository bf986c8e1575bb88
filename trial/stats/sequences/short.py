"""Sums and extremes over a short last axis (the arms): one step for each arm is many times faster than numpy's own."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np


def _over(step: Any, values: Any) -> Any:
    return reduce(step, [values[..., place] for place in range(values.shape[-1])])


def most(values: Any) -> Any:
    """The largest."""
    return _over(np.maximum, values)


def least(values: Any) -> Any:
    """The smallest."""
    return _over(np.minimum, values)


def total(values: Any) -> Any:
    """The sum."""
    return _over(np.add, values)
