"""What the time machine shows, and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Response
from fastapi.responses import RedirectResponse

from trial.core.participant import ParticipantState
from trial.core.texts import say
from trial.rehearsal.guest import link_of
from trial.rehearsal.keeping import Kept
from trial.rehearsal.moments import Here, read_moment, with_arm
from trial.rehearsal.stepping import TimeMachine, Travelled
from trial.services import stepping
from trial.services.stepping import Standing
from trial.web.desk import mails
from trial.web.machine.visit import Visit
from trial.web.participant.session import from_cookie, new_session, to_cookie

ON_THE_PAGE = 12
_STILL_ON_THE_WAY = (ParticipantState.CONFIRMED, ParticipantState.CONSENTED)
# the desk's own cookie over plain HTTP; its value is a session's token
DESK_COOKIE = "equipoise-desk"


@dataclass(frozen=True, slots=True)
class Row:
    """One of the people on the page."""

    kept: Kept
    standing: Standing | None
    here: Here
    arm: str

    @property
    def local(self) -> datetime:
        return self.here.now.astimezone(ZoneInfo(self.here.zone))

    @property
    def next_mail(self) -> datetime | None:
        found = self.standing.next_mail if self.standing else None
        return found.due_at.astimezone(ZoneInfo(self.here.zone)) if found else None


def _row(machine: TimeMachine, kept: Kept) -> Row:
    found = machine.standing(kept)
    labels = {one.id: say(one.label, "en") for one in machine.protocol.arms}
    return Row(kept, found, machine.here(kept), labels.get(found.arm, "") if found and found.arm else "")


def show_home(visit: Visit) -> Response:
    machine, chosen = visit.machine, visit.chosen
    protocol = machine.protocol
    response = visit.page(
        "machine.html",
        title=say(protocol.title, "en"),
        now=machine.now,
        next_moment=machine.next_moment(),
        rows=[_row(machine, one) for one in machine.everybody()],
        chosen=_row(machine, chosen) if chosen else None,
        arms=[(one.id, say(one.label, "en")) for one in protocol.arms],
        languages=protocol.languages,
        leaf=mails.leaf(machine.parts.mailbox, "", 1),
        most=ON_THE_PAGE,
        said=visit.request.query_params.get("said", ""),
        count=visit.request.query_params.get("count", "0"),
    )
    response.status_code = 409 if visit.fault else 200
    return response


def show_mail(visit: Visit) -> Response:
    number = visit.number()
    mail = visit.machine.mail(number)
    return visit.page(
        "machine_mail.html",
        answered=False,
        answers=False,
        link=link_of(mail.text),
        owner=visit.machine.owner_of(mail),
        said=visit.request.query_params.get("said", ""),
        count=visit.request.query_params.get("count", "0"),
        **mails.one_mail(visit.machine.parts.mailbox, number),
    )


def show_again(visit: Visit) -> Response:
    return visit.page("machine_again.html", people=len(visit.machine.everybody()), now=visit.machine.now)


# --- the clock -----------------------------------------------------------------------------------------------------


def _arrived(visit: Visit, found: Travelled, whom: Kept | None) -> Response:
    person = {"person": whom.number} if whom else {}
    return visit.go("/", said="travelled", count=found.mails, **person)


def jump(visit: Visit) -> Response:
    machine = visit.machine
    arms = [(one.id, say(one.label, "en")) for one in machine.protocol.arms]
    words, arm = with_arm(visit.form.get("to", ""), arms)
    whom = visit.chosen if arm is None else machine.somebody_in(arm, visit.chosen)
    return _arrived(visit, machine.until(read_moment(words, machine.here(whom))), whom)


def next_thing(visit: Visit) -> Response:
    return _arrived(visit, visit.machine.to_next(), visit.chosen)


def next_mail(visit: Visit) -> Response:
    whom = visit.machine.kept(visit.number("person"))
    return _arrived(visit, visit.machine.to_next_mail(whom), whom)


# --- people --------------------------------------------------------------------------------------------------------


def add(visit: Visit) -> Response:
    kept = visit.machine.people.add(visit.form.get("name", ""))
    return visit.go("/", said="added", person=kept.number)


def make(visit: Visit) -> Response:
    form = visit.form
    joined = visit.machine.make(form.get("arm", ""), name=form.get("name", ""), language=_language(visit))
    return visit.go("/", said="made", count=len(joined), person=joined[-1].number)


def _language(visit: Visit) -> str:
    given = visit.form.get("language", "")
    return given if given in visit.machine.protocol.languages else ""


def open_as(visit: Visit) -> Response:
    """The browser becomes this person's, where they were; the participants' own pages are the next thing it shows."""
    machine = visit.machine
    kept = machine.kept(visit.number("person"))
    found = machine.standing(kept)
    session = from_cookie(kept.browser) if kept.browser else None
    if session is None or session.participant != kept.participant:
        session = new_session(slug=machine.slug, participant=kept.participant)
    machine.people.turn_to(kept)
    response = RedirectResponse(visit.site.public + _where(machine.slug, found, session.screening), status_code=303)
    visit.site.cookie.write(response, to_cookie(session))
    return response


def _where(slug: str, found: Standing | None, screening: int | None) -> str:
    if found is None or found.person.state is ParticipantState.ADDRESS_GIVEN:
        return f"/{slug}/code" if found else f"/{slug}/address" if screening else f"/{slug}"
    return f"/{slug}/consent" if found.person.state in _STILL_ON_THE_WAY else "/me"


def answer(visit: Visit) -> Response:
    number = visit.number()
    return visit.go(f"/mailbox/{number}", said="filled", count=visit.machine.answer(number))


# --- the whole -----------------------------------------------------------------------------------------------------


def open_desk(visit: Visit) -> Response:
    """The desk of this rehearsal as one of its owners."""
    parts = visit.machine.parts
    with parts.open_work(parts.by) as work:
        token = stepping.open_desk(work, visit.machine.slug)
    response = RedirectResponse(f"{visit.site.desk}/{visit.machine.slug}", status_code=303)
    response.set_cookie(DESK_COOKIE, token, path="/", httponly=True, samesite="lax")
    return response


def again(visit: Visit) -> Response:
    response = visit.page("machine_began.html")
    response.headers["refresh"] = "4; url=/"
    visit.site.start_again()
    return response


SHOWN: dict[str, Callable[[Visit], Response]] = {
    "/": show_home,
    "/mailbox/{number:int}": show_mail,
    "/again": show_again,
}
DONE: dict[str, Callable[[Visit], Response]] = {
    "/jump": jump,
    "/next": next_thing,
    "/next-mail": next_mail,
    "/people": add,
    "/make": make,
    "/open": open_as,
    "/mailbox/{number:int}/answer": answer,
    "/desk": open_desk,
    "/again": again,
}
