"""One tree of errors, and a place for each of them in every map from it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import reports
import trial
import workers
from trial.cli.errors import exit_code, report_error
from trial.core import errors
from trial.core.errors import EquipoiseError, Problem, ProtocolInvalid, Unavailable
from trial.web.errors import answer_to
from workers.errors import LEVELS, level_of

NOTICES = Path(trial.__path__[0]) / "pages" / "templates" / "notices"


def load_everything() -> None:
    """So that every error of ours exists, wherever it is defined."""
    for package in (trial, reports, workers):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in found.name:
                importlib.import_module(found.name)


def tree(kind: type[EquipoiseError]) -> list[type[EquipoiseError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in tree(child))]


load_everything()
EVERY = sorted(set(tree(EquipoiseError)), key=lambda one: one.__name__)
EXITS = {
    "BadInput": 2, "ProtocolInvalid": 2, "DataInvalid": 2, "NotFound": 2, "Refused": 1, "RecruitmentClosed": 1,
    "LinkInvalid": 1, "ReadOnly": 1, "NotAllowed": 1, "AnalysisImpossible": 1, "Unavailable": 3, "EquipoiseError": 1,
}  # fmt: skip


def an(kind: type[EquipoiseError]) -> EquipoiseError:
    if issubclass(kind, errors.BadInput):
        return kind([Problem("protocol.yaml", 3, 1, "this is wrong.", "Mend it.")])
    if kind.__name__ == "NotProved":  # says the same words for every reason
        return kind()
    return Unavailable("The thing", "THE_SETTING") if kind is Unavailable else kind("what happened")


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_error_ends_a_command_with_a_code_and_a_page_with_a_status(kind: type[EquipoiseError]) -> None:
    assert exit_code(an(kind)) in (1, 2, 3)
    answer = answer_to(an(kind))
    assert 400 <= answer.status < 600
    assert (NOTICES / f"{answer.page}.html").is_file()


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_has_a_loudness_in_the_log_of_a_worker(kind: type[EquipoiseError]) -> None:
    assert any(one is kind or issubclass(kind, one) for one in LEVELS)
    assert level_of(KeyError("not ours")) is None


@pytest.mark.parametrize(("name", "code"), EXITS.items())
def test_a_command_ends_with_the_documented_code(name: str, code: int) -> None:
    assert exit_code(an(getattr(errors, name))) == code


def test_the_table_of_codes_names_every_error_of_the_tree() -> None:
    assert set(EXITS) == {one.__name__ for one in EVERY if one.__module__ == errors.__name__}


def test_the_picture_of_the_tree_in_the_module_is_the_tree() -> None:
    drawn = re.findall(r"^([│├└─ ]*)(\w+)", (errors.__doc__ or "").split("\n\n", 1)[1], re.M)
    parents: dict[str, str] = {}
    above: list[str] = []
    for indent, name in drawn:
        depth = len(indent) // 4
        above = [*above[:depth], name]
        parents[name] = above[depth - 1] if depth else ""
    assert parents == {
        one.__name__: one.__mro__[1].__name__ if one is not EquipoiseError else ""
        for one in EVERY
        if one.__module__ == errors.__name__
    }


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), RuntimeError("x"), KeyboardInterrupt()])
def test_what_is_not_ours_is_not_passed_off_as_ours(error: Exception) -> None:
    assert exit_code(error) is None
    assert report_error(error) is None


def test_every_problem_of_an_input_is_said_on_standard_error_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [
        Problem("protocol.yaml", 3, 1, "this is wrong.", "Mend it."),
        Problem("data.csv", None, None, "no.", ""),
    ]
    assert report_error(ProtocolInvalid(problems)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["protocol.yaml:3: this is wrong. Mend it.", "data.csv: no.", "2 problems found."]


def test_what_does_not_answer_is_named_with_its_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_error(Unavailable("The database", "EQUIPOISE_DATABASE_URL", "refused")) == 3
    assert "EQUIPOISE_DATABASE_URL" in capsys.readouterr().err
