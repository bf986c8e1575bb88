"""`protocol show`: a folder in, the document that an ethics board reads out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from trial.protocol_files import shipped

PROTOCOL = "shapira-mongrain-2010"


def test_it_says_what_it_does_and_where_the_files_lie(equipoise: Shell) -> None:
    done = equipoise("protocol", "show", PROTOCOL, "--out", "application")
    assert done.code == 0
    assert done.out.splitlines() == ["application/protocol.html", "application/protocol.pdf"]
    assert "Drawing protocol.html" in done.err and "Drawing protocol.pdf" in done.err
    assert Path("application/protocol.html").read_text().count("<section") == 11
    assert Path("application/protocol.pdf").read_bytes().startswith(b"%PDF")


def test_one_format_makes_one_file(equipoise: Shell) -> None:
    done = equipoise("protocol", "show", PROTOCOL, "--format", "html", "--out", "here")
    assert done.code == 0 and [one.name for one in Path("here").iterdir()] == ["protocol.html"]


@pytest.mark.parametrize("formats", ["docx", "", "html,docx"])
def test_a_format_that_there_is_not_is_refused_before_anything_is_written(equipoise: Shell, formats: str) -> None:
    done = equipoise("protocol", "show", PROTOCOL, "--format", formats, "--out", "here")
    assert done.code == 2 and "--format" in done.err and "Use any of html, pdf." in done.err
    assert not Path("here").exists()


def test_a_protocol_with_a_mistake_is_told_by_file_and_line(equipoise: Shell, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped(PROTOCOL), tmp_path / "mine"))
    file = folder / "protocol.yaml"
    file.write_text(
        file.read_text().replace("outcome: depression, timepoint: month_1", "outcome: joy, timepoint: month_1")
    )
    done = equipoise("protocol", "show", str(folder), "--out", "here")
    assert done.code == 2 and f"{file}:" in done.err and "Traceback" not in done.err
    assert not Path("here").exists()


def test_of_a_trial_it_is_what_runs_with_the_digest_that_was_published(equipoise: Shell, trial: str) -> None:
    done = equipoise("protocol", "show", "--trial", trial, "--format", "html", "--out", "here", "--home", "home")
    assert done.code == 0, done
    page = Path("here/protocol.html").read_text()
    [seal] = equipoise.rows().all("seal")
    assert str(seal["digest"]) in page and "published at the opening" in page
    said = equipoise.refused(2, "protocol", "show", PROTOCOL, "--trial", trial, "--home", "home")
    assert "one of the two" in said
    assert "one of the two" in equipoise.refused(2, "protocol", "show")
