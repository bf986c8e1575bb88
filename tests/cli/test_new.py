"""`equipoise new`: a whole trial of one's own in a moment, and nothing of anybody's written over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from trial.protocol_files import read_folder
from trial.protocol_files.presets import DESIGNS


@pytest.mark.parametrize("design", DESIGNS)
def test_a_new_trial_passes_check_under_its_own_name(equipoise: Shell, tmp_path: Path, design: str) -> None:
    done = equipoise("new", "Spring Mornings", "--design", design)
    assert done.code == 0, done
    folder = read_folder(tmp_path / "Spring Mornings")
    assert (folder.protocol.id, folder.protocol.title) == ("spring-mornings", {"en": "Spring Mornings"})
    assert "\nspring-mornings 0.1 is sound" in equipoise("check", "Spring Mornings").out
    assert [one.name for one in tmp_path.iterdir()] == ["Spring Mornings"]


def test_a_title_of_ones_own_is_kept_as_it_was_written(equipoise: Shell, tmp_path: Path) -> None:
    title = 'A "kind" pause: {now}, or \\1 later # maybe – ja'
    assert equipoise("new", "pause", "--title", title).code == 0
    assert read_folder(tmp_path / "pause").protocol.title == {"en": title}


def test_an_empty_folder_is_filled_and_a_full_one_is_left_alone(equipoise: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert equipoise("new", "mine").code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "mine").rglob("*") if path.is_file()}
    assert "is not empty" in equipoise.refused(1, "new", "mine", "--design", "waitlist")
    assert {path: path.read_bytes() for path in (tmp_path / "mine").rglob("*") if path.is_file()} == before


def test_what_comes_next_names_every_note_to_the_team_with_its_line(equipoise: Shell, tmp_path: Path) -> None:
    said = equipoise("new", "mine", "--design", "attention-control").out
    named = dict(re.findall(r"^  (mine/\S+): the notes in \*\[ \]\*, line ([\d, ]+)$", said, re.MULTILINE))
    for path in (tmp_path / "mine").rglob("*"):
        if path.is_file() and path.name != "README.md":
            lines = [str(n) for n, line in enumerate(path.read_text().splitlines(), 1) if "*[" in line]
            assert named.get(str(path.relative_to(tmp_path)), "").split(", ") == (lines or [""])
    assert "equipoise check mine" in said and "equipoise demo mine --out mine-demo" in said
    assert "equipoise rehearse mine " in said and "mine: an attention-control trial" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mine", "--design", "crossover"), "Use one of two-arm, three-arm"),
        (("mine", "--language", "de"), "not written in 'de'"),
        (("ж",), "no id can be made"),
        (("mine", "--title", " "), "cannot be a title"),
        (("mine", "--title", "x" * 200), "cannot be a title"),
        (("mine", "--title", "a\x1b[31mb"), "cannot be a title"),
    ],
)
def test_a_slip_is_named_and_nothing_is_made(
    equipoise: Shell, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    assert said in equipoise.refused(2, "new", *words)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_that_name_is_left_as_it_was(equipoise: Shell, tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("years of work")
    assert "a file of this name" in equipoise.refused(2, "new", "thesis")
    assert (tmp_path / "thesis").read_text() == "years of work"
