"""A questionnaire on several pages: what stood on the others is in the draft, and a page is kept when it is turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import Response

from trial.core.answers import Asked
from trial.core.paging import pages_of
from trial.core.protocol import Questionnaire
from trial.services import drafts
from trial.services.answers import Shown
from trial.services.drafts import Draft
from trial.storage.work import Work
from trial.web.participant.session import Session, may_see_draft
from trial.web.participant.visit import Visit

Pages = Sequence[Sequence[Asked]]


def pages(shown: Shown, *, apart: bool) -> Pages:
    """The pages of what is shown; one where the draft stays elsewhere, for nothing could be kept between pages."""
    activity = shown.activity
    if not isinstance(activity, Questionnaire) or apart:
        return [shown.asked]
    instruments = [shown.folder.instruments[code] for code in activity.instruments]
    return pages_of(shown.asked, instruments, activity.layout) or [[]]


def merged(session: Session, form: Mapping[str, str], draft: Draft | None, opened: datetime) -> Mapping[str, str]:
    """A page as it was sent, with what stands in the draft for the other pages."""
    if "page" not in form or draft is None or not may_see_draft(session, draft, opened):
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


def turn(work: Work, visit: Visit, draft: Draft | None, left: int, to: int, opened: datetime | None) -> Response:
    """Keep what was typed so far, with the time spent on the page that is left, and show another page."""
    session = visit.session
    assert session.participant is not None
    assert session.occasion is not None
    drafts.save(
        work,
        session.participant,
        session.occasion,
        visit.form,
        place=to,
        active_seconds=visit.form.get("active", ""),
        opened_at=opened,
        pages=turned(draft, left, opened, work.now),
        browser=session.browser,
        proven=session.is_proved(opened or work.now),
        emptied=visit.form.get("drafted") == "yes",
    )
    return visit.go(f"/now?page={to}")


def turned(draft: Draft | None, left: int, opened: datetime | None, now: datetime) -> list[Any]:
    """When each page was opened and left, in trial time, in the order in which they were."""
    since = {"opened": opened.isoformat()} if opened else {}
    return [*((draft.pages if draft else None) or ()), {"page": left + 1, **since, "left": now.isoformat()}][-400:]
