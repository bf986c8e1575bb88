"""The figures of a comparison of designs: imbalance over time, and both prices of each design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.drawing import Drawing
from reports.figures import INK, band, drawn, look, series
from trial.stats.comparing import Compared, Price
from trial.stats.operating_characteristics import Spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def imbalance_over_time(
    name: str, title: str, compared: Sequence[Compared], courses: Sequence[Sequence[Spread]]
) -> Drawing:
    """Mean imbalance of each design, with the band of the middle 95 % of its trials."""

    def draw(axes: Axes) -> None:
        for place, (one, course) in enumerate(zip(compared, courses, strict=True)):
            times = one.imbalance.times
            series(axes, place, one.design.name, times, [at.mean.value for at in course])
            band(axes, place, [(time, (at.low, at.high)) for time, at in zip(times, course, strict=True)])
        axes.set_ylim(bottom=0)
        axes.set_xlabel("People allocated")
        axes.set_ylabel("Imbalance: mean, and 95% of trials")

    said = [
        f"{one.design.name}: mean {course[-1].mean.value:.2f} at the end, 95% of trials {course[-1].low:g} to "
        f"{course[-1].high:g}"
        for one, course in zip(compared, courses, strict=True)
    ]
    return drawn(name, title, ". ".join(said) + ".", draw, (5.2, 3.6), legend=True)


def both_prices(compared: Sequence[Compared], price: dict[str, Price]) -> Drawing:
    """Every design as a point: what can be guessed of it across, how unequal it leaves the arms upwards."""

    def draw(axes: Axes) -> None:
        for place, one in enumerate(compared):
            colour, marker, _ = look(place)
            at = price[one.design.name]
            axes.plot([at.guessing], [at.imbalance], color=colour, marker=marker, linestyle="", label=one.design.name)
        axes.axhline(0, color=INK, linewidth=0.5)
        axes.axvline(0, color=INK, linewidth=0.5)
        axes.set_xlabel("Guessed beyond blind guesses, share of all that could be")
        axes.set_ylabel("Imbalance over that of simple")

    said = [f"{name}: guessing {one.guessing:.2f}, imbalance {one.imbalance:.2f}" for name, one in price.items()]
    return drawn("prices", "Guessing against imbalance", ". ".join(said) + ".", draw, (4.7, 3.4), legend=True)
