"""Matters: what asks for a person is taken, acted on, handed over and closed, by those who may, with a history."""

from __future__ import annotations

import pytest

from tests.services.scene import Scene
from trial.core.access import Actor, Role, member_actor
from trial.core.errors import NotAllowed, NotFound, Refused
from trial.core.matters import MatterAct, MatterKind, MatterState
from trial.services import matters
from trial.services.trials import add_member
from trial.storage import matters as kept
from trial.storage import members
from trial.storage.work import Store

OWNER, COORDINATOR, SAFETY, STATISTICIAN = 1, 2, 3, 4
TEAM = {
    OWNER: Role.OWNER,
    COORDINATOR: Role.COORDINATOR,
    SAFETY: Role.SAFETY_CONTACT,
    STATISTICIAN: Role.STATISTICIAN,
}
A, S = MatterAct, MatterState


@pytest.fixture
def team(store: Store) -> Scene:
    """A trial with four members and one open alert and one open deviation."""
    scene = Scene(store)
    with scene.work(Actor("operator:test", Role.OPERATOR)) as work:
        for number, role in TEAM.items():
            add_member(work, scene.slug, f"Member {number}", role)
        found = members.of_trial(work, scene.trial.id)
        assert {one.member_id: one.role for one in found} == TEAM
        kept.open_one(work, scene.trial.id, MatterKind.ALERT, 11, urgent=True)
        kept.open_one(work, scene.trial.id, MatterKind.DEVIATION, 5)
    return scene


def actor(team: Scene, number: int) -> Actor:
    return member_actor(number, frozenset({TEAM[number]}), team.trial.id)


def alert(team: Scene) -> int:
    with team.work(actor(team, OWNER)) as work:
        return matters.listed(work, team.slug, MatterKind.ALERT)[0].id


def test_a_row_is_put_on_its_list_once(team: Scene) -> None:
    first = alert(team)
    with team.work(actor(team, OWNER)) as work:
        assert kept.open_one(work, team.trial.id, MatterKind.ALERT, 11) == first
        assert [one.act for one in kept.history(work, first)] == [A.OPENED]


def test_an_alert_goes_step_by_step_and_its_first_hand_owns_it(team: Scene) -> None:
    number = alert(team)
    with team.work(actor(team, SAFETY)) as work:
        with pytest.raises(Refused, match="cannot become closed"):
            matters.move(work, number, A.CLOSED)
        assert matters.move(work, number, A.ACKNOWLEDGED).owner_id == SAFETY
        with pytest.raises(Refused, match="few words"):
            matters.move(work, number, A.ACTED, "  ")
        matters.move(work, number, A.ACTED, "Wrote to the person.")
        closed = matters.move(work, number, A.CLOSED)
        assert closed.state is S.CLOSED and closed.closed_at == work.now
        _, history = matters.one(work, number)
    assert [one.act for one in history] == [A.OPENED, A.ACKNOWLEDGED, A.ACTED, A.CLOSED]
    assert history[2].detail == {"words": "Wrote to the person."} and history[2].by == f"member:{SAFETY}"
    with team.work(actor(team, OWNER)) as work:
        assert matters.move(work, number, A.REOPENED, "Wrote back.").state is S.ACKNOWLEDGED


@pytest.mark.parametrize("number", [COORDINATOR, STATISTICIAN])
def test_who_may_not_see_a_list_sees_neither_its_lines_nor_its_count(team: Scene, number: int) -> None:
    found = alert(team)
    with team.work(actor(team, number)) as work:
        assert MatterKind.ALERT not in matters.counts(work, team.slug)
        with pytest.raises(NotAllowed):
            matters.listed(work, team.slug, MatterKind.ALERT)
        with pytest.raises(NotAllowed):
            matters.one(work, found)
        with pytest.raises(NotAllowed):
            matters.move(work, found, A.ACKNOWLEDGED)


def test_who_reads_a_list_need_not_be_allowed_to_act(team: Scene) -> None:
    with team.work(actor(team, STATISTICIAN)) as work:
        assert matters.counts(work, team.slug) == {MatterKind.DEVIATION: 1}
        found = matters.listed(work, team.slug, MatterKind.DEVIATION)[0]
        with pytest.raises(NotAllowed):
            matters.move(work, found.id, A.CLOSED)


def test_a_matter_is_handed_only_to_who_may_act_on_it(team: Scene) -> None:
    number = alert(team)
    with team.work(actor(team, OWNER)) as work:
        with pytest.raises(Refused, match="may not act"):
            matters.hand_over(work, number, COORDINATOR)
        assert matters.hand_over(work, number, SAFETY).owner_id == SAFETY
        assert matters.hand_over(work, number, OWNER).owner_id == OWNER
        acts = [one.act for one in matters.one(work, number)[1]]
    assert acts == [A.OPENED, A.HANDED_OVER, A.TAKEN]


def test_a_member_of_another_trial_finds_nothing(team: Scene) -> None:
    stranger = member_actor(OWNER, frozenset({Role.OWNER}), team.trial.id + 1)
    number = alert(team)
    with team.work(stranger) as work:
        with pytest.raises(NotFound):
            matters.one(work, number)
        with pytest.raises(NotFound):
            matters.listed(work, team.slug, MatterKind.ALERT)
