"""The panic stop: all sending of one trial stands still; what a restore holds; and what would go out if it went on.

To stop takes one typed word. To go on takes one as well in a test trial; in a live trial it is asked for here, beside
what would go out, and another account decides on the page of two-person acts, which shows the same.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response

from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.trial import Trial, TrialState
from trial.core.two_person import ActKind, TwoPersonAct, takes_two
from trial.services import backups, resuming, trials, two_person
from trial.storage import members
from trial.storage.work import Work
from trial.web.desk.reading import wrong
from trial.web.desk.visit import DeskPage, Visit
from trial.web.forms import Form

# the words that a button takes; asking takes a reason instead
WORDS = {"stop": "stop", "go_on": "go on", "release": "release"}
ASK = "ask"


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        found = resuming.preview(work, visit.slug)
        request = _request(work, visit, ActKind.RELEASE)
    paused = visit.here.state is TrialState.PAUSED
    two = takes_two(ActKind.RELEASE, visit.here.kind)
    return visit.page("sending.html", preview=found, paused=paused, two=two, request=request)


def _show_restored(visit: Visit) -> Response:
    with visit.reading() as work:
        found = resuming.of_restored(work, visit.slug)
        request = _request(work, visit, ActKind.RESTORED)
    return visit.page("restored.html", preview=found, two=takes_two(ActKind.RESTORED, visit.here.kind), request=request)


def _request(work: Work, visit: Visit, kind: ActKind) -> tuple[TwoPersonAct, str] | None:
    """What was asked for and waits, and who asked."""
    found = two_person.waiting(work, visit.slug, kind) if visit.may(Verb.READ_ACTS) else None
    return (found, members.name_of(work, found.asked_by)) if found else None


def _act(visit: Visit) -> Response:
    return _carry_out(visit, "sending", ActKind.RELEASE, {"stop": trials.pause, "go_on": trials.resume})


def _release(visit: Visit) -> Response:
    return _carry_out(visit, "restored", ActKind.RESTORED, {"release": backups.release})


def _carry_out(
    visit: Visit, page: str, kind: ActKind, acts: dict[str, Callable[[Work, str], Trial] | Callable[[Work, str], int]]
) -> Response:
    act = visit.form.get("act", "")
    if act == ASK:
        with visit.acting() as work:
            two_person.ask(work, visit.slug, kind, visit.form.get("reason", ""))
        return visit.go(f"/{visit.slug}/{page}", "asked")
    if act not in acts:
        raise Refused("This form says nothing that could be done.")
    if " ".join(visit.form.get(act, "").split()).casefold() != WORDS[act]:
        raise wrong(act, f"Type the words: {WORDS[act]}.")
    with visit.acting() as work:
        acts[act](work, visit.slug)
    visit.site.ring()
    return visit.go(f"/{visit.slug}/{page}", act)


def _asks(form: Form) -> bool:
    return form.get("act") == ASK


PAGES = (
    DeskPage("/{slug}/sending", _show, _act, verb=Verb.PAUSE_TRIAL, proves=_asks),
    DeskPage("/{slug}/restored", _show_restored, _release, verb=Verb.READ_ACTS, proves=_asks),
)
