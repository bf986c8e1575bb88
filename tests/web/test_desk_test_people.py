"""Test people at the desk: one button opens a test trial beside the live one, which is nowhere in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from tests.web.desk_place import Team, send
from tests.web.place import OPERATOR, SLUG, Place, Reply, Visitor
from trial.core.access import Role
from trial.core.trial import TrialKind
from trial.storage.tables import trial
from trial.storage.trials import all_trials

WHERE = f"/{SLUG}/test-people"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """The team of a live trial."""
    found = Team(Place(tmp_path / "home"))
    with found.place.store.open_work(OPERATOR) as work:
        work.rows.execute(update(trial).values(kind=TrialKind.LIVE.value))
    return found


def opened(team: Team) -> Reply:
    owner = team.visitor(Role.OWNER)
    owner.get(WHERE)
    return send(owner)


def names(team: Team) -> list[str]:
    with team.place.store.open_work(OPERATOR, write=False) as work:
        return [one.slug for one in all_trials(work)]


def test_an_owner_opens_one_and_stands_in_it_with_its_mark(team: Team) -> None:
    page = opened(team)
    assert page.path.endswith(f"/{SLUG}-test") and names(team) == [SLUG, f"{SLUG}-test"]
    assert "Test trial. Nothing here counts." in page.text
    assert f"This test trial stands beside {SLUG}" in page.text
    owner = team.visitor(Role.OWNER)
    assert f"{SLUG}-test" in owner.get(WHERE).text
    assert "stands beside an open live trial only" in owner.get(f"/{SLUG}-test/test-people").text


def test_the_rest_of_the_team_is_not_in_it_and_may_not_open_one(team: Team) -> None:
    opened(team)
    for role in (Role.COORDINATOR, Role.STATISTICIAN, Role.SAFETY_CONTACT, Role.CUSTODIAN):
        somebody = team.visitor(role)
        assert somebody.get(f"/{SLUG}-test").status == 404
        assert somebody.get(WHERE).status in (403, 404)
    assert names(team) == [SLUG, f"{SLUG}-test"]


def test_a_form_that_the_desk_did_not_show_opens_none(team: Team) -> None:
    owner = team.visitor(Role.OWNER)
    assert owner.post(WHERE, {}).status == 403
    assert owner.post(WHERE, {"csrf": "x"}).status == 403
    assert names(team) == [SLUG]


def test_its_public_pages_are_marked_and_those_of_the_live_trial_are_not(team: Team) -> None:
    opened(team)
    visitor = Visitor(team.place.app)
    assert "Test trial. Nothing here counts." in visitor.get(f"/{SLUG}-test").text
    assert "Test trial" not in visitor.get(f"/{SLUG}").text
