from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.core.protocols import PROTOCOL
from tests.spec.tables import rows
from trial.core.days import local_days, longest_wait
from trial.core.protocol import WEEKDAYS, Blackout, Calendar, Timepoint

EVENING = PROTOCOL.timepoint("evening").model_dump(by_alias=True)


def asking(words: str) -> Timepoint:
    if words.startswith("days "):
        return Timepoint.model_validate(EVENING | {"days": [int(one) for one in words[5:].split(", ")]})
    on, rest = words.split(" for ")
    weeks, day = rest.replace(" weeks from day", "").split()
    weekly = {"on": on.split(", "), "weeks": int(weeks), "from_day": int(day)}
    return Timepoint.model_validate({key: one for key, one in EVENING.items() if key != "days"} | {"weekly": weekly})


def leaving_alone(words: str) -> Calendar:
    parts = [] if words == "–" else [one.replace(" to ", " ").split() for one in words.split(", ")]
    return Calendar(blackout=[Blackout(first=first, last=last, rule=rule) for first, last, rule in parts])


def found(words: str) -> list[tuple[int, date]]:
    if words == "none":
        return []
    pairs = (one.split(": ") for one in words.split("; "))
    return [(int(number), date.fromisoformat(day)) for number, day in pairs]


@pytest.mark.parametrize("row", rows("days.md", "Asked"), ids=lambda row: f"{row['asks']}, {row['blackout']}")
def test_a_timepoint_asks_on_the_days_that_its_table_says(row: dict[str, str]) -> None:
    name, day = row["counts from"].split()
    origin = date.fromisoformat(day)
    assert WEEKDAYS[origin.weekday()] == name.lower()
    asked = local_days(asking(row["asks"]), leaving_alone(row["blackout"]), origin)
    assert asked == found(row["days"])


moments = st.dates(date(2026, 1, 1), date(2032, 12, 31))
blackouts = st.builds(
    lambda start, length, rule: Blackout(
        first=f"{start:%m-%d}", last=f"{start + timedelta(days=length):%m-%d}", rule=rule
    ),
    st.dates(date(2028, 1, 1), date(2028, 12, 31)),
    st.integers(0, 20),
    st.sampled_from(["move", "skip"]),
)
weekly = st.fixed_dictionaries(
    {
        "on": st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True),
        "weeks": st.integers(1, 6),
        "from_day": st.integers(0, 40),
    }
)


@given(moments, st.lists(blackouts, max_size=3), st.lists(st.integers(0, 400), min_size=1, max_size=9, unique=True))
def test_no_day_is_asked_in_a_blackout_or_twice_or_later_than_the_longest_wait(
    origin: date, blackout: list[Blackout], days: list[int]
) -> None:
    point, calendar = Timepoint.model_validate(EVENING | {"days": days}), Calendar(blackout=blackout)
    asked = local_days(point, calendar, origin)
    chosen = [day for _, day in asked]
    assert len(set(chosen)) == len(chosen)
    for one in blackout:
        within = {
            f"{date(2028, int(one.first[:2]), int(one.first[3:])) + timedelta(days=n):%m-%d}" for n in range(one.days)
        }
        assert not within & {f"{day:%m-%d}" for day in chosen}
    assert all(0 <= (day - origin).days <= longest_wait(point, calendar) for day in chosen)


@given(moments, weekly)
def test_a_weekly_pattern_asks_as_often_as_it_says_on_its_weekdays_only(
    origin: date, pattern: dict[str, object]
) -> None:
    point = Timepoint.model_validate({key: one for key, one in EVENING.items() if key != "days"} | {"weekly": pattern})
    asked = [day for _, day in local_days(point, Calendar(), origin)]
    assert point.weekly is not None
    assert len(asked) == len(point.weekly.on) * point.weekly.weeks == len(point.days)
    assert {WEEKDAYS[day.weekday()] for day in asked} <= set(point.weekly.on)
    assert min(asked) >= origin + timedelta(days=point.weekly.from_day)


@pytest.mark.parametrize(("first", "last"), [("02-30", "03-02"), ("11-31", "12-01"), ("01-01", "12-31")])
def test_a_blackout_has_real_days_and_an_end(first: str, last: str) -> None:
    with pytest.raises(ValidationError):
        Blackout(first=first, last=last)
