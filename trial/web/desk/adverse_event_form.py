"""What the team learned about a participant, entered by study code."""

from __future__ import annotations

import secrets

from fastapi import Response

from trial.core.access import Verb
from trial.core.errors import NotFound
from trial.services import adverse_events
from trial.web.desk.reading import moment, wrong
from trial.web.desk.visit import DeskPage, Visit


def _show(visit: Visit) -> Response:
    # one form is one entry, however often it is sent
    mark = visit.form.get("submission") or secrets.token_urlsafe(32)
    return visit.page("adverse_event_new.html", submission=mark)


def _act(visit: Visit) -> Response:
    form = visit.form
    if not form.get("happened", "").strip():
        raise wrong("happened", "Say what happened.")
    if form.get("serious") not in ("yes", "no"):
        raise wrong("serious", "Nothing was chosen.", "Choose yes where you are not sure.")
    with visit.acting() as work:
        try:
            matter = adverse_events.record(
                work,
                visit.slug,
                form.get("code", ""),
                form["happened"],
                submission=form.get("submission", "")[:64],
                learned_at=moment(form, "learned_at", visit.zone),
                may_be_serious=form["serious"] == "yes",
            )
        except NotFound:
            raise wrong("code", "Nobody in this trial has this study code.") from None
    visit.site.ring()
    return visit.go(f"/{visit.slug}/matters/{matter.id}", "recorded")


PAGES = (DeskPage("/{slug}/adverse-events/new", _show, _act, verb=Verb.RECORD_ADVERSE_EVENT),)
