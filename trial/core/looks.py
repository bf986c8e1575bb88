"""What interim looks with stopping bounds cost: how many times the people of a trial that is looked at once."""

from __future__ import annotations

from trial.core.protocol import Monitoring

# Two looks, three, and so on to eleven at even shares of the information, by Lan and DeMets's spending of a two-sided
# alpha of 0.05, power 0.8: Jennison and Turnbull (2000), chapter 2. A smaller alpha or a higher power costs up to 4 %
# less, a margin tested from one side at 0.025 the same, at 0.05 up to 1.2 % more, equivalence up to 2.2 % more.
# tests/reference/power_of_plan.R makes the table; trial.stats.sequential works it out for any alpha and power.
INFLATION: dict[str, tuple[float, ...]] = {
    "obrien_fleming": (1.0037, 1.0128, 1.0196, 1.0247, 1.0286, 1.0316, 1.0341, 1.0361, 1.0378, 1.0392),
    "pocock": (1.1226, 1.1704, 1.1963, 1.2126, 1.2239, 1.2321, 1.2385, 1.2435, 1.2475, 1.2509),
}


def inflation(watching: Monitoring | None) -> float:
    """The factor of the looks that a protocol registers; 1 where none can end the trial."""
    if watching is None or watching.bounds is None or watching.interim_analyses == 0:
        return 1.0
    return INFLATION[watching.bounds][watching.interim_analyses - 1]
