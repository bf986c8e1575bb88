"""The house keeps its own rules: small files, no traces of one machine, tests where the layers are."""

import re
from pathlib import Path

import pytest

from bench.__main__ import BENCHES
from tests.house.repository import ROOT, files, read

CODE = {".py", ".js", ".css", ".html", ".typ", ".sql", ".sh"}
# written in pieces, so that this file does not find itself
PLACES = ("/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/")
HOSTS = ("pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "debian" + ".org/debian")
WRITTEN = ("docs", "simulated")  # reports, written by a command
NOT_A_LAYER = {"faults", "house", "reference", "servers", "spec", "system"}


def places() -> list[str]:
    pattern = re.compile(r"(?<![\w.:/\-])(?:" + "|".join(map(re.escape, PLACES)) + ")")
    return [
        f"{path}:{number}: {line.strip()[:80]}"
        for path in files()
        for number, line in enumerate(read(path).splitlines(), 1)
        if pattern.search(line) or any(host in line for host in HOSTS)
    ]


def test_no_code_file_has_more_than_400_lines() -> None:
    code = [path for path in files() if path.suffix in CODE or (path.parts[0] == ".ci" and not path.suffix)]
    code = [path for path in code if path.parts[:2] != WRITTEN]
    assert len(code) > 20
    lengths = {str(path): len(read(path).splitlines()) for path in code}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_no_file_names_a_place_on_one_machine_or_a_package_index() -> None:
    assert places() == []


def test_no_key_no_database_and_no_mail_is_in_the_repository() -> None:
    private = {".key", ".pem", ".sqlite", ".eml"}
    assert [str(path) for path in files() if path.suffix in private or path.name == ".env"] == []


def test_the_folders_of_the_tests_are_the_layers() -> None:
    packages = [ROOT / name for name in ("trial", "workers", "reports", "protocols")]
    layers = {folder.name for folder in (*packages, *(ROOT / "trial").iterdir()) if folder.is_dir()}
    found = {path.parts[1] for path in files() if path.parts[0] == "tests" and len(path.parts) > 2}
    assert found - layers - NOT_A_LAYER == set()


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE"])
def test_who_comes_here_finds(name: str) -> None:
    assert len(read(Path(name)).split()) > 30


def test_both_commands_of_the_readme_are_the_ones_that_are_tested() -> None:
    readme = read(Path("README.md"))
    assert "bash .ci/setup && .venv/bin/equipoise demo" in readme
    assert "bash .ci/test" in readme


@pytest.mark.parametrize("name", BENCHES)
def test_every_benchmark_is_described_and_has_figures(name: str) -> None:
    page = (ROOT / "bench" / "README.md").read_text(encoding="utf-8")
    assert f"| `.venv/bin/python -m bench.{name}` |" in page
    assert f"| `python -m bench.{name}` |" in page
