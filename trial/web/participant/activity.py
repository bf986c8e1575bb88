"""What there is to do now: a questionnaire or an exercise, shown and taken in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from fastapi import Response

from trial.core.participant import ParticipantState
from trial.core.protocol import Questionnaire, Recall
from trial.core.texts import say
from trial.pages import activities, exercises
from trial.pages.activities import Unsent
from trial.pages.fields import Typed, sections
from trial.pages.frame import Frame
from trial.services import answers, drafts, reconsent, safety, sitting
from trial.services.answers import Shown, Submitted
from trial.services.drafts import Draft
from trial.services.earlier import Earlier
from trial.services.sitting import ENDS_OF_BASELINE, Posted, Taken
from trial.web.participant.help import by_way_of_help
from trial.web.participant.session import (
    ALLOCATED,
    Session,
    may_see_draft,
    read_opening,
    seal_opening,
    submission_of,
)
from trial.web.participant.visit import Page, Visit


def show_now(visit: Visit) -> Response:
    session = visit.session
    if session.participant is None:
        return visit.no_session()
    if session.occasion is None:
        return visit.go("/done")
    with visit.site.open_work(visit.actor, write=False) as work:
        draft = drafts.of(work, session.participant, session.occasion)
        typed = draft.values if draft and not visit.form and _seen(visit, draft, work.now) else visit.form
        shown = answers.show(
            work,
            session.participant,
            session.occasion,
            opened_at=opened_at(visit),
            form=typed,
            short=session.short and visit.request.query_params.get("whole") != "yes",
        )
        visit.newer = reconsent.is_asked(work, shown.participant, shown.trial)
    after = None if visit.site.read_only else sitting.instead(shown, work.now)
    if after is not None:
        return visit.page(activities.after_page(_frame(visit, shown), after))
    found = sitting.pages(shown, apart=_apart(visit, draft, work.now))
    wanted = visit.request.query_params.get("page", str(draft.place) if draft else "")
    place = sitting.place_of(visit.form, found) if visit.form else sitting.within(wanted, found)
    return visit.page(_activity(visit, shown, work.now, Typed(typed, {}), draft, place))


def _seen(visit: Visit, draft: Draft, now: datetime) -> bool:
    """Whether the draft may be shown here, on a page that is opened now or comes back."""
    return may_see_draft(visit.session, draft, opened_at(visit) or now)


def _apart(visit: Visit, draft: Draft | None, now: datetime) -> bool:
    """Whether nothing can be kept between pages: another browser holds the draft."""
    if visit.site.read_only or (visit.form and "page" not in visit.form):
        return True
    return draft is not None and not _seen(visit, draft, now)


def send_now(visit: Visit) -> Response:
    session = visit.session
    if session.participant is None:
        return visit.no_session()
    if session.occasion is None:
        return visit.go("/done")
    with visit.site.open_work(visit.actor) as work:
        opened = sitting.open_form(work, session.participant, session.occasion, _posted(visit))
        visit.form, shown = opened.values, opened.shown
        sent = visit.form.get("submission", "")
        if sent != opened.posted.submission:
            # the button was pressed twice: the second press may not lead past the page
            if safety.called_for(work, session.participant, sent):
                return visit.go(by_way_of_help("/now"))
            return _of_another_page(visit, shown, work.now)
        taken = sitting.take(work, opened)
        if taken.typed is not None:
            return visit.page(_activity(visit, shown, work.now, taken.typed, opened.draft, taken.place), 422)
    if taken.turned_to is not None:
        return visit.go(f"/now?page={taken.turned_to}")
    return _sent(visit, shown, taken)


def _posted(visit: Visit) -> Posted:
    """The form of this visit, as the services take it."""
    session = visit.session
    return Posted(
        values=visit.form,
        submission=submission_of(visit.site.secret, session),
        opened_at=opened_at(visit),
        browser=session.browser,
        sees=partial(may_see_draft, session),
        is_proved=session.is_proved,
        short=session.short and visit.form.get("short") == "yes",
    )


def _sent(visit: Visit, shown: Shown, taken: Taken) -> Response:
    """What follows on a form that was submitted."""
    session, result = visit.session, taken.result
    assert result is not None
    assert taken.state is not None
    if result.allocated or result.mail_due:
        visit.site.ring()
    if shown.is_exercise and result.state == "kept":
        session = replace(session, wrote=session.occasion)
    path, onward = _onward(result, session, taken.state, at_baseline=_is_baseline(shown))
    if isinstance(shown.activity, Recall) and result.state in ("kept", "already"):
        # the page about the cards comes first and leads on to where the path goes
        after = onward.after if path == "/done" else "kept"
        path, onward = "/done", replace(onward, cards=session.occasion, after=after)
    else:
        onward = replace(onward, cards=None)
    return visit.go(by_way_of_help(path) if taken.called else path, onward)


def _onward(result: Submitted, session: Session, state: ParticipantState, *, at_baseline: bool) -> tuple[str, Session]:
    """A second press of the same button leads where the first one led."""
    if result.next_occasion_id is not None:
        return "/now", replace(session, occasion=result.next_occasion_id, short=False)
    if result.state == "stopped":  # an open page of somebody who has stopped: /now says so
        return "/now", session
    after = "already" if result.state == "already" else "kept" if result.state == "kept" else "closed"
    if at_baseline and state is ParticipantState.RANDOMIZED:
        after = ALLOCATED
    elif at_baseline and state in ENDS_OF_BASELINE:
        after = ENDS_OF_BASELINE[state]
    return "/done", replace(session, after=after)


def _of_another_page(visit: Visit, shown: Shown, now: datetime) -> Response:
    """A form of this visit's page before, pressed twice or sent from an older tab: nothing of it is kept here.

    What it holds for the fields of the present page is shown, so that no text is lost.
    """
    session = visit.session
    before = replace(session, occasion=session.cards)
    if session.cards is not None and visit.form.get("submission") == submission_of(visit.site.secret, before):
        return visit.go("/done")
    visit.again = any(visit.form.get(one.column, "").strip() for one in shown.asked)
    if not visit.again or sitting.instead(shown, now) is not None:
        return visit.go("/now")
    return visit.page(_activity(visit, shown, now, Typed(visit.form, {})))


def _is_baseline(shown: Shown) -> bool:
    return shown.occasion.timepoint == shown.folder.protocol.baseline.id


def _frame(visit: Visit, shown: Shown) -> Frame:
    return visit.frame(shown.trial, shown.folder, language=shown.participant.language, personal=True)


def opened_at(visit: Visit) -> datetime | None:
    """When the page that comes back was first drawn; None for a page that is opened now."""
    return read_opening(visit.site.secret, visit.session, visit.form.get("opened", ""))


def _activity(
    visit: Visit, shown: Shown, now: datetime, typed: Typed, draft: Draft | None = None, place: int = 0
) -> str:
    frame, secret, activity = _frame(visit, shown), visit.site.secret, shown.activity
    language = frame.language
    sheet = activities.Sheet(
        title=say(activity.title, language),
        minutes=activity.minutes,
        closes_at=shown.occasion.closes_at if now < shown.occasion.closes_at else shown.taken_until,
        zone=shown.participant.zone,
        submission=submission_of(secret, visit.session),
        opened=seal_opening(secret, visit.session, opened_at(visit) or now),
        unsent=_unsent(visit, draft, now),
    )
    if not isinstance(activity, Questionnaire):
        text = shown.folder.text(activity.exercise, language)
        locked = not all(_may_see_writing(visit, one, now) for one in shown.earlier)
        before = () if locked else shown.earlier
        earlier = tuple((say(one.prompt, language) if one.prompt else "", one.words) for one in before)
        page = exercises.ExercisePage(sheet, activity, text, shown.asked, typed, earlier, locked)
        return exercises.exercise_page(frame, page)
    instruments = [shown.folder.instruments[code] for code in activity.instruments]
    found = sitting.pages(shown, apart=_apart(visit, draft, now))
    items = found[min(place, len(found) - 1)]
    shown_sections = sections(instruments, items, language, typed)
    view = activities.QuestionnairePage(
        sheet,
        shown_sections,
        typed.gaps,
        all_needed=_is_baseline(shown),
        empty=typed.empty,
        branches=tuple(shown.branches) if activity.show_if else None,
        late=now >= shown.occasion.closes_at,
        short=shown.short,
        place=place,
        pages=len(found),
        here=tuple(column for one in items for column in one.columns),
        before=sum(one.item.type != "info" for before in found[:place] for one in before),
    )
    return activities.questionnaire_page(frame, view)


def _may_see_writing(visit: Visit, words: Earlier, now: datetime) -> bool:
    """Own words are shown in the browser that they were sent from, and elsewhere after a fresh code."""
    session = visit.session
    return visit.site.read_only or session.wrote == words.occasion_id or session.is_proved(opened_at(visit) or now)


def _unsent(visit: Visit, draft: Draft | None, now: datetime) -> Unsent:
    """What the form goes on from: the draft, or the form that came back; another browser's draft waits for a code."""
    if draft is not None and not visit.form:
        seen = _seen(visit, draft, now)
        elsewhere = Unsent() if visit.site.read_only else Unsent("elsewhere")
        return Unsent("shown", draft.active_seconds) if seen else elsewhere
    active = visit.form.get("active", "")
    return Unsent("again" if visit.form.get("drafted") == "yes" else "", int(active) if _whole(active) else 0)


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7


PAGES = (Page("/now", show_now, send_now),)
