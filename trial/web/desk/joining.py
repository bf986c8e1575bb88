"""Accepting an invitation: a member signs in and says yes; somebody new chooses a password and confirms an app."""

from __future__ import annotations

from fastapi import Response

from trial.services import passwords, second_factor, team
from trial.services.team import Invited, Joining
from trial.web.desk.pictures import in_fours, qr_code
from trial.web.desk.visit import DeskPage, Visit


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        asked = team.invited(work, _token(visit))
    if visit.signed_in is not None:
        return visit.page("join_member.html", asked=asked)
    if asked.known:
        return visit.page("join_known.html", asked=asked, to=visit.request.url.path)
    totp = _offered(visit)
    picture = qr_code(second_factor.address_of(totp, asked.invitation.address))
    return visit.page("join.html", asked=asked, totp=in_fours(totp), picture=picture)


def _join(visit: Visit) -> Response:
    if visit.session is not None:
        with visit.acting() as work:
            trial = team.accept_as(work, _token(visit), visit.session)
        return visit.go(f"/{trial.slug}", "joined")
    with visit.reading() as work:
        asked = team.invited(work, _token(visit))
        step = second_factor.step_of(_offered(visit), visit.form.get("code", ""), work.machine_now)
    _look_through(visit, asked, step)
    if visit.faults or step is None:
        visit.fault = " ".join(visit.faults.values())
        return _show(visit)
    new = Joining(visit.form.get("name", ""), passwords.hashed(visit.form["password"]), _offered(visit), step)
    with visit.acting() as work:
        done, codes = team.join(work, _token(visit), new)
    if asked.member:
        visit.site.ring()
    visit.session, visit.signed_in, visit.token = done.session, done.member, done.token
    return visit.keep(visit.page("recovery_codes.html", codes=codes, to=f"/{asked.trial.slug}"), done)


def _look_through(visit: Visit, asked: Invited, step: int | None) -> None:
    form = visit.form
    if not form.get("name", "").strip():
        visit.faults["name"] = "Write your name as the team knows you."
    if fault := team.password_fault(asked, form.get("name", ""), form.get("password", "")):
        visit.faults["password"] = fault
    elif form.get("password") != form.get("password_again"):
        visit.faults["password_again"] = "The two passwords differ. Type both again."
    if step is None:
        visit.faults["code"] = (
            "This is not the app's present code. Scan the picture, then type the six digits it shows."
        )


def _offered(visit: Visit) -> str:
    """The same for each look of one browser: nothing has to be kept before it is confirmed."""
    return second_factor.offered(visit.site.secret, f"{_token(visit)}|{visit.stranger}")


PAGES = (DeskPage("/join/{token}", _show, _join, open=True),)
