"""Answers that call for help: a row for each in the transaction that keeps the answers, whatever else happens."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.services.scene import MOODS, OPERATOR, Scene
from tests.services.watched import PLACES, SAFETY, watched
from trial.core.errors import Refused
from trial.core.matters import MatterKind
from trial.core.trial import TrialKind
from trial.protocol_files import read_files, read_folder, shipped
from trial.services import trials
from trial.storage import alerts, answer_sheets, events, matters
from trial.storage.tables_people import alert
from trial.storage.work import Store

FINE, LOW, DESPAIR = MOODS[0], {"feeling_1": "3", "feeling_2": "2", "feeling_3": "1"}, {"feeling_3": "3"}


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store, folder=watched())


def raised(scene: Scene, person: int) -> list[tuple[str, str, str]]:
    """(rule, tier, state) of a person's rows, in order."""
    with scene.work(write=False) as work:
        query = select(alert).where(alert.c.participant_id == person).order_by(alert.c.id)
        return [(row.rule, row.tier, row.state) for row in work.rows.execute(query)]


def later(scene: Scene, person: int, form: dict[str, str]) -> None:
    """Answer the questionnaire after two weeks."""
    (occasion,) = scene.occasions(person, "week_2")
    scene.move_to(occasion.opens_at)
    assert scene.submit(person, occasion.id, form).state == "kept"


def test_answers_that_meet_no_rule_leave_no_row(scene: Scene) -> None:
    person = scene.enrol()
    assert raised(scene, person) == []
    assert "alert_raised" not in scene.events(person)


def test_a_rule_is_met_at_the_baseline_already(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    scene.submit(person, occasion, LOW)
    assert raised(scene, person) == [("low", "resources", "shown")]


def test_an_item_about_danger_calls_for_help_without_a_rule(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    scene.submit(person, occasion, {**FINE, "feeling_3": "2"})
    assert raised(scene, person) == [("item.feeling_3", "resources", "shown")]


def test_a_declared_threshold_raises_an_alert_that_stays_open(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    scene.submit(person, occasion, {**FINE, **DESPAIR})
    assert ("despair", "alert", "open") in raised(scene, person)
    with scene.work(write=False) as work:
        assert matters.count_untouched(work, scene.id, MatterKind.ALERT) == 1


def test_reliable_worsening_is_against_ones_own_baseline(scene: Scene) -> None:
    better, worse = scene.enrol(), scene.enrol()
    (one,), (two,) = scene.occasions(better, "week_2"), scene.occasions(worse, "week_2")
    scene.move_to(one.opens_at)
    # 1 at the start: 2 is within the error of the scale (1.49 points), 3 is beyond it
    scene.submit(better, one.id, {"feeling_1": "1", "feeling_2": "1", "feeling_3": "0", "after_worse": "no"})
    scene.submit(worse, two.id, {"feeling_1": "1", "feeling_2": "1", "feeling_3": "1", "after_worse": "no"})
    assert raised(scene, better) == []
    assert raised(scene, worse) == [("much_worse", "alert", "open")]


def test_nobody_is_worse_than_themselves_at_the_start(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    scene.submit(person, occasion, LOW)
    assert "much_worse" not in [rule for rule, _, _ in raised(scene, person)]


def test_a_score_that_is_missing_at_the_start_says_nothing_about_worsening(scene: Scene) -> None:
    rules = SAFETY.replace("low_mood_worse == true", "low_mood_worse == true or low_mood >= 99")
    other = Scene(scene.store, folder=watched(rules=rules), slug="others")
    person = other.enrol()
    later(other, person, {"feeling_1": "", "after_worse": "no"})
    assert raised(other, person) == []


def test_each_rule_and_event_stands_once_however_often_the_form_is_sent(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    for _ in range(3):
        scene.submit(person, occasion, {**LOW, **DESPAIR}, submission="the same")
    assert [rule for rule, _, _ in raised(scene, person)] == ["item.feeling_3", "low", "despair"]
    assert scene.events(person).count("alert_raised") == 3


def test_the_event_names_rule_and_sheet_and_no_answer(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    scene.submit(person, occasion, {**FINE, "feeling_3": "2"})
    with scene.work(write=False) as work:
        (sheet,) = answer_sheets.of_participant(work, person)
        (event,) = [one for one in events.of_trial(work, scene.id) if one.event == "alert_raised"]
    assert event.detail == {"rule": "item.feeling_3", "tier": "resources", "sheet": sheet.id}
    assert event.by == f"participant:{person}"


def test_answers_and_their_alert_are_kept_together_or_not_at_all(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    person, occasion = scene.to_baseline()

    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError("the process ends here")

    monkeypatch.setattr("trial.services.answers.randomize", breaks)
    with pytest.raises(RuntimeError):
        scene.submit(person, occasion, {**FINE, **DESPAIR})
    monkeypatch.undo()
    assert raised(scene, person) == []
    assert scene.occasions(person, "baseline")[0].done_at is None
    scene.submit(person, occasion, {**FINE, **DESPAIR})
    assert ("despair", "alert", "open") in raised(scene, person)


def test_the_second_press_of_a_form_still_knows_that_help_is_called_for(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    scene.submit(person, occasion, LOW, submission="mine")
    scene.submit(person, occasion, LOW, submission="mine")
    with scene.work(write=False) as work:
        assert alerts.called_for(work, person, "mine")
        assert not alerts.called_for(work, person, "another")


def test_where_a_trial_stands_counts_open_alerts(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    scene.submit(person, occasion, {**FINE, **DESPAIR})
    with scene.work(OPERATOR, write=False) as work:
        assert trials.status(work, scene.slug).open_alerts == 1


def test_a_trial_with_alerts_opens_now_that_somebody_acknowledges_them(scene: Scene) -> None:
    assert Scene(scene.store, folder=watched(), kind=TrialKind.TEST, slug="real").trial.recruits


def test_answers_know_nothing_of_rules_that_a_trial_does_not_have(store: Store) -> None:
    plain = Scene(store)
    person, occasion = plain.to_baseline()
    assert plain.submit(person, occasion, {**FINE, **DESPAIR}).allocated
    assert raised(plain, person) == []


ONLY_RESOURCES = """
safety:
  resources: messages/resources
  rules: [{id: low, when: low_mood >= 5, tier: resources, why: {en: Low.}}]
"""


def test_a_trial_that_declares_safety_opens_only_with_places_to_turn_to(store: Store) -> None:
    with pytest.raises(Refused, match=r"resources\.yaml"):
        Scene(store, folder=watched(places="", rules=ONLY_RESOURCES, danger=False), kind=TrialKind.TEST, pretend=False)
    Scene(store, folder=watched(places="", rules=ONLY_RESOURCES), slug="rehearsed")


@pytest.mark.parametrize("name", ["neff-2007", "gilbert-procter-2006"])
def test_shipped_trials_with_alerts_open_once_they_name_places_to_turn_to(name: str) -> None:
    folder = read_folder(shipped(name))
    with pytest.raises(Refused, match=r"resources\.yaml"):
        trials.require_ready(folder, TrialKind.TEST, placeholder_wording=True)
    trials.require_ready(
        read_files({**folder.files, "resources.yaml": PLACES}), TrialKind.TEST, placeholder_wording=True
    )
