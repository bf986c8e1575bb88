"""A rehearsal through the services alone is the same trial: what pages and a mail server add changes nothing kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rehearsal.morning_walks import written
from tests.system.commands import in_this_process
from tests.system.evidence import Tables, read_sqlite
from trial.cli.living import Wish, live
from trial.mail.mailer import Envelope
from trial.rehearsal.post import HandedOver

# what is drawn anew in each rehearsal: keys, and what they seal or stand in; and who sent a mail, until when
DRAWN = {
    "seal": {"sealed_seed"},
    "screening": {"submission"},
    "identity": {"blind_index", "wrapped_key", "address", "wrapped_answers_key"},
    "words": {"sealed"},
    "answer_sheet": {"submission", "answers"},
    "adverse_event": {"submission"},
    "delivery": {"owner", "lease_until", "token_hash"},
}


@dataclass(frozen=True)
class _Left:
    files: Mapping[str, str]
    tables: Tables
    mails: int


def _lived(place: Path, protocol: str, *, fast: bool) -> _Left:
    with live(Wish(protocol, 14, 5, place, 0.3, None, None, True, fast=fast), quiet=True) as lived:
        files = lived.files
        mails = lived.mailbox
    kept = len(list(mails.glob("*.eml"))) if mails.is_dir() else 0
    return _Left(files, read_sqlite(place / "equipoise.sqlite"), kept)


@pytest.fixture(scope="module", params=["soothing-touch", "dawn-lesson"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[_Left, _Left]:
    """By pages and mail server, and by the services alone."""
    place = tmp_path_factory.mktemp(request.param)
    whole, fast = (_lived(place / name, request.param, fast=name == "fast") for name in ("whole", "fast"))
    return whole, fast


def test_the_frozen_dataset_is_the_same_byte_for_byte(both: tuple[_Left, _Left]) -> None:
    whole, fast = both
    assert fast.files.keys() == whole.files.keys()
    assert [name for name in whole.files if fast.files[name] != whole.files[name]] == []
    assert whole.files["dataset.csv"].count("\n") > 5


def test_every_row_of_the_database_is_the_same_but_for_what_keys_make_of_it(both: tuple[_Left, _Left]) -> None:
    whole, fast = both
    assert fast.tables.keys() == whole.tables.keys()
    for name, rows in whole.tables.items():
        left_out = DRAWN.get(name, set())
        ours, theirs = (
            [{column: value for column, value in row.items() if column not in left_out} for row in one]
            for one in (fast.tables[name], rows)
        )
        assert ours == theirs, name


def test_no_mail_is_drawn_where_nobody_looks_at_it(both: tuple[_Left, _Left]) -> None:
    whole, fast = both
    accepted = sum(one["state"] == "accepted" for one in whole.tables["delivery"])
    assert (whole.mails, fast.mails) == (accepted, 0) and accepted > 100


def test_a_mailbox_that_has_died_answers_as_the_mail_server_does(both: tuple[_Left, _Left]) -> None:
    post = HandedOver()
    post.refuse("Somebody@mailbox.example")
    reply = post.send(Envelope("study@equipoise.example", "somebody@mailbox.example"), lambda: b"[]")
    assert (reply.kind, reply.code, list(post.arrived())) == ("refused", 550, [])
    bounced = [one for left in both for one in left.tables["delivery"] if one["state"] == "bounced"]
    assert all(one["reply"] == f"{reply.code} {reply.text}" for one in bounced)


def test_the_command_rehearses_a_trial_of_ones_own_without_pages(tmp_path: Path) -> None:
    done = in_this_process(
        "rehearse", written(tmp_path), "--participants", "8", "--fast", "--out", "lived", cwd=tmp_path
    )
    assert done.code == 0, done.err
    assert (tmp_path / "lived" / "dataset.csv").is_file() and not (tmp_path / "lived" / "mailbox").exists()
