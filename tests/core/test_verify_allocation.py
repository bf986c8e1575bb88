"""The published list and the script that checks it: it holds as it was made, and with nothing changed in it.

The script is a second reading of every rule; the lists are made by `trial.core.randomization`. What is tampered with
in the list is tampered with in the record as well, where the command has to notice it.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.protocols import PROTOCOL, changed
from tests.core.published import (
    SCRIPT,
    Files,
    as_text,
    laid_down,
    lines,
    people_of,
    published,
    recorded,
    replay,
    script,
)
from trial.core.protocol import TrialProtocol
from trial.core.published_list import LIST, SEAL
from trial.core.randomization import configuration_digest
from trial.core.replay import Difference, Recorded

CHECK = script()
FACTORS = [
    {"id": "mood", "label": {"en": "Mood"}, "levels": [
        {"id": "low", "label": {"en": "Low"}, "when": "low_mood >= 5"}, {"id": "high", "label": {"en": "High"}},
    ]},
    {"id": "age_band", "label": {"en": "Age"}, "levels": [
        {"id": "young", "label": {"en": "Young"}, "when": "age < 30"},
        {"id": "middle", "label": {"en": "Middle"}, "when": "age < 60"}, {"id": "old", "label": {"en": "Old"}},
    ]},
]  # fmt: skip
METHODS: dict[str, dict[str, Any]] = {
    "permuted blocks": {"method": "permuted_blocks", "block_sizes": [2, 4], "strata": FACTORS},
    "blocks without strata": {"method": "permuted_blocks", "block_sizes": [4]},
    "simple": {"method": "simple", "strata": FACTORS},
    "big stick": {"method": "big_stick", "largest_imbalance": 2},
    "biased coin": {"method": "biased_coin", "probability": "2/3", "strata": FACTORS[:1]},
    "urn": {"method": "urn", "urn": {"start": 0, "added": 1}, "strata": FACTORS[:1]},
    "minimisation": {"method": "minimisation", "imbalance": "range", "probability": "0.8", "strata": FACTORS},
}
_MINIMISED = {"method": "minimisation", "strata": FACTORS, "weights": {"mood": 3}, "overall_weight": 1}
UNEQUAL = [
    {"method": "permuted_blocks", "block_sizes": [4, 8], "strata": FACTORS},
    {"method": "simple"},
    *(
        _MINIMISED | {"imbalance": imbalance, "probability": "0.7", "first_simple": 10}
        for imbalance in ("range", "variance", "marginal_balance", "marginal_sum")
    ),
]
PEOPLE = 60
PLACE = 30  # the place in the list that is tampered with


def of_method(name: str, **arms: Any) -> TrialProtocol:
    return changed(allocation=METHODS[name], **arms)


@pytest.fixture(scope="module", params=METHODS)
def protocol(request: pytest.FixtureRequest) -> TrialProtocol:
    """A trial of each method."""
    return of_method(request.param)


@pytest.fixture(scope="module")
def made(protocol: TrialProtocol) -> tuple[list[Recorded], Files]:
    """The record of its allocations, and the files that are published of it."""
    rows, kept = recorded((protocol, one) for one in people_of(protocol, PEOPLE))
    return rows, published([protocol], rows, kept)


def said(tmp_path: Path, files: Files, noted: str = "") -> str:
    """What the script finds: the first difference, or nothing."""
    try:
        CHECK.verify(laid_down(tmp_path, files), noted)
    except CHECK.Wrong as wrong:
        return str(wrong)
    return ""


def replayed(protocol: TrialProtocol, rows: list[Recorded]) -> Difference | None:
    """What the command finds in the record."""
    check = replay([protocol])
    return next((found for one in rows if (found := check.check(one))), None)


def test_the_script_needs_the_standard_library_alone_and_can_be_read_in_one_sitting() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    tree = ast.parse(text)
    named = [each.name for one in ast.walk(tree) if isinstance(one, ast.Import) for each in one.names]
    named += [str(one.module) for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
    assert {one.split(".")[0] for one in named} <= sys.stdlib_module_names
    assert len(text.splitlines()) < 350
    assert max(one.end_lineno - one.lineno for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)) < 40  # type: ignore[operator]


def test_a_list_as_it_was_made_holds(
    tmp_path: Path, protocol: TrialProtocol, made: tuple[list[Recorded], Files]
) -> None:
    rows, files = made
    assert said(tmp_path, files) == ""
    assert said(tmp_path, files, json.loads(files[SEAL])["digest"]) == ""
    assert replayed(protocol, rows) is None
    assert len({one.arm for one in rows}) == len(protocol.arms)


def test_unequal_ratios_and_three_arms_are_read_alike(tmp_path: Path) -> None:
    two = PROTOCOL.model_dump(by_alias=True)["arms"]
    unequal, equal = [*two, two[0] | {"id": "third", "ratio": 2}], [*two, two[0] | {"id": "third"}]
    by_rank = _MINIMISED | {"imbalance": "range", "probability": ["0.7", "0.2", "0.1"]}
    balls = {"method": "urn", "urn": {"start": 1, "added": 2}}
    for arms, how in [*((unequal, one) for one in UNEQUAL), (equal, by_rank), (equal, balls)]:
        protocol = changed(allocation=how, arms=arms)
        rows, kept = recorded((protocol, one) for one in people_of(protocol, 120))
        assert said(tmp_path, published([protocol], rows, kept)) == "", how
        assert replayed(protocol, rows) is None, how


# what somebody could write in the place of what stands in each column of one row
def another_level(text: str) -> str:
    levels = json.loads(text)
    return json.dumps(levels | {"mood": "low" if levels["mood"] == "high" else "high"}) if levels else '{"mood":"low"}'


def another_state(text: str) -> str:
    state = json.loads(text)
    name = sorted(state)[0] if state else "block"
    return json.dumps(state | {name: state.get(name, 0) + 1 if isinstance(state.get(name, 0), int) else []})


TAMPER: dict[str, Callable[[str], str]] = {
    "stage": lambda text: "second",
    "sequence": lambda text: str(int(text) + 1),
    "participant": lambda text: "P001",
    "rule_version": lambda text: "simple-9",
    "configuration": lambda text: "0" * 64,
    "epoch": lambda text: "2",
    "stratum": lambda text: "elsewhere",
    "number": lambda text: str(int(text) + 1),
    "levels": another_level,
    "state_seen": another_state,
    "probabilities": lambda text: json.dumps(dict.fromkeys(json.loads(text), "9/20")),
    "draw": lambda text: "0" * 64,
    "arm": lambda text: "list" if text == "letter" else "letter",
}


def test_every_column_of_the_list_is_tampered_with(made: tuple[list[Recorded], Files]) -> None:
    assert set(TAMPER) == set(lines(made[1][LIST])[0])


@pytest.mark.parametrize("column", TAMPER)
def test_a_changed_cell_is_noticed_by_the_script(
    tmp_path: Path, made: tuple[list[Recorded], Files], column: str
) -> None:
    rows = lines(made[1][LIST])
    before, rows[PLACE][column] = rows[PLACE][column], TAMPER[column](rows[PLACE][column])
    assert rows[PLACE][column] != before
    found = said(tmp_path, made[1] | {LIST: as_text(rows)})
    assert found and (column in ("stage", "levels") or f"allocation {rows[PLACE]['sequence']} " in found), found


@pytest.mark.parametrize("column", sorted(set(TAMPER) - {"participant"}))  # who it was stands in the record of acts
def test_a_changed_part_of_the_record_is_noticed_by_the_command(
    protocol: TrialProtocol, made: tuple[list[Recorded], Files], column: str
) -> None:
    rows = list(made[0])
    one = rows[PLACE]
    record = dict(one.record)
    if column in record:
        was = record[column]
        nested = isinstance(was, dict)
        text = TAMPER[column](json.dumps(was) if nested else str(was))
        record[column] = json.loads(text) if nested else type(was)(text)
        assert record[column] != was
        rows[PLACE] = replace(one, record=record)
        found = replayed(protocol, rows)
        assert found is not None and (found.sequence == PLACE + 1 or column == "levels"), found
    if column in ("stage", "sequence", "stratum", "number", "arm"):
        was = getattr(one, column)
        rows[PLACE] = replace(one, **{column: type(was)(TAMPER[column](str(was)))})
        found = replayed(protocol, rows)
        assert found is not None and found.sequence in (PLACE + 1, PLACE + 2), found


def left_out(rows: list[Any]) -> list[Any]:
    return rows[:PLACE] + rows[PLACE + 1 :]


def twice(rows: list[Any]) -> list[Any]:
    return rows[: PLACE + 1] + rows[PLACE:]


def swapped(rows: list[Any]) -> list[Any]:
    return [*rows[:PLACE], rows[PLACE + 1], rows[PLACE], *rows[PLACE + 2 :]]


@pytest.mark.parametrize("how", [left_out, twice, swapped])
def test_one_left_out_one_twice_and_another_order_are_noticed(
    tmp_path: Path, protocol: TrialProtocol, made: tuple[list[Recorded], Files], how: Callable[[list[Any]], list[Any]]
) -> None:
    found = replayed(protocol, how(made[0]))
    assert found is not None and found.what == "order"
    assert "its order is" in said(tmp_path, made[1] | {LIST: as_text(how(lines(made[1][LIST])))})


@pytest.mark.parametrize("how", [left_out, twice, swapped])
def test_they_are_noticed_with_a_new_count_as_well(
    tmp_path: Path, protocol: TrialProtocol, made: tuple[list[Recorded], Files], how: Callable[[list[Any]], list[Any]]
) -> None:
    numbered = [replace(one, sequence=n) for n, one in enumerate(how(made[0]), 1)]
    check = replay([protocol])
    found = [one for each in numbered if (one := check.check(each))]
    ends = {(one.stage, one.stratum): (one.number, {}) for one in numbered}
    rows = [one | {"sequence": str(n)} for n, one in enumerate(how(lines(made[1][LIST])), 1)]
    # two of different strata who change places differ in nothing but who came first: that stands in the record of acts
    if how is not swapped or made[0][PLACE].stratum == made[0][PLACE + 1].stratum:
        assert found or check.left(ends)
    assert said(tmp_path, made[1] | {LIST: as_text(rows)})


SEALED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "seed": lambda one: one.update(seed="00" * 32),
    "salt": lambda one: one.update(salt="00" * 32),
    "digest": lambda one: one.update(digest="0" * 64),
    "trial": lambda one: one.update(trial="another"),
    "rule_version": lambda one: one.update(rule_version="simple-9"),
    "its rule_version": lambda one: one["configurations"][0].update(rule_version="simple-9"),
    "its digest": lambda one: one["configurations"][0].update(digest="0" * 64),
    "arms": lambda one: one["configurations"][0]["configuration"]["arms"][0].__setitem__(1, 2),
    "protocol": lambda one: one["configurations"][0]["configuration"].update(protocol="another"),
    "configurations": lambda one: one.update(configurations=[]) or one["configurations"].append(
        {"digest": "0" * 64, "rule_version": one["rule_version"], "configuration": {"arms": [], "strata": []}}
    ),
    "states_after": lambda one: one["states_after"].pop(),
}  # fmt: skip


@pytest.mark.parametrize("what", SEALED)
def test_a_change_of_what_was_sealed_is_noticed(tmp_path: Path, made: tuple[list[Recorded], Files], what: str) -> None:
    opened = json.loads(made[1][SEAL])
    SEALED[what](opened)
    assert said(tmp_path, made[1] | {SEAL: json.dumps(opened)})


def test_every_part_of_what_was_sealed_is_tampered_with(made: tuple[list[Recorded], Files]) -> None:
    assert set(json.loads(made[1][SEAL])) - {"format"} <= set(SEALED)


def test_another_sequence_with_a_digest_of_its_own_is_noticed_by_who_noted_the_published_one(
    tmp_path: Path, made: tuple[list[Recorded], Files]
) -> None:
    assert "was published" in said(tmp_path, made[1], noted="ab" * 32)


def test_who_was_randomised_and_is_not_in_the_list_is_noticed(
    tmp_path: Path, made: tuple[list[Recorded], Files]
) -> None:
    people = lines(made[1]["disposition.csv"])
    more = [*people, people[0] | {"participant": "P999", "number": "61"}]
    assert said(tmp_path, made[1] | {"disposition.csv": as_text(more)}).startswith("P999")
    other = [people[0] | {"arm": "elsewhere"}, *people[1:]]
    assert said(tmp_path, made[1] | {"disposition.csv": as_text(other)}).startswith("P001")


AMENDED: list[Callable[[list[dict[str, Any]]], Any]] = [
    lambda told: told.pop(),
    lambda told: told.clear(),
    lambda told: told[0].update(allocated_before=24),
    lambda told: told[0].update(allocated_before=26),
    lambda told: told[0].update(configuration=told[1]["configuration"]),
]


def test_an_amendment_of_the_design_begins_an_epoch_that_both_follow(tmp_path: Path) -> None:
    one, other = of_method("permuted blocks"), of_method("blocks without strata")
    people = [(one, each) for each in people_of(one, 25)] + [(other, each) for each in people_of(other, 25)]
    larger = changed(allocation=METHODS["blocks without strata"] | {"block_sizes": [2, 6]})
    people += [(larger, each) for each in people_of(larger, 25)]
    rows, kept = recorded(people)
    assert [row.record["epoch"] for row in rows] == [1] * 25 + [2] * 25 + [3] * 25
    versions = [one, other, larger]
    files = published(versions, rows, kept)
    assert said(tmp_path, files) == ""
    assert f"From number 26 on by the rule {configuration_digest(other)}. From number 51" in CHECK.verify(tmp_path)
    for harm in AMENDED:
        opened = json.loads(files[SEAL])
        harm(opened["amendments"])
        assert "its configuration is" in said(tmp_path, files | {SEAL: json.dumps(opened)})
    check = replay(versions)
    assert [found for row in rows if (found := check.check(row))] == []
    assert check.left({place: (each.number, each.state) for place, each in kept.items()}) is None


def test_the_script_ends_with_a_code_that_a_machine_can_read(
    tmp_path: Path, made: tuple[list[Recorded], Files]
) -> None:
    def run(folder: Path, *more: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", str(SCRIPT), str(folder), *more], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    whole = laid_down(tmp_path / "whole", made[1])
    assert run(whole) == (0, CHECK.verify(whole) + "\n")
    code, words = run(whole, "0" * 64)
    assert code == 1 and "does NOT hold" in words
    assert run(tmp_path)[0] == 2
