"""The file that tells how a trial was conducted: its dates, the versions that ran, deviations counted and not told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.services.scene import OPERATOR, Scene
from tests.services.test_amending import CORRECTION, FORM, INFORMATION, VERSION, amended, apply
from trial.core.access import Role, member_actor
from trial.services import deviations, freeze, trials
from trial.services.conduct import CONDUCT
from trial.storage.work import Store


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def deviate(scene: Scene, kind: str, *, important: bool) -> None:
    by = member_actor(1, frozenset({Role.OWNER}), scene.trial.id)
    with scene.work(by) as work:
        day = work.now.date().isoformat()
        told = "canary words about somebody"
        deviations.record(work, scene.slug, kind=kind, important=important, happened_on=day, description=told)


def test_versions_stand_with_their_class_and_deviations_are_counted_without_their_words(scene: Scene) -> None:
    scene.enrol()
    scene.move(days=3)
    apply(scene, CORRECTION)
    deviate(scene, "timing", important=True)
    deviate(scene, "timing", important=False)
    deviate(scene, "privacy", important=False)
    scene.move(days=2)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    with scene.work(OPERATOR) as work:
        text = freeze.freeze(work, scene.slug)[CONDUCT]
        today = work.now.date()
    found = json.loads(text)
    assert [(one["version"], one["class"]) for one in found["versions"]] == [("1.0", None), ("1.1", "correction")]
    assert found["deviations"] == [
        {"kind": "privacy", "n": 1, "important": 0},
        {"kind": "timing", "n": 2, "important": 1},
    ]
    assert "canary" not in text
    assert found["recruitment_closed"] == found["frozen"] == today.isoformat()
    assert found["versions"][1]["registered"] == (today - timedelta(days=2)).isoformat()


def test_each_change_of_an_amendment_stands_with_what_stood_there_but_for_long_texts(scene: Scene) -> None:
    scene.enrol()
    apply(scene, amended(VERSION, FORM, INFORMATION, ("protocol.yaml", "\n  target: 40", "\n  target: 60")))
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    scene.move(days=2)
    with scene.work(OPERATOR) as work:
        trials.resume(work, scene.slug)
        trials.close(work, scene.slug)
    with scene.work(OPERATOR) as work:
        found = json.loads(freeze.freeze(work, scene.slug)[CONDUCT])
        today = work.now
    first, second = found["versions"]
    assert first["changes"] == []
    assert [(one["part"], one["before"], one["after"], one["class"]) for one in second["changes"]] == [
        ("consent, information, its words (en)", "", "", "substantial"),
        ("sample size, target", "40", "60", "substantial"),
    ]
    (stop,) = found["stops"]
    assert stop["from"][:10] == (today - timedelta(days=2)).date().isoformat()
    assert stop["until"] == today.isoformat(timespec="minutes")


def test_frozen_once_more_without_a_change_it_keeps_the_day_of_the_first_time(scene: Scene) -> None:
    scene.enrol()
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    with scene.work(OPERATOR) as work:
        first = freeze.freeze(work, scene.slug)
    scene.move(days=9)
    with scene.work(OPERATOR) as work:
        assert freeze.frozen_again(work, scene.slug, only_looked_at=True)[CONDUCT] == first[CONDUCT]
