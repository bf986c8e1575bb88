"""Where to find help: from every page, and by itself where answers call for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import Response

from trial.core.participant import Participant
from trial.core.resources import ANOTHER, countries
from trial.core.trial import Trial
from trial.pages import help as pages
from trial.protocol_files import ProtocolFolder
from trial.services import enrolment, safety, trials
from trial.storage.work import Work
from trial.web.participant.public import found
from trial.web.participant.visit import Page, Visit

# where the page that came up by itself may lead on to
_ONWARD = {"now": "/now", "done": "/done"}
# a step of the way in: somebody who is not in yet can be shown the page as well
ADDRESS = "address"


def by_way_of_help(path: str) -> str:
    """The page with places to turn to, which then leads to this path."""
    return f"/resources?to={path.strip('/').partition('?')[0]}"


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who asks, of which trial; neither where somebody comes without a visit of ours."""

    trial: Trial | None = None
    folder: ProtocolFolder | None = None
    person: Participant | None = None
    sheets: int = 0


def _asker(visit: Visit, work: Work) -> _Asker:
    """The newest version of the protocol counts: a number that was put right reaches everybody at once."""
    if visit.slug:
        trial, folder = found(work, visit)
        return _Asker(trial, folder)
    if not visit.session.slug:
        return _Asker()
    trial = trials.find(work, visit.session.slug)
    folder = trials.folder(work, trial.protocol_id)
    if visit.session.participant is None:
        return _Asker(trial, folder)
    person = enrolment.participant(work, visit.session.participant)
    return _Asker(trial, folder, person, safety.sheets_of(work, person.id))


def _look(visit: Visit) -> _Asker:
    with visit.site.open_work(visit.actor, write=False) as work:
        return _asker(visit, work)


def _drawn(visit: Visit, who: _Asker, *, onward: str = "", missing: bool = False) -> Response:
    if who.trial is None or who.folder is None:
        return visit.page(pages.help_page(visit.bare_frame(), pages.HelpPage("", (), (), onward=onward)))
    language = who.person.language if who.person else ""
    frame = visit.frame(who.trial, who.folder, language=language, personal=who.person is not None)
    language, found_places, care = frame.language, who.folder.resources, who.folder.protocol.safety
    country = (who.person.country if who.person else None) or visit.session.country
    view = pages.HelpPage(
        text=who.folder.text(care.resources, language) if care else "",
        places=pages.places(found_places, country, language),
        choices=pages.choices(found_places, language),
        country=country,
        onward=onward,
        again=bool(onward) and who.sheets > 1,
        missing=missing,
    )
    return visit.page(pages.help_page(frame, view), 422 if missing else 200)


def show_help(visit: Visit) -> Response:
    return _drawn(visit, _look(visit))


def show_resources(visit: Visit) -> Response:
    """What comes right after answers that call for it; the person goes on from here to where they were going."""
    if visit.session.participant is None and not visit.session.slug:
        return visit.no_session()
    return _drawn(visit, _look(visit), onward=_onward(visit, visit.request.query_params.get("to", "")) or "/now")


def _onward(visit: Visit, to: str) -> str:
    """The page that a word of the address stands for; none for a word of somebody's own."""
    if to == ADDRESS and visit.session.screening is not None:
        return f"/{visit.session.slug}/{ADDRESS}"
    return _ONWARD.get(to, "")


def choose_country(visit: Visit) -> Response:
    """Remember which country's places to show: with the person, or in the visit of somebody who is not in yet."""
    who = _look(visit)
    chosen = visit.form.get("country", "")
    known = countries(who.folder.resources) if who.folder else []
    if chosen != ANOTHER and chosen not in known:
        return _drawn(visit, who, onward=_onward(visit, visit.form.get("to", "")), missing=True)
    if who.person is not None:
        with visit.site.open_work(visit.actor) as work:
            safety.choose_country(work, who.person.id, chosen)
    goes_on = visit.form.get("to", "")
    back = by_way_of_help(goes_on) if _onward(visit, goes_on) else visit.request.url.path
    return visit.go(back, replace(visit.session, country=chosen))


PAGES = (
    Page("/resources", show_resources),
    Page("/help", show_help, choose_country),
    Page("/{slug}/help", show_help, choose_country),
)
