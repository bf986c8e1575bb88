"""The wall clock and chance are refused by the linter where a trial is decided."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.repository import ROOT, files, read

RUFF = Path(sys.executable).with_name("ruff")
BANNED = {
    "the wall clock": "import datetime as dt\n\nprint(dt.datetime.now(dt.UTC))\n",
    "today": "from datetime import date\n\nprint(date.today())\n",
    "dice": "import random\n\nprint(random.random())\n",
    "a draw": "from random import choice\n\nprint(choice([1, 2]))\n",
    "a random id": "from uuid import uuid4\n\nprint(uuid4())\n",
}
DECIDES = {"core", "stats", "protocol_files", "pages", "services", "reports"}


def findings(code: str, place: str) -> str:
    command = [str(RUFF), "check", "--no-cache", "--select", "TID251", "--stdin-filename", place, "-"]
    return subprocess.run(command, input=code, capture_output=True, text=True, cwd=ROOT).stdout


@pytest.mark.parametrize("what", BANNED)
@pytest.mark.parametrize("folder", ["trial/core", "trial/services", "reports", "tests/core"])
def test_the_linter_refuses(what: str, folder: str) -> None:
    assert "TID251" in findings(BANNED[what], f"{folder}/example.py")


def test_no_file_where_a_trial_is_decided_is_excused_from_that() -> None:
    decides = [path for path in files() if path.suffix == ".py" and DECIDES & set(path.parts[:2])]
    assert decides
    excused = re.compile(r"noqa:[^#]*(TID251|DTZ)|ruff: noqa|noqa\s*$", re.M)
    assert [str(path) for path in decides if excused.search(read(path)) and path.parts[0] != "tests"] == []
