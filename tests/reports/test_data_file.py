"""Data collected elsewhere: what is wrong is named by row and column, and then nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import analyse
from reports.data_file import read_data
from tests.reports.builder import SMALL_TRIAL
from trial.core.errors import DataInvalid
from trial.protocol_files import read_folder

FOLDER = read_folder(SMALL_TRIAL)
HEADER = "participant,arm,timepoint,mood,calm,mood_level"
GOOD = (
    HEADER,
    "a,gratitude,baseline,9,1.5,high",
    "a,gratitude,week_2,6,1.5,",
    "b,chores,baseline,4,,low",
    "b,chores,week_2,,2,",
    "b,chores,week_6,5,2,",
)


def file_with(*changes: tuple[int, str], header: str = HEADER) -> bytes:
    """The good file with some lines (counting from 1) replaced."""
    lines = [header, *GOOD[1:]]
    for line, text in changes:
        lines[line - 1] = text
    return ("\n".join(lines) + "\n").encode()


def problems_of(data: bytes) -> list[tuple[int | None, int | None, str]]:
    with pytest.raises(DataInvalid) as caught:
        read_data(FOLDER, data, "data.csv")
    return [(one.line, one.column, one.what) for one in caught.value.problems]


@pytest.mark.parametrize(
    ("line", "text", "column", "says"),
    [
        (3, "a,gratitud,week_2,6,1.5,", 2, "there is no arm 'gratitud'"),
        (3, "a,Gratitude,week_2,6,1.5,", 2, "there is no arm 'Gratitude'"),
        (3, "a,gratitude,week_3,6,1.5,", 3, "there is no timepoint 'week_3'"),
        (3, "a,gratitude,,6,1.5,", 3, "there is no timepoint ''"),
        (3, ",gratitude,week_2,6,1.5,", 1, "there is no participant here"),
        (3, "a,chores,week_2,6,1.5,", 2, "participant 'a' is in arm 'chores' here and in arm 'gratitude' on line 2"),
        (3, "a,gratitude,baseline,6,1.5,", 3, "has a row for 'baseline' already on line 2"),
        (3, "a,gratitude,week_2,six,1.5,", 4, "'six' is not a number"),
        (3, "a,gratitude,week_2,NA,1.5,", 4, "'NA' is not a number"),
        (3, "a,gratitude,week_2,nan,1.5,", 4, "'nan' is not a number"),
        (3, "a,gratitude,week_2,inf,1.5,", 4, "'inf' is not a number"),
        (3, "a,gratitude,week_2,1e999,1.5,", 4, "'1e999' is not a number"),
        (3, "a,gratitude,week_2,1e200,1.5,", 4, "'1e200' is too large or too small"),
        (3, "a,gratitude,week_2,1e-200,1.5,", 4, "'1e-200' is too large or too small"),
        (3, "a,gratitude,week_2,1_0,1.5,", 4, "'1_0' is not a number"),
        (3, 'a,gratitude,week_2,"6,5",1.5,', 4, "'6,5' is not a number"),
        (3, "a,gratitude,week_2,٦,1.5,", 4, "is not a number"),
        (3, "a,gratitude,week_2,6,1.5,low", 6, "'mood_level' of participant 'a' is low here and high on line 2"),
        (2, "a,gratitude,baseline,9,1.5,middling", 6, "'middling' is not a level of 'mood_level'"),
        (3, "a,gratitude,week_2,6,1.5", None, "this row has 5 cells, the header has 6"),
        (3, "a,gratitude,week_2,6,1.5,,", None, "this row has 7 cells, the header has 6"),
        (3, 'a,gratitude,week_2,6,"1.5,', None, "this is not CSV"),
        (3, "a,gratitude,week_2,6\x00,1.5,", None, "control character"),
    ],
)
def test_a_wrong_row_is_named_by_line_and_column(line: int, text: str, column: int | None, says: str) -> None:
    (found,) = problems_of(file_with((line, text)))
    assert (found[0], found[1]) == (line, column)
    assert says in found[2]


@pytest.mark.parametrize("gone", HEADER.split(","))
def test_a_missing_column_is_named(gone: str) -> None:
    found = problems_of(
        file_with(header=HEADER.replace(gone, "xyz", 1) if gone != "mood" else HEADER.replace(",mood,", ",xyz,"))
    )
    assert [(line, what) for line, _, what in found] == [(1, f"the column {gone!r} is missing.")]


def test_every_mistake_is_told_in_one_run() -> None:
    found = problems_of(
        file_with((3, "a,x,week_2,6,1.5,"), (4, "b,chores,baseline,no,,low"), (6, "b,chores,then,5,2,"))
    )
    assert [(line, column) for line, column, _ in found] == [(3, 2), (4, 4), (6, 3)]


def test_a_flood_of_mistakes_is_cut_and_counted() -> None:
    data = "\n".join([HEADER, *(f"p{n},x,baseline,1,1,low" for n in range(80))]).encode()
    found = problems_of(data)
    assert len(found) == 51
    assert found[-1][2] == "there are 30 more problems."


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (HEADER.encode(), "no rows"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le"), "UTF-16"),
        (file_with((3, "a,gratitude,week_2,6,1.5,")).replace(b"week_2", b"w\xe9ek"), "not UTF-8"),
        (file_with().replace(b",", b";"), "not separated by commas"),
        (file_with(header="participant,arm,timepoint,mood,mood,mood_level"), "stands twice"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(data: bytes, says: str) -> None:
    assert says in problems_of(data)[0][2]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + file_with(),
        file_with().replace(b"\n", b"\r\n"),
        file_with().replace(b"gratitude", b'"gratitude"'),
        file_with().replace(b"\n", b"\n\n"),
        file_with().replace(b"high", b" high "),
        file_with().rstrip(b"\n"),
    ],
)
def test_what_spreadsheets_do_to_a_file_changes_nothing(data: bytes) -> None:
    plain, other = read_data(FOLDER, file_with(), "a.csv"), read_data(FOLDER, data, "b.csv")
    assert other.table.participants == plain.table.participants
    assert other.table.factors == plain.table.factors
    for key, values in plain.table.scores.items():
        assert values.tolist() == pytest.approx(other.table.scores[key].tolist(), nan_ok=True)


def test_covariates_count_from_the_baseline_row_only() -> None:
    data = file_with((2, "a,gratitude,baseline,9,1.5,"), (3, "a,gratitude,week_2,6,1.5,high"))
    assert read_data(FOLDER, data, "data.csv").table.factors["mood_level"][0] is None


def test_a_column_that_nothing_names_is_not_read() -> None:
    lines = file_with().decode().splitlines()
    data = "\n".join([lines[0] + ",day,note", *(line + ",x,=1+1" for line in lines[1:])]).encode()
    assert read_data(FOLDER, data, "data.csv").table.participants == ("a", "b")


def test_a_score_that_its_items_cannot_give_is_kept_and_said() -> None:
    found = read_data(FOLDER, file_with((3, "a,gratitude,week_2,-99,1.5,")), "data.csv")
    assert found.warnings == ("1 of the values of mood lie outside its possible range, 0 to 15.",)


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    with pytest.raises(DataInvalid):
        read_data(FOLDER, data, "data.csv")


@given(st.lists(st.tuples(st.integers(2, 6), st.text(alphabet='ab,"\n\r;0123456789.-', max_size=30)), max_size=4))
def test_broken_rows_are_refused_or_read_never_a_crash(changes: list[tuple[int, str]]) -> None:
    try:
        found = read_data(FOLDER, file_with(*changes), "data.csv")
    except DataInvalid:
        return
    assert set(found.table.arms) <= {"gratitude", "chores"}


def test_nothing_is_written_when_the_data_are_wrong(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_bytes(file_with((3, "a,gratitude,week_2,six,1.5,")))
    with pytest.raises(DataInvalid, match=r"data\.csv:3: column 'mood': 'six' is not a number"):
        analyse(SMALL_TRIAL, data, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match="there is no such file"):
        analyse(SMALL_TRIAL, tmp_path / "none.csv", tmp_path / "out")


def test_data_too_few_for_the_plan_give_a_report_that_says_so(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_bytes(file_with())
    written = analyse(SMALL_TRIAL, data, tmp_path / "out")
    assert [path.name for path in written[:4]] == ["results.json", "report.html", "report.pdf", "report.docx"]
    results = json.loads(written[0].read_text(encoding="utf-8"))
    assert results["estimates"][0]["estimate"] is None
    assert results["estimates"][0]["problem"] in written[1].read_text(encoding="utf-8").replace("&#39;", "'")
    assert [one["excluded_from_analysis"] for one in results["flow"]["arms"]] == [1, 0]


def test_a_file_says_who_answered_late_or_does_not_say_it() -> None:
    lines = [f"{line},{late}" for line, late in zip(GOOD, ("late", "no", "yes", "", "no", "yes"), strict=True)]
    said = read_data(FOLDER, "\n".join(lines).encode(), "data.csv").late
    assert said == {"baseline": frozenset(), "week_2": {"a"}, "week_6": {"b"}} | {
        one: frozenset() for one in said or {} if one not in ("week_2", "week_6")
    }
    assert read_data(FOLDER, file_with(), "data.csv").late is None
    lines[2] = lines[2].replace("yes", "often")
    assert problems_of("\n".join(lines).encode()) == [(3, 7, "column 'late': 'often' is neither yes nor no.")]
