"""One's own account: where one is signed in, password, authenticator app, recovery codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import Response

from trial.core.errors import Refused
from trial.core.signing_in import Session
from trial.services import passwords, second_factor, signing_in
from trial.web.desk.pictures import in_fours, qr_code
from trial.web.desk.visit import DeskPage, Visit

# these ask for the present password and a fresh code first
_PROVED = ("change", "password", "app", "codes")


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        sessions = signing_in.own_sessions(work, _session(visit))
    totp = _offered(visit)
    picture = qr_code(second_factor.address_of(totp, visit.member.address or visit.member.name))
    return visit.page("account.html", sessions=sessions, totp=in_fours(totp), picture=picture)


def _act(visit: Visit) -> Response:
    acts: dict[str, Callable[[Visit], Response]] = {
        "end_others": _end_others,
        "change": lambda visit: visit.go("/account"),
        "password": _password,
        "app": _app,
        "codes": _codes,
    }
    act = acts.get(visit.form.get("act", ""))
    if act is None:
        raise Refused("This form says nothing that could be done.")
    return act(visit)


def _end_others(visit: Visit) -> Response:
    with visit.acting() as work:
        signing_in.end_others(work, _session(visit))
    return visit.go("/account", "ended_others")


def _password(visit: Visit) -> Response:
    password = visit.form.get("password", "")
    if fault := passwords.fault(password, (visit.member.name, visit.member.address or "")):
        visit.faults["password"] = fault
    elif password != visit.form.get("password_again"):
        visit.faults["password_again"] = "The two passwords differ. Type both again."
    if visit.faults:
        return _again(visit)
    hashed = passwords.hashed(password)
    with visit.acting() as work:
        signing_in.change_password(work, _session(visit), hashed)
    visit.site.ring()
    return visit.go("/account", "password")


def _app(visit: Visit) -> Response:
    step = second_factor.step_of(_offered(visit), visit.form.get("code", ""), visit.machine_now)
    if step is None:
        visit.faults["code"] = "This is not the new app's present code. Scan the picture, then type what it shows."
        return _again(visit)
    with visit.acting() as work:
        signing_in.change_app(work, _session(visit), _offered(visit), step)
    visit.site.ring()
    return visit.go("/account", "app")


def _codes(visit: Visit) -> Response:
    with visit.acting() as work:
        codes = signing_in.change_recovery_codes(work, _session(visit))
    visit.site.ring()
    return visit.page("recovery_codes.html", codes=codes, to="/account")


def _again(visit: Visit) -> Response:
    visit.fault = " ".join(visit.faults.values())
    return _show(visit)


def _offered(visit: Visit) -> str:
    """The key of a next app: the same for as long as this session goes on, and nothing is kept before a code of it."""
    session = _session(visit)
    return second_factor.offered(visit.site.secret, f"member|{session.member_id}|{session.id}")


def _session(visit: Visit) -> Session:
    assert visit.session is not None
    return visit.session


def _asks(form: Mapping[str, str]) -> bool:
    return form.get("act") in _PROVED


PAGES = (DeskPage("/account", _show, _act, proves=_asks),)
