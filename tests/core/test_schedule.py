"""The plan of one participant: every evening at seven where the person lives, whatever the clocks do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.core.protocols import PROTOCOL
from tests.core.test_local_time import change_days
from trial.core.durations import Length
from trial.core.protocol import TrialProtocol
from trial.core.schedule import PlannedOccasion, last_window, plan_arm, plan_baseline

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/St_Johns",
    "Pacific/Chatham",
]
WEEK = list(range(1, 8))


def with_evenings(days: list[int], clock: str = "19:00") -> TrialProtocol:
    """The trial with other evenings."""
    points = [
        one.model_copy(update={"days": days, "time": clock}) if one.id == "evening" else one
        for one in PROTOCOL.timepoints
    ]
    return PROTOCOL.model_copy(update={"timepoints": points})


def evenings(protocol: TrialProtocol, randomized_at: datetime, zone: str) -> list[PlannedOccasion]:
    return [one for one in plan_arm(protocol, "letter", randomized_at, zone) if one.timepoint == "evening"]


def change_weeks() -> list[tuple[str, date]]:
    """(zone, first day) of every week of 2026 in which the clocks change on its fourth day."""
    return [(zone, day - timedelta(days=3)) for zone in ZONES for day in change_days(zone)[1::3]]


@pytest.mark.parametrize(("zone", "first"), change_weeks(), ids=lambda one: str(one))
def test_every_evening_is_at_seven_where_the_person_lives_though_the_clocks_change(zone: str, first: date) -> None:
    randomized_at = datetime.combine(first, time(10, 0), ZoneInfo(zone))
    planned = evenings(with_evenings(WEEK), randomized_at, zone)
    local = [one.opens_at.astimezone(ZoneInfo(zone)) for one in planned]
    assert [one.date() for one in local] == [first + timedelta(days=n) for n in WEEK]
    assert {one.time() for one in local} == {time(19, 0)}
    # the change is in the week: one of its days does not last 24 hours
    apart = {following.opens_at - one.opens_at for one, following in pairwise(planned)}
    assert len(apart) == 2
    assert timedelta(hours=24) in apart


def test_there_is_a_week_for_each_change_of_the_clocks() -> None:
    assert Counter(zone for zone, _ in change_weeks()) == dict.fromkeys(ZONES, 2)


@pytest.mark.parametrize("clock", ["00:00", "01:30", "02:30", "03:00", "23:59"])
@pytest.mark.parametrize("zone", ZONES)
def test_at_any_hour_each_local_day_has_its_exercise_exactly_once(zone: str, clock: str) -> None:
    for first in [day for name, day in change_weeks() if name == zone]:
        randomized_at = datetime.combine(first, time(10, 0), ZoneInfo(zone))
        planned = evenings(with_evenings(WEEK, clock), randomized_at, zone)
        days = [one.opens_at.astimezone(ZoneInfo(zone)).date() for one in planned]
        assert days == [first + timedelta(days=n) for n in WEEK]


@pytest.mark.parametrize(
    ("randomized_at", "zone", "first"),
    [
        # half past eleven at night in Berlin is tomorrow in Auckland and still the afternoon in Toronto
        ("2026-06-10T21:30+00:00", "Europe/Berlin", "2026-06-11T19:00+02:00"),
        ("2026-06-10T21:30+00:00", "Pacific/Auckland", "2026-06-12T19:00+12:00"),
        ("2026-06-10T21:30+00:00", "America/Toronto", "2026-06-11T19:00-04:00"),
    ],
)
def test_day_one_is_the_day_after_the_local_day_of_randomization(randomized_at: str, zone: str, first: str) -> None:
    planned = evenings(PROTOCOL, datetime.fromisoformat(randomized_at), zone)
    assert planned[0].opens_at == datetime.fromisoformat(first)


def test_windows_reminders_and_latest_useful_times_follow_from_the_opening() -> None:
    first = evenings(PROTOCOL, datetime(2026, 6, 10, 9, tzinfo=UTC), "Europe/Berlin")[0]
    opens = datetime.fromisoformat("2026-06-11T19:00+02:00")
    assert (first.opens_at, first.closes_at) == (opens, opens + timedelta(hours=20))
    invitation, reminder = first.contacts
    assert (invitation.message, invitation.reminder, invitation.due_at) == ("evening", 0, opens)
    assert invitation.not_after == opens + timedelta(hours=4)
    assert (reminder.message, reminder.reminder) == ("evening_reminder", 1)
    assert reminder.due_at == opens + timedelta(hours=2)
    assert reminder.not_after == opens + timedelta(hours=4)
    assert invitation.local_rule == "day 1, 19:00 Europe/Berlin"
    assert reminder.local_rule == "day 1, 19:00 Europe/Berlin + 2 hours"


def test_a_questionnaire_three_days_later_comes_at_the_same_hour_across_a_change_of_the_clocks() -> None:
    """Days of a reminder are calendar days: 18:00 stays 18:00."""
    zone = ZoneInfo("Europe/Berlin")
    planned = plan_arm(PROTOCOL, "list", datetime(2026, 10, 10, 9, tzinfo=UTC), "Europe/Berlin")
    questionnaire = next(one for one in planned if one.timepoint == "week_2")
    assert [one.due_at.astimezone(zone).isoformat() for one in questionnaire.contacts] == [
        "2026-10-24T18:00:00+02:00",
        "2026-10-27T18:00:00+01:00",
    ]
    assert questionnaire.closes_at.astimezone(zone).isoformat() == "2026-10-31T18:00:00+01:00"


def test_each_arm_gets_its_own_exercise_and_all_else_alike() -> None:
    start = datetime(2026, 6, 10, 9, tzinfo=UTC)
    letter, listing = (plan_arm(PROTOCOL, arm, start, "Europe/London") for arm in ("letter", "list"))
    assert {one.activity for one in letter} == {"letter", "later"}
    assert {one.activity for one in listing} == {"list", "later"}
    # nothing but the activity tells the arms apart: same mails, same instants
    assert [(one.timepoint, one.occurrence, one.opens_at, one.closes_at, one.contacts) for one in letter] == [
        (one.timepoint, one.occurrence, one.opens_at, one.closes_at, one.contacts) for one in listing
    ]


def test_the_plan_is_in_the_order_of_opening_and_repeats_no_occasion() -> None:
    planned = plan_arm(PROTOCOL, "letter", datetime(2026, 6, 10, 9, tzinfo=UTC), "Europe/London")
    assert [one.opens_at for one in planned] == sorted(one.opens_at for one in planned)
    assert len({(one.timepoint, one.occurrence, one.activity) for one in planned}) == len(planned) == 4


def test_the_baseline_opens_at_once_and_sends_nothing() -> None:
    consented_at = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)
    (only,) = plan_baseline(PROTOCOL, consented_at, "Europe/Berlin")
    assert (only.timepoint, only.activity, only.contacts) == ("baseline", "before", ())
    assert only.opens_at == consented_at
    # seven calendar days over the start of summer time: an hour less
    assert only.closes_at - consented_at == timedelta(days=7, hours=-1)


def test_the_last_window_is_closed_by_the_end_that_is_told() -> None:
    start = datetime(2026, 10, 10, 9, tzinfo=UTC)
    end = start + timedelta(days=last_window(PROTOCOL).days)
    assert isinstance(last_window(PROTOCOL), Length)
    for zone in ZONES:
        assert all(one.closes_at < end for one in plan_arm(PROTOCOL, "letter", start, zone))
