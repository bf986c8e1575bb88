"""A frozen folder that holds something odd in any column: a report, or a named error that says where; never a crash."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.frozen import FILES, read_frozen
from reports.results import frozen_results, write_results
from tests.reports.builder import build_freeze, resealed
from tests.reports.planned import with_plan
from trial.core.consort import CountsDisagree
from trial.core.dataset import ItemRow, read_rows, write_rows, write_table
from trial.core.errors import BadInput, DataInvalid
from trial.core.published_list import LIST, SEAL

PLAN = """analysis:
  method: ancova
  primary: {outcome: low_mood, timepoint: week_2, contrast: [gratitude, chores]}
  secondary:
    multiplicity: holm
    analyses:
      - {outcome: low_mood, timepoint: week_6, method: mmrm, contrast: [gratitude, chores]}
  baseline_table: [age, sleeps_well, mood, calm, mood_level]
"""
ODD = ("word", "", "NaN", "-1", "9" * 40, "9999999", "1e308", "²", '"', "a,b\nc")
Table = list[list[str]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("odd")
    return build_freeze(place / "frozen", protocol=with_plan(place, PLAN), randomized=24)


def table_of(directory: Path, name: str) -> Table:
    return list(csv.reader(io.StringIO((directory / name).read_text(encoding="utf-8"))))


def reported(directory: Path) -> str:
    """What the refusal says, empty where there was none; anything but a named error is a crash, and a failed test."""
    try:
        write_results(frozen_results(read_frozen(directory)))
    except (BadInput, CountsDisagree) as error:
        return str(error)
    return ""


def changed(table: Table, column: int) -> Iterator[tuple[str, Table]]:
    """The table with something odd in one cell of a column, in up to three rows that differ in more than numbers."""
    seen: set[tuple[str, ...]] = set()
    for line, row in enumerate(table[1:], start=1):
        kind = (row[column], *(cell for cell in row if not any(map(str.isdigit, cell))))
        if kind in seen or len(seen) > 2:
            continue
        seen.add(kind)
        for odd in ODD:
            yield odd, [*table[:line], [*row[:column], odd, *row[column + 1 :]], *table[line + 1 :]]


@pytest.mark.parametrize("name", FILES)
def test_an_odd_cell_in_any_column_is_reported_or_named(small: Path, tmp_path: Path, name: str) -> None:
    directory = Path(shutil.copytree(small, tmp_path / "frozen"))
    table, refused = table_of(directory, name), 0
    for column, heading in enumerate(table[0]):
        for odd, rows in changed(table, column):
            said = reported(resealed(directory, {name: write_table(rows[0], rows[1:])}))
            assert not said or name in said or "flow of participants" in said or " in the " in said or "differ" in said
            refused += odd == "word" and f"{heading!r}" in said
    assert refused or name == "codebook.csv"


@pytest.mark.parametrize("name", FILES)
def test_a_column_that_is_gone_doubled_or_renamed_is_named(small: Path, tmp_path: Path, name: str) -> None:
    directory = Path(shutil.copytree(small, tmp_path / "frozen"))
    table = table_of(directory, name)
    for column, heading in enumerate(table[0]):
        without = [[*row[:column], *row[column + 1 :]] for row in table]
        doubled = [[*row, row[column]] for row in table]
        renamed = [[*table[0][:column], f"{heading}_", *table[0][column + 1 :]], *table[1:]]
        for rows in (without, doubled, renamed):
            said = reported(resealed(directory, {name: write_table(rows[0], rows[1:])}))
            unread = name == "dataset.csv" and heading in ("day", "late", "age", "sleeps_well", "calm")
            older = heading == "enrolled_in_error" and rows is without
            assert name in said or ((unread or older) and not said), (heading, said)


@pytest.mark.parametrize("name", FILES)
def test_blank_lines_spaces_and_windows_line_endings_change_nothing(small: Path, tmp_path: Path, name: str) -> None:
    directory = Path(shutil.copytree(small, tmp_path / "frozen"))
    plain = write_results(frozen_results(read_frozen(directory)))
    text = (directory / name).read_text(encoding="utf-8")
    blank = "," * text.partition("\n")[0].count(",")
    for other in (text.replace("\n", "\n\n"), text.replace(",", " , "), "\ufeff" + text, f"{text}{blank}\n"):
        found = write_results(frozen_results(read_frozen(resealed(directory, {name: other}))))
        assert _without_digest(found) == _without_digest(plain)
    directory.joinpath(name).write_bytes(text.replace("\n", "\r\n").encode())
    found = write_results(frozen_results(read_frozen(resealed(directory, {}))))
    assert _without_digest(found) == _without_digest(plain)


@pytest.mark.parametrize("name", FILES)
def test_quoted_cells_and_the_order_of_rows_change_nothing(small: Path, tmp_path: Path, name: str) -> None:
    directory = Path(shutil.copytree(small, tmp_path / "frozen"))
    plain = write_results(frozen_results(read_frozen(directory)))
    out = io.StringIO(newline="")
    head, *rows = table_of(directory, name)
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([head, *rows])
    for other in (out.getvalue(), write_table(head, rows[::-1])):
        found = write_results(frozen_results(read_frozen(resealed(directory, {name: other}))))
        assert _without_digest(found) == _without_digest(plain)


def _without_digest(results: bytes) -> list[bytes]:
    return [line for line in results.splitlines() if b"data_digest" not in line]


@pytest.mark.parametrize(
    "text", ["", "stage\n", 'stage,arm\n"main,letter\n', "stage\nmain,more\n", "\ufeff,\n", "x" * 200_000]
)
def test_a_list_of_allocations_that_is_none_is_named(small: Path, tmp_path: Path, text: str) -> None:
    directory = Path(shutil.copytree(small, tmp_path / "frozen"))
    assert "cannot be read as a published allocation" in reported(resealed(directory, {LIST: text, SEAL: "{}"}))


@pytest.mark.parametrize("word", ["many", "NaN", "1e999", "12 s", "²"])
def test_a_word_where_a_dose_was_measured_is_named_by_line_and_column(small: Path, tmp_path: Path, word: str) -> None:
    directory = Path(shutil.copytree(small, tmp_path / "frozen"))
    rows = read_rows((directory / "items.csv").read_text(encoding="utf-8"), ItemRow)
    at = next(at for at, one in enumerate(rows) if one.item == "chores_seconds_open")
    lines = write_rows(rows, ItemRow).splitlines()
    lines[at + 1] = lines[at + 1].replace(rows[at].value, word)
    resealed(directory, {"items.csv": "\n".join(lines) + "\n"})
    with pytest.raises(DataInvalid) as caught:
        frozen_results(read_frozen(directory))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == ("items.csv", at + 2, 6)
    assert repr(word) in problem.what and "chores_seconds_open" in problem.what
