"""Numbers read as in a journal and never say more, or less, than they know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import numbers
from reports.numbers import (
    count,
    decimals_for,
    declared,
    enough_decimals,
    interval,
    mean_sd,
    number,
    p_phrase,
    p_value,
    percent,
    share,
    size,
)

REPORTS = Path(numbers.__file__).parent
# modules that print something else than a journal's numbers, or draw
NOT_A_REPORT = {
    "numbers.py": "the one place",
    "designs.py": "simulated designs, each figure with its Monte Carlo error, by fixed decimals",
    "power.py": "simulated trials of a plan, in the same way; no results.json stands behind them",
    "power_figures.py": "their curves",
    "design_figures.py": "the same, in words for those who do not see the figure",
    "meta.py": "effects as read back from a table, not printed",
    "meta_figures.py": "coordinates",
    "meta_page.py": "its own numbers of a meta-analysis",
    "meta_table.py": "the full precision of a table to compute with",
    "drawing.py": "coordinates",
    "rehearsal_calendar.py": "coordinates",
    "blind_page.py": "coordinates of a mark",
    "interim.py": "shares of the information and chances of an interim look, by fixed decimals",
    "flow_diagram.py": "coordinates",
    "figures.py": "coordinates",
    "pictures.py": "coordinates",
    "csv_text.py": "a limit of a file, in an error",
}
FORMATTED = re.compile(r"\{[^{}]*:[,.]?[0-9]*[efg%]\}|:,\}")


@pytest.mark.parametrize(
    ("p", "printed"),
    [
        (0.0, "< 0.001"),
        (0.00049, "< 0.001"),
        (0.001, "0.001"),
        (0.0094, "0.009"),
        (0.031, "0.03"),
        (0.0496, "0.0496"),
        (0.0512, "0.051"),
        (0.05, "0.05"),
        (0.62, "0.62"),
        (0.9949, "0.99"),
        (1.0, "> 0.99"),
        (None, "–"),
    ],
)
def test_p_values(p: float | None, printed: str) -> None:
    assert p_value(p) == printed


@given(st.floats(0, 1))
def test_no_p_value_is_printed_as_zero_or_one(p: float) -> None:
    assert p_value(p).strip("<> ") not in {"0.000", "0.00", "1.00", "1.000"}
    assert p_phrase(p).startswith("p")


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [(-5.21, 1, "−5.2"), (-0.04, 1, "0.0"), (0.0, 2, "0.00"), (12345.6, 1, "12,345.6"), (None, 1, "–")],
)
def test_numbers(value: float | None, decimals: int, printed: str) -> None:
    assert number(value, decimals) == printed


@pytest.mark.parametrize(("sd", "decimals"), [(9.6, 1), (35.0, 1), (1.1, 2), (0.71, 2), (0.083, 3), (None, 1), (0, 1)])
def test_decimals_follow_the_spread(sd: float | None, decimals: int) -> None:
    assert decimals_for(sd) == decimals


def test_an_end_of_an_interval_that_is_not_zero_does_not_print_as_zero() -> None:
    ends = (-3.2, -0.03)
    assert interval(ends, enough_decimals(1, *ends)) == "−3.20 to −0.03"


@pytest.mark.parametrize(
    ("n", "of", "printed"),
    [(0, 40, "0%"), (1, 1000, "< 1%"), (31, 40, "78%"), (999, 1000, "> 99%"), (40, 40, "100%"), (0, 0, "–")],
)
def test_few_is_not_none_and_nearly_all_is_not_all(n: int, of: int, printed: str) -> None:
    assert percent(n, of) == printed


def test_a_share_of_nobody_has_no_percentage() -> None:
    assert share(0, 0) == "0"


def as_journal(said: str) -> str:
    return said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        (interval((-5.91, -0.52), 1), "−5.9 to −0.5"),
        (interval((-0.04, 0.04), 1), "0.0 to 0.0"),
        (interval((-1234.5, 1234.5), 0), "−1,234 to 1,234"),
        (interval(None, 1), "–"),
        (mean_sd(12.34, 4.56, 1), "12.3 (4.6)"),
        (mean_sd(None, None, 1), "–"),
        (mean_sd(5.0, None, 1), "5.0 (–)"),
        (p_phrase(0.0004), "p < 0.001"),
        (p_phrase(0.0312), "p = 0.03"),
        (p_phrase(0.9999), "p > 0.99"),
        (count(1234567), "1,234,567"),
        (count(None), "–"),
        (size(39), "(n = 39)"),
        (share(31, 40), "31 (78%)"),
        (share(1, 1000), "1 (< 1%)"),
        (share(None, 40), "–"),
        (declared(0.05), "0.05"),
        (declared(100 * (1 - 2 * 0.025)), "95"),
        (declared(97.5), "97.5"),
        (declared(1 - 0.95), "0.05"),
        (declared(-2.5), "−2.5"),
    ],
)
def test_what_a_journal_prints(said: str, printed: str) -> None:
    assert as_journal(said) == printed


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_no_number_has_a_hyphen_for_a_minus_or_a_minus_before_nought(value: float, decimals: int) -> None:
    printed = number(value, decimals)
    assert "-" not in printed
    assert not re.fullmatch(r"−0(\.0+)?", printed)


def test_numbers_are_rounded_in_one_place() -> None:
    """No other module of a report formats a number by itself."""
    found = {
        f"{path.name}: {line.strip()}"
        for path in REPORTS.glob("*.py")
        if path.name not in NOT_A_REPORT
        for line in path.read_text(encoding="utf-8").splitlines()
        if FORMATTED.search(line)
    }
    assert found == set()


def test_every_exception_is_a_module() -> None:
    assert all((REPORTS / name).is_file() for name in NOT_A_REPORT)


@pytest.mark.parametrize(
    ("n", "of", "said"), [(1, 8, "13%"), (3, 8, "38%"), (5, 8, "63%"), (7, 8, "88%"), (10, 16, "63%"), (2, 3, "67%")]
)
def test_halves_of_a_percent_are_all_rounded_the_same_way(n: int, of: int, said: str) -> None:
    assert percent(n, of) == said
