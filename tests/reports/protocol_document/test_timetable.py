"""When things happen, in words, and how much it is: against the engine that sends the mails, and worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.protocol_document import timetable
from reports.protocol_document.burden import loads
from reports.protocol_document.calendars import calendar
from reports.protocol_document.names import Names
from tests.reports.protocol_document import variants
from trial.core.protocol import Timepoint
from trial.core.schedule import plan_arm, plan_completion

BASE = {"id": "one", "label": {"en": "One"}, "activities": ["lesson"], "closes_after": "1 day", "invitation": "evening"}


def point(**keys: object) -> Timepoint:
    return Timepoint.model_validate(BASE | keys)


@pytest.mark.parametrize(
    ("keys", "days", "hour"),
    [
        ({"days": [14], "time": "18:00"}, "day 14", "18:00"),
        ({"days": [0], "time": "at_once"}, "day 0", "at once"),
        ({"days": [1, 2, 3], "between": ["10:00", "16:00"]}, "days 1 to 3", "between 10:00 and 16:00"),
        ({"days": [9, 1, 4], "time": "08:00"}, "days 1, 4 and 9", "08:00"),
        ({"days": [1, 3, 5, 7, 9, 11, 13, 15, 17], "time": "08:00"}, "9 days from day 1 to day 17", "08:00"),
        (
            {"weekly": {"on": ["fri", "mon", "wed"], "weeks": 4}, "time": "07:30"},
            "Mon, Wed and Fri for 4 weeks, from day 1 on",
            "07:30",
        ),
        (
            {"weekly": {"on": ["sun"], "weeks": 1, "from_day": 8}, "time": "07:30"},
            "Sun for 1 week, from day 8 on",
            "07:30",
        ),
        (
            {
                "days": [2],
                "anchor": "completion",
                "after": "letter",
                "time": "20:00",
                "chosen_from": ["08:00", "12:30"],
            },
            "day 2, counted from the day “Title of letter” is finished",
            "at the hour the person chose of 08:00, 12:30 (20:00 until then)",
        ),
        ({"anchor": "consent"}, "after consent, before chance decides", "at once"),
    ],
)
def test_a_timepoint_is_told_in_words(keys: dict[str, object], days: str, hour: str) -> None:
    protocol = variants.everything().protocol
    assert timetable.days(protocol, point(**keys)) == days
    assert timetable.hour(point(**keys)) == hour


@given(st.sets(st.integers(0, 3650), min_size=1, max_size=40))
def test_days_in_words_begin_and_end_with_the_first_and_last_day(days: set[int]) -> None:
    said = timetable.counted(sorted(days))
    numbers = [int(word.strip(",")) for word in said.split() if word.strip(",").isdigit()]
    assert min(days) in numbers and max(days) in numbers


@pytest.mark.parametrize("variant", ["shapira", "small", "no reminders", "twelve arms"])
def test_the_calendar_of_an_arm_is_what_the_engine_plans_for_it(variant: str) -> None:
    folder = variants.ALL[variant]()
    start = datetime(2027, 3, 1, 9, tzinfo=UTC)
    for arm in folder.protocol.arms:
        planned = plan_arm(folder.protocol, arm.id, start, "UTC")
        sent = sorted(
            (f"Day {(contact.due_at.date() - start.date()).days}", f"{contact.due_at:%H:%M}")
            for occasion in planned
            for contact in occasion.contacts
        )
        told = [(row[0], row[1]) for row in calendar(Names(folder), arm.id) if row[0] != "Start"]
        assert sorted(told) == sent
        asked = timetable.asks(folder.protocol, arm.id)
        assert sum(timetable.mails(asked)) == len(sent)


def test_an_arm_is_asked_as_often_as_the_engine_plans_whatever_the_pattern() -> None:
    protocol = variants.everything().protocol
    start = datetime(2027, 3, 1, 9, tzinfo=UTC)
    for arm in protocol.arms:
        planned = plan_arm(protocol, arm.id, start, "UTC") + plan_completion(protocol, arm.id, "letter", start, "UTC")
        asked = [one for one in timetable.asks(protocol, arm.id) if one.day is not None]
        if arm.id == "chores":  # it never does what the last timepoint waits for
            planned = [one for one in planned if protocol.timepoint(one.timepoint).anchor != "completion"]
        names = [(one.timepoint, one.activity) for one in planned]
        assert sorted(names) == sorted((one.point.id, one.activity.id) for one in asked)
        assert sum(timetable.mails(asked)) == sum(len(one.contacts) for one in planned)


def test_the_shipped_trial_asks_every_arm_for_155_minutes_and_sends_11_mails_and_15_reminders() -> None:
    # by hand: 10 minutes of questions at the start, 7 evenings of 15 minutes, 4 questionnaires of 10 minutes;
    # 7 + 4 mails; a reminder for each evening, and two for each questionnaire
    (load,) = loads(Names(variants.shapira()))
    assert load.arms == ("letter", "optimism", "early_memory")
    assert load.weeks == {0: 10, 1: 7 * 15, 2: 10, 6: 10, 14: 10, 27: 10}
    assert load.total == 10 + 7 * 15 + 4 * 10 == 155
    assert (load.invitations, load.reminders) == (7 + 4, 7 + 4 * 2)


def test_arms_that_are_asked_for_different_minutes_are_told_apart() -> None:
    found = loads(Names(variants.twelve_arms()))
    assert [one.arms for one in found] == [(f"arm_{n}",) for n in range(1, 13)]
    assert [one.total for one in found] == [2 + 3 * n + 2 + 2 for n in range(1, 13)]


def test_what_follows_completion_is_counted_from_the_first_day_on_which_it_can_be_done() -> None:
    protocol = variants.everything().protocol
    found = {one.activity.id: one for one in timetable.asks(protocol, "gratitude")}
    assert found["again"].day == 40 + 3
    assert "again" not in {one.activity.id for one in timetable.asks(protocol, "chores")}


def test_a_reminder_past_midnight_stands_on_the_next_day() -> None:
    rows = calendar(Names(variants.everything()), "gratitude")
    late = [row for row in rows if row[0] == "3 days after “Title of letter”"]
    reminder = [row for row in rows if row[0] == "4 days after “Title of letter”"]
    assert {row[1] for row in late} == {"23:30"} and {row[1] for row in reminder} == {"00:30"}
    assert len(late) == len(reminder) == 3


def test_a_weekly_pattern_is_told_by_weekday_and_counted_in_its_weeks() -> None:
    rows = [row for row in calendar(Names(variants.everything()), "gratitude") if row[0].startswith("Week ")]
    assert [row[0] for row in rows[::2]] == [f"Week {w}, {d}" for w in (1, 2, 3, 4) for d in ("Mon", "Wed", "Fri")]
    assert all(row[1] == "Between 10:00 and 16:00" for row in rows)
