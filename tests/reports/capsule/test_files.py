"""The files of a capsule that others read: SPSS, Stata, the codebook, RO-Crate, the environment."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyreadstat
import pytest

from reports.capsule.crate import About, crate
from reports.capsule.environment import code_digest, pinned
from reports.capsule.making import Capsule, names
from reports.capsule.statistical_files import codes_of, cut, write_dta, write_sav
from reports.capsule.tables import Column, Table
from trial.protocol_files import read_folder

ODD = Table(
    "odd",
    "A title – with a dash " + "x" * 100,
    (
        Column("with", "A word that SPSS and Stata keep", "number"),
        Column("a" * 40, "Too long for Stata " + "é" * 300, "number"),
        Column("a" * 40 + "b", "Too long as well", "factor", (("0", "Never " + "ü" * 100), ("3", "Always"))),
        Column("1st", "Begins with a digit", "factor", (("red", "Red"), ("blue", ""))),
        Column("Mixed", "One", "text"),
        Column("mixed", "Differs in its capital alone", "factor", (("yes", "Yes"), ("no", "No"))),
    ),
    (("1.5", "-2", "3", "blue", "Grüße", "yes"), ("", "", "", "", "", ""), ("1e3", "0", "0", "red", "b", "no")),
)


def read(folder: Path, ending: str, data: bytes) -> tuple[Any, Any]:
    path = folder / f"table.{ending}"
    path.write_bytes(data)
    found: tuple[Any, Any] = (pyreadstat.read_dta if ending == "dta" else pyreadstat.read_sav)(path)
    return found


@pytest.mark.parametrize(("ending", "write"), [("sav", write_sav), ("dta", write_dta)])
def test_odd_names_labels_and_gaps_come_back_from_the_file(tmp_path: Path, ending: str, write: Any) -> None:
    frame, about = read(tmp_path, ending, write(ODD))
    names = list(frame.columns)
    assert len({one.lower() for one in names}) == 6 and names[0] == "with_" and names[3] == "v1st"
    assert all(len(one.encode()) <= (32 if ending == "dta" else 64) for one in names)
    assert frame[names[0]].tolist()[::2] == [1.5, 1000] and math.isnan(frame[names[0]][1])
    assert frame[names[3]].tolist()[::2] == [2, 1] and frame[names[4]].tolist() == ["Grüße", "", "b"]
    labels = about.variable_value_labels
    assert labels[names[2]][3] == "Always" and labels[names[2]][0].startswith("Never ü")
    assert labels[names[3]] == {1: "Red", 2: "blue"} and labels[names[5]] == {1: "Yes", 0: "No"}
    assert about.column_names_to_labels[names[0]] == "A word that SPSS and Stata keep"


@pytest.mark.parametrize("write", [write_sav, write_dta])
def test_a_table_without_rows_is_a_file_with_columns(tmp_path: Path, write: Any) -> None:
    frame, _ = read(tmp_path, "sav" if write is write_sav else "dta", write(Table("none", "None", ODD.columns, ())))
    assert len(frame) == 0 and len(frame.columns) == 6


def test_levels_keep_whole_numbers_and_others_are_counted() -> None:
    assert codes_of(Column("a", "", "factor", (("-1", ""), ("10", "")))) == {"-1": -1, "10": 10}
    assert codes_of(Column("a", "", "factor", (("01", ""), ("1", "")))) == {"01": 1, "1": 2}
    assert codes_of(Column("a", "", "number")) == {}
    assert cut("äöü", 3) == "ä" and cut(" a\n b ", 9) == "a b"


def test_the_statistical_files_hold_what_the_csv_holds(public_capsule: Capsule, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(public_capsule.files["data/dataset.csv"].decode())))
    for ending in ("sav", "dta"):
        frame, about = read(tmp_path, ending, public_capsule.files[f"data/dataset.{ending}"])
        assert frame["participant"].tolist() == [row["participant"] for row in rows]
        for row, mood in zip(rows, frame["mood"], strict=True):
            assert math.isnan(mood) if not row["mood"] else mood == float(row["mood"])
        assert about.variable_value_labels["arm"] == {1: "Gratitude list", 2: "Chores list"}
        assert about.column_names_to_labels["mood"] == "Low mood (0 to 15); sum, lower is better"


def test_the_codebook_has_every_column_of_every_table(public_capsule: Capsule) -> None:
    book = list(csv.DictReader(io.StringIO(public_capsule.files["codebook.csv"].decode())))
    for table in ("dataset", "items", "adherence"):
        header = public_capsule.files[f"data/{table}.csv"].decode().splitlines()[0].split(",")
        assert [row["column"] for row in book if row["table"] == table] == header
    page = public_capsule.files["codebook.html"].decode()
    assert page.count("<table>") == 3 and "<script" not in page and "gratitude = Gratitude list (1)" in page
    age = next(row for row in book if row["column"] == "age")
    assert "made coarse" in age["label"]


def test_every_table_of_the_restricted_capsule_is_there_in_both_formats(restricted_capsule: Capsule) -> None:
    for table in ("dataset", "disposition", "contacts", "events", "harms"):
        assert {f"data/{table}.sav", f"data/{table}.dta"} <= set(restricted_capsule.files)


def test_the_metadata_are_what_ro_crate_1_1_asks_for(public_capsule: Capsule) -> None:
    """The MUSTs of https://w3id.org/ro/crate/1.1: context, descriptor, root, files by relative URI, all in hasPart."""
    whole = json.loads(public_capsule.files["ro-crate-metadata.json"])
    assert whole["@context"] == "https://w3id.org/ro/crate/1.1/context"
    by_id = {one["@id"]: one for one in whole["@graph"]}
    assert len(by_id) == len(whole["@graph"])
    head = by_id["ro-crate-metadata.json"]
    assert head["@type"] == "CreativeWork" and head["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = by_id[head["about"]["@id"]]
    assert root["@type"] == "Dataset" and root["@id"] == "./" and root["name"] and root["description"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", root["datePublished"])
    assert by_id[root["license"]["@id"]]["name"] and by_id[root["license"]["@id"]]["description"]
    assert by_id[root["author"]["@id"]]["@type"] == "Person"
    parts = [one["@id"] for one in root["hasPart"]]
    assert all(by_id[one]["@type"] == "File" for one in parts)
    files = set(public_capsule.files) - {"ro-crate-metadata.json", "checksums.sha256"}
    assert {unquote(one) for one in parts} == files
    for one in parts:
        assert by_id[one]["contentSize"] == str(len(public_capsule.files[unquote(one)]))
    for entity in whole["@graph"]:  # flattened: a value is a text, a reference, or a list of references
        for value in entity.values():
            assert isinstance(value, str | list) or set(value) == {"@id"}


def test_a_path_with_spaces_and_per_cent_is_written_as_a_uri() -> None:
    made = json.loads(crate(About("T", "D", "2031-05-20", "L", "1", ("A",)), {"a b/50%.csv": b"x"}, {}))
    assert made["@graph"][-1]["@id"] == "a%20b/50%25.csv"


def test_the_protocol_in_it_is_the_one_that_was_registered(public_capsule: Capsule, tmp_path: Path) -> None:
    for name, data in public_capsule.files.items():
        if name.startswith("protocol/"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
    about = json.loads(public_capsule.files["capsule.json"])
    assert read_folder(tmp_path / "protocol").digest == about["protocol"]["digest"]


def test_every_package_that_is_needed_is_pinned_once() -> None:
    lines = pinned().decode().splitlines()
    names_there = [one.partition("==")[0] for one in lines]
    assert {"numpy", "scipy", "pydantic", "sqlalchemy"} <= set(names_there)
    assert names_there == sorted(set(names_there)) and "pytest" not in names_there
    assert all(re.fullmatch(r"[a-z0-9-]+==[^\s]+", one) for one in lines)


def test_the_digest_of_the_code_is_the_same_each_time() -> None:
    assert code_digest() == code_digest() and re.fullmatch(r"[0-9a-f]{64}", code_digest())


def test_a_list_of_files_fits_a_screen() -> None:
    assert names(["a/1", "a/2", "b", "c/d/e"]) == ["a/ (2 files)", "c/ (1 files)", "b"]
