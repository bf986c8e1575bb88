"""Adverse events as rows: the last assessment of each, by study code and relative day; pooled for who is blinded."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest

from tests.services.scene import OPERATOR, SENSITIVE
from tests.services.team import COORDINATOR, OWNER, SAFETY, STATISTICIAN, TeamScene
from tests.services.test_adverse_events import IN_HOSPITAL, MILD, assess, enter, report
from trial.core.access import Role, member_actor
from trial.core.errors import NotAllowed
from trial.core.harm_counts import Count
from trial.core.harms import Stopping
from trial.services import freeze, harm_rows, trials
from trial.storage.work import Store


@pytest.fixture
def scene(store: Store) -> TeamScene:
    return TeamScene(store)


def lived(scene: TeamScene) -> tuple[str, str]:
    """One person told of something; the team learned of something about another, judged it mild, then serious."""
    told = report(scene)
    other = scene.person(scene.enrol()).code
    scene.move(days=2)
    entered = enter(scene, other)
    assess(scene, entered, replace(MILD, onset_on=date(2041, 3, 5)))
    assess(scene, entered, replace(IN_HOSPITAL, onset_on=None, term="Broken arm", stopped=Stopping.EXERCISES), by=OWNER)
    assert told.participant_id is not None
    return scene.person(told.participant_id).code, other


def test_the_frozen_file_holds_the_last_assessment_and_no_words_of_anybody(scene: TeamScene) -> None:
    quiet, judged = lived(scene)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        text = freeze.freeze(work, scene.slug)["harms.csv"]
    assert SENSITIVE not in text
    found = {row["participant"]: row for row in csv.DictReader(io.StringIO(text))}
    assert found.keys() == {quiet, judged}
    assert (found[quiet]["day"], found[quiet]["source"], found[quiet]["assessments"]) == ("0", "participant", "0")
    assert not any(found[quiet][name] for name in ("term", "serious", "severity", "outcome", "stopped"))
    row = found[judged]
    assert (row["day"], row["source"], row["assessments"], row["term"]) == ("2", "team", "2", "Broken arm")
    assert (row["serious"], row["criteria"], row["severity"]) == ("yes", "hospital", "severe")
    assert (row["onset_day"], row["stopped"]) == ("", "exercises")


def test_the_day_it_began_is_counted_from_randomisation(scene: TeamScene) -> None:
    person = scene.enrol()
    scene.move(days=3)
    began = scene.now.date()
    assess(scene, enter(scene, scene.person(person).code), replace(MILD, onset_on=began))
    with scene.work() as work:
        (row,) = harm_rows.of_trial(work, scene.id)
    assert row.onset_day == 3 == row.day


def test_while_the_trial_runs_everybody_who_may_see_them_sees_them_pooled(scene: TeamScene) -> None:
    lived(scene)
    for member in (OWNER, COORDINATOR, SAFETY, STATISTICIAN):
        with scene.work(scene.actor(member), write=False) as work:
            found = harm_rows.pooled(work, scene.slug)
        assert (found.of, found.all) == (2, Count(2, 2))
        assert found.parts["serious"] == {
            "serious": Count(1, 1),
            "not_serious": Count(0, 0),
            "serious_related": Count(1, 1),
            "serious_related_unexpected": Count(0, 0),
        }
        assert found.parts["assessed"]["no"] == Count(1, 1)
        assert found.terms == {"Broken arm": Count(1, 1)}
    with (
        scene.work(member_actor(9, frozenset({Role.CUSTODIAN}), scene.id), write=False) as work,
        pytest.raises(NotAllowed),
    ):
        harm_rows.pooled(work, scene.slug)
