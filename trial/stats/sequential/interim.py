"""What may still come of a trial that is looked at before its end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.stats.sequential.design import SequentialDesign
from trial.stats.sequential.passage import crossing, start

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_REACH = 9.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """The chance to reject for the effect at a later look, given what was seen at this one.

    `planned`, `trend` and `nothing` are conditional powers: if the effect is the planned one, the one estimated now, or
    none. `predictive` averages over what the effect may be given the data (and nothing else, or a stated prior).
    """

    look: int
    z: float
    planned: float
    trend: float
    nothing: float
    predictive: float
    method: str


def outlook(
    design: SequentialDesign, look: int, z: float, planned_drift: float, *, prior: tuple[float, float] | None = None
) -> Outlook:
    """Look ahead from look number `look` (from 1), which found `z` and did not stop the trial.

    `design` holds the looks made and those to come (`monitored` puts them together). Given z, the later scores start at
    z sqrt(information) and go on as before, so each conditional power is the chance of that walk to cross a later
    boundary: Lan KKG, Simon R, Halperin M (1982), Stochastically curtailed tests in long-term clinical trials,
    Sequential Analysis 1, 207-219. `planned_drift` is the planned effect * sqrt(all planned information); `prior` is
    the mean and standard deviation of a normal prior of the drift in those terms. Without a prior every effect counts
    alike beforehand: Spiegelhalter DJ, Freedman LS, Blackburn PR (1986), Controlled Clinical Trials 7, 8-17. Later
    futility boundaries are not obeyed.

    Raises ValueError for a look that is not followed by another, or for numbers that are not finite.
    """
    if not 1 <= look < design.looks:
        raise ValueError(f"looking ahead needs a look from 1 to {design.looks - 1}, with another to come")
    if not (math.isfinite(z) and math.isfinite(planned_drift)):
        raise ValueError("z and the planned drift are finite numbers")
    share = design.information[look - 1]
    mean, spread = _posterior(z, share, prior)
    drifts = mean + _REACH * spread * _NODES
    density = np.exp(-0.5 * (_REACH * _NODES) ** 2) * _REACH / math.sqrt(2 * math.pi) * _WEIGHTS
    powers = np.array([_conditional(design, look, z, float(drift)) for drift in drifts])
    return Outlook(
        look,
        z,
        _conditional(design, look, z, planned_drift),
        _conditional(design, look, z, z / math.sqrt(share)),
        _conditional(design, look, z, 0.0),
        float(density @ powers),
        "conditional power; predictive power with "
        + ("every effect alike beforehand" if prior is None else "a normal prior"),
    )


def _conditional(design: SequentialDesign, look: int, z: float, drift: float) -> float:
    low, high = design.bounds()
    share = design.information[look - 1]
    here = start(z * math.sqrt(share), share)
    return sum(crossing(design.information[look:], low[look:], high[look:], drift, here).above)


def _posterior(z: float, share: float, prior: tuple[float, float] | None) -> tuple[float, float]:
    """The mean and standard deviation of the drift: the score has mean drift * share and variance share."""
    if prior is None:
        return z / math.sqrt(share), 1 / math.sqrt(share)
    mean, sd = prior
    if not (math.isfinite(mean) and math.isfinite(sd) and sd > 0):
        raise ValueError("a prior has a finite mean and a standard deviation above 0")
    weight = share + 1 / sd**2
    return (z * math.sqrt(share) + mean / sd**2) / weight, 1 / math.sqrt(weight)
