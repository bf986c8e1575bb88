"""One map from the product's errors to a status and a page. A test proves that it names every error of the tree."""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import errors
from trial.core.errors import EquipoiseError
from trial.pages.notices import Notice


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of the response and the name of its page."""

    status: int
    page: Notice


_BROKEN = Answer(500, "broken")

ANSWERS: dict[type[EquipoiseError], Answer] = {
    errors.EquipoiseError: _BROKEN,
    # a protocol, a data file or a plan is at fault: nothing that the person at the page could mend
    errors.BadInput: _BROKEN,
    errors.ProtocolInvalid: _BROKEN,
    errors.DataInvalid: _BROKEN,
    errors.AnalysisImpossible: _BROKEN,
    errors.Refused: Answer(409, "refused"),
    errors.RecruitmentClosed: Answer(409, "recruitment_closed"),
    errors.LinkInvalid: Answer(404, "link_invalid"),
    errors.ReadOnly: Answer(403, "read_only"),
    errors.NotAllowed: Answer(403, "not_allowed"),
    errors.NotFound: Answer(404, "not_found"),
    errors.Unavailable: Answer(503, "unavailable"),
}

# what the framework answers by itself
BY_STATUS: dict[int, Notice] = {
    403: "not_allowed",
    404: "not_found",
    405: "not_found",
    413: "too_large",
    429: "too_many",
    500: "broken",
    503: "unavailable",
}


def answer_to(error: EquipoiseError) -> Answer:
    """The entry of the error's class, or of the nearest class above it."""
    return next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)
