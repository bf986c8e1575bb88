from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.tables import rows
from trial.core.durations import LONGEST_DAYS, Length, parse_length


@pytest.mark.parametrize("row", rows("durations.md", "Read"), ids=lambda row: row["written"])
def test_a_length_of_time_is_read_as_its_table_says(row: dict[str, str]) -> None:
    length = parse_length(row["written"])
    assert length == Length(int(row["days"]), int(row["minutes"]))
    assert str(length) == row["shown as"]


@pytest.mark.parametrize("row", rows("durations.md", "Refused"), ids=lambda row: row["written"])
def test_what_is_no_length_of_time_is_refused_with_an_example_or_a_limit(row: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=row["because"]):
        parse_length(row["written"])


@pytest.mark.parametrize("value", [3, 1.5, None, True, ["1 day"]])
def test_a_number_alone_is_no_length_of_time(value: object) -> None:
    with pytest.raises(ValueError, match="written like"):
        parse_length(value)


@given(st.integers(0, LONGEST_DAYS - 1), st.integers(0, 1440))
def test_what_a_length_shows_reads_back_as_the_same_length(days: int, minutes: int) -> None:
    assert parse_length(str(Length(days, minutes))) == Length(days, minutes)
