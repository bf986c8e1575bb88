"""The public capsule: those who agreed, under new ids, coarse; no word, address or study code in any format."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from reports.capsule.making import Capsule, Wish, make_capsule
from reports.capsule.public import new_ids, refuse
from reports.frozen import read_frozen
from tests.reports.builder import SMALL_TRIAL, build_freeze, resealed
from tests.reports.capsule.conftest import PUBLIC, PUBLISHED, RESTRICTED, answered
from trial.core.dataset import (
    TOOK_BACK,
    ContactRow,
    Disposition,
    EventRow,
    HarmRow,
    ItemRow,
    read_rows,
    write_rows,
    write_table,
)
from trial.core.errors import Refused
from trial.core.protocol.allocation import ClusterUnit
from trial.stats.plan.table import Estimate

CANARY = "canary at mailbox.example"


def rows(capsule: Capsule, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(capsule.files[name].decode())))


def codes(frozen: Path) -> dict[str, Disposition]:
    text = (frozen / "disposition.csv").read_text(encoding="utf-8")
    return {one.participant: one for one in read_rows(text, Disposition)}


def first(capsule: Capsule) -> Estimate:
    found: Estimate = json.loads(capsule.files["results.json"])["estimates"][0]
    return found


def test_it_holds_those_who_agreed_and_nobody_else(public_capsule: Capsule, frozen_once: Path) -> None:
    agreed = [one for one in codes(frozen_once).values() if one.data_sharing]
    assert public_capsule.people == len(agreed) == 64 and public_capsule.randomized == 80
    for name in ("dataset", "adherence"):
        assert len({row["participant"] for row in rows(public_capsule, f"data/{name}.csv")}) == 64


def test_it_states_its_n_and_numbers_of_its_own_and_the_flow_of_everybody_apart(
    public_capsule: Capsule, restricted_capsule: Capsule
) -> None:
    assert "**n = 64 of 80 randomised**" in public_capsule.files["README.md"].decode()
    own, whole = first(public_capsule), first(restricted_capsule)
    assert sum(own["n"].values()) < sum(whole["n"].values()) and own["estimate"] != whole["estimate"]
    results = json.loads(public_capsule.files["results.json"])
    assert results["flow"]["randomised"] == 64 and results["everyone"]["flow"]["randomised"] == 80
    assert sum(one["agreed"] for one in results["everyone"]["sharing"]) == 64


def test_no_study_code_is_in_any_file_of_it(public_capsule: Capsule, frozen_once: Path) -> None:
    for name, data in public_capsule.files.items():
        found = [code for code in codes(frozen_once) if code.encode() in data]
        assert not found, (name, found)


def test_two_public_capsules_of_one_trial_have_different_ids_and_the_same_numbers(
    public_capsule: Capsule, frozen_once: Path
) -> None:
    again = make_capsule(frozen_once, replace(PUBLIC, key=b"another"))
    ids = [{row["participant"] for row in rows(one, "data/dataset.csv")} for one in (public_capsule, again)]
    assert not ids[0] & ids[1]
    assert first(public_capsule)["estimate"] == pytest.approx(first(again)["estimate"], abs=1e-10)


def test_the_order_of_rows_is_that_of_the_new_ids_and_not_of_the_codes(public_capsule: Capsule) -> None:
    ids = [row["participant"] for row in rows(public_capsule, "data/adherence.csv")]
    assert ids == sorted(ids)


def test_new_ids_are_of_letters_and_digits_and_each_is_somebody_elses() -> None:
    ids = new_ids(dict.fromkeys(f"P{number:06}" for number in range(5000)), b"key")
    assert len(set(ids.values())) == 5000 and all(len(one) == 12 and one.isalnum() for one in ids.values())


def test_canaries_in_every_free_text_address_and_code_reach_no_file(frozen: Path) -> None:
    """Whatever a freeze may hold by a mistake of ours or of somebody else: the public capsule is made from a list."""
    people = codes(frozen)
    someone = next(code for code, one in people.items() if one.data_sharing)
    header, *cells = csv.reader(io.StringIO((frozen / "dataset.csv").read_text(encoding="utf-8")))
    words = [[*row, CANARY] for row in cells]
    marked = [
        replace(
            one, source=CANARY, stop_reason=CANARY if one.stop_reason else "", flags=CANARY, enrolled_in_error=CANARY
        )
        if one.stage == "randomized"
        else replace(one, reason=CANARY if one.reason else "", source=CANARY)
        for one in people.values()
    ]
    items = read_rows((frozen / "items.csv").read_text(encoding="utf-8"), ItemRow)
    feeling = ItemRow(someone, "week_2", 1, "measures", "feeling_1", CANARY)
    planted = [
        feeling,
        replace(feeling, item="feeling_diary"),
        replace(feeling, item=CANARY, value="1"),
        replace(feeling, activity=CANARY, value="1"),
        replace(feeling, timepoint=CANARY, value="1"),
        ItemRow(someone, "evening", 1, "gratitude", "gratitude_writing", CANARY),
        ItemRow(someone, "evening", 9, "gratitude", "gratitude_characters", CANARY),
    ]
    resealed(
        frozen,
        {
            "dataset.csv": write_table([*header, "diary"], words),
            "disposition.csv": write_rows(marked, Disposition),
            "items.csv": write_rows([*items, *planted], ItemRow),
            "harms.csv": write_rows([HarmRow(someone, 3, "team", "", None, 1, CANARY)], HarmRow),
            "events.csv": write_rows([EventRow(someone, 3, CANARY, CANARY)], EventRow),
            "contacts.csv": write_rows([ContactRow(someone, CANARY, CANARY, "", 1, 0, 1, "x", CANARY, 1)], ContactRow),
        },
    )
    assert CANARY in (frozen / "harms.csv").read_text(encoding="utf-8")
    found = make_capsule(frozen, PUBLIC)
    for name, data in found.files.items():
        assert b"canary" not in data and "canary".encode("utf-16-le") not in data, name
        assert b"mailbox.example" not in data or name.startswith("protocol/"), name
    assert any("neither a number nor a level" in one for one in found.warnings)
    privacy = json.loads(found.files["privacy.json"])
    assert "diary" in privacy["columns_left_out"] and privacy["cells_emptied"] >= 4


def test_adverse_events_dates_strata_and_the_list_are_not_in_it(public_capsule: Capsule) -> None:
    names = set(public_capsule.files)
    assert not any("harms" in one or "allocation" in one or "events" in one for one in names)
    assert "number" not in rows(public_capsule, "data/adherence.csv")[0]
    assert "stratum" not in rows(public_capsule, "data/dataset.csv")[0]


def test_ages_are_bands_with_at_least_k_people_each(public_capsule: Capsule) -> None:
    ages = [row["age"] for row in rows(public_capsule, "data/dataset.csv") if row["timepoint"] == "baseline"]
    assert len(ages) == 64 and min(ages.count(one) for one in ages) >= 5
    assert any(one.startswith("age: ") and "to below" in one for one in public_capsule.coarsened)


def test_classes_smaller_than_k_are_counted_named_and_listed(public_capsule: Capsule) -> None:
    privacy = json.loads(public_capsule.files["privacy.json"])
    assert privacy["k"] == 5 and "age" in privacy["quasi_identifiers"]
    listed = sum(one["people"] for one in privacy["classes_below_k"])
    assert listed == privacy["people_in_classes_below_k"] > 0
    assert all(one["people"] < 5 for one in privacy["classes_below_k"])
    assert any(f"{listed} of 64 people" in one and "--leave-out" in one for one in public_capsule.warnings)


def test_what_is_left_out_is_empty_and_tells_nobody_apart(frozen_once: Path) -> None:
    found = make_capsule(frozen_once, replace(PUBLIC, leave_out=("age",)))
    assert {row["age"] for row in rows(found, "data/dataset.csv")} == {""}
    assert "age" not in json.loads(found.files["privacy.json"])["quasi_identifiers"]
    with pytest.raises(Refused, match="'ages' is no baseline fact"):
        make_capsule(frozen_once, replace(PUBLIC, leave_out=("ages",)))


def test_a_capsule_of_a_rehearsal_says_so_first(public_capsule: Capsule, restricted_capsule: Capsule) -> None:
    for one in (public_capsule, restricted_capsule):
        assert one.files["README.md"].decode().startswith("**Rehearsal with pretend people. Nothing here is real.**")
        metadata = json.loads(one.files["ro-crate-metadata.json"])
        assert metadata["@graph"][1]["description"].startswith("Rehearsal with pretend people.")


def test_a_primary_analysis_without_its_covariate_is_a_problem_that_is_said_and_gets_no_script(
    frozen_once: Path,
) -> None:
    found = make_capsule(frozen_once, replace(PUBLIC, leave_out=("mood_level",)))
    assert "missing for everyone" in first(found)["problem"]
    assert not any(name.startswith("scripts/") for name in found.files)
    assert "could not be carried out" in found.files["README.md"].decode()


def test_it_is_refused_where_nobody_was_asked(tmp_path: Path) -> None:
    frozen = build_freeze(tmp_path / "frozen", protocol=SMALL_TRIAL)
    with pytest.raises(Refused, match="does not ask"):
        make_capsule(frozen, PUBLIC)
    assert make_capsule(frozen, RESTRICTED).people == 60


def test_it_is_refused_where_clusters_were_allocated_for_their_sizes_would_name_them(frozen: Path) -> None:
    read = read_frozen(frozen)
    unit = ClusterUnit.model_validate({"question": "age", "label": {"en": "School"}})
    rule = read.folder.protocol.allocation.model_copy(update={"unit": "cluster", "cluster": unit})
    folder = replace(read.folder, protocol=read.folder.protocol.model_copy(update={"allocation": rule}))
    with pytest.raises(Refused, match="by the size of its cluster"):
        refuse(folder, (), 5)


@pytest.mark.parametrize("agreed", [0, 19])
def test_it_is_refused_where_too_few_agreed(frozen: Path, agreed: int) -> None:
    answered(frozen, lambda place, _: place < agreed)
    with pytest.raises(Refused, match=f"Too few agreed that their answers are shared: {agreed} "):
        make_capsule(frozen, PUBLIC)


def test_it_is_refused_where_an_arm_has_fewer_than_k(frozen: Path) -> None:
    answered(frozen, lambda _, one: one.arm == "gratitude")
    with pytest.raises(Refused, match="0 in chores"):
        make_capsule(frozen, PUBLIC)


def test_whoever_took_answers_back_or_consented_invalidly_did_not_agree(frozen: Path) -> None:
    people = list(codes(frozen).values())
    agreed = [place for place, one in enumerate(people) if one.data_sharing]
    people[agreed[0]] = replace(people[agreed[0]], reason=TOOK_BACK)
    people[agreed[1]] = replace(people[agreed[1]], enrolled_in_error="no_consent")
    resealed(frozen, {"disposition.csv": write_rows(people, Disposition)})
    assert make_capsule(frozen, PUBLIC).people == len(agreed) - 2


def test_a_handful_who_did_not_agree_are_warned_of_because_of_subtraction(frozen: Path) -> None:
    answered(frozen, lambda place, _: place > 0)
    assert any("Only 1 of arm" in one and "subtract" in one for one in make_capsule(frozen, PUBLIC).warnings)


def test_the_minimum_dose_of_those_in_it_is_known_to_the_sensitivity_analyses(public_capsule: Capsule) -> None:
    reached = {row["minimum_dose"] for row in rows(public_capsule, "data/adherence.csv")}
    assert reached == {"yes", "no"}
    assert Wish("public", PUBLISHED).k == 5
