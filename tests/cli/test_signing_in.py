"""Commands of members: the first owner comes by a link, signs in for a quarter of an hour, acts under their name."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select, update

from tests.cli.conftest import Shell
from tests.cli.test_enrolments import arrive
from trial.cli import proofs
from trial.cli.places import ready_store, settings_of
from trial.core.access import SYSTEM
from trial.mail.mailbox_files import numbers, read_mail
from trial.services import passwords, team
from trial.services.team import Joining
from trial.storage import sessions
from trial.storage.tables_desk import member_secret, member_session
from trial.storage.work import Store

PASSWORD = "seven blue whales at dawn"
ADDRESS = "robin@team.example"
HOME = ("--home", "home")


@pytest.fixture
def store(equipoise: Shell, trial: str, tmp_path: Path) -> Store:
    return ready_store(settings_of(home=tmp_path / "home"))


@pytest.fixture
def owner(equipoise: Shell, trial: str, store: Store) -> str:
    """The first owner, who has followed the printed link: the key of their app."""
    said = equipoise("member", "owner", trial, "Robin Example", ADDRESS, *HOME).out
    token = re.search(r"^http://127\.0\.0\.1:8766/join/(\S{43})$", said, re.M)[1]
    totp = pyotp.random_base32()
    with store.open_work(SYSTEM) as work:
        done, _ = team.join(work, token, Joining("Robin Example", passwords.hashed(PASSWORD), totp, 0))
        sessions.end(work, done.session.id)
    return totp


def sign_in(equipoise: Shell, store: Store, totp: str, password: str = PASSWORD) -> object:
    with store.open_work(SYSTEM) as work:
        work.rows.execute(update(member_secret).values(totp_step=None))
        code = pyotp.TOTP(totp).at(int(work.machine_now.timestamp()))
    with equipoise.patch.context() as patch:
        patch.setattr("sys.stdin", StringIO(f"{ADDRESS}\n{code}\n"))
        patch.setattr("getpass.getpass", lambda _: password)
        return equipoise("sign-in", *HOME)


def by(equipoise: Shell, event: str) -> list[str]:
    return [row["by"] for row in equipoise.rows().tables["event"] if row["event"] == event]


def test_without_a_proof_commands_act_as_the_operator_and_are_told_how_to_act_as_a_member(
    equipoise: Shell, trial: str, owner: str
) -> None:
    equipoise("pause", trial, *HOME)
    assert by(equipoise, "trial_paused")[0].startswith("operator:")
    said = equipoise.refused(1, "enrolment", "release", trial, "EQ-NONE", "--reason", "x", *HOME)
    assert "may not review enrolment" in said and "equipoise sign-in" in said


def test_a_member_who_signed_in_acts_under_their_name_with_their_roles(
    equipoise: Shell, trial: str, owner: str, store: Store, tmp_path: Path
) -> None:
    code = arrive(tmp_path / "home", trial, "kim@mailbox.example")
    done = sign_in(equipoise, store, owner)
    assert "Robin Example for 15 minutes" in done.out
    path = tmp_path / "home" / proofs.FILE
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() not in str(equipoise.rows().tables)
    assert equipoise("enrolment", "release", trial, code, "--reason", "The mail is confirmed.", *HOME).code == 0
    equipoise("pause", trial, *HOME)
    assert by(equipoise, "enrolment_released") == by(equipoise, "trial_paused") == ["member:1"]
    said = equipoise.refused(1, "freeze", trial, "--out", "frozen", *HOME)
    assert "member:1 may not freeze" in said, "an owner is blinded, and a command does not make them anything else"
    equipoise("sign-out", *HOME)
    assert not path.exists()
    equipoise("resume", trial, *HOME)
    assert by(equipoise, "trial_resumed")[0].startswith("operator:")


def test_a_proof_is_over_after_a_quarter_of_an_hour_and_nobody_acts_as_the_operator_by_mistake(
    equipoise: Shell, trial: str, owner: str, store: Store
) -> None:
    sign_in(equipoise, store, owner)
    with store.open_work(SYSTEM) as work:
        begun = work.rows.execute(select(member_session.c.begun_at).order_by(member_session.c.id.desc())).scalars()
        earlier = next(iter(begun)) - timedelta(minutes=16)
        work.rows.execute(update(member_session).values(begun_at=earlier))
    said = equipoise.refused(1, "pause", trial, *HOME)
    assert "time of your sign-in is over" in said
    assert by(equipoise, "trial_paused") == []
    assert equipoise("pause", trial, *HOME).code == 0


def test_a_browser_s_token_is_no_proof_for_commands(
    equipoise: Shell, trial: str, owner: str, store: Store, tmp_path: Path
) -> None:
    from trial.core.signing_in import Purpose

    with store.open_work(SYSTEM) as work:
        sessions.begin(work, 1, "token-of-a-browser", Purpose.DESK)
    (tmp_path / "home" / proofs.FILE).write_text("token-of-a-browser")
    assert "over" in equipoise.refused(1, "pause", trial, *HOME)


def test_a_wrong_password_gives_no_proof(
    equipoise: Shell, trial: str, owner: str, store: Store, tmp_path: Path
) -> None:
    done = sign_in(equipoise, store, owner, password="another one entirely")
    assert done.code == 1 and "do not fit together" in done.err
    assert not (tmp_path / "home" / proofs.FILE).exists()


def test_a_name_alone_does_not_make_anybody_a_member_who_can_sign_in(
    equipoise: Shell, trial: str, owner: str, tmp_path: Path
) -> None:
    code = arrive(tmp_path / "home", trial, "kim@mailbox.example")
    words = ("enrolment", "release", trial, code, "--as", "Robin Example", "--reason", "x", *HOME)
    said = equipoise.refused(1, *words)
    assert "Nobody else acts as Robin Example" in said and "equipoise sign-in" in said
    assert equipoise.rows().tables["review"] == []


def test_who_lost_everything_chooses_anew_by_mail_and_stays_the_same_member(
    equipoise: Shell, trial: str, owner: str, store: Store
) -> None:
    sign_in(equipoise, store, owner)
    said = equipoise("member", "renew", trial, ADDRESS, *HOME).out
    assert "over" in equipoise.refused(1, "pause", trial, *HOME), "every session has ended"
    token = re.search(r"/join/(\S{43})$", said, re.M)[1]
    totp = pyotp.random_base32()
    with store.open_work(SYSTEM) as work:
        done, _ = team.join(work, token, Joining("", passwords.hashed(PASSWORD), totp, 0))
    assert done.member.id == 1
    assert sign_in(equipoise, store, owner).code == 1, "the old app is void"
    assert sign_in(equipoise, store, totp).code == 0
    assert [row["role"] for row in equipoise.rows().tables["member_role"]] == ["owner"]


def test_the_link_of_an_invitation_goes_out_by_mail(equipoise: Shell, trial: str, store: Store, tmp_path: Path) -> None:
    from trial.mail.mailbox import started_mailbox
    from workers.timetable import tick

    equipoise("member", "owner", trial, "Robin Example", ADDRESS, *HOME)
    equipoise("member", "invite", trial, "Kim Example", "kim@team.example", "safety_contact", *HOME)
    box = tmp_path / "box"
    with started_mailbox(box) as server:
        sender = settings_of(home=tmp_path / "home", smtp_url=server.url).sender()
        tick(store.open_work, sender)
        tick(store.open_work, sender)
        sender.mailer.close()
    mails = [read_mail(box, number) for number in numbers(box)]
    assert [one.envelope_to for one in mails] == [ADDRESS, "kim@team.example"], "each once"
    links = {re.search(r"http://127\.0\.0\.1:8766/join/\S{43}", one.text)[0] for one in mails}
    assert len(links) == 2
    assert "owner" not in mails[0].text and "Robin" not in mails[0].text, "the link and the trial's name alone"
