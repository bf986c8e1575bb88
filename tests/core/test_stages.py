"""Further stages in the core: they draw for themselves, the digest covers them, and both checks follow every one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.core.protocols import FOLDER, PROTOCOL
from tests.core.published import (
    SALT,
    SEED,
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
from tests.core.staged import CROSS_OVER, SECOND, STAGED, changed, folder_of
from trial.core import not_yet, pooled
from trial.core.codebook import codebook
from trial.core.eligibility import stage_levels
from trial.core.errors import BadInput
from trial.core.protocol import TrialProtocol
from trial.core.published_list import LIST, SEAL, text
from trial.core.randomization import commitment, configuration, configuration_digest, rule_of, stages_of
from trial.core.replay import Difference, Recorded
from trial.core.schedule import last_window
from trial.protocol_files import read_folder, shipped

CHECK = script()
FACTOR = {"id": "mood_now", "label": {"en": "Mood"}, "levels": [
    {"id": "low", "label": {"en": "Low"}, "when": "low_mood >= 5"}, {"id": "good", "label": {"en": "Better"}},
]}  # fmt: skip
_OPTIONS = [*SECOND["arms"], {"id": "poem", "label": {"en": "A poem"}, "description": {"en": "A poem."}}]
METHODS: dict[str, dict[str, Any]] = {
    "blocks": {"allocation": {"method": "permuted_blocks", "block_sizes": [2, 4], "strata": [FACTOR]}},
    "simple": {"allocation": {"method": "simple"}},
    "big stick": {"allocation": {"method": "big_stick", "largest_imbalance": 2}},
    "coin": {"allocation": {"method": "biased_coin", "probability": "2/3"}},
    "urn of three": {"allocation": {"method": "urn", "urn": {"start": 0, "added": 1}}, "arms": _OPTIONS},
    "minimisation": {"allocation": {"method": "minimisation", "imbalance": "range", "probability": "0.8",
                                    "strata": [FACTOR]}},
}  # fmt: skip
MAIN, SECONDS = 40, 30


def of(stage: dict[str, Any]) -> TrialProtocol:
    return folder_of(stage, CROSS_OVER).protocol


def levels_of(protocol: TrialProtocol, stage: str, n: int) -> dict[str, str]:
    return {one.id: one.levels[(n * n + n // 3) % 2].id for one in protocol.stage(stage).allocation.strata}


def lived(protocol: TrialProtocol) -> tuple[list[Recorded], Any]:
    """The record of the first stage, of the second, and of who crossed over."""
    rows, kept = recorded((protocol, one) for one in people_of(protocol, MAIN))
    for stage, count in (("second", SECONDS), ("cross_over", 9)):
        more, _ = recorded(((protocol, levels_of(protocol, stage, n)) for n in range(count)), stage, kept)
        rows += more
    return rows, kept


@pytest.fixture(scope="module", params=METHODS)
def made(request: pytest.FixtureRequest) -> tuple[TrialProtocol, list[Recorded], Files]:
    """A trial whose second stage goes by each method."""
    protocol = of(changed(SECOND, **METHODS[request.param]))
    rows, kept = lived(protocol)
    return protocol, rows, published([protocol], rows, kept)


def said(tmp_path: Path, files: Files) -> str:
    try:
        CHECK.verify(laid_down(tmp_path, files))
    except CHECK.Wrong as wrong:
        return str(wrong)
    return ""


def replayed(protocol: TrialProtocol, rows: list[Recorded]) -> Difference | None:
    check = replay([protocol])
    return next((found for one in rows if (found := check.check(one))), None)


# --- the digest --------------------------------------------------------------------------------------------------


def test_a_trial_without_stages_says_what_it_always_said() -> None:
    assert set(configuration(PROTOCOL)) == {"arms", "protocol", "strata", "block_sizes"}
    assert list(stages_of(PROTOCOL)) == ["main"]


def test_the_published_digest_covers_every_stage() -> None:
    one = STAGED.protocol
    assert configuration(one)["stages"] == [
        [stage, configuration_digest(one, stage)] for stage in ("second", "cross_over")
    ]
    assert configuration(one, "second")["stage"] == "second"
    digests = {commitment(SEED, SALT, each) for each in (PROTOCOL, one, *others())}
    assert len(digests) == 2 + len(others())


def others() -> list[TrialProtocol]:
    """The same trial with one thing of the second stage changed."""
    return [
        of(changed(SECOND, id="third")),
        of(changed(SECOND, allocation={"method": "simple"})),
        of(changed(SECOND, arms=[SECOND["arms"][0] | {"ratio": 2}, SECOND["arms"][1]],
                   allocation={"method": "permuted_blocks", "block_sizes": [3]})),
        of(changed(SECOND, allocation=METHODS["blocks"]["allocation"])),
    ]  # fmt: skip


def test_each_stage_draws_for_itself() -> None:
    protocol = of(changed(SECOND, allocation=METHODS["blocks"]["allocation"]))
    main, _ = recorded([(protocol, {"mood_level": "low"})] * 20)
    second, _ = recorded([(protocol, {"mood_now": "low"})] * 20, "second")
    assert {row.stratum for row in main} == {row.stratum for row in second}
    assert {row.record["draw"] for row in main}.isdisjoint(row.record["draw"] for row in second)


# --- verification ------------------------------------------------------------------------------------------------


def test_both_follow_every_stage_by_every_method(
    tmp_path: Path, made: tuple[TrialProtocol, list[Recorded], Files]
) -> None:
    protocol, rows, files = made
    assert said(tmp_path, files) == ""
    assert replayed(protocol, rows) is None
    assert {one.stage for one in rows} == {"main", "second", "cross_over"}
    assert {one.arm for one in rows if one.stage == "second"} == {one.id for one in protocol.stage("second").arms}


PLACE = MAIN + 10  # a row of the second stage
TAMPER: dict[str, Callable[[dict[str, str], dict[str, str]], Any]] = {
    "stage": lambda row, main: row.update(stage="main"),
    "another stage": lambda row, main: row.update(stage="cross_over"),
    "no stage at all": lambda row, main: row.update(stage="fourth"),
    "sequence": lambda row, main: row.update(sequence="4"),
    "participant": lambda row, main: row.update(participant="P999"),
    "rule version": lambda row, main: row.update(rule_version="simple-9"),
    "the configuration of the first stage": lambda row, main: row.update(configuration=main["configuration"]),
    "epoch": lambda row, main: row.update(epoch="2"),
    "stratum": lambda row, main: row.update(stratum="elsewhere"),
    "number": lambda row, main: row.update(number="99"),
    "levels": lambda row, main: row.update(levels='{"mood_now":"nowhere"}'),
    "state": lambda row, main: row.update(state_seen='{"lead":7}'),
    "probabilities": lambda row, main: row.update(probabilities='{"song":"1/3","walk":"2/3"}'),
    "draw": lambda row, main: row.update(draw=main["draw"]),
    "arm": lambda row, main: row.update(arm="song" if row["arm"] == "walk" else "walk"),
}


@pytest.mark.parametrize("what", TAMPER)
def test_a_changed_cell_of_a_further_stage_is_noticed_by_the_script(
    tmp_path: Path, made: tuple[TrialProtocol, list[Recorded], Files], what: str
) -> None:
    rows = lines(made[2][LIST])
    before = dict(rows[PLACE])
    TAMPER[what](rows[PLACE], rows[0])
    assert rows[PLACE] != before
    assert said(tmp_path, made[2] | {LIST: as_text(rows)})


RECORD = {
    "stage": "cross_over", "number": 99, "epoch": 2, "draw": "0" * 64, "arm": "letter", "stratum": "x",
    "rule_version": "simple-9", "probabilities": {"walk": "1"}, "state_seen": {"lead": 9}, "levels": {"a": "b"},
}  # fmt: skip


@pytest.mark.parametrize("what", RECORD)
def test_a_changed_part_of_the_record_of_a_further_stage_is_noticed_by_the_command(
    made: tuple[TrialProtocol, list[Recorded], Files], what: str
) -> None:
    protocol, rows = made[0], list(made[1])
    rows[PLACE] = replace(rows[PLACE], record=dict(rows[PLACE].record) | {what: RECORD[what]})
    found = replayed(protocol, rows)
    assert found is not None and (found.stage, found.sequence) == ("second", 11)


def test_a_row_by_the_configuration_of_another_stage_is_refused_by_both(
    tmp_path: Path, made: tuple[TrialProtocol, list[Recorded], Files]
) -> None:
    protocol, rows, files = made
    other = configuration_digest(protocol, "cross_over")
    changed_rows = list(rows)
    changed_rows[PLACE] = replace(rows[PLACE], record=dict(rows[PLACE].record) | {"configuration": other})
    found = replayed(protocol, changed_rows)
    assert found is not None and found.what == "configuration"
    published_rows = lines(files[LIST])
    published_rows[PLACE]["configuration"] = other
    assert said(tmp_path, files | {LIST: as_text(published_rows)})


SEALED: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "a stage's configuration": lambda them: them[1]["configuration"].update(strata=[["a", [["b", None]]]]),
    "a stage's digest": lambda them: them[1].update(digest="0" * 64),
    "a stage's rule version": lambda them: them[1].update(rule_version="simple-9"),
    "a stage left out": lambda them: them.pop(1),
    "the stages that the first one names": lambda them: them[0]["configuration"].pop("stages"),
    "what the first one says of a stage": lambda them: them[0]["configuration"]["stages"][0].__setitem__(0, "third"),
}


@pytest.mark.parametrize("what", SEALED)
def test_a_change_of_what_was_sealed_for_a_stage_is_noticed(
    tmp_path: Path, made: tuple[TrialProtocol, list[Recorded], Files], what: str
) -> None:
    opened = json.loads(made[2][SEAL])
    SEALED[what](opened["configurations"])
    assert said(tmp_path, made[2] | {SEAL: json.dumps(opened)})


def test_a_row_by_a_configuration_that_nobody_had_sealed_is_noticed(
    tmp_path: Path, made: tuple[TrialProtocol, list[Recorded], Files]
) -> None:
    """Its digest fits it, it stands in the file, and nothing that was published names it."""
    opened, rows = json.loads(made[2][SEAL]), lines(made[2][LIST])
    one = opened["configurations"][1]
    covered = one["configuration"] | {"arms": [["walk", 9], ["song", 1]]}
    digest = CHECK.sha256(one["rule_version"].encode(), text(covered).encode())
    opened["configurations"].append(one | {"configuration": covered, "digest": digest})
    assert said(tmp_path, made[2] | {SEAL: json.dumps(opened)}) == ""  # nobody was allocated by it
    rows[PLACE]["configuration"] = digest
    found = said(tmp_path, made[2] | {LIST: as_text(rows), SEAL: json.dumps(opened)})
    assert "its configuration is none of this stage" in found


def test_who_was_allocated_once_more_by_the_other_files_has_to_be_in_the_list(
    tmp_path: Path, made: tuple[TrialProtocol, list[Recorded], Files]
) -> None:
    people = lines(made[2]["stages.csv"])
    more = [*people, people[0] | {"participant": "P999"}]
    assert said(tmp_path, made[2] | {"stages.csv": as_text(more)}).startswith("P999")
    assert said(tmp_path, made[2] | {"stages.csv": as_text(people[1:])}).startswith(people[0]["participant"])
    left_out = as_text([people[0] | {"state": "stopped"}, *people[1:]])
    assert said(tmp_path, made[2] | {"stages.csv": left_out}).startswith(people[0]["participant"])


# --- the language ------------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "reserved name": (changed(SECOND, id="main"), "a trial has of itself"),
    "one option by chance": (changed(SECOND, arms=SECOND["arms"][:1]), "has one option"),
    "two options without chance": (changed(SECOND, allocation={"method": "none"}), "has one option"),
    "clusters": (
        changed(SECOND, allocation={"method": "simple", "unit": "cluster",
                                    "cluster": {"question": "region", "label": {"en": "Region"}}}),
        "allocates people",
    ),
    "an outside list": (
        changed(SECOND, allocation={"method": "listed", "outside_list": {"made_by": "A", "how": "B"}}),
        "first randomisation",
    ),
    "an option named like an arm": (
        changed(SECOND, arms=[SECOND["arms"][0] | {"id": "letter"}, SECOND["arms"][1]]), "already"
    ),
    "an unknown timepoint": (changed(SECOND, timepoint="week_9"), "no timepoint"),
    "a timepoint of several days": (changed(SECOND, timepoint="evening", after="letter"), "more than once"),
    "the baseline": (changed(SECOND, timepoint="baseline", after="before"), "count from no allocation"),
    "what is not asked there": (changed(SECOND, after="before"), "is not asked at"),
    "an exercise": (changed(SECOND, after="letter"), "is not asked at"),
    "an unknown arm": (changed(SECOND, arms_before=["poem"]), "no arm"),
    "a rule over nothing": (changed(SECOND, when="happiness >= 3"), "no answer, score or count"),
    "strata over nothing": (
        changed(SECOND, allocation=METHODS["blocks"]["allocation"] | {"strata": [
            FACTOR | {"levels": [{"id": "x", "label": {"en": "X"}, "when": "luck > 1"},
                                 {"id": "y", "label": {"en": "Y"}}]}]}),
        "no answer, score or count",
    ),
    "blocks that cannot hold the ratio": (
        changed(SECOND, allocation={"method": "permuted_blocks", "block_sizes": [3]}), "cannot hold"
    ),
    "a rule for two with three options": (
        changed(SECOND, arms=_OPTIONS, allocation={"method": "big_stick", "largest_imbalance": 2}), "rule for two"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_a_stage_cannot_be_is_said_in_words(what: str) -> None:
    stage, words = WRONG[what]
    with pytest.raises((BadInput, ValidationError), match=words):
        folder_of(stage)


def test_two_stages_of_one_name_and_a_timepoint_of_no_stage_are_refused() -> None:
    with pytest.raises(BadInput, match="used twice"):
        folder_of(SECOND, changed(CROSS_OVER, id="second"))
    tree = STAGED.protocol.model_dump(mode="json", by_alias=True, exclude_unset=True)
    tree["timepoints"][-1]["stage"] = "fourth"
    with pytest.raises(BadInput, match="no stage"):
        folder_of(SECOND, CROSS_OVER, timepoints=tree["timepoints"])


def test_an_option_has_nothing_at_a_timepoint_for_everybody_and_one_thing_at_its_own() -> None:
    tree = STAGED.protocol.model_dump(mode="json", by_alias=True, exclude_unset=True)
    points = tree["timepoints"]
    loose = [one | {"stage": None} if one["id"] == "evenings_second" else one for one in points]
    with pytest.raises(BadInput, match="for an option of a stage"):
        folder_of(SECOND, CROSS_OVER, timepoints=loose)
    double = [one | {"activities": ["do_walk", "letter", "list"]} if one["id"] == "evenings_second" else one
              for one in points]  # fmt: skip
    with pytest.raises(BadInput, match="activities at once"):
        folder_of(SECOND, CROSS_OVER, timepoints=double)


def test_the_plan_compares_nobody_at_a_timepoint_of_a_stage() -> None:
    tree = STAGED.protocol.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for point in tree["timepoints"]:
        if point["id"] == "evenings_second":
            point |= {"activities": ["later"], "days": [1]}
    with pytest.raises(BadInput, match="compares everybody"):
        folder_of(SECOND, CROSS_OVER, timepoints=tree["timepoints"],
                  analysis=tree["analysis"] | {"primary": {"outcome": "mood", "timepoint": "evenings_second",
                                                           "contrast": ["letter", "list"]}})  # fmt: skip


def test_at_a_stage_what_is_not_known_to_hold_does_not_hold() -> None:
    stage = of(changed(SECOND, **METHODS["blocks"])).stage("second")
    assert stage_levels(stage, {"low_mood": 8}) == {"mood_now": "low"}
    assert stage_levels(stage, {"low_mood": 1}) == stage_levels(stage, {}) == {"mood_now": "good"}


# --- what follows from it ------------------------------------------------------------------------------------------


def test_what_is_at_a_stage_is_never_shown_as_everybodys() -> None:
    for point in ("evenings_second", "evenings_cross_over"):
        assert not pooled.is_common(STAGED.protocol, point)
        assert not pooled.is_same(STAGED.protocol, point)
        assert not pooled.reads_alike(STAGED.protocol, point)
    assert pooled.leaves_out(STAGED.protocol) and not pooled.leaves_out(PROTOCOL)


def test_the_last_window_of_all_lies_after_every_stage() -> None:
    with_grace = last_window(STAGED.protocol).days - last_window(PROTOCOL).days
    assert with_grace >= 2 + 1  # two evenings after the end of week 2's window, which was the last before


def test_every_column_of_the_stages_stands_in_the_codebook() -> None:
    rows = list(codebook(STAGED.protocol, STAGED.instruments, []))
    named = [one.column for one in rows if one.file == "stages.csv"]
    assert named == ["participant", "stage", "state", "arm", "number", "day"]
    assert not [one for one in codebook(PROTOCOL, FOLDER.instruments, []) if one.file == "stages.csv"]


def test_a_protocol_with_stages_is_carried_out() -> None:
    assert not_yet.parts(STAGED.protocol) == not_yet.parts(PROTOCOL)
    assert rule_of(STAGED.protocol, "cross_over").arms == ("letter_later",)


@pytest.mark.parametrize("design", ["waitlist", "second-stage"])
def test_who_waited_and_who_is_allocated_once_more_are_carried_out_in_a_real_trial_too(design: str) -> None:
    assert not_yet.parts(read_folder(shipped("examples") / design).protocol) == []
