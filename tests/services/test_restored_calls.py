"""After a restore nobody knows which calls left: each is judged by what stands in the database then."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.services.post import Post
from tests.services.putting_back import returned, taken
from tests.services.scene import OPERATOR
from tests.services.team import DEPUTY, OWNER, SAFETY, WITHIN, TeamScene, address
from trial.core.access import SYSTEM, Role
from trial.core.errors import LinkInvalid, NotAllowed, Refused
from trial.core.links import make_invitation
from trial.core.matters import MatterAct
from trial.services import call_restoring, call_tests, matters, team
from trial.services.call_restoring import Left
from trial.services.calling import call_due
from trial.storage import calls, invitations
from trial.storage.tables_desk import invitation
from trial.storage.work import Store

pytestmark = pytest.mark.usefixtures("quick_sealing")


@pytest.fixture
def scene(store: Store) -> TeamScene:
    found = TeamScene(store)
    found.on_duty(SAFETY, DEPUTY)
    return found


def put_back(scene: TeamScene, fresh: Store, folder: Path) -> None:
    """The scene goes on in a database that a backup of it was put into."""
    backup = taken(scene.store, folder)
    returned(backup, fresh)
    scene.store = fresh


def subjects(post: Post, number: int) -> list[str]:
    return [one.rpartition("] ")[2] for one in post.subjects(address(number))]


def make_calls(scene: TeamScene, post: Post) -> None:
    call_due(scene.store.open_work, post.sender())


def test_an_open_matter_calls_one_person_with_words_about_the_backup_and_goes_on_by_its_clock(
    scene: TeamScene, fresh: Store, post: Post, tmp_path: Path
) -> None:
    matter = scene.alert()
    scene.move(seconds=4.5 * WITHIN.total_seconds())  # three were to be called; nobody knows whether they were
    put_back(scene, fresh, tmp_path)
    make_calls(scene, post)
    make_calls(scene, post)
    assert [subjects(post, one) for one in (SAFETY, DEPUTY, OWNER)] == [
        [], ["Please look once more: a backup was put back"], [],
    ]  # fmt: skip
    scene.move(seconds=0.5 * WITHIN.total_seconds())
    make_calls(scene, post)
    assert [len(subjects(post, one)) for one in (SAFETY, DEPUTY, OWNER)] == [0, 1, 1]
    with scene.work(scene.actor(SAFETY)) as work:
        matters.move(work, matter.id, MatterAct.ACKNOWLEDGED)
    scene.move(days=60)
    make_calls(scene, post)
    assert len([one for one in post.mails() if one.envelope_to.endswith("@team.example")]) == 2


def test_what_somebody_has_by_then_and_what_is_not_due_is_left_alone(
    scene: TeamScene, fresh: Store, post: Post, tmp_path: Path
) -> None:
    first, second = scene.alert(), scene.alert()
    with scene.work(scene.actor(SAFETY)) as work:
        matters.move(work, first.id, MatterAct.ACKNOWLEDGED)
    make_calls(scene, post)
    before = len(post.mails())
    put_back(scene, fresh, tmp_path)
    make_calls(scene, post)
    assert len(post.mails()) == before, "the first was called before the backup, and the second is not due"
    with scene.work(write=False) as work:
        assert call_restoring.left(work, scene.id) == Left(0, 0)
        assert [one.purpose for one in calls.of_matter(work, second.id)] == ["matter", "matter"]


def test_a_test_that_waited_is_not_sent_again(scene: TeamScene, fresh: Store, post: Post, tmp_path: Path) -> None:
    with scene.work(OPERATOR) as work:
        call_tests.ask(work, scene.slug)
    put_back(scene, fresh, tmp_path)
    make_calls(scene, post)
    assert subjects(post, SAFETY) == []


def test_an_invitation_that_had_not_left_is_renewed_by_the_owner_with_a_link_that_works(
    scene: TeamScene, fresh: Store, post: Post, tmp_path: Path
) -> None:
    with scene.work(OPERATOR) as work:
        old = team.invite(work, scene.slug, name="Robin", address="robin@team.example", role=Role.COORDINATOR)
        gone = team.invite(work, scene.slug, name="Noor", address="noor@team.example", role=Role.COORDINATOR)
        team.withdraw(work, gone.id)
    put_back(scene, fresh, tmp_path)
    make_calls(scene, post)
    assert post.mails("robin@team.example") == []
    with scene.work(scene.actor(OWNER), write=False) as work:
        assert call_restoring.left(work, scene.id) == Left(1, 0)
        found = team.of_trial(work, scene.slug)
        assert [one.id for one in found.invited] == [old.id]
        assert found.mails[old.id].reply == calls.SET_ASIDE
        with pytest.raises(LinkInvalid):
            team.invited(work, make_invitation(work.keys.link, old.id))
    with pytest.raises(NotAllowed), scene.work(scene.actor(SAFETY)) as work:
        team.invite_again(work, old.id)
    with scene.work(scene.actor(OWNER)) as work:
        new = team.invite_again(work, old.id)
    make_calls(scene, post)
    (mail,) = post.mails("robin@team.example")
    token = mail.text.partition("/join/")[2].split()[0]
    with scene.work(SYSTEM) as work:
        assert team.invited(work, token).invitation.id == new.id
        assert call_restoring.left(work, scene.id) == Left(0, 0)


def test_an_invitation_that_lapsed_is_shown_and_sent_again_and_a_used_one_is_not(scene: TeamScene) -> None:
    with scene.work(OPERATOR) as work:
        old = team.invite(work, scene.slug, name="Robin", address="robin@team.example", role=Role.COORDINATOR)
        work.rows.execute(update(invitation).values(ends_at=work.machine_now - timedelta(seconds=1)))
    with scene.work(scene.actor(OWNER)) as work:
        found = team.of_trial(work, scene.slug)
        assert ([one.id for one in found.invited], [one.id for one in found.lapsed]) == ([], [old.id])
        new = team.invite_again(work, old.id)
        assert (new.name, new.address, new.role) == (old.name, old.address, old.role)
        assert team.of_trial(work, scene.slug).lapsed == ()
        with pytest.raises(Refused, match="used or withdrawn"):
            team.invite_again(work, old.id)
        invitations.accept(work, new.id)
        with pytest.raises(Refused, match="used or withdrawn"):
            team.invite_again(work, new.id)
