"""Installed from a wheel, outside the checkout, in a folder with a space in its name: the demo works there too."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.system.commands import PROTOCOL, environment, same_bytes

ROOT = Path(__file__).parents[2]
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"

# one file of each kind that is no Python
SHIPPED = (
    f"protocols/{PROTOCOL}/protocol.yaml",
    f"protocols/{PROTOCOL}/messages/evening.en.md",
    f"protocols/{PROTOCOL}/exercises/letter.en.md",
    "protocols/instruments/cesd.yaml",
    "trial/pages/static/style.css",
    "trial/pages/static/page.js",
    "trial/pages/templates/questionnaire.html",
    "trial/web/desk/templates/mails.html",
    "trial/web/desk/desk.css",
    "trial/storage/migrations/versions/v0001_first_tables.py",
    "reports/capsule/scripts/ancova.R",
    "reports/capsule/scripts/verify_allocation.py",
    "reports/templates/report.html",
    "reports/templates/report.typ",
    "reports/templates/lay_summary.html",
)


def run(*words: str | Path, cwd: Path) -> str:
    """A command that must succeed; what it printed."""
    argv = [str(one) for one in words]
    done = subprocess.run(argv, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    return folder / run(sys.executable, "-c", BUILD, folder, cwd=ROOT).split()[-1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that has the wheel, and our dependencies by a path file."""
    place = tmp_path_factory.mktemp("some where")
    run(sys.executable, "-m", "venv", "--without-pip", place / "env", cwd=place)
    programs = place / "env" / "bin"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        programs / "python",
        "install",
        "--no-deps",
        "--no-index",
        wheel,
        cwd=place,
    )
    (library,) = (place / "env").glob("lib/python*/site-packages")
    # a path file inside a folder that a path file names is not read, so the editable installation stays out of sight
    (library / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return programs


def test_the_wheel_holds_what_is_no_python_and_none_of_the_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [one for one in SHIPPED if one not in names] == []
    tops = {one.split("/")[0] for one in names}
    assert {one for one in tops if not one.endswith(".dist-info")} == {"trial", "workers", "reports", "protocols"}
    checkout = {
        str(one.relative_to(ROOT))
        for top in ("trial", "workers", "reports", "protocols")
        for one in (ROOT / top).rglob("*")
        if one.is_file() and "__pycache__" not in one.parts and not one.name.startswith(".")
    }
    assert checkout <= set(names)


def test_the_installed_demo_runs_outside_the_checkout(installed: Path) -> None:
    place = installed.parents[1]
    assert " " in str(place)
    ours = "trial, workers, reports, protocols"
    asked = f"import {ours}\nfor one in ({ours}): print(one.__file__)"
    files = run(installed / "python", "-c", asked, cwd=place).splitlines()
    assert len(files) == 4 and all(one.startswith(str(installed.parent)) for one in files)
    said = run(installed / "equipoise", "demo", "--participants", "4", "--seed", "8", "--out", "my demo", cwd=place)
    assert "4 assessed" in said
    assert (place / "my demo" / "report.pdf").read_bytes().startswith(b"%PDF")
    again = run(installed / "equipoise", "report", "my demo", "--format", "json", cwd=place)
    assert again == "my demo/results.json\n"


def test_the_shipped_protocol_is_the_same_in_the_wheel(installed: Path) -> None:
    place = installed.parents[1]
    inside = run(installed / "equipoise", "check", PROTOCOL, cwd=place)
    outside = run(Path(sys.executable).with_name("equipoise"), "check", PROTOCOL, cwd=place)
    assert inside == outside
    (library,) = installed.parent.glob("lib/python*/site-packages")
    assert same_bytes(ROOT, library, *SHIPPED)
