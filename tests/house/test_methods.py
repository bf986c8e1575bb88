"""docs/methods.md says of each module of trial/stats what it computes, from where, and what checks it; and it is so."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.house.repository import ROOT
from tests.reference.again import commands

STATS = ROOT / "trial" / "stats"
REFERENCE = ROOT / "tests" / "reference"
# scripts that make data or are sourced by others, and hold no figures of a method
MAKE_DATA = {"fdd.R", "three_arms.R", "repeated.R", "risks.R", "restricted.R"}
# the short scripts of a capsule: tests/reports/capsule/test_scripting.py reads what they print
OF_CAPSULES = {"capsule.R", "capsule_change.R"}
# names of procedures and packages that stand as sources without a year
_YEAR = re.compile(r"^(?P<who>.+?) (?P<year>\d{4})$")


class Row(NamedTuple):
    module: str
    formula: str
    computes: str
    source: str
    test: str
    against: str
    simulated: str


def _rows() -> list[Row]:
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| (`[\w/]+` \|.*) \|$", text, re.MULTILINE)
    return [Row(*(cell.strip() for cell in line.split("|"))) for line in lines]


ROWS = _rows()
IDS = [one.module for one in ROWS]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def path_of(row: Row) -> Path:
    return STATS / f"{quoted(row.module)[0]}.py"


@cache
def imported(path: Path) -> frozenset[Path]:
    """The files of this repository that a file imports, directly or by way of others."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        for one in _imports(waiting.pop()) - found:
            found.add(one)
            waiting.append(one)
    return frozenset(found)


@cache
def _imports(path: Path) -> frozenset[Path]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    places = [ROOT / name.replace(".", "/") for name in names]
    files = (file for place in places for file in (place.with_suffix(".py"), place / "__init__.py"))
    return frozenset(one for one in files if one.is_file())


def test_every_module_has_one_row_and_every_row_a_module() -> None:
    there = {str(one.relative_to(STATS))[:-3] for one in STATS.rglob("*.py") if one.name != "__init__.py"}
    named = [quoted(one.module)[0] for one in ROWS]
    assert sorted(named) == sorted(there)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_what_holds_the_formula_is_there_and_says_it(row: Row) -> None:
    tree = ast.parse(path_of(row).read_text(encoding="utf-8"))
    assert len(ast.get_docstring(tree) or "") > 30
    told = {
        one.name: ast.get_docstring(one) for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)
    }  # fmt: skip
    for name in quoted(row.formula):
        assert told.get(name), f"{name} of {row.module} is not there or has no docstring"


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_source_is_cited_in_the_module_by_its_names_and_year(row: Row) -> None:
    text = " ".join(path_of(row).read_text(encoding="utf-8").split())
    modules = {quoted(one.module)[0] for one in ROWS}
    if row.source.startswith("as "):
        assert row.source == "as each" or set(quoted(row.source)) <= modules
        return
    for source in (one.strip() for one in row.source.split(";")):
        found = _YEAR.match(source)
        if found:
            wanted = [*found["who"].split(), found["year"]]
            assert all(word in text for word in wanted), f"{source} is not cited in {row.module}"


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_every_row_names_its_check_and_numbers_of_r_how_close_they_come(row: Row) -> None:
    assert all(row), "no cell is empty"
    assert row.against not in ("", "–"), f"nothing is named that {row.module} is held against"
    if any(one.endswith(".R") for one in quoted(row.against)):
        assert re.search(r"\de-\d|Monte Carlo", row.against), f"{row.module} does not say how close it comes"
    if _YEAR.match(row.source.split(";")[0].strip()):
        assert quoted(row.formula), f"{row.module} cites a source and names nothing that holds its formula"


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_check_is_there_and_reaches_the_module(row: Row) -> None:
    tests = [ROOT / "tests" / name for name in quoted(row.test)]
    assert tests and all(one.is_file() for one in tests), row.test
    # what goes through the command line reaches everything, by commands that are looked up by name
    assert any("cli" in one.parts or path_of(row) in imported(one) for one in tests), row.module


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_script_of_r_is_there_is_run_again_by_its_command_and_is_read_by_the_check(row: Row) -> None:
    scripts = [one for one in quoted(row.against) if one.endswith(".R")]
    read = "".join((ROOT / "tests" / one).read_text(encoding="utf-8") for one in quoted(row.test))
    for script in scripts:
        assert (REFERENCE / script).is_file() and script in commands(), script
        stem = script.removesuffix(".R")
        assert re.search(rf"\b{stem}(\.json|\.csv|_by_r)\b", read), f"no test of {row.module} reads what {script} made"


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_simulation_is_a_command_of_the_benchmarks_that_runs_the_module(row: Row) -> None:
    for name in quoted(row.simulated):
        file = ROOT / f"{name.replace('.', '/')}.py"
        assert file.is_file(), name
        assert path_of(row) in imported(file), f"{name} does not run {row.module}"


def test_every_public_function_has_a_docstring_which_says_what_it_raises() -> None:
    silent = []
    for path in sorted(STATS.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            said = ast.get_docstring(node) or ""
            raises = isinstance(node, ast.FunctionDef) and any(isinstance(one, ast.Raise) for one in ast.walk(node))
            if not said or (raises and not re.search(r"\braises?\b|Error\b|AnalysisImpossible", said, re.IGNORECASE)):
                silent.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert silent == []


def test_every_script_with_figures_of_a_method_stands_in_the_table() -> None:
    used = {name for one in ROWS for name in quoted(one.against) if name.endswith(".R")}
    assert {one.name for one in REFERENCE.glob("*.R")} - MAKE_DATA - OF_CAPSULES == used


def test_every_script_and_stored_file_is_described_where_they_lie() -> None:
    text = (REFERENCE / "README.md").read_text(encoding="utf-8")
    kept = {one.name for one in REFERENCE.iterdir() if one.suffix in (".R", ".json", ".csv")}
    assert {one for one in kept if f"`{one}`" not in text and f"Rscript {one}" not in text} == set()
    assert {one for one in kept if one.endswith(".R")} - {"risks.R", "restricted.R"} == set(commands())
