"""An amendment of the design while baselines come in: one rule after the other, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.at_once import at_once
from tests.services.scene import MOODS, Scene
from tests.services.test_amended_designs import SIMPLE, UNEQUAL, list_of, verdict
from tests.services.test_amending import FORM, INFORMATION, VERSION, amended, apply
from tests.storage.stores import dialect
from trial.core.errors import Unavailable
from trial.services import answers, designs
from trial.storage import participants
from trial.storage.work import Store


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def test_whoever_comes_while_the_design_is_amended_is_allocated_by_one_rule_or_the_other_in_order(scene: Scene) -> None:
    scene.enrol()
    waiting = [scene.to_baseline() for _ in range(7)]
    # who agreed to the old version stays on it: their place in the line decides by which rule, not their version
    acts: list[Callable[[], Any]] = [lambda: apply(scene, amended(VERSION, FORM, INFORMATION, SIMPLE))]
    acts += [lambda one=one: scene.submit(*one, MOODS[0]) for one in waiting]
    at_once(lambda act: act(), acts)
    found = list_of(scene)
    assert [one.sequence for one in found] == list(range(1, 9))
    told = [one.record["epoch"] for one in found]
    assert told == sorted(told) and set(told) <= {1, 2}
    before = told.count(1)
    with scene.work(write=False) as work:
        assert [one.allocated_before for one in designs.published(work, scene.id)] == [before]
    assert verdict(scene).holds


def met(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A baseline stands just before the trial's row while the amendment begins: what became of both."""
    person, occasion = scene.to_baseline()
    inside, amending = threading.Event(), threading.Event()
    facts, announce = answers.baseline_facts, designs.announce

    def slowly(*given: Any) -> Any:
        inside.set()
        amending.wait(1)
        return facts(*given)

    def announced(*given: Any) -> None:
        amending.set()
        announce(*given)

    monkeypatch.setattr(answers, "baseline_facts", slowly)
    monkeypatch.setattr(designs, "announce", announced)
    errors: list[BaseException] = []

    def alone(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:
            errors.append(error)

    def amend() -> None:
        assert inside.wait(20)
        apply(scene, UNEQUAL)

    one = threading.Thread(target=alone, args=(lambda: scene.submit(person, occasion, MOODS[0]),))
    other = threading.Thread(target=alone, args=(amend,))
    for each in (one, other):
        each.start()
    for each in (one, other):
        each.join(30)
    return errors


def test_a_baseline_and_an_amendment_do_not_wait_for_each_other(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert met(scene, monkeypatch) == []
    assert [one.record["epoch"] for one in list_of(scene)] == [1]
    assert verdict(scene).holds


def test_without_holding_people_first_one_of_the_two_is_thrown_out(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: on SQLite writers stand in line anyway."""
    monkeypatch.setattr(participants, "hold", lambda *args, **named: None)
    errors = met(scene, monkeypatch)
    assert [type(one) for one in errors] == ([Unavailable] if dialect(scene.store) == "postgresql" else [])
