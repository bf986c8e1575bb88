"""Beside what is asked: that an activity upset somebody, and how their mails come."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from trial.core.answers import LONGEST_TEXT
from trial.core.local_time import instant, local_day
from trial.rehearsal.direct.visit import ASKED_AGAIN, Answer, Query, Told, Visit, form, ticks
from trial.rehearsal.forms import Field
from trial.services import answers, harms, my_page, preferences
from trial.services.answers import Shown
from trial.services.harms import WISHES, Wish

_LONG = ("7", "14")


def _shown(visit: Visit) -> Shown | None:
    state = visit.state
    if state.participant is None or state.occasion is None:
        return None
    with visit.site.open_work(visit.actor, write=False) as work:
        return answers.show(work, state.participant, state.occasion)


def _wishes(shown: Shown) -> tuple[Wish, ...]:
    return WISHES if shown.is_exercise else ("today", "help")


def show_upset(visit: Visit, _: Query, *, status: int = 200) -> Answer:
    shown = _shown(visit)
    if shown is None:
        return Told("/done")
    wishes = Field("wish", "radio", "", list(_wishes(shown)))
    return Told("/upset", form("/upset", wishes, *ticks("contact"), Field("text", "textarea")), status=status)


def upset(visit: Visit, sent: Query) -> Answer:
    shown, state = _shown(visit), visit.state
    if shown is None or state.participant is None or state.occasion is None:
        return Told("/done")
    text, contact = sent.get("text", "").strip(), sent.get("contact") == "yes"
    wish = next((one for one in _wishes(shown) if one == sent.get("wish")), None)
    if len(text) > LONGEST_TEXT or (wish is None and not contact and not text):
        return show_upset(visit, sent, status=ASKED_AGAIN)
    said = f"upset|{state.id}|{state.occasion}|{wish}|{contact}|{text}"
    with visit.site.open_work(visit.actor) as work:
        submission = hashlib.sha256(said.encode()).hexdigest()
        harms.upset(
            work, state.participant, state.occasion, text, wish=wish, wants_contact=contact, submission=submission
        )
    return "/help" if wish == "help" else "/done"


def show_mails(visit: Visit, _: Query, *, status: int = 200) -> Answer:
    if visit.state.participant is None:
        return Told("/me/mails")
    with visit.site.open_work(visit.actor, write=False) as work:
        mine = my_page.mine(work, visit.state.participant)
    person = mine.person
    fields = [Field("zone", "select", person.zone), *ticks("fewer")]
    if mine.hours:
        fields.append(Field("hour", "select", person.chosen_hour or "", ["", *mine.hours]))
    if len(mine.folder.protocol.languages) > 1:
        fields.append(Field("language", "select", person.language))
    return Told("/me/mails", form("/me/mails", *fields), status=status)


def change_mails(visit: Visit, sent: Query) -> Answer:
    if visit.state.participant is None:
        return Told("/me/mails")
    with visit.site.open_work(visit.actor) as work:
        person = my_page.mine(work, visit.state.participant).person
        fault = preferences.change_mails(
            work,
            person.id,
            zone=sent.get("zone", person.zone),
            language=sent.get("language", person.language),
            hour=sent.get("hour", person.chosen_hour or "") or None,
            fewer_reminders=sent.get("fewer") == "yes",
        )
    return show_mails(visit, sent, status=ASKED_AGAIN) if fault else "/me"


def show_pause(visit: Visit, _: Query, *, status: int = 200) -> Answer:
    if visit.state.participant is None:
        return Told("/me/pause")
    return Told("/me/pause", form("/me/pause", Field("long", "radio", "", list(_LONG))), status=status)


def pause(visit: Visit, sent: Query) -> Answer:
    if visit.state.participant is None:
        return Told("/me/pause")
    if sent.get("long") not in _LONG:
        return show_pause(visit, sent, status=ASKED_AGAIN)
    with visit.site.open_work(visit.actor) as work:
        person = my_page.mine(work, visit.state.participant).person
        until = local_day(work.now, person.zone) + timedelta(days=int(sent["long"]))
        preferences.pause(work, person.id, instant(until, "00:00", person.zone))
    visit.site.ring()
    return "/me"
