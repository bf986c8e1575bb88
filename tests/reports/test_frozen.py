"""A frozen directory is verified before a word is written from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reports import build_report
from reports.frozen import FILES, read_frozen
from trial.core.errors import BadInput, DataInvalid

Copy = Callable[[], Path]


def refused(directory: Path) -> str:
    """The message with which a damaged directory is refused; no report may have appeared."""
    with pytest.raises(BadInput) as caught:
        build_report(directory)
    assert not list(directory.glob("report.*")) and not (directory / "results.json").exists()
    return str(caught.value)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_in_any_file_is_noticed(a_copy: Copy, name: str) -> None:
    directory = a_copy()
    path = directory / name
    text = path.read_bytes()
    path.write_bytes(text[:-2] + (b"x" if text[-2:-1] != b"x" else b"y") + text[-1:])
    assert str(directory) in refused(directory)


@pytest.mark.parametrize("name", [*FILES, "freeze.json", "protocol/protocol.yaml"])
def test_a_missing_file_is_named(a_copy: Copy, name: str) -> None:
    directory = a_copy()
    (directory / name).unlink()
    assert name in refused(directory)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("dataset.csv", b",baseline,0,no,", b",baseline,0,no,x", "dataset.csv:2: column 'mood'"),
        ("dataset.csv", b",gratitude,", b",gratitud,", "there is no arm 'gratitud'"),
        ("disposition.csv", b",yes,", b",maybe,", "column 'received': 'maybe' cannot be read"),
        ("events.csv", b",0,", b",zero,", "events.csv:2: column 'day': 'zero' cannot be read"),
        ("contacts.csv", b"due_day", b"day_due", "contacts.csv:1: the columns are not participant"),
        ("items.csv", b"\n", b",\n", "items.csv"),
    ],
)
def test_damage_is_located(a_copy: Copy, name: str, old: bytes, new: bytes, says: str) -> None:
    directory = a_copy()
    path = directory / name
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    assert says in refused(directory)


def test_a_truncated_file_is_noticed_even_where_it_ends_with_a_whole_row(a_copy: Copy) -> None:
    directory = a_copy()
    path = directory / "contacts.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-3]))
    assert "their digest is another" in refused(directory)


def test_another_protocol_than_the_registered_one_is_refused(a_copy: Copy) -> None:
    directory = a_copy()
    path = directory / "protocol" / "protocol.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("target: 60", "target: 61"), encoding="utf-8")
    assert "not the protocol that was registered" in refused(directory)


@pytest.mark.parametrize("text", ["", "[]", '{"trial": {"slug": "x"}}', "{"])
def test_a_damaged_record_is_refused(a_copy: Copy, text: str) -> None:
    directory = a_copy()
    (directory / "freeze.json").write_text(text, encoding="utf-8")
    assert "freeze.json" in refused(directory)


def test_what_a_later_version_adds_to_the_record_does_no_harm(a_copy: Copy) -> None:
    directory = a_copy()
    path = directory / "freeze.json"
    record = json.loads(path.read_text(encoding="utf-8")) | {"later": {"more": 1}}
    path.write_text(json.dumps(record), encoding="utf-8")
    assert read_frozen(directory).record.trial.slug == "pretend"


def test_a_directory_that_is_no_freeze_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match=r"freeze\.json: there is no such file"):
        build_report(tmp_path)
