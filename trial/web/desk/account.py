"""One's own account: where one is signed in, password, authenticator app, recovery codes."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response

from trial.core.errors import Refused
from trial.services import signing_in
from trial.web.desk.visit import DeskPage, Visit


def _show(visit: Visit) -> Response:
    assert visit.session is not None
    with visit.reading() as work:
        sessions = signing_in.own_sessions(work, visit.session)
    return visit.page("account.html", sessions=sessions)


def _act(visit: Visit) -> Response:
    acts: dict[str, Callable[[Visit], Response]] = {"end_others": _end_others}
    act = acts.get(visit.form.get("act", ""))
    if act is None:
        raise Refused("This form says nothing that could be done.")
    return act(visit)


def _end_others(visit: Visit) -> Response:
    assert visit.session is not None
    with visit.acting() as work:
        signing_in.end_others(work, visit.session)
    return visit.go("/account", "ended_others")


PAGES = (DeskPage("/account", _show, _act),)
