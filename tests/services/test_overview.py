"""A trial's home: every figure is counted a second time, from the rows one by one, and none of them knows an arm."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.services.post import Post
from tests.services.scene import Scene
from trial.core.access import Actor, Role, member_actor
from trial.core.errors import NotAllowed
from trial.core.participant import StopLevel
from trial.services import overview
from trial.services.overview import Overview
from trial.storage import occasions
from trial.storage.work import Store

EVERYONE = [role for role in Role if role is not Role.OPERATOR]


@pytest.fixture
def lived(store: Store, post: Post) -> Scene:
    """Six people on four days: one not eligible, one not confirmed, four randomised; two of them stopped something."""
    scene = Scene(store)
    scene.screen(age="12")
    scene.to_code()
    people = [scene.enrol()]
    scene.move(days=2)
    people += [scene.enrol(), scene.enrol(), scene.enrol()]
    scene.stop(people[1], StopLevel.EXERCISES)
    scene.stop(people[2], StopLevel.EVERYTHING)
    post.deliver(scene)
    scene.move(days=1, hours=12)
    post.deliver(scene)
    return scene


def seen(scene: Scene, role: Role = Role.OWNER) -> Overview:
    with scene.work(member_actor(1, frozenset({role}), scene.id), write=False) as work:
        return overview.overview_of(work, scene.slug)


def test_the_flow_counts_everybody_once_at_each_step(lived: Scene) -> None:
    flow = seen(lived).flow
    assert (flow.assessed, flow.eligible, flow.confirmed, flow.consented, flow.held, flow.randomized) == (
        6, 5, 4, 4, 0, 4,
    )  # fmt: skip
    assert flow.stopped == {StopLevel.EXERCISES: 1, StopLevel.QUESTIONNAIRES: 0, StopLevel.EVERYTHING: 1}


def test_recruitment_is_counted_by_day_in_running_totals(lived: Scene) -> None:
    found = seen(lived).recruitment
    assert found.came == (1, 1, 4, 4) or found.came == (1, 1, 4, 4, 4)
    assert found.total == 4 and found.target == 40


def test_each_mail_that_has_fallen_due_is_in_exactly_one_column(lived: Scene) -> None:
    due = [one for one in lived.contacts() if one.due_at <= lived.now]
    assert due and len({one.state for one in due}) > 1
    of_stream = Counter(one.stream for one in due)
    found = seen(lived).mails
    assert {one.stream: one.due for one in found} == dict(of_stream)
    for one in found:
        assert one.due == one.sent + one.waiting + one.not_sent + one.unsure
        accepted = [each for each in due if each.stream == one.stream and each.state.value == "accepted"]
        assert one.sent == len(accepted)


def test_each_window_that_has_opened_is_done_open_or_missed(lived: Scene) -> None:
    with lived.work(write=False) as work:
        rows = [one for one in occasions.of_trial(work, lived.id) if one.opens_at <= lived.now]
    found = {count.timepoint: count for _, count in seen(lived).timepoints}
    assert list(found) == ["baseline", "evening"]
    for name, count in found.items():
        mine = [one for one in rows if one.timepoint == name]
        assert count.opened == len(mine) == count.done + count.open + count.missed
        assert count.done == sum(one.done_at is not None for one in mine)
        assert count.open == sum(one.done_at is None and one.closes_at > lived.now for one in mine)
    assert found["baseline"].done == 4


@pytest.mark.parametrize("role", EVERYONE)
def test_every_role_of_the_team_sees_the_same_figures(lived: Scene, role: Role) -> None:
    owner, other = seen(lived), seen(lived, role)
    assert (owner.flow, owner.mails, owner.timepoints) == (other.flow, other.mails, other.timepoints)


def test_nobody_else_sees_them(lived: Scene) -> None:
    for stranger in (Actor("member:9"), Actor("participant:1")):
        with pytest.raises(NotAllowed), lived.work(stranger) as work:
            overview.overview_of(work, lived.slug)
