"""Every error of the product has its page, and what a missing part looks like from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.place import SLUG, Place, Visitor
from trial.core import errors
from trial.core.errors import EquipoiseError
from trial.pages.frame import Frame
from trial.pages.notices import NOTICES, notice
from trial.web.errors import ANSWERS, BY_STATUS, answer_to


def tree(kind: type[EquipoiseError]) -> Iterator[type[EquipoiseError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


def test_the_map_names_every_error_of_the_tree() -> None:
    ours = {kind for kind in tree(EquipoiseError) if kind.__module__ == errors.__name__}
    assert set(ANSWERS) == ours


@pytest.mark.parametrize("answer", [*ANSWERS.values()])
def test_every_answer_has_a_page_and_an_error_status(answer: object) -> None:
    assert answer.page in NOTICES  # type: ignore[attr-defined]
    assert 400 <= answer.status < 600  # type: ignore[attr-defined]


def test_every_status_of_the_framework_has_a_page() -> None:
    assert {403, 404, 413, 429, 500} <= set(BY_STATUS)
    assert all("<h1>" in notice(Frame(), name) for name in BY_STATUS.values())


def test_an_error_that_a_module_adds_of_its_own_gets_the_page_of_its_parent() -> None:
    class TooYoung(errors.Refused):
        pass

    assert answer_to(TooYoung()) == ANSWERS[errors.Refused]


@pytest.mark.parametrize(
    "kind", [kind for kind in ANSWERS if not issubclass(kind, errors.BadInput | errors.Unavailable)]
)
def test_an_error_in_a_service_becomes_its_page_and_says_none_of_its_words(
    place: Place, kind: type[EquipoiseError]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise kind("secret-detail")

    reply = Visitor(place.application(open_work=fails)).get(f"/{SLUG}")
    assert reply.status == ANSWERS[kind].status
    assert "secret-detail" not in reply.text
    assert "<main" in reply.text


def test_a_database_that_does_not_answer_is_a_page_to_try_again_later(place: Place) -> None:
    def fails(*_: object, **__: object) -> None:
        raise errors.Unavailable("The database", "EQUIPOISE_DATABASE_URL", "secret-detail")

    visitor = Visitor(place.application(open_work=fails))
    for path in (f"/{SLUG}", "/healthz"):
        reply = visitor.get(path)
        assert reply.status == 503
        assert "try again" in reply.words
        assert "EQUIPOISE" not in reply.text
