"""The panic stop: all sending of one trial stands still; and what would go out if it went on."""

from __future__ import annotations

from fastapi import Response

from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.trial import TrialState
from trial.services import resuming, trials
from trial.web.desk.reading import wrong
from trial.web.desk.visit import DeskPage, Visit

WORDS = {"stop": "stop", "go_on": "go on"}


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        found = resuming.preview(work, visit.slug)
    return visit.page("sending.html", preview=found, paused=visit.here.state is TrialState.PAUSED, words=WORDS)


def _act(visit: Visit) -> Response:
    act = visit.form.get("act", "")
    if act not in WORDS:
        raise Refused("This form says nothing that could be done.")
    if " ".join(visit.form.get(act, "").split()).casefold() != WORDS[act]:
        raise wrong(act, f"Type the words: {WORDS[act]}.")
    with visit.acting() as work:
        if act == "stop":
            trials.pause(work, visit.slug)
        else:
            trials.resume(work, visit.slug)
    visit.site.ring()
    return visit.go(f"/{visit.slug}/sending", act)


PAGES = (DeskPage("/{slug}/sending", _show, _act, verb=Verb.PAUSE_TRIAL),)
