"""The opening gate at the desk: its owner reads what is missing, and opens the trial when nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.ready import READY
from tests.web.desk_coming import COMING, coming, shared
from tests.web.desk_place import Team, send
from tests.web.place import OPERATOR, SLUG, Place, Visitor
from trial.core import gate
from trial.core.access import Role
from trial.core.gate import Line
from trial.core.trial import TrialState
from trial.services import contributing, trials
from trial.storage import trials as stored

LINES = [Line("ethics", "Ethics decision", True), Line("backup", "Backup taken and put back once", True)]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(Place(tmp_path))


def state(team: Team) -> TrialState:
    with team.place.store.open_work(OPERATOR, write=False) as work:
        return stored.by_slug(work, COMING).state


def test_each_refused_line_says_how_to_mend_it_and_there_is_no_button(team: Team) -> None:
    owner = team.signed_in(coming(team))
    page = owner.get(f"/{COMING}/gate")
    assert page.status == 200 and "lines are refused" in page.words
    assert "equipoise drill DIR" in page.words and "Open the trial" not in page.words
    assert owner.post(f"/{COMING}/gate", {"act": "open"}).status == 403
    assert state(team) is TrialState.PREPARING


def test_the_owner_opens_a_trial_whose_lines_are_green_and_only_once(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = team.signed_in(coming(team))
    monkeypatch.setattr(gate, "lines", lambda _: LINES)
    assert "Open the trial" in owner.get(f"/{COMING}/gate").words
    page = send(owner, "open")
    assert "The trial is open" in page.words and "passed its gate" in page.words
    assert state(team) is TrialState.OPEN
    with team.place.store.open_work(OPERATOR, write=False) as work:
        assert trials.seed_digest(work, stored.by_slug(work, COMING).id)
        assert trials.folder(work, stored.by_slug(work, COMING).protocol_id).digest == READY.digest


def test_a_share_of_the_seed_waits_for_its_contribution_and_the_gate_says_so(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = team.signed_in(coming(team))
    monkeypatch.setattr(gate, "lines", lambda _: LINES)
    owner.get(f"/{COMING}/gate")
    commitment = shared(team)
    assert "waits for a contribution" in send(owner, "open").words and state(team) is TrialState.PREPARING
    assert commitment in Visitor(team.place.app).get(f"/{COMING}/researchers").words
    page = owner.get(f"/{COMING}/gate")
    assert commitment in page.words and "waited for" in page.words and "Open the trial" not in page.words
    with team.place.store.open_work(OPERATOR) as work:
        receipt = contributing.contribute(work, COMING, b"seventeen letters\n", "Somebody outside")
    page = owner.get(f"/{COMING}/gate")
    assert receipt in page.words and "Somebody outside" in page.words
    assert "seventeen letters" not in page.words and "The trial is open" in send(owner, "open").words


def test_a_line_that_turned_red_meanwhile_keeps_the_trial_shut(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = team.signed_in(coming(team))
    monkeypatch.setattr(gate, "lines", lambda _: LINES)
    owner.get(f"/{COMING}/gate")
    red = [LINES[0], Line("backup", "Backup taken and put back once", False, "It is old.", "Do it again.")]
    monkeypatch.setattr(gate, "lines", lambda _: red)
    assert "1 of 2 lines are refused. Nothing was changed" in send(owner, "open").words
    assert state(team) is TrialState.PREPARING


def test_a_custodian_looks_at_the_gate_and_opens_nothing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    coming(team)
    custodian = team.signed_in(team.join(Role.CUSTODIAN, slug=COMING))
    monkeypatch.setattr(gate, "lines", lambda _: LINES)
    page = custodian.get(f"/{COMING}/gate")
    assert "Every line is green" in page.words and "Open the trial" not in page.words


def test_a_test_trial_is_told_that_it_skips_the_gate(team: Team) -> None:
    assert "skips the gate" in team.visitor(Role.OWNER).get(f"/{SLUG}/gate").words
