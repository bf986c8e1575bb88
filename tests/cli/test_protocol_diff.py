"""`equipoise protocol diff`: what the guide shows, what a machine reads, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import LOCATED, Shell
from tests.cli.running import evenings
from tests.services.post import Post, mailbox, post
from trial.protocol_files import shipped

__all__ = ["mailbox", "post"]
NAME = "shapira-mongrain-2010"
GUIDE = Path(__file__).parents[2] / "docs/guide-amendments.md"
# what the guide changes
EDITS = (
    ("protocol.yaml", "version: '1.0'\nlanguages", "version: '1.1'\nlanguages"),
    ("protocol.yaml", "consent:\n  version: '1.0'", "consent:\n  version: '1.1'"),
    ("protocol.yaml", "    days: [14]", "    days: [21]"),
    ("protocol.yaml", "latest: 4 hours}", "latest: 5 hours}"),
    ("messages/evening.en.md", "Please pick a moment when you are on your own", "Pick a moment when you are alone"),
    ("messages/debrief.en.md", "over many months, and that is", "over many months; and that is"),
)


@pytest.fixture(autouse=True)
def _window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The shipped protocol with the guide's changes, in the folder `my-trial`."""
    folder = Path(shutil.copytree(shipped(NAME), tmp_path / "my-trial"))
    for file, old, text in EDITS:
        before = (folder / file).read_text()
        assert before.count(old) == 1, f"{old!r} stands {before.count(old)} times in {file}"
        (folder / file).write_text(before.replace(old, text))
    return folder


def blocks() -> dict[str, str]:
    """What the guide shows below each command."""
    found = re.findall(r"```console\n\$ (equipoise[^\n]*)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return dict(found)


def test_the_guide_shows_what_the_command_prints(equipoise: Shell, new: Path) -> None:
    command = f"equipoise protocol diff {NAME} my-trial"
    done = equipoise(*command.split()[1:])
    assert (done.code, done.err) == (0, "")
    assert blocks()[command] == done.out


def test_the_guide_shows_what_a_look_ahead_prints_and_nothing_is_written(
    equipoise: Shell, new: Path, post: Post
) -> None:
    evenings(Path("my-home"), post, people=6, days=3)
    before = equipoise.rows("my-home").tables
    command = "equipoise protocol diff --trial evenings --home my-home my-trial"
    done = equipoise(*command.split()[1:])
    assert (done.code, done.err) == (0, "")
    shown = blocks()[command].removeprefix("…\n")
    assert done.out.endswith(shown) and "IF IT WERE APPLIED NOW" in shown
    assert equipoise.rows("my-home").tables == before
    assert not re.search("letter|optimism|early_memory", shown)


def test_a_machine_reads_the_same(equipoise: Shell, new: Path) -> None:
    told = json.loads(equipoise("protocol", "diff", NAME, new, "--json").out)
    assert (told["old"], told["new"], told["class"]) == ("1.0", "1.1", "substantial")
    assert [one["path"] for one in told["changes"] if one["class"] == "substantial"] == ["timepoints.week_1.days"]
    assert "preview" not in told and told["raised"] is None
    assert all(one[key] for one in told["changes"] for key in ("file", "part", "before", "after", "meaning", "chapter"))


def test_a_machine_reads_the_look_ahead(equipoise: Shell, new: Path, trial: str) -> None:
    told = json.loads(equipoise("protocol", "diff", "--trial", trial, "--home", "home", new, "--json").out)
    assert told["preview"]["trial"] == trial and told["preview"]["randomized"] == 0
    assert told["preview"]["mails"]["moved"] == 0 and told["preview"]["replans_at_once"] is False


def test_what_does_not_differ_is_said_not_to(equipoise: Shell) -> None:
    done = equipoise("protocol", "diff", NAME, NAME)
    assert done.code == 0 and done.out.splitlines()[-1] == "Nothing that the trial uses differs."
    assert json.loads(equipoise("protocol", "diff", NAME, NAME, "--json").out)["class"] is None


def test_the_lines_fit_into_the_window(equipoise: Shell, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, longest in ((70, 70), (40, 60), (300, 100)):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = equipoise("protocol", "diff", NAME, new).out.splitlines()
        assert max(map(len, lines)) <= longest
        assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize(
    ("option", "counts"),
    [("--urgent", {"urgent_safety": 6}), ("--substantial", {"substantial": 6})],
)
def test_the_team_may_raise_a_class_and_says_why(
    equipoise: Shell, new: Path, option: str, counts: dict[str, int]
) -> None:
    done = equipoise("protocol", "diff", NAME, new, option, "An alert in  another trial.")
    assert "by the team: An alert in another trial." in done.out
    told = json.loads(equipoise("protocol", "diff", NAME, new, option, "A reason.", "--json").out)
    assert {name: count for name, count in told["counts"].items() if count} == counts
    assert {one["default"] for one in told["changes"]} == {"correction", "substantial"}
    assert told["raised"]["reason"] == "A reason."


def test_what_cannot_be_compared_is_named(equipoise: Shell, new: Path, trial: str) -> None:
    for words in ((new,), (NAME, new, new), ("--trial", trial, "--home", "home", NAME, new)):
        said = equipoise.refused(2, "protocol", "diff", *words)
        assert said.startswith("OLD NEW: ") and LOCATED.match(said.splitlines()[0])
    assert equipoise.refused(2, "protocol", "diff", NAME, "nosuch").startswith("nosuch: ")
    assert "--urgent: " in equipoise.refused(2, "protocol", "diff", NAME, new, "--urgent", " ")
    assert "no trial named nosuch" in equipoise.refused(
        2, "protocol", "diff", "--trial", "nosuch", "--home", "home", new
    )
    assert "no trial was ever opened" in equipoise.refused(
        2, "protocol", "diff", "--trial", trial, "--home", "elsewhere", new
    )


def test_a_mistake_in_the_new_folder_is_located(equipoise: Shell, new: Path) -> None:
    file = new / "protocol.yaml"
    file.write_text(file.read_text().replace("    days: [21]", "    days: soon"))
    said = equipoise.refused(2, "protocol", "diff", NAME, new)
    assert LOCATED.match(said.splitlines()[0]) and said.startswith(f"{file}:")


def test_a_frozen_trial_is_said_to_be(equipoise: Shell, new: Path, trial: str) -> None:
    for words in (("close", trial), ("freeze", trial, "--out", "frozen")):
        assert equipoise(*words, "--home", "home").code == 0
    assert "frozen: no amendment" in equipoise("protocol", "diff", "--trial", trial, "--home", "home", new).out


def test_arms_are_not_told_by_a_count(equipoise: Shell, new: Path, post: Post) -> None:
    evenings(Path("my-home"), post, people=2, days=1)
    file = new / "protocol.yaml"
    file.write_text(file.read_text().replace("activities: [letter, optimism, early_memory]", "activities: [letter]"))
    done = equipoise("protocol", "diff", "--trial", "evenings", "--home", "my-home", new)
    assert done.code == 0 and "Mails are not counted here" in done.out
    with sqlite3.connect("my-home/equipoise.sqlite") as rows:
        assert rows.execute("select count(*) from protocol_version").fetchone() == (1,)
    rows.close()
