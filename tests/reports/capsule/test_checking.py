"""A capsule is checked and its results are made again from its own files, in another place, with nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reports import build_report
from reports.capsule.checking import CHECKSUMS, checksums, verify_capsule
from reports.capsule.making import Capsule, write_capsule
from trial.core.errors import DataInvalid, Refused

KINDS = ("restricted", "public")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def capsule(kind: str, public_capsule: Capsule, restricted_capsule: Capsule) -> Capsule:
    return public_capsule if kind == "public" else restricted_capsule


@pytest.fixture
def elsewhere(capsule: Capsule, tmp_path: Path) -> Path:
    """Written, then moved to another folder: nothing of where it was made is left."""
    write_capsule(capsule, tmp_path / "made" / "capsule")
    shutil.move(tmp_path / "made" / "capsule", tmp_path / "another place")
    shutil.rmtree(tmp_path / "made")
    return tmp_path / "another place"


def again(directory: Path) -> None:
    """The checksums anew, as somebody would who wants to deceive."""
    files = {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.name != CHECKSUMS
    }
    (directory / CHECKSUMS).write_bytes(checksums(files))


def test_results_are_the_same_bytes_when_made_from_a_copy_alone(elsewhere: Path) -> None:
    said = verify_capsule(elsewhere)
    size = (elsewhere / "results.json").stat().st_size
    assert said[-1].endswith(f"the same {size} bytes.")


def test_the_report_of_the_restricted_capsule_is_that_of_the_freeze(
    restricted_capsule: Capsule, frozen: Path, tmp_path: Path
) -> None:
    write_capsule(restricted_capsule, tmp_path / "capsule")
    build_report(frozen, ["json"])
    assert (frozen / "results.json").read_bytes() == restricted_capsule.files["results.json"]
    for path in (tmp_path / "capsule" / "frozen").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (frozen / path.relative_to(tmp_path / "capsule" / "frozen")).read_bytes()


def test_its_list_is_one_that_sha256sum_takes(elsewhere: Path) -> None:
    done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", CHECKSUMS], cwd=elsewhere, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("name", ["README.md", "results.json", "data/dataset.sav", "codebook.csv"])
def test_a_changed_byte_is_named(elsewhere: Path, name: str) -> None:
    path = elsewhere / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(DataInvalid, match=f"{name} is not what it was"):
        verify_capsule(elsewhere)


def test_a_file_too_many_or_too_few_is_named(elsewhere: Path) -> None:
    (elsewhere / "more.txt").write_text("more")
    (elsewhere / "codebook.html").unlink()
    with pytest.raises(DataInvalid, match=r"(?s)more\.txt is here and not in the list.*codebook\.html is not here"):
        verify_capsule(elsewhere)


def test_a_link_is_no_file_of_the_capsule(elsewhere: Path, tmp_path: Path) -> None:
    (elsewhere / "README.md").rename(tmp_path / "README.md")
    (elsewhere / "README.md").symlink_to(tmp_path / "README.md")
    with pytest.raises(DataInvalid, match=r"README\.md is not here as a file of its own"):
        verify_capsule(elsewhere)


@pytest.mark.parametrize("line", ["x" * 64 + "  ../../secret", "x" * 64 + "  /etc/passwd", "nonsense"])
def test_a_list_that_leads_out_of_the_capsule_is_refused(elsewhere: Path, line: str) -> None:
    with (elsewhere / CHECKSUMS).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(DataInvalid, match="no line of a list of checksums"):
        verify_capsule(elsewhere)


def test_a_result_that_was_changed_with_its_checksum_is_found_by_making_it_again(elsewhere: Path) -> None:
    path = elsewhere / "results.json"
    results = json.loads(path.read_text())
    results["estimates"][0]["p"] = 0.001
    path.write_text(json.dumps(results))
    again(elsewhere)
    with pytest.raises(DataInvalid, match=r"its own files give other results than results\.json says"):
        verify_capsule(elsewhere)


@pytest.mark.parametrize("text", ["{}", "no JSON", '{"kind": "else", "software": {"version": "1"}}'])
def test_what_is_no_capsule_is_said(elsewhere: Path, text: str) -> None:
    (elsewhere / "capsule.json").write_text(text)
    again(elsewhere)
    with pytest.raises(DataInvalid, match="does not describe a capsule"):
        verify_capsule(elsewhere)


def test_hostile_parts_of_a_public_capsule_are_problems_and_no_traceback(
    public_capsule: Capsule, tmp_path: Path
) -> None:
    for name, text, said in (
        ("everyone.json", "{", "this is not JSON"),
        ("data/adherence.csv", "a,b\n1,2\n", "no column participant"),
        ("data/dataset.csv", "a,b\n1,2\n", "is missing"),
    ):
        out = tmp_path / name.replace("/", "-")
        write_capsule(public_capsule, out)
        (out / name).write_text(text)
        again(out)
        with pytest.raises(DataInvalid, match=said):
            verify_capsule(out)


def test_a_capsule_is_not_written_over_something(public_capsule: Capsule, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(Refused, match="is not empty"):
        write_capsule(public_capsule, tmp_path / "full")
    (tmp_path / "empty").mkdir()
    write_capsule(public_capsule, tmp_path / "empty")
    assert (tmp_path / "empty" / "README.md").is_file() and not list(tmp_path.glob(".*part"))


def test_the_short_script_in_python_prints_what_the_results_say(elsewhere: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "scripts/primary_analysis.py"], cwd=elsewhere, capture_output=True, text=True, check=True
    )
    printed = {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}
    found = json.loads((elsewhere / "results.json").read_text())["estimates"][0]
    assert printed["estimate"] == pytest.approx(found["estimate"], rel=1e-8)
    assert printed["se"] == pytest.approx(found["se"], rel=1e-8)
    assert printed["p"] == pytest.approx(found["p"], rel=1e-8)
    assert [printed["ci_low"], printed["ci_high"]] == pytest.approx(found["ci"], rel=1e-8)
    assert {arm: printed[f"n_{arm}"] for arm in found["n"]} == found["n"]
