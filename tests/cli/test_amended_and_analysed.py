"""A trial whose ratio was amended half way, frozen by the services: analysed, judged by new lists of both epochs, and
reported with the epochs and who was enrolled in error.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.frozen import read_frozen
from tests.cli.conftest import Shell
from tests.core.protocols import rewritten
from tests.reports.reading import page_of
from tests.services.scene import OPERATOR, Scene
from tests.services.test_amended_designs import ratio
from tests.services.test_amending import VERSION, amended, apply
from tests.storage.stores import opened
from trial.core.access import Actor, Role
from trial.core.enrolment_errors import ErrorReason
from trial.rehearsal.forms import Page
from trial.services import enrolment_errors, freeze, trials
from trial.storage import participants, schema
from trial.storage.engine import sqlite_url
from trial.storage.work import Store

PLANNED = rewritten(
    (
        "  method: ancova\n  primary",
        "  method: ancova\n  sensitivity:\n    - {id: lists, method: randomization_test, "
        "assumption: {en: Chance alone allocated.}}\n  primary",
    )
)
COORDINATOR = Actor("member:3", Role.COORDINATOR)
BEFORE, AFTER = 12, 12
UNEQUAL = (VERSION, ratio("letter", 2), ("protocol.yaml", "block_sizes: [2, 4]", "block_sizes: [3]"))


def felt(*items: int) -> dict[str, str]:
    return {f"feeling_{number}": str(one % 4) for number, one in enumerate(items, start=1)}


def enrolled(scene: Scene, number: int) -> int:
    person, occasion = scene.to_baseline()
    assert scene.submit(person, occasion, felt(number, number // 2, number // 3)).allocated
    return person


def lived(store: Store) -> Scene:
    """Twelve people one to one, twelve two to one; everybody answers in week 2, whatever their arm."""
    scene = Scene(store, folder=PLANNED)
    people = [enrolled(scene, number) for number in range(BEFORE)]
    apply(scene, amended(*UNEQUAL, of=PLANNED))
    people += [enrolled(scene, number) for number in range(AFTER)]
    with scene.work(COORDINATOR) as work:
        code = participants.by_id(work, people[0]).code
        enrolment_errors.mark(work, scene.slug, code, reason=ErrorReason.NOT_ELIGIBLE.value)
    scene.move_to(scene.occasions(people[-1], "week_2")[0].opens_at)
    for number, person in enumerate(people):
        form = felt(number * number // 3, number, number // 5)
        assert scene.submit(person, scene.occasions(person, "week_2")[0].id, form).state == "kept"
    return scene


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frozen folder of that trial."""
    home = tmp_path_factory.mktemp("amended")
    with opened(sqlite_url(home / "trial.sqlite")) as store:
        schema.upgrade(store.engine)
        scene = lived(store)
        with scene.work(OPERATOR) as work:
            trials.close(work, scene.slug)
            files = freeze.freeze(work, scene.slug)
    freeze.write_freeze(files, home / "frozen")
    return home / "frozen"


def test_it_is_judged_by_new_lists_of_both_rules(equipoise: Shell, frozen: Path) -> None:
    allocated = read_frozen(frozen).allocated
    assert allocated is not None and len(allocated.configurations) == 2
    done = equipoise("randomization", "test", str(frozen), "--reps", "500", "--json")
    assert done.code == 0, done.err
    (one,) = json.loads(done.out)["tests"]
    primary, (lists,) = results(equipoise, frozen)["estimates"][0], results(equipoise, frozen)["sensitivity"]
    assert one["estimate"] == pytest.approx(primary["estimate"], rel=1e-9)
    assert lists["estimate"] == primary["estimate"]
    assert one["n"] == primary["n"] and sum(one["n"].values()) == BEFORE + AFTER
    assert (one["rerandomization"]["reps"], lists["rerandomization"]["reps"]) == (500, 10_000)
    assert abs(one["p"] - lists["p"]) < 0.1 and abs(lists["p"] - primary["p"]) < 0.1


def test_its_report_says_by_which_rule_people_were_allocated_and_who_was_enrolled_in_error(
    equipoise: Shell, frozen: Path
) -> None:
    results(equipoise, frozen)
    said = Page(200, "", page_of(frozen)).words
    assert "the rule of allocation was changed once (CONSORT 2025, item 10)" in said
    assert "Epoch 1, version 1.0 of the protocol, allocations 1 to 12 (12 people)" in said
    assert "Epoch 2, version 1.1 of the protocol, allocations 13 to 24 (12 people)" in said
    assert "ratio A letter 2, A list 1" in said
    assert "1 person was marked by the team as enrolled in error after they had been randomised." in said


def results(equipoise: Shell, frozen: Path) -> dict[str, Any]:
    """The report is written once; the numbers in it."""
    if not (frozen / "results.json").exists():
        done = equipoise("report", str(frozen))
        assert done.code == 0, done.err
    return dict(json.loads((frozen / "results.json").read_text(encoding="utf-8")))
