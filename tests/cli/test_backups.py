"""`equipoise backup`, `restore`, `drill`, `release` and `keys …`, as an operator types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.running import evenings
from tests.services.post import Post, mailbox, post
from trial.cli.places import ready_store, settings_of
from trial.core.access import SYSTEM
from trial.storage import clock, deliveries, sealed_files

__all__ = ["mailbox", "post"]


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a guess costs is not what is tried here."""
    monkeypatch.setattr(sealed_files, "WORK_FACTOR", 2)


@pytest.fixture
def words(equipoise: Shell) -> dict[str, str]:
    """The options that open the backup, and those that open the copy of the keys."""
    (equipoise.folder / "one").write_text("the data of one trial\n")
    (equipoise.folder / "two").write_text("the keys of one trial\n")
    return {"data": "--passphrase-file=one", "keys": "--keys-passphrase-file=two"}


def the_keys(folder: Path) -> str:
    return f"--keys={next((folder / 'apart').glob('*.keys'))}"


def test_a_trial_is_brought_back_in_a_new_home_from_two_files_and_two_secrets(
    equipoise: Shell, words: dict[str, str], post: Post
) -> None:
    evenings(Path("home"), post, people=2, days=0)
    done = equipoise("backup", "kept", words["data"], "--keys-to=apart", words["keys"], "--home=home")
    assert done.code == 0 and "evenings (rehearsal, open)" in done.out, done
    with_keys = (the_keys(equipoise.folder), words["keys"])
    shown = equipoise("restore", "kept", words["data"], *with_keys, "--home=new")
    assert (shown.code, "Nothing was changed" in shown.out) == (0, True)
    assert not (equipoise.folder / "new").exists()
    assert "no keys here" in equipoise.refused(2, "restore", "kept", words["data"], "--home=new")
    assert "does not open" in equipoise.refused(2, "restore", "kept", "--passphrase-file=two", "--home=new")
    done = equipoise("restore", "kept", words["data"], *with_keys, "--home=new", "--yes")
    assert done.code == 0 and "Put back and compared" in done.out, done
    old, new = ((equipoise.folder / home / "keys") for home in ("home", "new"))
    same = {path.name: path.read_bytes() == (new / path.name).read_bytes() for path in old.glob("*.key")}
    assert [name for name, kept in sorted(same.items()) if not kept] == ["cookie.key", "link.key"]
    assert equipoise("status", "evenings", "--home=new").code == 0


def test_what_was_due_is_released_after_a_look(equipoise: Shell, words: dict[str, str], post: Post) -> None:
    evenings(Path("home"), post, people=1, days=0)
    with ready_store(settings_of(home=Path("home"))).open_work(SYSTEM) as work:
        clock.move(work, deliveries.next_due(work) or work.now)
    equipoise("backup", "kept", words["data"], "--home=home")
    done = equipoise("restore", "kept", words["data"], "--home=home", "--yes")
    assert "evenings: 1 mails were due and are held" in done.out, done
    shown = equipoise("release", "evenings", "--home=home")
    assert "1 mails are held since a restore. 1 would go out now" in shown.out and "Nothing was changed" in shown.out
    assert "1 mails were given back" in equipoise("release", "evenings", "--home=home", "--yes").out
    assert "Nothing of evenings is held" in equipoise.refused(1, "release", "evenings", "--home=home")


def test_a_restore_says_which_invitations_are_to_be_sent_again(
    equipoise: Shell, words: dict[str, str], trial: str
) -> None:
    equipoise("member", "owner", trial, "A. Person", "a.person@team.example", "--home=home")
    equipoise("backup", "kept", words["data"], "--home=home")
    done = equipoise("restore", "kept", words["data"], "--home=home", "--yes", "--replace")
    assert "1 invitations to the team had not left, and their links are dead" in done.out, done
    assert "An owner sends each again on the page Team" in done.out


def test_a_home_that_holds_a_trial_is_replaced_only_where_that_is_said(
    equipoise: Shell, words: dict[str, str], trial: str
) -> None:
    equipoise("backup", "kept", words["data"], "--home=home")
    done = equipoise("restore", "kept", words["data"], "--home=home", "--yes")
    assert done.code == 1 and "replaces  evenings (test, open)" in done.out and "--replace" in done.err
    done = equipoise("restore", "kept", words["data"], "--home=home", "--yes", "--replace")
    assert done.code == 0, done


def test_a_drill_says_what_would_be_lost_and_how_long_it_took(
    equipoise: Shell, words: dict[str, str], trial: str
) -> None:
    done = equipoise("drill", "kept", words["data"], "--home=home")
    assert done.code == 0 and f"kept for {trial}" in done.out, done
    assert "recovery time" in done.out and "recovery point" in done.out
    assert "into    sqlite" in done.out and "not into" not in done.out
    files = sorted(path.suffix for path in (equipoise.folder / "kept").iterdir())
    assert files == [".backup", ".sha256"]


def test_a_custodian_gets_the_keys_and_needs_nothing_of_this_machine(
    equipoise: Shell, words: dict[str, str], trial: str
) -> None:
    assert equipoise("keys", "custodian", "person", words["data"]).code == 0
    assert (equipoise.folder / "person").stat().st_mode & 0o777 == 0o600
    assert "exists" in equipoise.refused(2, "keys", "custodian", "person", words["data"])
    done = equipoise("keys", "escrow", "apart", "--recipient=person.pub", "--home=home")
    assert done.code == 0 and f"kept for {trial}" in done.out, done
    equipoise("backup", "kept", words["data"], "--home=home")
    opened = ("--keys-private-key=person", "--keys-passphrase-file=one")
    done = equipoise("restore", "kept", words["data"], the_keys(equipoise.folder), *opened, "--home=new", "--yes")
    assert done.code == 0, done


def test_a_passphrase_that_can_be_guessed_or_is_not_there_is_refused(equipoise: Shell, trial: str) -> None:
    (equipoise.folder / "short").write_text("secret")
    said = equipoise.refused(2, "backup", "kept", "--passphrase-file=short", "--home=home")
    assert "fewer than 12" in said
    said = equipoise.refused(2, "backup", "kept", "--home=home")
    assert "no passphrase was given" in said
    assert not (equipoise.folder / "kept").exists()
