"""Somebody was enrolled in error: said on a form, shown once more with what comes of it, then kept."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from trial.core.access import Verb
from trial.core.enrolment_errors import IN_WORDS
from trial.services import enrolment_errors as service
from trial.services import participant_page
from trial.services.enrolment_errors import Looked
from trial.web.desk.visit import DeskPage, Visit


def _show(visit: Visit, looked: Looked | None = None) -> Response:
    with visit.reading() as work:
        code = participant_page.code_of(work, visit.slug, str(visit.request.path_params["code"]))
    words = {"reasons": service.choices(), "in_words": IN_WORDS}
    return visit.page("enrolment_error.html", code=code, looked=looked, **words)


def _act(visit: Visit) -> Response:
    form = visit.form
    said: dict[str, Any] = {"reason": form.get("reason", ""), "words": form.get("words", "")}
    said["stop"] = form.get("stop") == "yes"
    code = str(visit.request.path_params["code"])
    if form.get("act") != "mark":
        with visit.reading() as work:
            looked = service.look(work, visit.slug, code, **said)
        return _show(visit, looked)
    with visit.acting() as work:
        service.mark(work, visit.slug, code, **said)
    return visit.go(f"/{visit.slug}/participants/{code}", "error")


PAGES = (DeskPage("/{slug}/participants/{code}/error", _show, _act, verb=Verb.MARK_ENROLMENT_ERROR),)
