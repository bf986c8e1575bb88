"""One form of an activity as it comes back: what stands on its other pages, what is still open, and what came of it.

A questionnaire may have several pages. What stood on the others is in the draft, and a page is kept when it is turned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from trial.core import answers as core_answers
from trial.core.answers import Asked, Fault
from trial.core.paging import pages_of
from trial.core.participant import ParticipantState, StopLevel
from trial.core.protocol import Questionnaire
from trial.pages.activities import After
from trial.pages.fields import Typed
from trial.services import answers, drafts, safety
from trial.services.answers import Shown, Submitted
from trial.services.drafts import Draft
from trial.storage import participants
from trial.storage.work import Work

Pages = Sequence[Sequence[Asked]]

ENDS_OF_BASELINE: dict[ParticipantState, After] = {
    ParticipantState.RECRUITMENT_CLOSED: "recruitment_closed",
    ParticipantState.HELD: "enrolment_held",
    ParticipantState.REFUSED: "enrolment_refused",
}
_STOPPED: dict[StopLevel, After] = {
    StopLevel.EXERCISES: "stopped_exercises",
    StopLevel.QUESTIONNAIRES: "stopped_questionnaires",
    StopLevel.EVERYTHING: "stopped_everything",
}


@dataclass(frozen=True, slots=True)
class Posted:
    """A form as it was sent. `sees` says whether who sent it may read a draft, on a page opened at that time;
    `is_proved` whether they had typed a fresh code by then."""

    values: Mapping[str, str] = field(repr=False)
    submission: str
    opened_at: datetime | None
    browser: str
    sees: Callable[[Draft, datetime], bool]
    is_proved: Callable[[datetime], bool]
    short: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The form with what stands in the draft for its other pages, and the occasion that it is of."""

    posted: Posted
    values: Mapping[str, str] = field(repr=False)
    draft: Draft | None
    shown: Shown


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a form: it is asked again as it is `typed`, another page is shown (`turned_to`), or it was
    submitted with this `result`. `place` is the page to show again; `state` is the person's by now."""

    place: int
    typed: Typed | None = None
    turned_to: int | None = None
    result: Submitted | None = None
    state: ParticipantState | None = None
    called: bool = False


def open_form(work: Work, participant_id: int, occasion_id: int, posted: Posted) -> Opened:
    """Read what the form belongs to, of which no other can be sent until this transaction ends."""
    draft = drafts.of(work, participant_id, occasion_id) if "page" in posted.values else None
    values = merged(posted.values, draft, seen=draft is not None and posted.sees(draft, posted.opened_at or work.now))
    shown = answers.show(
        work, participant_id, occasion_id, opened_at=posted.opened_at, form=values, short=posted.short, lock=True
    )  # fmt: skip
    return Opened(posted, values, draft, shown)


def take(work: Work, opened: Opened) -> Taken:
    """Keep the page or the whole, or say what is still open."""
    posted, shown, values, draft = opened.posted, opened.shown, opened.values, opened.draft
    apart = "page" not in values or (draft is not None and not posted.sees(draft, posted.opened_at or work.now))
    found = pages(shown, apart=apart)
    place = place_of(values, found)
    takes = shown.is_open(work.now)
    goes_on = place < len(found) - 1 and takes
    if values.get("turn") == "back" and place > 0 and takes:
        return _turn(work, opened, place, place - 1)
    missing = gaps(values, shown, found[place])
    nothing = not goes_on and empty(values, shown)
    if (missing or nothing) and takes:
        needed: dict[str, Fault] = {column: "needed" for column in missing if column in shown.needed}
        optional = tuple(column for column in missing if column not in needed)
        return Taken(place, Typed(values, needed, optional, nothing))
    if goes_on:
        if faults := core_answers.read(found[place], values).faults:
            return Taken(place, Typed(values, faults))
        return _turn(work, opened, place, place + 1)
    return _submit(work, opened, found, place)


def _submit(work: Work, opened: Opened, found: Pages, place: int) -> Taken:
    posted, person = opened.posted, opened.shown.participant.id
    result = answers.submit_shown(
        work,
        opened.shown,
        opened.values,
        submission=posted.submission,
        opened_at=posted.opened_at,
        turned=turned(opened.draft, place, posted.opened_at, work.now) if len(found) > 1 else (),
    )
    called = bool(safety.called_for(work, person, posted.submission))
    state = participants.by_id(work, person).state
    if result.faults:
        faulty = (at for at, items in enumerate(found) if {one.column for one in items} & result.faults.keys())
        return Taken(next(faulty, 0), Typed(opened.values, result.faults), state=state, called=called)
    return Taken(place, result=result, state=state, called=called)


def _turn(work: Work, opened: Opened, left: int, to: int) -> Taken:
    """Keep what was typed so far, with the time spent on the page that is left, and show another page."""
    posted, shown = opened.posted, opened.shown
    drafts.save(
        work,
        shown.participant.id,
        shown.occasion.id,
        opened.values,
        place=to,
        active_seconds=opened.values.get("active", ""),
        opened_at=posted.opened_at,
        pages=turned(opened.draft, left, posted.opened_at, work.now),
        browser=posted.browser,
        proven=posted.is_proved(posted.opened_at or work.now),
        emptied=opened.values.get("drafted") == "yes",
    )
    return Taken(left, turned_to=to)


def instead(shown: Shown, now: datetime) -> After | None:
    """What to show in place of an activity that is not open to this person now."""
    person, occasion = shown.participant, shown.occasion
    if person.state in ENDS_OF_BASELINE:
        return ENDS_OF_BASELINE[person.state]
    if occasion.done_at is not None:
        return "already"
    if person.stopped is not None and not person.takes(exercise=shown.is_exercise):
        return _STOPPED[person.stopped]
    if now < occasion.opens_at:
        return "not_open"
    if now >= shown.taken_until:
        return "closed"
    if shown.muted:
        return "muted"
    return "nothing" if shown.only_for_some else None


def pages(shown: Shown, *, apart: bool) -> Pages:
    """The pages of what is shown; one where the draft stays elsewhere, for nothing could be kept between pages."""
    activity = shown.activity
    if not isinstance(activity, Questionnaire) or apart:
        return [shown.asked]
    instruments = [shown.folder.instruments[code] for code in activity.instruments]
    return pages_of(shown.asked, instruments, activity.layout) or [[]]


def merged(form: Mapping[str, str], draft: Draft | None, *, seen: bool) -> Mapping[str, str]:
    """A page as it was sent, with what stands in the draft for the other pages, for who may see that."""
    if "page" not in form or draft is None or not seen:
        return form
    here = set(form.get("here", "").split())
    return {name: value for name, value in draft.values.items() if name not in here} | dict(form)


def place_of(form: Mapping[str, str], found: Pages) -> int:
    """Which page was sent: the one that its first question stands on by now."""
    here = set(form.get("here", "").split())
    for place, items in enumerate(found):
        if here & {column for one in items for column in one.columns}:
            return place
    return within(form.get("page", ""), found)


def within(number: str, found: Pages) -> int:
    """A page's number that came from outside, as one that there is."""
    given = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    return min(given, len(found) - 1)


def turned(draft: Draft | None, left: int, opened: datetime | None, now: datetime) -> list[Any]:
    """When each page was opened and left, in trial time, in the order in which they were."""
    since = {"opened": opened.isoformat()} if opened else {}
    return [*((draft.pages if draft else None) or ()), {"page": left + 1, **since, "left": now.isoformat()}][-400:]


def gaps(form: Mapping[str, str], shown: Shown, page: Sequence[Asked]) -> tuple[str, ...]:
    """The items of a questionnaire without an answer, asked about once; exercises have rules of their own.

    Items that an answer has just called for were not on the page: they are shown, whatever button was pressed.
    """
    if shown.is_exercise:
        return ()
    found = tuple(one.column for one in page if not one.answered(form))
    if form.get("go_on") != "yes":
        return found
    met = form.get("met", "").split()
    return tuple(column for column in found if column in shown.branches and column not in met)


def empty(form: Mapping[str, str], shown: Shown) -> bool:
    """Whether nothing at all was answered: a press alone sends no empty questionnaire, a tick says that it is meant."""
    if shown.is_exercise or form.get("rather_not") == "yes":
        return False
    return not any(one.columns and one.answered(form) for one in shown.asked)
