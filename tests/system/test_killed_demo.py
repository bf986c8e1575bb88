"""A demo that is killed can be run again; what is no demo's is left alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import psutil
import pytest

from tests.servers.process import alive
from tests.system.commands import PROTOCOL, equipoise, in_this_process, running, same_bytes, wait_for

WISH = ("--participants", "6", "--seed", "8", "--out", "lived")


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder, by name, with its digest."""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that was killed once twenty mails had left; its mail server goes with it."""
    place = tmp_path_factory.mktemp("killed")
    with running("demo", *WISH, cwd=place) as command:
        mailbox = place / "lived" / "mailbox"
        wait_for(lambda: len(list(mailbox.glob("*.eml"))) >= 20, process=command)
        children = psutil.Process(command.pid).children(recursive=True)
        command.kill()
        command.wait()
        assert children
        _, left = psutil.wait_procs(children, timeout=10)
        assert not [one for one in left if alive(one)]
    return place


def test_a_demo_that_was_killed_is_not_shown_as_if_it_had_finished(killed: Path) -> None:
    done = equipoise("serve", "--home", "lived", "--port", "0", cwd=killed, timeout=30)
    assert done.code == 2 and "did not finish" in done.err and "equipoise demo --out lived" in done.err


def test_a_killed_demo_can_be_run_again_and_ends_as_if_nothing_had_happened(killed: Path, tmp_path: Path) -> None:
    assert not (killed / "lived" / "results.json").exists()
    again = equipoise("demo", *WISH, cwd=killed)
    undisturbed = in_this_process("demo", *WISH, "--json", cwd=tmp_path)
    assert again.code == 0 and "Living the trial" in again.err, again.err
    assert undisturbed.code == 0 and undisturbed.err == ""
    told = json.loads(undisturbed.out)
    assert told["out"] == "lived" and told["results"] == json.loads((tmp_path / "lived/results.json").read_text())
    assert same_bytes(killed / "lived", tmp_path / "lived", "dataset.csv", "results.json")
    mails = [contents(place / "lived" / "mailbox").keys() for place in (killed, tmp_path)]
    assert mails[0] == mails[1] and len(mails[0]) > 20


def test_a_folder_with_other_files_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "lived").mkdir()
    (tmp_path / "lived" / "thesis.txt").write_text("years of work")
    done = in_this_process("demo", *WISH, cwd=tmp_path)
    assert done.code == 1 and "--out" in done.err and "Traceback" not in done.err
    assert contents(tmp_path) == {"lived/thesis.txt": hashlib.sha256(b"years of work").hexdigest()}


def test_the_home_of_a_test_trial_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    opened = in_this_process("open", PROTOCOL, "--test", "--placeholder-wording", "--home", "lived", cwd=tmp_path)
    assert opened.code == 0, opened.err
    before = contents(tmp_path)
    done = in_this_process("demo", *WISH, cwd=tmp_path)
    assert done.code == 1 and "--out" in done.err
    assert contents(tmp_path) == before
