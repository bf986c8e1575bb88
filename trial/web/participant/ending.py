"""The last pages: debrief and thanks, what came out, and the exercises of the other arms. They only read."""

from __future__ import annotations

from fastapi import Response

from trial.core.errors import NotFound
from trial.core.participant import StopLevel
from trial.core.texts import say
from trial.pages import ending as pages
from trial.pages.frame import Frame
from trial.services import ending
from trial.services.ending import End
from trial.web.participant.visit import Page, Visit


def _look(visit: Visit, participant_id: int) -> tuple[End, Frame]:
    with visit.site.open_work(visit.actor, write=False) as work:
        end = ending.look(work, participant_id)
    going_on = end.person.stopped is not StopLevel.EVERYTHING
    return end, visit.frame(end.trial, end.folder, language=end.person.language, personal=going_on)


def show_end(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    end, frame = _look(visit, visit.session.participant)
    if not end.over:
        return visit.page(pages.not_yet_page(frame))
    view = pages.EndPage(
        text=end.folder.text(end.folder.protocol.debrief, frame.language),
        stopped=end.person.stopped is StopLevel.EVERYTHING,
        results=end.results_out,
        others=bool(end.others),
    )
    return visit.page(pages.end_page(frame, view))


def show_results(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    end, frame = _look(visit, visit.session.participant)
    text = end.folder.protocol.results
    if not end.results_out or text is None:
        return visit.go("/end")
    return visit.page(pages.reading_page(frame, pages.ReadingPage("", end.folder.text(text, frame.language))))


def show_others(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    end, frame = _look(visit, visit.session.participant)
    if not end.others:
        return visit.go("/end")
    return visit.page(pages.others_page(frame, tuple((one.id, say(one.title, frame.language)) for one in end.others)))


def show_other(visit: Visit) -> Response:
    if visit.session.participant is None:
        return visit.no_session()
    end, frame = _look(visit, visit.session.participant)
    try:
        exercise = ending.other(end, str(visit.request.path_params["activity"]))
    except NotFound:
        return visit.go("/end")
    text = end.folder.text(exercise.exercise, frame.language)
    view = pages.ReadingPage(say(exercise.title, frame.language), text, exercise=True)
    return visit.page(pages.reading_page(frame, view))


PAGES = (
    Page("/end", show_end),
    Page("/end/results", show_results),
    Page("/end/exercises", show_others),
    Page("/end/exercises/{activity}", show_other),
)
