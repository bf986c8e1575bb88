"""Clusters as the unit: a team is allocated when its first person is ready, and everybody of it has its arm."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.core.clustered import BLOCKS, LARGE, TEAM, TEAMS, UNIT, clustered, of_people
from tests.core.protocols import FOLDER, PROTOCOL, changed
from tests.core.published import SALT, SEED, Files, as_text, laid_down, lines, published, replay, script
from tests.core.sequences import bag_sequence
from trial.core import not_yet
from trial.core.eligibility import cluster_of
from trial.core.errors import Refused
from trial.core.published_list import LIST, SEAL
from trial.core.randomization import (
    CLUSTERS,
    STAGE,
    Clustered,
    PermutedBlocks,
    allocate,
    commitment,
    configuration,
    configuration_digest,
    rule_of,
)
from trial.core.references import find
from trial.core.replay import Difference, Recorded

CHECK = script()
# who came, by team: eight teams, some with one person, in an order that mixes them
ORDER = [f"team_{one}" for one in "aababcdacdebffgaheddhcbaggh"]
Made = tuple[list[Recorded], Files]


@pytest.fixture(scope="module")
def made() -> Made:
    protocol = clustered()
    rows, kept = of_people((protocol, team) for team in ORDER)
    return rows, published([protocol], rows, kept)


def said(folder: Path, files: Files) -> str:
    try:
        CHECK.verify(laid_down(folder, files))
    except CHECK.Wrong as wrong:
        return str(wrong)
    return ""


def replayed(rows: list[Recorded]) -> Difference | None:
    check = replay([clustered()])
    found = next((each for one in rows if (each := check.check(one))), None)
    return found or (check.left({}) if check.begun != set(check.clusters) else None)


def test_a_person_has_the_arm_of_their_team_and_the_number_counts_the_teams_people() -> None:
    # worked by hand: (team of the person, arms of the teams so far) -> chances of letter and list
    table = (
        ("red", {"red": "letter"}, ("1", "0")),
        ("blue", {"red": "letter", "blue": "list"}, ("0", "1")),
    )
    for team, given, chances in table:
        one = allocate(Clustered(("letter", "list"), given), SEED, "x", STAGE, {"team": team}, 3, {})
        assert tuple(str(each) for each in one.probabilities.values()) == chances
        assert (one.arm, one.stratum, one.number, one.next_state) == (given[team], team, 3, {})
    with pytest.raises(KeyError):
        allocate(Clustered(("letter", "list"), {}), SEED, "x", STAGE, {"team": "red"}, 1, {})


def test_teams_are_allocated_by_the_declared_method_in_the_order_of_their_first_people(made: Made) -> None:
    teams = [one for one in made[0] if one.stage == CLUSTERS]
    assert [one.participant for one in teams] == list(dict.fromkeys(ORDER))
    rule = PermutedBlocks(("letter", "list"), (1, 1), (2, 4))
    strata = ["large" if one.participant[-1] in "acegh" else "small" for one in teams]
    assert [one.stratum for one in teams] == strata
    # the second reading of the rule, with the stage of its own in its draws
    both = [allocate(rule, SEED, "evenings", CLUSTERS, {"size": strata[0]}, 1, rule.start())]
    assert both[0].arm == teams[0].arm
    alike = bag_sequence(rule, SEED, strata, "evenings")
    assert [one[:2] for one in alike] == [(one.stratum, one.number) for one in teams]
    arms = {one.participant: one.arm for one in teams}
    people = [one for one in made[0] if one.stage == STAGE]
    assert [one.arm for one in people] == [arms[team] for team in ORDER]
    assert [one.number for one in people] == [ORDER[: n + 1].count(team) for n, team in enumerate(ORDER)]
    assert set(arms.values()) == {"letter", "list"}


def test_the_digest_of_before_covers_how_clusters_are_allocated() -> None:
    first = commitment(SEED, SALT, clustered())
    others = [
        clustered(BLOCKS), clustered({"method": "simple"}), clustered(BLOCKS | {"block_sizes": [2], "strata": [LARGE]}),
        changed(allocation=BLOCKS),
    ]  # fmt: skip
    digests = [commitment(SEED, SALT, one) for one in others]
    assert len({first, *digests}) == 5
    main, own = configuration(clustered()), configuration(clustered(), CLUSTERS)
    assert main["stages"] == [[CLUSTERS, configuration_digest(clustered(), CLUSTERS)]] and main["method"] == "cluster"
    assert own["stage"] == CLUSTERS and own["block_sizes"] == [2, 4] and own["strata"][0][0] == "size"
    assert (rule_of(clustered()).version, rule_of(clustered(), CLUSTERS).version) == ("cluster-1", "permuted-blocks-1")


def test_one_more_team_is_no_other_design() -> None:
    joining = clustered().model_dump(by_alias=True)["eligibility"]
    joining["questions"][-1]["choices"].append({"value": "team_m", "label": {"en": "M"}})
    more = clustered().model_copy(update={"eligibility": type(PROTOCOL.eligibility).model_validate(joining)})
    assert configuration_digest(more) == configuration_digest(clustered())
    assert configuration_digest(more, CLUSTERS) == configuration_digest(clustered(), CLUSTERS)


def test_a_list_with_clusters_holds_for_the_command_and_the_script(tmp_path: Path, made: Made) -> None:
    assert replayed(made[0]) is None
    assert said(tmp_path, made[1]) == ""
    check = replay([clustered()])
    assert not any(check.check(one) for one in made[0])
    states = {(one["stage"], one["stratum"]): (one["number"], one["state"]) for one in _sealed(made)["states_after"]}
    assert check.left(states) is None


@pytest.mark.parametrize(
    "how",
    [
        {"method": "simple"}, {"method": "urn", "urn": {"start": 0, "added": 1}},
        {"method": "big_stick", "largest_imbalance": 2}, {"method": "biased_coin", "probability": "2/3"},
        {"method": "minimisation", "imbalance": "range", "probability": "0.8", "strata": [LARGE]},
    ],
    ids=lambda how: str(how["method"]),
)  # fmt: skip
def test_every_method_allocates_clusters(tmp_path: Path, how: dict[str, Any]) -> None:
    protocol = clustered(how)
    rows, kept = of_people((protocol, TEAMS[n * n % 12]) for n in range(40))
    check = replay([protocol])
    assert not any(check.check(one) for one in rows)
    assert said(tmp_path, published([protocol], rows, kept)) == ""


def test_an_amendment_begins_an_epoch_and_teams_keep_the_arm_that_they_have(tmp_path: Path) -> None:
    one, other = clustered(), clustered({"method": "big_stick", "largest_imbalance": 2})
    rows, kept = of_people([(one, team) for team in ORDER] + [(other, team) for team in TEAMS for _ in range(2)])
    assert {row.record["epoch"] for row in rows} == {1, 2} and {row.participant for row in rows} > set(TEAMS)
    assert said(tmp_path, published([one, other], rows, kept)) == ""
    check = replay([one, other])
    assert not any(check.check(row) for row in rows)


# --- tampering ---------------------------------------------------------------------------------------------------


def _sealed(made: Made) -> dict[str, Any]:
    return dict(json.loads(made[1][SEAL]))


PLACE = 3  # the fourth team; of people the one at the same place


def _of(rows: list[Any], stage: str) -> list[int]:
    return [n for n, one in enumerate(rows) if (one["stage"] if isinstance(one, dict) else one.stage) == stage]


def cell(stage: str, column: str, value: Callable[[str], str]) -> Callable[[list[dict[str, str]]], None]:
    def harm(rows: list[dict[str, str]]) -> None:
        row = rows[_of(rows, stage)[PLACE]]
        before, row[column] = row[column], value(row[column])
        assert before != row[column]

    return harm


def _swapped(text: str) -> str:
    return "list" if text == "letter" else "letter"


def _teams_swapped(rows: list[dict[str, str]]) -> None:
    one, other = (rows[n] for n in _of(rows, CLUSTERS)[PLACE : PLACE + 2])
    one["participant"], other["participant"] = other["participant"], one["participant"]


def _empty_team(rows: list[dict[str, str]]) -> None:
    """A team that nobody is of: its people are made those of another."""
    places = _of(rows, CLUSTERS)
    rows[places[-1]]["participant"] = "team_z"


TAMPER: dict[str, Callable[[list[dict[str, str]]], None]] = {
    "the arm of a team": cell(CLUSTERS, "arm", _swapped),
    "the draw of a team": cell(CLUSTERS, "draw", lambda text: "0" * 64),
    "the name of a team": cell(CLUSTERS, "participant", lambda text: "team_z"),
    "a team twice": cell(CLUSTERS, "participant", lambda text: "team_a"),
    "two teams": _teams_swapped,
    "a team that nobody is of": _empty_team,
    "the stratum of a team": cell(CLUSTERS, "levels", lambda text: '{"size":"nowhere"}'),
    "the stage of a team": cell(CLUSTERS, "stage", lambda text: STAGE),
    "the configuration of a team": cell(CLUSTERS, "configuration", lambda text: configuration_digest(clustered())),
    "the arm of a person": cell(STAGE, "arm", _swapped),
    "the team of a person": cell(STAGE, "levels", lambda text: '{"team":"team_c"}'),
    "no team of a person": cell(STAGE, "levels", lambda text: "{}"),
    "the number of a person": cell(STAGE, "number", lambda text: "9"),
    "the configuration of a person": cell(
        STAGE, "configuration", lambda text: configuration_digest(clustered(), CLUSTERS)
    ),
}


@pytest.mark.parametrize("what", TAMPER)
def test_a_changed_cell_is_noticed_by_the_script(tmp_path: Path, made: Made, what: str) -> None:
    rows = lines(made[1][LIST])
    TAMPER[what](rows)
    assert said(tmp_path, made[1] | {LIST: as_text(rows)})


@pytest.mark.parametrize("what", sorted(set(TAMPER) - {"the stage of a team"}))
def test_a_changed_part_of_the_record_is_noticed_by_the_command(made: Made, what: str) -> None:
    shown = lines(made[1][LIST])
    TAMPER[what](shown)
    rows = []
    for one, row in zip(made[0], shown, strict=True):
        record = dict(one.record) | {name: row[name] for name in ("configuration", "draw", "arm")}
        record |= {"levels": json.loads(row["levels"]), "number": int(row["number"])}
        rows.append(
            replace(one, participant=row["participant"], number=int(row["number"]), arm=row["arm"], record=record)
        )
    assert [one.record for one in rows] != [one.record for one in made[0]] or "team" in what
    assert replayed(rows) is not None


def test_another_way_of_allocating_clusters_does_not_pass_under_the_published_digest(tmp_path: Path) -> None:
    """Its rows, its configuration and its states are consistent; what was published named another."""
    honest, other = clustered(), clustered({"method": "simple"})
    rows, kept = of_people((other, team) for team in ORDER)
    rows = [
        replace(one, record=one.record | {"configuration": configuration_digest(honest)}) if one.stage == STAGE else one
        for one in rows
    ]
    files = published([other], rows, kept)
    sealed, before = json.loads(files[SEAL]), json.loads(published([honest], rows, kept)[SEAL])
    sealed |= {"digest": before["digest"], "rule_version": before["rule_version"]}
    sealed["configurations"] = [before["configurations"][0], sealed["configurations"][1]]
    about = json.dumps({"randomization": {"seed_digest": before["digest"]}})
    found = said(tmp_path, files | {SEAL: json.dumps(sealed), "freeze.json": about})
    assert "its configuration is none of this stage" in found


# --- the protocol ------------------------------------------------------------------------------------------------


def test_somebodys_cluster_is_their_answer_and_nobody_is_allocated_with_a_guessed_one() -> None:
    assert cluster_of(clustered(), {"team": "team_c", "age": 4}) == ("team", "team_c")
    assert cluster_of(clustered(), {"team": 7}) == ("team", "7")
    for facts in ({}, {"team": None}):
        with pytest.raises(Refused, match="cluster"):
            cluster_of(clustered(), facts)


@pytest.mark.parametrize(
    "allocation",
    [BLOCKS | {"unit": "cluster"}, BLOCKS | {"cluster": UNIT["cluster"]}, BLOCKS | UNIT | {"unit": "person"}],
)
def test_a_unit_that_is_half_said_is_refused(allocation: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="unit: cluster"):
        changed(allocation=allocation)


@pytest.mark.parametrize(
    ("unit", "strata", "words"),
    [
        ({"question": "nowhere"}, [], "nowhere"),
        ({"question": "age"}, [], "no choice among clusters"),
        ({}, [LARGE | {"levels": [{"id": "x", "when": "low_mood >= 5"}, {"id": "y"}]}], "known of it"),
        ({}, [LARGE], ""),
    ],
)
def test_a_cluster_is_a_choice_and_its_strata_rest_on_that_choice(
    unit: dict[str, str], strata: list[Any], words: str
) -> None:
    tree = FOLDER.protocol.model_dump(by_alias=True, mode="json")
    tree["eligibility"]["questions"].append(TEAM)
    tree["allocation"] = BLOCKS | {"strata": strata, "unit": "cluster", "cluster": {"question": "team"} | unit}
    found = [f"{one.what} {one.mend}" for one in find(tree, {}, {}) if one.path[0] == "allocation"]
    assert words in found[0] if words else not found, found


def test_a_trial_of_clusters_lacks_nothing_that_a_trial_of_people_has() -> None:
    assert not_yet.parts(clustered()) == not_yet.parts(changed(allocation=BLOCKS)) == not_yet.parts(PROTOCOL)
