"""The calendar of an arm counts people once, and tells of a further stage what one person is asked for."""

from __future__ import annotations

from typing import cast

from reports.document import Figure
from reports.rehearsal_calendar import calendar
from trial.core.rehearsed import ArmCalendar, CalendarEntry
from trial.core.trial import Trial
from trial.protocol_files import read_folder
from trial.protocol_files.presets import preset
from trial.rehearsal.findings.calendars import calendars_of
from trial.rehearsal.findings.gathered import Facts
from trial.rehearsal.profile_file import read_profile
from trial.services.lived_through import LivedThrough


def entry(day: int, kind: str, left: int) -> CalendarEntry:
    return CalendarEntry("", day, "", kind, "Practice", 1, day, 17, left, 9)


def drawn(*entries: CalendarEntry) -> str:
    found = calendar(ArmCalendar("touch", "Kind touch", 17, entries), 1)[0]
    return cast(Figure, found).drawing.svg


def test_who_is_asked_for_two_things_at_once_is_counted_once() -> None:
    svg = drawn(entry(0, "at once", 17), entry(0, "at once", 17))
    assert ">17<" in svg and ">34<" not in svg


def test_mails_of_one_day_are_counted_together_and_without_what_came_by_none() -> None:
    assert ">29<" in drawn(entry(1, "asked", 17), entry(1, "reminder", 12), entry(1, "at once", 17))


def test_a_stage_tells_the_minutes_of_one_option_and_a_title_that_both_share_once() -> None:
    folder = read_folder(preset("second-stage"))
    nobody = LivedThrough(cast(Trial, None), folder, (), (), (), {}, (), (), ())
    first = calendars_of(Facts(nobody, read_profile("realistic"), 600))[0]
    further = [one for one in first.entries if one.after]
    assert len(further) == 6
    assert {(one.what, one.minutes) for one in further} == {("Further exercises: A few minutes for yourself", 6)}
