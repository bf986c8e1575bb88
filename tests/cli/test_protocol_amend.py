"""`equipoise protocol amend`: shown first, applied with --yes, refused in so many words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.running import evenings
from tests.services.post import Post, mailbox, post
from trial.protocol_files import shipped

__all__ = ["mailbox", "post"]
NAME = "shapira-mongrain-2010"
CORRECTED = (
    ("protocol.yaml", "version: '1.0'\nlanguages", "version: '1.1'\nlanguages"),
    ("messages/debrief.en.md", "over many months, and that is", "over many months; and that is"),
)


def changed(to: Path, *edits: tuple[str, str, str]) -> Path:
    folder = Path(shutil.copytree(shipped(NAME), to))
    for file, old, text in edits:
        before = (folder / file).read_text()
        assert before.count(old) == 1, f"{old!r} stands {before.count(old)} times in {file}"
        (folder / file).write_text(before.replace(old, text))
    return folder


@pytest.fixture
def running(post: Post) -> str:
    evenings(Path("my-home"), post, people=2, days=1)
    return "my-home"


def test_it_is_shown_first_and_applied_with_yes(equipoise: Shell, running: str, tmp_path: Path) -> None:
    new = changed(tmp_path / "corrected", *CORRECTED)
    before = equipoise.rows(running).tables
    command = ("protocol", "amend", "evenings", new, "--home", running)
    looked = equipoise(*command)
    assert looked.code == 0 and "IF IT WERE APPLIED NOW" in looked.out and "--yes" in looked.out
    assert equipoise.rows(running).tables == before
    done = equipoise(*command, "--yes")
    assert done.code == 0 and "Applied: evenings runs version 1.1." in done.out
    assert "2  people are on it now" in done.out


def test_what_is_not_carried_out_is_refused_and_nothing_is_changed(
    equipoise: Shell, running: str, tmp_path: Path
) -> None:
    taken_longer = ("protocol.yaml", "    days: [14]", "    grace: 2 days\n    days: [14]")
    new = changed(tmp_path / "longer", *CORRECTED, taken_longer)
    before = equipoise.rows(running).tables
    done = equipoise("protocol", "amend", "evenings", new, "--home", running, "--yes")
    assert done.code != 0 and "does not carry out" in " ".join((done.out + done.err).split())
    assert equipoise.rows(running).tables == before


RATIO = ("protocol.yaml", "  - id: letter\n    label", "  - id: letter\n    ratio: 2\n    label")
SIZES = ("protocol.yaml", "block_sizes: [3, 6, 9]", "block_sizes: [4]")


def test_another_ratio_is_told_before_with_its_number_and_digest_and_stands_in_the_status(
    equipoise: Shell, running: str, tmp_path: Path
) -> None:
    new = changed(tmp_path / "unequal", *CORRECTED, RATIO, SIZES)
    command = ("protocol", "amend", "evenings", new, "--home", running)
    looked = equipoise(*command).out
    assert "2  were allocated before; nobody is allocated again" in looked
    assert "3  is the number of the next allocation; it begins epoch 2" in looked
    assert "design_amended" not in {one["event"] for one in equipoise.rows(running).tables["event"]}
    done = equipoise(*command, "--yes")
    digest = done.out.rsplit("from number 3 on: ", 1)[1].strip()
    assert len(digest) == 64 and digest in looked
    status = equipoise("status", "evenings", "--home", running).out
    assert f"rule from number 3 on   {digest}" in status


@pytest.mark.parametrize(
    ("day", "line"),
    [(21, "leave at another time"), (0, "stay on their day, because that of the new version has passed")],
    ids=["a later day", "a day that has passed"],
)
def test_other_days_are_counted_before_and_move_what_is_to_come(
    equipoise: Shell, running: str, tmp_path: Path, day: int, line: str
) -> None:
    moved = ("protocol.yaml", "    days: [14]", f"    days: [{day}]")
    new = changed(tmp_path / "moved", *CORRECTED, moved)
    command = ("protocol", "amend", "evenings", new, "--home", running, "--urgent", "The holidays come between.")
    (shown,) = [one for one in equipoise(*command).out.splitlines() if line in one]
    before = {one["id"]: one for one in equipoise.rows(running).tables["delivery"]}
    done = equipoise(*command, "--yes")
    assert done.code == 0, done.err
    after = equipoise.rows(running).tables["delivery"]
    moves = [one for one in after if one["id"] in before and one["due_at"] != before[one["id"]]["due_at"]]
    # an invitation and two reminders for each of two people
    assert (int(shown.split()[0]), len(moves)) == (6, 6 if day == 21 else 0)
