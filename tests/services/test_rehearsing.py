"""What only a rehearsal may do, a trial with real people never does."""

from __future__ import annotations

import pytest

from tests.services.post import Post
from tests.services.scene import OPERATOR, START, Scene
from trial.core.errors import Refused
from trial.core.trial import TrialKind
from trial.services import rehearsing
from trial.storage.work import Store


def test_a_rehearsal_knows_which_pretend_people_were_randomized(store: Store) -> None:
    scene = Scene(store)
    scene.enrol("in@mailbox.example")
    scene.to_baseline("half@mailbox.example")
    asked = ["in@mailbox.example", "half@mailbox.example", "nobody@mailbox.example"]
    with scene.work(write=False) as work:
        assert rehearsing.randomized_addresses(work, scene.slug, asked) == {"in@mailbox.example"}


@pytest.mark.parametrize("kind", [TrialKind.TEST, TrialKind.LIVE])
def test_nobody_real_is_looked_up_by_address(store: Store, kind: TrialKind) -> None:
    scene = Scene(store, kind=kind)
    scene.to_consent("in@mailbox.example")
    with pytest.raises(Refused, match="Only pretend people"), scene.work(write=False) as work:
        rehearsing.randomized_addresses(work, scene.slug, ["in@mailbox.example"])


def test_the_clock_of_a_real_trial_is_the_databases_and_cannot_be_moved(store: Store) -> None:
    scene = Scene(store, kind=TrialKind.TEST, pretend=False)
    with pytest.raises(Refused, match="only in a rehearsal"), scene.work(OPERATOR) as work:
        rehearsing.move_clock(work, START)
    with scene.work(write=False) as work:
        assert work.now == work.machine_now < START


def test_the_pretend_clock_moves_once_every_mail_has_its_end(store: Store, post: Post) -> None:
    scene = Scene(store)
    scene.to_code()
    with scene.work(write=False) as work:
        assert not rehearsing.nothing_in_hand(work)
        assert rehearsing.next_due(work) == START
    post.deliver(scene)
    with scene.work(OPERATOR) as work:
        assert rehearsing.nothing_in_hand(work)
        assert rehearsing.next_due(work) is None
        rehearsing.move_clock(work, START.replace(hour=20))
    assert scene.now == START.replace(hour=20)
