"""What members prove themselves with, on both databases: a code counts once, however many come with it at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import cache

import pyotp
import pytest
from sqlalchemy import select

from tests.services.at_once import at_once
from tests.services.scene import OPERATOR, Scene
from trial.core.access import SYSTEM, Role
from trial.core.errors import LinkInvalid, Refused
from trial.core.links import make_invitation
from trial.core.signing_in import Purpose
from trial.services import passwords, second_factor, signing_in, team
from trial.services.signing_in import NotProved
from trial.services.team import Joining
from trial.storage import member_secrets, members, sessions
from trial.storage.tables_desk import invitation as invitations
from trial.storage.tables_desk import member_secret
from trial.storage.work import Store

PASSWORD = "seven blue whales at dawn"
ADDRESS = "robin@team.example"


@cache
def hashed() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def invitation(scene: Scene, role: Role = Role.OWNER, name: str = "Robin Example", address: str = ADDRESS) -> str:
    with scene.work(OPERATOR) as work:
        asked = team.invite(work, scene.slug, name=name, address=address, role=role)
        return make_invitation(work.keys.link, asked.id)


def code(scene: Scene, totp: str) -> str:
    with scene.work(write=False) as work:
        return pyotp.TOTP(totp).at(int(work.machine_now.timestamp()))


def came_in(scene: Scene, typed: str) -> bool:
    try:
        signing_in.sign_in(scene.store.open_work, ADDRESS, PASSWORD, typed)
    except NotProved:
        return False
    return True


def new_member(scene: Scene) -> tuple[int, str, list[str]]:
    token = invitation(scene)
    totp = pyotp.random_base32()
    with scene.work() as work:
        done, codes = team.join(work, token, Joining("Robin Example", hashed(), totp, 0))
    return done.member.id, totp, codes


def test_of_many_who_come_with_one_code_at_once_one_gets_in(scene: Scene) -> None:
    _, totp, recovery = new_member(scene)
    app = code(scene, totp)
    assert sum(at_once(lambda typed: came_in(scene, typed), [app] * 4)) == 1
    assert sum(at_once(lambda typed: came_in(scene, typed), [recovery[0]] * 4)) == 1
    assert came_in(scene, recovery[1])


def test_looking_first_and_writing_later_lets_several_in(scene: Scene) -> None:
    """The naive way, which the test above would find: the step is compared, and kept in another transaction."""
    _, totp, _ = new_member(scene)
    typed = code(scene, totp)

    def naive(_: int) -> bool:
        with scene.work(write=False) as work:
            (row,) = work.rows.execute(select(member_secret.c.totp_step))
            step = second_factor.step_of(totp, typed, work.machine_now)
            fresh = step is not None and step > row.totp_step
        looked.wait()
        if fresh:
            with scene.work() as work:
                work.rows.execute(member_secret.update().values(totp_step=step))
        return fresh

    looked = threading.Barrier(4)
    assert sum(at_once(naive, range(4))) == 4


def test_of_many_who_accept_one_invitation_at_once_one_joins(scene: Scene) -> None:
    token = invitation(scene)

    def join(number: int) -> bool:
        try:
            with scene.work() as work:
                team.join(work, token, Joining(f"Person {number}", hashed(), pyotp.random_base32(), 0))
        except (LinkInvalid, Refused):
            return False
        return True

    assert sum(at_once(join, range(4))) == 1
    with scene.work(write=False) as work:
        assert len(members.of_trial(work, scene.id)) == 1


def test_an_invitation_is_over_after_a_week(scene: Scene) -> None:
    token = invitation(scene)
    with scene.work() as work:
        assert team.invited(work, token).invitation.name == "Robin Example"
        work.rows.execute(invitations.update().values(ends_at=work.machine_now - timedelta(seconds=1)))
    with pytest.raises(LinkInvalid), scene.work() as work:
        team.invited(work, token)


def test_a_password_that_was_changed_meanwhile_lets_nobody_in_with_the_old_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, totp, _ = new_member(scene)

    def slow(kept: str | None, password: str) -> bool:
        with scene.work() as work:
            member_secrets.change_password(work, member, "another hash")
        return True

    monkeypatch.setattr(passwords, "fits", slow)
    assert not came_in(scene, code(scene, totp))
    with scene.work(write=False) as work:
        assert len(sessions.of_member(work, member)) == 1, "that of joining"


def test_another_password_or_app_ends_every_other_session(scene: Scene) -> None:
    member, _, _ = new_member(scene)
    with scene.work() as work:
        tokens = [signing_in.new_token() for _ in range(3)]
        for one in tokens:
            sessions.begin(work, member, one, Purpose.DESK)
        sessions.begin(work, member, "command", Purpose.COMMAND)
    for number, change in enumerate((signing_in.change_password, signing_in.change_app)):
        with scene.work() as work:
            kept = signing_in.of_token(work, tokens[number])
            assert kept is not None
            if change is signing_in.change_password:
                signing_in.change_password(work, kept[0], "another hash")
            else:
                sessions.begin(work, member, f"new-{number}", Purpose.DESK)
                signing_in.change_app(work, kept[0], pyotp.random_base32(), 1)
            assert [one.id for one in sessions.of_member(work, member)] == [kept[0].id]
        tokens[1] = tokens[0]


def test_new_recovery_codes_void_the_old_ones(scene: Scene) -> None:
    member, _, old = new_member(scene)
    with scene.work() as work:
        (session,) = sessions.of_member(work, member)
        new = signing_in.change_recovery_codes(work, session)
    assert not came_in(scene, old[0])
    assert came_in(scene, new[0])


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_clock_may_go_half_a_minute_wrong(scene: Scene, drift: int) -> None:
    totp = pyotp.random_base32()
    with scene.work(write=False) as work:
        now = work.machine_now
    step = int(now.timestamp()) // second_factor.STEP
    typed = pyotp.TOTP(totp).at((step + drift) * second_factor.STEP)
    assert second_factor.step_of(totp, f" {typed[:3]} {typed[3:]} ", now) == step + drift
    assert second_factor.step_of(totp, pyotp.TOTP(totp).at((step + 2) * second_factor.STEP), now) != step
    for other in ("", "١٢٣٤٥٦", "abcdef"):
        assert second_factor.step_of(totp, other, now) is None


def test_the_present_code_counts_although_the_one_before_was_used(scene: Scene) -> None:
    _, totp, _ = new_member(scene)
    with scene.work(SYSTEM) as work:
        step = int(work.machine_now.timestamp()) // second_factor.STEP
    assert came_in(scene, pyotp.TOTP(totp).at(step * second_factor.STEP))
    assert came_in(scene, pyotp.TOTP(totp).at((step + 1) * second_factor.STEP))
    assert not came_in(scene, pyotp.TOTP(totp).at(step * second_factor.STEP)), "nor one from before the last"


GOOD = (
    "seven blue whales at dawn",
    "correct horse battery staple",
    "Ich trinke morgens Tee mit Milch",
    "x9!kQ2#vLm7&pR",
)
BAD = (
    "short one",
    "password1234",
    "qwertyuiop12",
    "aaaaaaaaaaaa",
    "123456789012",
    "Passwort1234",
    "letmein letmein",
    "iloveyou1234",
    "robin example 7",
    "Robin.Example@2026",
    "robin@team.example",
    "evenings evenings",
    "x" * 201,
)


@pytest.mark.parametrize("password", GOOD)
def test_long_enough_and_not_common_is_all_that_a_password_must_be(password: str) -> None:
    assert passwords.fault(password, ("Robin Example", ADDRESS, "evenings")) is None


@pytest.mark.parametrize("password", BAD)
def test_short_common_breached_and_own_words_are_refused(password: str) -> None:
    fault = passwords.fault(password, ("Robin Example", ADDRESS, "evenings"))
    assert fault is not None
    assert fault.endswith(".")
