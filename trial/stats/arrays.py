"""The one array type of this folder: real numbers, NaN for missing where a function says so."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
