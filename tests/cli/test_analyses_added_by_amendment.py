"""Two amendments of a plan, one before anybody saw outcomes by arm and one after a look: frozen, analysed, reported.

What came in time stays a secondary analysis and is dated; what came after the look is explored, in no family.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.frozen import read_frozen
from reports.html import render_html
from reports.keys import keyed
from reports.labels import Labels
from reports.sections import document
from tests.cli.conftest import Shell
from tests.cli.test_amended_and_analysed import felt
from tests.core.protocols import rewritten
from tests.reports.bare_numbers import bare_on_page, own_texts
from tests.reports.reading import page_of
from tests.services.scene import OPERATOR, Scene
from tests.services.test_amending import FORM, VERSION, amended, apply
from tests.storage.stores import opened
from trial.core.access import Actor, Role
from trial.rehearsal.forms import Page
from trial.services import freeze, looks, trials
from trial.storage import schema
from trial.storage.engine import sqlite_url

AT = "  primary: {outcome: mood, timepoint: week_2, contrast: [letter, list]}\n"
OWN = "      - {id: own, outcome: mood, timepoint: week_2, contrast: [letter, list], method: anhecova}\n"
# the question of OWN by another method
CARRIED = "      - {id: carried, outcome: mood, timepoint: week_2, contrast: [letter, list], method: clda}\n"
TURNED = "      - {id: turned, outcome: mood, timepoint: week_2, contrast: [list, letter]}\n"
HEAD = AT + "  secondary:\n    multiplicity: holm\n    analyses:\n"
FIRST = rewritten((AT, HEAD + OWN))
SECOND = amended(VERSION, FORM, ("protocol.yaml", OWN, OWN + TURNED), of=FIRST)
THIRD = amended(
    ("protocol.yaml", "\nversion: '1.1'", "\nversion: '1.2'"),
    ("protocol.yaml", "\n  version: '2.0'", "\n  version: '3.0'"),
    ("protocol.yaml", OWN + TURNED, TURNED + CARRIED),
    of=SECOND,
)
UNBLINDED = Actor("member:4", Role.UNBLINDED_STATISTICIAN)
PEOPLE = 20


def lived(place: Path) -> dict[str, str]:
    with opened(sqlite_url(place / "trial.sqlite")) as store:
        schema.upgrade(store.engine)
        scene = Scene(store, folder=FIRST)
        people = []
        for number in range(PEOPLE):
            person, occasion = scene.to_baseline()
            assert scene.submit(person, occasion, felt(number, number // 2, number // 3)).allocated
            people.append(person)
        apply(scene, SECOND)
        scene.move(days=2)
        with scene.work(UNBLINDED) as work:
            looks.looked(work, scene.slug, 0.4)
        scene.move(days=1)
        apply(scene, THIRD)
        scene.move_to(scene.occasions(people[-1], "week_2")[0].opens_at)
        for number, person in enumerate(people):
            form = felt(number * number // 3, number, number // 5)
            assert scene.submit(person, scene.occasions(person, "week_2")[0].id, form).state == "kept"
        with scene.work(OPERATOR) as work:
            trials.close(work, scene.slug)
            return freeze.freeze(work, scene.slug)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("planned")
    freeze.write_freeze(lived(place), place / "frozen")
    return place / "frozen"


def results(equipoise: Shell, frozen: Path) -> dict[str, Any]:
    if not (frozen / "results.json").exists():
        done = equipoise("report", str(frozen))
        assert done.code == 0, done.err
    return dict(json.loads((frozen / "results.json").read_text(encoding="utf-8")))


def test_the_record_says_what_each_amendment_did_to_the_plan_and_what_had_been_seen(frozen: Path) -> None:
    conduct, about = (
        json.loads((frozen / name).read_text(encoding="utf-8")) for name in ("conduct.json", "freeze.json")
    )
    assert about["plan"]["first"] == "1.0" and set(conduct["seen"]) == {"look", "freeze"}
    told = [(one["kind"], one["place"], one["what"], one["amendment"], one["version"], one["seen"])
            for one in about["plan"]["later"]]  # fmt: skip
    assert told == [
        ("secondary", 0, "added", 1, "1.1", "nothing"),
        ("secondary", 1, "changed", 2, "1.2", "look"),
    ]


def test_an_analysis_that_came_after_a_look_comes_out_as_exploratory_and_one_that_came_before_is_dated(
    equipoise: Shell, frozen: Path
) -> None:
    found = results(equipoise, frozen)
    primary, turned, carried = found["estimates"]
    versions = found["conduct"]["versions"]
    assert primary["registered"]["amendment"] == 0 and primary["prespecified"] is True
    assert primary["registered"]["date"] == versions[0]["registered"]
    assert (turned["analysis"], turned["prespecified"], turned["adjusted_by"]) == ("secondary", True, "holm")
    assert turned["p_adjusted"] == turned["p"], "alone in its family: the other one is not in it"
    assert turned["registered"] == {
        "amendment": 1, "version": "1.1", "date": versions[1]["registered"], "what": "added", "was": None,
        "seen": "nothing", "seen_on": None,
    }  # fmt: skip
    assert (carried["analysis"], carried["method"]) == ("exploratory", "clda")
    assert (carried["prespecified"], carried["adjusted_by"], carried["p_adjusted"]) == (False, None, None)
    assert (carried["registered"]["amendment"], carried["registered"]["seen"]) == (2, "look")
    assert carried["registered"]["seen_on"] is not None


def test_tables_words_and_checklist_tell_them_apart(equipoise: Shell, frozen: Path) -> None:
    found = results(equipoise, frozen)
    said = Page(200, "", page_of(frozen)).words
    second, third = (one["registered"] for one in found["conduct"]["versions"][1:])
    look = found["estimates"][2]["registered"]["seen_on"]
    in_time = f"added by amendment 1 (version 1.1, {second}), before anybody saw outcomes by arm"
    opening = "Not every secondary analysis stands in the protocol first registered"
    assert f"{opening}: Low mood, 2 weeks, A list minus A letter: {in_time}." in said
    too_late = f"changed by amendment 2 (version 1.2, {third}), after somebody had first seen outcomes by arm on {look}"
    assert too_late in said and "It is no part of the registered plan and decides nothing." in said
    assert "Low mood, 2 weeks (amendment 1)" in said and "Low mood, 2 weeks (amendment 2)" in said
    assert f"secondary, {in_time}" in said, "planned beside done"
    assert "as planned and amended" in said
    written = render_html(document(keyed(found), read_frozen(frozen).folder))
    assert bare_on_page(written, own_texts(Labels(read_frozen(frozen).folder))) == []
    rows = list(csv.reader((frozen / "checklist.csv").read_text(encoding="utf-8-sig").splitlines()))
    for item in ("10", "21d", "28"):
        (row,) = (one for one in rows if one[:2] == ["CONSORT 2025", item])
        assert "after outcomes by arm had been seen; each is dated." in " ".join(row), item


def test_the_plan_as_it_counts_is_read_from_the_frozen_folder_and_its_protocol_stays_as_registered(
    frozen: Path,
) -> None:
    read = read_frozen(frozen)
    plan = read.folder.protocol.analysis
    assert plan.secondary is not None and plan.exploratory is not None
    assert [one.id for one in plan.secondary.analyses] == ["turned"]
    assert [one.id for one in plan.exploratory.analyses] == ["carried"]
    assert read.folder.digest == read.record.protocol.digest
    (frozen / "conduct.json").rename(frozen / "away.json")
    try:  # a folder to be shared goes without that file: what came too late is no less late there
        shared = read_frozen(frozen)
    finally:
        (frozen / "away.json").rename(frozen / "conduct.json")
    assert shared.folder.protocol == read.folder.protocol and shared.later is not None and read.later is not None
    for key, one in read.later.items():
        assert one.registered and shared.later[key] == replace(one, registered=None, seen_on=None)
