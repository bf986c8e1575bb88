"""The habits of pretend people as a profile's file has them: each with where it comes from."""

from __future__ import annotations

from zoneinfo import available_timezones

from pydantic import field_validator

from trial.core.texts import Part
from trial.rehearsal.figures import Between, Inner, Listed, Share, Sourced, Weeks


class HabitFigures(Part):
    """Chances per person unless said otherwise. Who is lost, and when, is no habit: see `lost`.

    Coming: `in_first_half` is the share who arrive in the first half of recruitment, from where on arrivals grow or
    fall by the same part from day to day; at 0.5 they are even. `misreads` is the chance at each question about the
    information, `leaves_an_item_out` at each item.

    Doing: `drops_exercises` is the chance to drift away before each exercise, `skips_an_evening` to leave one out,
    `needs_reminder` to wait for the next mail about a thing, `opens_and_leaves` to open a thing that is then not done.
    `says_so` is how many of those who drift away, or are lost, say so on the page for stopping; `lost_mailbox` of those
    lost, whose mailbox it was that died.

    Cheating: `robots` are arrivals that fill in every field within the second; `comes_again` somebody who enrols once
    more with the same address, `comes_as_another` with another one.

    Harm: `upset` is the chance at each exercise to press "This upset me", `alarms` at each answering of an instrument
    that holds an item which calls for help to answer that item at its highest, `says_worse` at each question of yes and
    no, `reports_a_problem` after the first exercise.

    Mail and hours: `forwards` a mail, whose link somebody else opens a day later; `writes_back` a mail in their own
    words; `writes_stop`; `is_away` for a week, in which a machine answers; `changes_zone`, `changes_hour`, `pauses`
    and `fewer_reminders` on their own page: each once.

    How long things take: `minutes_to_act` on a mail, `minutes_to_come_back` to a thing that was opened and left,
    `minutes_to_write` an answer to a mail, `minutes_to_own_page` from a mail to a change there, `days_to_forward` until
    the link of a mail is opened by somebody else, `days_to_come_again` until somebody enrols once more, `weeks_away`.
    Of those who say that they are upset `wants_contact` ask to be written to, and `says_why` give a reason.
    """

    weeks_of_recruitment: Weeks
    in_first_half: Inner
    zones: Listed
    sources: Listed
    eligible: Share
    mistypes_address: Share
    never_confirms: Share
    declines: Share
    leaves_at_consent: Share
    leaves_baseline: Share
    misreads: Share
    shares_data: Share
    drops_exercises: Share
    says_so: Share
    lost_mailbox: Share
    skips_an_evening: Share
    needs_reminder: Share
    opens_and_leaves: Share
    leaves_an_item_out: Share
    robots: Share
    comes_again: Share
    comes_as_another: Share
    upset: Share
    alarms: Share
    says_worse: Share
    reports_a_problem: Share
    forwards: Share
    writes_back: Share
    writes_stop: Share
    is_away: Share
    changes_zone: Share
    changes_hour: Share
    pauses: Share
    fewer_reminders: Share
    minutes_to_act: Between
    minutes_to_come_back: Between
    minutes_to_write: Between
    minutes_to_own_page: Between
    days_to_forward: Between
    days_to_come_again: Between
    weeks_away: Weeks
    wants_contact: Share
    says_why: Share

    @field_validator("zones")
    @classmethod
    def _are_zones(cls, zones: Listed) -> Listed:
        if unknown := sorted(set(zones.values) - available_timezones()):
            raise ValueError(f"there is no zone {unknown[0]}: write names such as Europe/Berlin")
        return zones


def values_of(part: Part) -> dict[str, float | int | tuple[float, ...] | tuple[str, ...]]:
    """Name to value, or to the values of a list, of a part that holds nothing but figures."""
    found: dict[str, float | int | tuple[float, ...] | tuple[str, ...]] = {}
    for name in type(part).model_fields:
        held = getattr(part, name)
        assert isinstance(held, Sourced)
        found[name] = tuple(held.values) if hasattr(held, "values") else held.value  # type: ignore[attr-defined]
    return found
