"""Files in, documents out: the plan run on a dataset from anywhere, and a report built from frozen files alone."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import LOCATED, Shell
from tests.system.commands import same_bytes, whole_evidence

PROTOCOL = "shapira-mongrain-2010"
ANALYSE = ("analyse", PROTOCOL, "--data", "data.csv", "--out", "results")

Rows = list[dict[str, str]]


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """The frozen files of the demo, without its database, keys and mails, and without its report."""
    home = whole_evidence().home
    target = tmp_path / "frozen"
    shutil.copytree(home / "protocol", target / "protocol")
    for file in [*home.glob("*.csv"), home / "allocation.json", home / "conduct.json", home / "freeze.json"]:
        shutil.copy(file, target)
    return target


@pytest.fixture
def data(frozen: Path, tmp_path: Path) -> Path:
    """The demo's dataset as somebody else's data."""
    return Path(shutil.copy(frozen / "dataset.csv", tmp_path / "data.csv"))


def change(file: Path, edit: Callable[[Rows], object]) -> None:
    """Write the table anew after an edit of its rows."""
    rows: Rows = list(csv.DictReader(io.StringIO(file.read_text())))
    edit(rows)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def estimates(folder: Path) -> list[dict[str, Any]]:
    """Without what the record of a trial alone can say: since when each stands in the plan."""
    found = json.loads((folder / "results.json").read_text())["estimates"]
    return [{name: value for name, value in one.items() if name != "registered"} for one in found]


def since_when(folder: Path) -> list[dict[str, Any] | None]:
    return [one["registered"] for one in json.loads((folder / "results.json").read_text())["estimates"]]


def test_the_demos_own_dataset_gives_identical_estimates(equipoise: Shell, data: Path) -> None:
    done = equipoise(*ANALYSE)
    assert done.code == 0 and done.err == ""
    home = whole_evidence().home
    assert estimates(Path("results")) == estimates(home)
    outside, lived = since_when(Path("results")), since_when(home)
    assert set(outside) == {None} and {one["amendment"] for one in lived if one} == {0}, "nobody recorded its plan"
    ours, theirs = (json.loads((one / "results.json").read_text()) for one in (Path("results"), home))
    assert ours["baseline"] == theirs["baseline"] and ours["protocol"] == theirs["protocol"]
    assert ours["flow"]["randomised"] == theirs["flow"]["randomised"] and ours["flow"]["assessed"] is None
    names = ("results.json", "report.html", "report.pdf", "report.docx", "figures", "tables")
    beside = ("checklist.csv", "lay-summary.en.html", "lay-summary.en.pdf", "report-files.csv")
    assert done.out.split() == [f"results/{name}" for name in (*names, *beside)]


def test_the_order_of_rows_and_columns_and_a_column_too_many_change_nothing(equipoise: Shell, data: Path) -> None:
    def shuffle(rows: Rows) -> None:
        rows.reverse()
        for row in rows:
            arm = row.pop("arm")
            row |= {"favourite_colour": "blue", "arm": arm}

    change(data, shuffle)
    assert equipoise(*ANALYSE).code == 0
    assert estimates(Path("results")) == estimates(whole_evidence().home)


def test_a_missing_covariate_is_filled_with_the_mean_and_counted(equipoise: Shell, data: Path) -> None:
    def empty_one(rows: Rows) -> None:
        seen = {row["participant"] for row in rows if row["timepoint"] == "month_1"}
        next(row for row in rows if row["timepoint"] == "baseline" and row["participant"] in seen)["cesd"] = ""

    change(data, empty_one)
    assert equipoise(*ANALYSE).code == 0
    primary, before = estimates(Path("results"))[0], estimates(whole_evidence().home)[0]
    assert primary["imputed"]["cesd"] == 1 and before["imputed"]["cesd"] == 0
    assert primary["n"] == before["n"] and primary["estimate"] != before["estimate"]


def test_a_score_beyond_its_scale_is_analysed_and_warned_of(equipoise: Shell, data: Path) -> None:
    """Somebody may have scored otherwise than we do: that is for them to say."""
    change(data, lambda rows: rows[5].update(cesd="61"))
    assert equipoise(*ANALYSE).code == 0
    (warning,) = json.loads(Path("results/results.json").read_text())["warnings"]
    assert "cesd" in warning and "0 to 60" in warning


def _arm(rows: Rows) -> tuple[int, str]:
    rows[3]["arm"] = "placebo"
    return 3, "arm"


def _timepoint(rows: Rows) -> tuple[int, str]:
    rows[4]["timepoint"] = "week_9"
    return 4, "timepoint"


def _word(rows: Rows) -> tuple[int, str]:
    rows[5]["cesd"] = "quite low"
    return 5, "cesd"


def _twice(rows: Rows) -> tuple[int, str]:
    rows.insert(7, dict(rows[6]))
    return 7, "timepoint"


def _other_arm(rows: Rows) -> tuple[int, str]:
    place = next(at for at, row in enumerate(rows) if row["timepoint"] != "baseline")
    rows[place]["arm"] = next(row["arm"] for row in rows if row["arm"] != rows[place]["arm"])
    return place, "arm"


def _covariate_that_differs(rows: Rows) -> tuple[int, str]:
    place = next(at for at, row in enumerate(rows) if row["timepoint"] != "baseline")
    mine = [row for row in rows if row["participant"] == rows[place]["participant"]]
    level = next(row["cesd_level"] for row in mine if row["timepoint"] == "baseline")
    rows[place]["cesd_level"] = "low" if level == "high" else "high"
    return place, "cesd_level"


def _nobody(rows: Rows) -> tuple[int, str]:
    rows[2]["participant"] = ""
    return 2, "participant"


@pytest.mark.parametrize("spoil", [_arm, _timepoint, _word, _twice, _other_arm, _covariate_that_differs, _nobody])
def test_a_bad_row_is_located_and_nothing_is_written(
    equipoise: Shell, data: Path, spoil: Callable[[Rows], tuple[int, str]], tmp_path: Path
) -> None:
    told: list[tuple[int, str]] = []
    change(data, lambda rows: told.append(spoil(rows)))
    place, column = told[0]
    first, *_ = equipoise.refused(2, *ANALYSE).splitlines()
    assert first.startswith(f"data.csv:{place + 2}: ") and LOCATED.match(first), first
    assert column in first
    assert not (tmp_path / "results").exists()


def test_all_bad_rows_are_told_in_one_run(equipoise: Shell, data: Path, tmp_path: Path) -> None:
    def spoil(rows: Rows) -> None:
        for edit in (_arm, _timepoint, _word):
            edit(rows)

    change(data, spoil)
    *problems, count = equipoise.refused(2, *ANALYSE).splitlines()
    assert [one.split(": ")[0] for one in problems] == ["data.csv:5", "data.csv:6", "data.csv:7"]
    assert count == "3 problems found." and not (tmp_path / "results").exists()


@pytest.mark.parametrize("column", ["participant", "arm", "timepoint", "cesd", "swls", "cesd_level"])
def test_a_column_that_the_plan_needs_is_named_when_it_is_missing(equipoise: Shell, data: Path, column: str) -> None:
    change(data, lambda rows: [row.pop(column) for row in rows])
    first = equipoise.refused(2, *ANALYSE).splitlines()[0]
    assert first.startswith("data.csv:1: ") and repr(column) in first


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"participant\n", b"\x00" * 100, b'"open', b"a,b\r\r\n1"])
def test_what_is_no_table_is_answered_with_the_file(equipoise: Shell, data: Path, content: bytes) -> None:
    data.write_bytes(content)
    assert equipoise.refused(2, *ANALYSE).startswith("data.csv:")
    assert not Path("results").exists()


def test_a_data_file_that_is_not_there_is_named(equipoise: Shell, tmp_path: Path) -> None:
    assert equipoise.refused(2, *ANALYSE).startswith("data.csv: ")
    assert list(tmp_path.iterdir()) == []


def test_results_cannot_go_where_a_file_is(equipoise: Shell, data: Path) -> None:
    Path("results").write_text("years of work")
    assert equipoise.refused(2, *ANALYSE).startswith("results: ")
    assert Path("results").read_text() == "years of work"


# --- report ---------------------------------------------------------------------------------------------------


def test_the_report_is_rebuilt_from_the_frozen_files_alone_byte_for_byte(equipoise: Shell, frozen: Path) -> None:
    done = equipoise("report", "frozen")
    assert done.code == 0, done
    assert same_bytes(frozen, whole_evidence().home, "results.json", "report.html", "report.pdf", "report.docx")


def test_only_the_formats_asked_for_are_written(equipoise: Shell, frozen: Path) -> None:
    assert equipoise("report", "frozen", "--format", "json").out == "frozen/results.json\n"
    assert not (frozen / "report.html").exists() and not (frozen / "report.pdf").exists()


@pytest.mark.parametrize("formats", ["odt", "html,odt", "", ","])
def test_a_format_that_there_is_not_is_named_and_nothing_is_written(
    equipoise: Shell, frozen: Path, formats: str
) -> None:
    before = sorted(frozen.iterdir())
    said = equipoise.refused(2, "report", "frozen", "--format", formats)
    assert said.startswith("--format: ") and "html, pdf, docx, files, json" in said
    assert sorted(frozen.iterdir()) == before


def test_a_dataset_that_was_changed_after_the_freeze_makes_no_report(equipoise: Shell, frozen: Path) -> None:
    def improve(rows: Rows) -> None:
        for row in rows:
            if row["arm"] == "letter" and row["timepoint"] == "month_1":
                row["cesd"] = "0"

    change(frozen / "dataset.csv", improve)
    said = equipoise.refused(2, "report", "frozen")
    assert "frozen/" in said and "digest" in said
    assert not (frozen / "results.json").exists()


@pytest.mark.parametrize("gone", ["freeze.json", "dataset.csv", "disposition.csv", "protocol/protocol.yaml"])
def test_a_frozen_file_that_is_gone_is_named(equipoise: Shell, frozen: Path, gone: str) -> None:
    (frozen / gone).unlink()
    assert equipoise.refused(2, "report", "frozen").startswith(f"frozen/{gone}")
