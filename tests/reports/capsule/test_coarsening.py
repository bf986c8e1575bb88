"""Baseline facts made coarse: no value of fewer than k people is left, and classes are counted."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from reports.capsule.coarsening import coarse, small_classes
from reports.capsule.tables import Column

AGE = Column("age", "Age", "number")
PLACE = Column("place", "Place", "factor", tuple((one, one.upper()) for one in "abcdef"))


def made(column: Column, cells: list[str], k: int) -> list[str]:
    found = coarse(column, cells, k)
    return [found.cells.get(one, "") for one in cells]


@given(st.lists(st.integers(0, 110), min_size=1, max_size=80), st.integers(2, 10))
def test_every_band_of_a_number_holds_k_people_or_the_number_is_gone(ages: list[int], k: int) -> None:
    after = Counter(made(AGE, [str(one) for one in ages], k))
    assert set(after) == {""} if len(ages) < k else min(after.values()) >= k and "" not in after


@given(st.lists(st.sampled_from(["", *"abcdef"]), max_size=60), st.integers(2, 8))
def test_no_level_that_is_left_has_fewer_than_k_people_and_none_that_was_emptied_stands_alone(
    cells: list[str], k: int
) -> None:
    after = made(PLACE, cells, k)
    kept = Counter(one for one in after if one)
    assert all(n >= k for n in kept.values())
    if after != cells:
        assert after.count("") >= k or not kept


def test_bands_are_ten_wide_for_ages_and_the_value_is_the_middle() -> None:
    ages = ["23", "27", "31", "38", "44", "49", "52", "58"]
    assert made(AGE, ages, 2) == ["25", "25", "35", "35", "45", "45", "55", "55"]


def test_a_band_with_too_few_is_joined_with_its_neighbour() -> None:
    assert made(AGE, ["20", "25", "31", "42", "47"], 2) == ["25", "25", "40", "40", "40"]
    assert made(AGE, ["20", "25", "31", "35", "99"], 2)[2:] == ["65", "65", "65"]


def test_missing_stays_missing_and_nothing_is_said_of_nothing() -> None:
    assert made(AGE, ["", "", "20", "22"], 2)[:2] == ["", ""]
    assert coarse(AGE, ["", ""], 2).done == ()


def test_a_rare_level_takes_the_next_rarest_with_it_rather_than_stand_alone() -> None:
    cells = [*"a" * 6, *"b" * 3, "c"]
    assert made(PLACE, cells, 3) == [*"a" * 6, "", "", "", ""]


def test_a_level_that_enough_have_is_left_as_it_was() -> None:
    found = coarse(PLACE, [*"aaabbb"], 3)
    assert found.done == () and found.cells == {"a": "a", "b": "b"}


def test_small_classes_are_counted_together_and_without_each_fact() -> None:
    rows = [("25", "a")] * 4 + [("25", "b")] + [("35", "a")] * 3
    found = small_classes(("age", "place"), rows, 4)
    assert found.classes == ((("25", "b"), 1), (("35", "a"), 3))
    assert found.people == 4
    assert found.without == {"age": 1, "place": 3}
