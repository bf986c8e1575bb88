"""`equipoise randomization error`: shown first, written down with --yes."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Shell
from tests.cli.running import evenings
from tests.services.post import Post, mailbox, post

__all__ = ["mailbox", "post"]


def test_an_enrolment_in_error_is_shown_first_and_written_down_with_yes(
    equipoise: Shell, post: Post, tmp_path: Path
) -> None:
    evenings(Path("my-home"), post, people=1, days=1)
    code = equipoise.rows("my-home").one("participant")["code"]
    words = tmp_path / "words.txt"
    words.write_text("She had answered for her sister.\n")
    command = ("randomization", "error", "evenings", code, "--reason", "duplicate", "--words-from", words,
               "--stop-mails", "--home", "my-home")  # fmt: skip
    before = equipoise.rows("my-home").tables
    looked = equipoise(*command)
    assert looked.code == 0 and "stays in the list" in looked.out and "All mails to this person stop." in looked.out
    assert equipoise.rows("my-home").tables == before
    assert equipoise(*command, "--yes").out.endswith("Written down.\n")
    rows = equipoise.rows("my-home")
    assert rows.one("enrolment_error")["reason"] == "duplicate"
    assert "sister" not in repr(rows.tables)
    again = equipoise(*command, "--yes")
    assert again.code != 0 and "stands there already" in again.err
    unknown = equipoise(*command[:5], "nonsense", "--home", "my-home")
    assert unknown.code != 0 and "Choose one: not_eligible, duplicate" in " ".join(unknown.err.split())
