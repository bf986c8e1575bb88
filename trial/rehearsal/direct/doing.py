"""What there is to do: a personal link, and the activity that it leads to."""

from __future__ import annotations

from datetime import datetime

from trial.core.errors import LinkInvalid
from trial.core.protocol import Questionnaire, Recall
from trial.core.texts import say
from trial.pages.fields import Typed
from trial.rehearsal.direct.asking import exercise, questions
from trial.rehearsal.direct.visit import ASKED_AGAIN, VISITOR, Answer, Query, Told, Visit, form, hidden, ticks, words_of
from trial.services import answers, drafts, earlier, links, reconsent, sitting
from trial.services.answers import Shown
from trial.services.drafts import Draft
from trial.services.sitting import Pages, Posted, Taken

_TO = {
    "stop": "/stop", "report": "/report", "me": "/me", "end": "/end", "changed": "/changed", "results": "/end/results"
}  # fmt: skip
_NOTHING = Typed({}, {})


def show_landing(visit: Visit, path: str, query: Query) -> Answer:
    to = f"?to={query['to']}" if "to" in query else ""
    return Told(f"/go/{path}{to}", form(f"/go/{path}{to}"))


def follow(visit: Visit, token: str, sent: Query) -> Answer:
    """As the page does: the session that begins is for one person and one occasion."""
    leads_to = _TO.get(sent.get("to", ""))
    try:
        with visit.site.open_work(VISITOR, write=False) as work:
            target = links.follow(work, token, lapsed_too=leads_to is not None)
            asked = leads_to is None and reconsent.asks(work, target.participant_id, target.trial)
    except LinkInvalid:
        return Told(f"/go/{token}", status=404)
    if target.in_doubt:
        with visit.site.open_work(VISITOR) as work:
            links.proved(work, token)
    slug = target.trial.slug
    visit.begin(slug=slug, participant=target.participant_id, occasion=target.occasion_id, short=target.short)
    return leads_to or ("/again" if asked else "/me" if target.occasion_id is None else "/now")


def show_now(visit: Visit, query: Query) -> Answer:
    state = visit.state
    if state.participant is None or state.occasion is None:
        return Told("/now")
    short = state.short and query.get("whole") != "yes"
    with visit.site.open_work(visit.actor, write=False) as work:
        draft = drafts.of(work, state.participant, state.occasion)
        seen = draft is None or draft.browser == visit.browser
        values = draft.values if draft and seen else {}
        shown = answers.show(work, state.participant, state.occasion, form=values, short=short)
        now = work.now
    if sitting.instead(shown, now) is not None:
        return Told("/now")
    found = sitting.pages(shown, apart=not seen)
    place = sitting.within(query.get("page", str(draft.place) if draft else ""), found)
    drafted = None if not seen else "yes" if draft else ""
    return _asked(visit, shown, found, place, Typed(values, {}), opened=now, drafted=drafted)


def send(visit: Visit, sent: Query) -> Answer:
    state = visit.state
    if state.participant is None or state.occasion is None:
        return Told("/now")
    posted = Posted(
        values=sent,
        submission=visit.submission,
        opened_at=datetime.fromisoformat(sent["opened"]) if sent.get("opened") else None,
        browser=visit.browser,
        sees=lambda draft, _: draft.browser == visit.browser,
        is_proved=lambda _: False,
        short=state.short and sent.get("short") == "yes",
    )
    with visit.site.open_work(visit.actor) as work:
        opened = sitting.open_form(work, state.participant, state.occasion, posted)
        if sent.get("submission") != posted.submission:
            return "/now"
        taken = sitting.take(work, opened)
    shown = opened.shown
    if taken.typed is not None:
        found = sitting.pages(shown, apart="page" not in sent or not _sees(visit, opened.draft))
        drafted = "yes" if sent.get("drafted") == "yes" else ""
        since = posted.opened_at or work.now
        return _asked(visit, shown, found, taken.place, taken.typed, opened=since, drafted=drafted, status=ASKED_AGAIN)
    if taken.turned_to is not None:
        return f"/now?page={taken.turned_to}"
    return _sent(visit, shown, taken)


def _sees(visit: Visit, draft: Draft | None) -> bool:
    return draft is None or draft.browser == visit.browser


def _sent(visit: Visit, shown: Shown, taken: Taken) -> Answer:
    result = taken.result
    assert result is not None
    if result.allocated or result.mail_due:
        visit.site.ring()
    done = visit.state.occasion
    path = "/done"
    if result.next_occasion_id is not None:
        path = "/now"
        visit.go_on(occasion=result.next_occasion_id, short=False)
    elif result.state == "stopped":
        path = "/now"
    cards = isinstance(shown.activity, Recall) and result.state in ("kept", "already")
    visit.go_on(cards=done if cards else None)
    if cards:
        path = "/done"
    return f"/resources?to={path.strip('/')}" if taken.called else path


def show_done(visit: Visit, query: Query) -> Answer:
    """Where a post ends; after cards it leads on to what is asked in the same sitting."""
    state = visit.state
    if state.participant is None or state.cards is None or "on" in query:
        return Told("/done")
    with visit.site.open_work(visit.actor, write=False) as work:
        went = earlier.went(work, state.participant, state.cards)
    return Told("/done", links=["/now"] if went and state.occasion != state.cards else [])


def show_resources(visit: Visit, query: Query) -> Answer:
    """What comes right after answers that call for it."""
    state = visit.state
    onward = {"now": "/now", "done": "/done"}.get(query.get("to", ""), "")
    if query.get("to") == "address" and state.screening is not None:
        onward = f"/{state.slug}/address"
    return Told("/resources", links=[onward or "/now"])


def _asked(
    visit: Visit,
    shown: Shown,
    found: Pages,
    place: int,
    typed: Typed,
    *,
    opened: datetime,
    drafted: str | None,
    status: int = 200,
) -> Told:
    """The form of an activity; `drafted` is None where its draft is another browser's."""
    language, activity = shown.participant.language, shown.activity
    fields = [hidden("submission", visit.submission), hidden("opened", opened.isoformat()), hidden("active", "")]
    if drafted is not None:
        fields.append(hidden("drafted", drafted))
    if not isinstance(activity, Questionnaire):
        fields += exercise(activity, shown.asked, typed.values)
        words = words_of(shown.folder.text(activity.exercise, language))
        words = f"{say(activity.title, language)} {words}"
        return Told("/now", form("/now", *fields), status=status, words=words, links=["/not-today", "/upset"])
    items = found[min(place, len(found) - 1)]
    if typed.gaps:
        fields.append(hidden("go_on", "yes"))
    if len(found) > 1:
        here = " ".join(column for one in items for column in one.columns)
        fields += [hidden("page", str(place)), hidden("here", here)]
    if shown.short:
        fields.append(hidden("short", "yes"))
    if activity.show_if:
        fields.append(hidden("met", " ".join(shown.branches)))
    fields += questions(items, typed.values)
    if typed.empty:
        fields += ticks("rather_not")
    buttons = [("", ""), *([("turn", "back")] if place > 0 else [])]
    return Told("/now", form("/now", *fields, buttons=buttons), status=status, links=["/upset"])
