"""Numbers read as in a journal and never say more, or less, than they know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.numbers import decimals_for, enough_decimals, interval, number, p_phrase, p_value, percent, share


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
