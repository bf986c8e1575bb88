"""A person's own page, one step from every mail and every activity: what is next, a pause, how mails come."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Response

from trial.core.errors import Refused
from trial.core.local_time import instant, local_day
from trial.core.texts import say
from trial.pages.frame import Frame
from trial.pages.my_page import (
    Coming,
    MailsPage,
    MyPage,
    PausePage,
    Waiting,
    mails_page,
    pause_page,
)
from trial.pages.my_page import my_page as draw
from trial.services import my_page, passing_over, payees, preferences, reconsent, withdrawal
from trial.services.my_page import Mine
from trial.web.participant.visit import Page, Visit

_SAID = ("paused", "pause_ended", "mails", "address", "again", "undone", "wish", "back", "payee")
_DAYS = ("7", "14")


def mine_of(visit: Visit, participant_id: int) -> tuple[Frame, Mine]:
    """Frame and facts of a page of this person."""
    with visit.site.open_work(visit.actor, write=False) as work:
        mine = my_page.mine(work, participant_id)
        visit.newer = reconsent.is_asked(work, mine.person, mine.trial)
    return visit.frame(mine.trial, mine.folder, language=mine.person.language, personal=True), mine


def waiting_of(mine: Mine) -> tuple[Waiting, ...]:
    """What the person asked for and may still undo."""
    return tuple(
        Waiting(one.id, one.kind, one.takes_effect_at) for one in mine.wishes if one.kind in ("withdraw_data", "erase")
    )


def show_me(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    frame, mine = mine_of(visit, visit.session.participant)
    person, said = mine.person, visit.request.query_params.get("said", "")
    with visit.site.open_work(visit.actor, write=False) as work:
        changed = reconsent.was_told(work, person.id)
        owed = payees.owed_to(work, person, mine.folder.protocol)
    view = MyPage(
        coming=tuple(Coming(one.kind, one.at, one.closes_at, one.week, one.open) for one in mine.next),
        zone=person.zone,
        paused_until=person.paused_until if person.is_paused(mine.now) else None,
        stopped=person.stopped.value if person.stopped else "",
        may_take_up_again=mine.may_take_up_again,
        waiting=waiting_of(mine),
        erased=person.erased_at is not None,
        said=said if said in _SAID else "",
        muted=tuple((one.id, say(one.title, frame.language)) for one in mine.muted),
        over=mine.over,
        changed=changed and not visit.newer,
        thanked=bool(owed),
        asks_where=any(one.state == "asks" for one in owed),
    )
    return visit.page(draw(frame, view))


def change_me(visit: Visit) -> Response:
    """To undo a wish, to take a stop back, to have an exercise back: each with a tick."""
    if visit.session.participant is None:
        return visit.no_session()
    if back := visit.form.get("back"):
        with visit.site.open_work(visit.actor) as work:
            had = passing_over.have_back(work, visit.session.participant, back)
        return visit.go("/me?said=back" if had else "/me")
    undo, again = visit.form.get("undo", ""), visit.form.get("again") == "yes"
    if not again and not (undo.isascii() and undo.isdigit() and len(undo) < 18):
        return visit.go("/me")
    with visit.site.open_work(visit.actor) as work:
        if again:
            preferences.take_up_again(work, visit.session.participant)
        else:
            withdrawal.undo(work, visit.session.participant, int(undo))
    visit.site.ring()
    return visit.go("/me?said=again" if again else "/me?said=undone")


def show_pause(visit: Visit, *, fault: str = "") -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    frame, mine = mine_of(visit, visit.session.participant)
    until = mine.person.paused_until if mine.person.is_paused(mine.now) else None
    view = PausePage(mine.person.zone, until, visit.form.get("day", ""), fault)
    return visit.page(pause_page(frame, view), 422 if fault else 200)


def pause(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    long = visit.form.get("long", "")
    if long not in (*_DAYS, "day", "end"):
        return show_pause(visit, fault="not_chosen")
    try:
        with visit.site.open_work(visit.actor) as work:
            person = my_page.mine(work, visit.session.participant).person
            if long == "end":
                preferences.end_pause(work, person.id)
            else:
                preferences.pause(work, person.id, _until(visit, long, work.now, person.zone))
    except (Refused, ValueError, OverflowError):
        return show_pause(visit, fault="bad_day")
    visit.site.ring()
    return visit.go("/me?said=pause_ended" if long == "end" else "/me?said=paused")


def _until(visit: Visit, long: str, now: datetime, zone: str) -> datetime:
    """The first minute of the day on which mails may come again, where the person lives."""
    if long == "day":
        return instant(datetime.strptime(visit.form.get("day", ""), "%Y-%m-%d").date(), "00:00", zone)  # noqa: DTZ007 - a day, not an instant
    return instant(local_day(now, zone) + timedelta(days=int(long)), "00:00", zone)


def show_mails(visit: Visit, *, fault: str = "") -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    frame, mine = mine_of(visit, visit.session.participant)
    person = mine.person
    view = MailsPage(
        zone=person.zone,
        language=person.language,
        languages=tuple(mine.folder.protocol.languages),
        hours=mine.hours,
        hour=person.chosen_hour or "",
        fewer_reminders=person.fewer_reminders,
        fault=fault,
    )
    return visit.page(mails_page(frame, view), 422 if fault else 200)


def change_mails(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    with visit.site.open_work(visit.actor) as work:
        person = my_page.mine(work, visit.session.participant).person
        fault = preferences.change_mails(
            work,
            person.id,
            zone=visit.form.get("zone", person.zone),
            language=visit.form.get("language", person.language),
            hour=visit.form.get("hour", person.chosen_hour or "") or None,
            fewer_reminders=visit.form.get("fewer") == "yes",
        )
    return show_mails(visit, fault=fault) if fault else visit.go("/me?said=mails")


PAGES = (
    Page("/me", show_me, change_me),
    Page("/me/pause", show_pause, pause),
    Page("/me/mails", show_mails, change_mails),
)
