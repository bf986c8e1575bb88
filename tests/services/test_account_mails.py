"""Members are told by mail what happens to their account, and what is left of signing in goes by itself."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pyotp
import pytest
from sqlalchemy import text, update

from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from tests.storage.stores import content
from trial.core.access import Role
from trial.core.links import make_invitation
from trial.core.signing_in import INVITATION_KEPT, SESSION_KEPT, Purpose
from trial.services import clearing, passwords, signing_in, team
from trial.services.calling import call_due
from trial.services.signing_in import NotProved
from trial.services.team import Joining
from trial.storage import members, sessions
from trial.storage.tables_desk import invitation, member_session
from trial.storage.work import Store

ADDRESS, PASSWORD = "robin@team.example", "seven blue whales at dawn"


@cache
def hashed() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def invited(scene: Scene, address: str = ADDRESS) -> str:
    with scene.work(OPERATOR) as work:
        asked = team.invite(work, scene.slug, name="Robin Example", address=address, role=Role.OWNER)
        return make_invitation(work.keys.link, asked.id)


@pytest.fixture
def robin(scene: Scene) -> tuple[int, str]:
    """A member and the key of their app."""
    totp, token = pyotp.random_base32(), invited(scene)
    with scene.work() as work:
        done, _ = team.join(work, token, Joining("Robin Example", hashed(), totp, 0))
    return done.member.id, totp


def sign_in(scene: Scene, totp: str, **options: object) -> signing_in.SignedIn:
    with scene.work() as work:
        work.rows.execute(text("update member_secret set totp_step = 0"))
        code = pyotp.TOTP(totp).at(int(work.machine_now.timestamp()))
    return signing_in.sign_in(scene.store.open_work, ADDRESS, PASSWORD, code, **options)  # type: ignore[arg-type]


def subjects(scene: Scene, post: Post) -> list[str]:
    """What the member was told, without the mark of a trial that is not real."""
    call_due(scene.store.open_work, post.sender())
    found = [one.subject.rpartition("] ")[2] for one in post.mails(ADDRESS)]
    return [one for one in found if "invitation" not in one]


def test_who_signs_in_in_a_browser_that_was_not_seen_before_is_told(
    scene: Scene, post: Post, robin: tuple[int, str]
) -> None:
    member, totp = robin
    assert subjects(scene, post) == [], "whoever joins has just been there"
    assert not sign_in(scene, totp, known_here=[member]).new_browser
    sign_in(scene, totp, purpose=Purpose.COMMAND)
    assert subjects(scene, post) == []
    assert sign_in(scene, totp, known_here=[member + 1]).new_browser
    assert subjects(scene, post) == ["You signed in in another browser"]
    (mail,) = [one for one in post.mails(ADDRESS) if "another browser" in one.subject]
    assert "http://127.0.0.1:8766/account" in mail.text
    for secret in ("Robin", ADDRESS, totp, scene.slug, "owner@", "127.0.0.1:8765"):
        assert secret not in mail.text, secret


def test_who_does_not_get_in_causes_no_mail(scene: Scene, post: Post, robin: tuple[int, str]) -> None:
    for code in ("000000", "wrong"):
        with pytest.raises(NotProved):
            signing_in.sign_in(scene.store.open_work, ADDRESS, PASSWORD, code, known_here=[])
    assert subjects(scene, post) == []


def test_another_password_app_or_set_of_codes_is_told(scene: Scene, post: Post, robin: tuple[int, str]) -> None:
    with scene.work() as work:
        (session,) = sessions.of_member(work, robin[0])
        signing_in.change_password(work, session, "another hash")
        signing_in.change_app(work, session, pyotp.random_base32(), 1)
        codes = signing_in.change_recovery_codes(work, session)
    assert subjects(scene, post) == ["How you sign in was changed"] * 3
    for mail in post.mails(ADDRESS):
        assert "another hash" not in mail.text and not any(one in mail.text for one in codes)


def test_who_chooses_anew_how_to_sign_in_is_told(scene: Scene, post: Post, robin: tuple[int, str]) -> None:
    with scene.work(OPERATOR) as work:
        token = make_invitation(work.keys.link, team.renew(work, scene.slug, ADDRESS).id)
    with scene.work() as work:
        team.join(work, token, Joining("Robin Example", hashed(), pyotp.random_base32(), 0))
    assert subjects(scene, post) == ["How you sign in was changed"]


def test_who_is_in_no_trial_any_more_gets_no_mail_in_the_name_of_one(
    scene: Scene, post: Post, robin: tuple[int, str]
) -> None:
    member, totp = robin
    with scene.work() as work:
        members.end_role(work, scene.id, member, Role.OWNER)
    assert sign_in(scene, totp, known_here=[]).new_browser
    assert subjects(scene, post) == []


# --- what goes by itself --------------------------------------------------------------------------------------------


def age(scene: Scene) -> None:
    """All that stands is a little older than it is kept."""
    with scene.work() as work:
        long_ago = work.machine_now - timedelta(seconds=1)
        work.rows.execute(update(member_session).values(seen_at=long_ago - SESSION_KEPT))
        work.rows.execute(update(invitation).values(ends_at=long_ago - INVITATION_KEPT))


def test_sessions_proofs_and_invitations_go_when_nobody_needs_them_any_more(
    scene: Scene, robin: tuple[int, str]
) -> None:
    member, totp = robin
    sign_in(scene, totp, purpose=Purpose.COMMAND)
    age(scene)
    kept = sign_in(scene, totp, known_here=[member]).session.id
    assert clearing.sweep(scene.store.open_work) == 3
    found = content(scene.store)
    assert [one["id"] for one in found["member_session"]] == [kept]
    assert found["invitation"] == [] and found["call"] == []
    assert clearing.sweep(scene.store.open_work) == 0


def test_nothing_goes_before_its_time(scene: Scene, robin: tuple[int, str]) -> None:
    with scene.work() as work:
        soon = work.machine_now + timedelta(minutes=1)
        work.rows.execute(update(member_session).values(seen_at=soon - SESSION_KEPT))
        work.rows.execute(update(invitation).values(ends_at=soon - INVITATION_KEPT))
    before = content(scene.store)
    assert clearing.sweep(scene.store.open_work) == 0
    assert content(scene.store) == before


def test_a_tick_clears_a_bounded_part_and_many_at_once_clear_each_row_once(
    scene: Scene, robin: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "AT_ONCE", 3)
    with scene.work() as work:
        for number in range(7):
            sessions.begin(work, robin[0], f"token {number}", Purpose.DESK)
    age(scene)
    assert clearing.sweep(scene.store.open_work) == 1 + 3, "one invitation, three sessions"
    for _ in range(3):
        at_once(lambda _: clearing.sweep(scene.store.open_work), range(3))
    assert content(scene.store)["member_session"] == []


@pytest.mark.parametrize(("table", "column"), [("member_session", "seen_at"), ("invitation", "ends_at")])
def test_what_is_old_is_found_by_its_index(scene: Scene, table: str, column: str) -> None:
    on_sqlite = scene.store.engine.dialect.name == "sqlite"
    with scene.work() as work:
        if not on_sqlite:  # a table of no rows is read whole
            work.rows.execute(text("set local enable_seqscan = off"))
        explain = "explain query plan" if on_sqlite else "explain"
        query = f"{explain} select id from {table} where {column} < '2020-01-01' order by {column} limit 5"
        assert f"ix_{table}_{column}" in str(work.rows.execute(text(query)).all())
