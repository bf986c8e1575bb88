"""The one gate of the desk: session, member, trial, roles, verb, token, proof; only then a page or an act."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import Request, Response

from trial.core.access import SYSTEM, require
from trial.core.errors import BadInput, LinkInvalid, NotAllowed, NotFound, Refused
from trial.services import signing_in
from trial.services.signing_in import NotProved
from trial.services.team import zone_of as team_zone
from trial.storage import members, trials
from trial.web.desk import attempts
from trial.web.desk.visit import STILL, DeskPage, Site, Visit
from trial.web.forms import Form
from trial.web.rates import asking_to_wait

AGAIN = "This form had lain open for too long, or was shown to another browser. Nothing was changed. Send it once more."
REFRESH_SECONDS = 60


def answer_get(page: DeskPage, site: Site, request: Request) -> Response:
    """Show a page to who may see it; nothing is written but that the member was here."""
    visit = arrive(page, site, request, {})
    if visit.session is None and not page.open:
        return to_the_door(visit)
    response = page.show(visit)
    if page.refreshes:
        response.headers["refresh"] = f"{REFRESH_SECONDS}; url={request.url.path}?{STILL}=1"
    return known_to_us(visit, response)


def answer_post(page: DeskPage, site: Site, request: Request, form: Form) -> Response:
    """Carry out an act, by who may, with a form that we showed to this browser."""
    visit = arrive(page, site, request, form)
    if page.act is None:
        raise NotFound("This page takes no forms.")
    if visit.session is None and not page.open:
        return visit.page("signed_out.html", 403, back=request.url.path)
    if not visit.trusted:
        visit.again, visit.fault = True, AGAIN
        return known_to_us(visit, page.show(visit))
    if page.asks_for_proof(form) and not visit.proved:
        waiting = _prove_with(visit) if "proof_password" in form else visit.page("prove.html", 403)
        if waiting is not None:
            return waiting
    response = _act(page, visit)
    if visit.renewed:
        visit.set_token(response, visit.renewed)
    return response


def arrive(page: DeskPage, site: Site, request: Request, form: Mapping[str, str]) -> Visit:
    """Who comes, in one look at the database; NotFound for a trial that is not theirs, as for one that is none."""
    held = str((site.visitor.read(request.cookies) or {}).get("id", ""))
    token = request.cookies.get(site.cookie, "")
    with site.open_work(SYSTEM, write=False) as work:
        visit = Visit(site, request, form, held or _fresh_mark(), work.now, work.machine_now, fresh=not held)
        found = signing_in.of_token(work, token)
        if found is not None:
            visit.session, visit.signed_in = found
            visit.token = token
            if visit.slug:
                visit.trial = trials.by_slug(work, visit.slug)
                visit.zone = team_zone(work, visit.trial)
                visit.roles = members.roles_of(work, visit.trial.id, visit.signed_in.id)
    if visit.session is not None:
        if STILL not in request.query_params:
            signing_in.note_seen(site.open_work, visit.session, visit.machine_now)
        if visit.slug and not visit.roles:
            raise NotFound("There is no such trial.")
        if page.verb is not None:
            require(visit.actor, page.verb)
    return visit


def to_the_door(visit: Visit) -> Response:
    """Sign in first, then come back here."""
    path = visit.request.url.path
    return visit.go("/sign-in" + (f"?{urlencode({'to': path})}" if path != "/" else ""))


def known_to_us(visit: Visit, response: Response) -> Response:
    """A stranger's browser gets a mark of its own with its first page, so that its forms are known to be ours."""
    if visit.session is None and visit.fresh:
        visit.site.visitor.write(response, {"id": visit.stranger})
    return response


def _prove_with(visit: Visit) -> Response | None:
    """Take password and code that came with the form; None where they fit and the act may go on."""
    assert visit.session is not None
    seconds = attempts.spend(visit, visit.member.address or "")
    if seconds:
        visit.fault = attempts.words(seconds)
        return asking_to_wait(seconds, visit.page("prove.html", 429))
    try:
        done = signing_in.prove(
            visit.site.open_work, visit.session, visit.form["proof_password"], visit.form.get("proof_code", "")
        )
    except NotProved as error:
        visit.fault = str(error)
        return visit.page("prove.html", 403)
    attempts.forget(visit, visit.member.address or "")
    visit.session, visit.token, visit.renewed = done.session, done.token, done.token
    return None


def _act(page: DeskPage, visit: Visit) -> Response:
    assert page.act is not None
    try:
        return page.act(visit)
    except (NotAllowed, LinkInvalid):
        raise
    except Refused as error:
        visit.fault = str(error)
        return page.show(visit)
    except BadInput as error:
        visit.faults |= {one.file: f"{one.what} {one.mend}".strip() for one in error.problems}
        visit.fault = " ".join(visit.faults.values())
        return page.show(visit)


def _fresh_mark() -> str:
    """What tells one stranger's browser from another: 128 random bits."""
    return secrets.token_urlsafe(16)
