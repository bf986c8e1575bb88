"""Power and size of a trial whose primary analysis is ANCOVA on the baseline."""

from __future__ import annotations

import math

from scipy import special

from trial.stats.noncentral_t import probability_below

_FEWEST = 2
_MOST = 100_000_000


def ancova_power(d: float, r: float, n_per_arm: float, alpha: float = 0.05) -> float:
    """The chance that a two-sided test at `alpha` between two arms finds a true standardised difference `d`.

    `d` is in units of the outcome's standard deviation, `r` its correlation with the baseline, `n_per_arm` those
    analysed in each arm (for unequal arms their harmonic mean). With ncp = d / sqrt(1 - r^2) sqrt(n / 2) and
    df = 2n - 3, the power is the noncentral t's mass in both tails. The variance factor 1 - r^2 is that of
    Borm GF et al. (2007), Journal of Clinical Epidemiology 60, 1234. Equal variances and a linear baseline are
    assumed. Raises ValueError for fewer than two per arm, |r| of 1 or more, or an alpha outside 0 to 1.
    """
    if not (math.isfinite(d) and -1 < r < 1 and 0 < alpha < 1 and _FEWEST <= n_per_arm <= _MOST):
        raise ValueError("needs a finite d, r within -1 to 1, alpha within 0 to 1, and at least two per arm")
    df = 2 * n_per_arm - 3
    ncp = abs(d) / math.sqrt(1 - r * r) * math.sqrt(n_per_arm / 2)
    critical = float(special.stdtrit(df, 1 - alpha / 2))
    # The upper tail as the mirrored lower one: 1 - P loses digits where P is near 1.
    upper = probability_below(-critical, df, -ncp)
    lower = probability_below(-critical, df, ncp)
    return min(1.0, upper + lower)


def ancova_sample_size(d: float, r: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """The fewest analysed participants per arm with which `ancova_power` reaches `power`.

    Raises ValueError when `d` is zero, `power` is not between `alpha` and 1, or no feasible number reaches it.
    """
    if d == 0 or not alpha < power < 1:
        raise ValueError("needs a difference other than zero and a power between alpha and 1")
    enough = _FEWEST
    while ancova_power(d, r, enough, alpha) < power:
        enough *= 2
    short = enough // 2
    while enough - short > 1:
        middle = (enough + short) // 2
        if ancova_power(d, r, middle, alpha) < power:
            short = middle
        else:
            enough = middle
    return enough


def randomized_per_arm(analysed_per_arm: int, loss: float) -> int:
    """How many to randomise per arm so that `analysed_per_arm` are left when a share `loss` is lost."""
    if not 0 <= loss < 1:
        raise ValueError("the share lost lies between 0 and 1")
    # The tiny slack keeps 42 / 0.6 at 70 should it come out a hair above.
    return math.ceil(analysed_per_arm / (1 - loss) - 1e-9)
