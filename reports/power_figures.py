"""The figure of a rehearsed power: one line for each true effect over the number of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from reports.drawing import Drawing
from reports.figures import INK, drawn, look, series
from trial.stats.simulated_power import Characteristics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_REACH = 1.96  # of 95 % of a normal distribution
_USUAL = (0.8, 0.9)


class Shown(Protocol):
    """What the figure needs of a case."""

    @property
    def n(self) -> int: ...
    @property
    def effect(self) -> float: ...
    @property
    def found(self) -> Characteristics: ...
    @property
    def closed(self) -> float | None: ...


def power_over_size(cases: Sequence[Shown], nothing: float) -> Drawing:
    """Simulated power with 95 % of its Monte Carlo error, the formula's as a broken line beside it."""
    effects = sorted({one.effect for one in cases}, key=lambda one: (one == nothing, -abs(one)))

    def draw(axes: Axes) -> None:
        for usual in _USUAL:
            axes.axhline(usual, color=INK, linewidth=0.5, dashes=(1, 2))
        for place, effect in enumerate(effects):
            its = sorted((one for one in cases if one.effect == effect), key=lambda one: one.n)
            sizes, power = [one.n for one in its], [one.found.power for one in its]
            label = f"{effect:g} SD" + (" (nothing to find)" if effect == nothing else "")
            series(axes, place, label, sizes, [one.value for one in power])
            reach = [_REACH * one.error for one in power]
            axes.errorbar(sizes, [one.value for one in power], reach, fmt="none", ecolor=look(place)[0], capsize=2.5)
            known = [(one.n, one.closed) for one in its if one.closed is not None]
            if known:
                x, y = zip(*known, strict=True)
                axes.plot(x, y, color=look(place)[0], linewidth=0.9, dashes=(4, 3), marker="_", zorder=2)
        axes.set_ylim(0, 1.02)
        axes.set_xticks(sorted({one.n for one in cases}))
        axes.set_xlabel("People randomised")
        axes.set_ylabel("Power")

    said = [
        f"{one.n} people, {one.effect:g} SD: {one.found.power.value:.3f}"
        + ("" if one.closed is None else f", formula {one.closed:.3f}")
        for one in cases
    ]
    return drawn("power", "Power by number of people", ". ".join(said) + ".", draw, (4.9, 3.4), legend=True)
