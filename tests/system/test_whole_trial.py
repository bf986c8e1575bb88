"""A whole trial through the real command: its counts, allocations and estimates, worked out a second time."""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import gammaln

from tests.system import oracle_counts, oracle_numbers
from tests.system.commands import PEOPLE, PROTOCOL, SEED, whole_evidence, whole_trial
from tests.system.evidence import Evidence

PLACES = 1e-9  # results.json holds twelve significant digits


@pytest.fixture(scope="module")
def lived() -> Evidence:
    return whole_evidence()


@pytest.fixture(scope="module")
def planned(lived: Evidence) -> list[dict[str, Any]]:
    plan = lived.protocol["analysis"]
    return [plan["primary"], *plan["secondary"]["analyses"]]


def test_the_oracles_share_no_code_with_the_product() -> None:
    for file in Path(__file__).parent.glob("oracle*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [one for one in names if one.split(".")[0] in ("trial", "workers", "reports", "protocols")], file


def test_somebody_takes_every_way_out_of_the_trial(lived: Evidence) -> None:
    """What this seed was chosen for: without it the tests beside this one would look at nothing."""
    stages = {one["stage"] for one in lived.results["flow"]["excluded_by_stage"]}
    assert stages == set(oracle_counts.ORDER) - {"recruitment_closed"}
    assert {one["stopped"] for one in lived.people.values()} == {None, "exercises", "everything"}
    assert len(lived.refused) == 2
    assert {oracle_counts.exercises_done(lived, lived.people[one]) for one in lived.arm_of} >= {0, 7}
    assert len(lived.tables["adverse_event"]) == 1


# --- the flow of participants ---------------------------------------------------------------------------------


def test_the_flow_diagram_counts_what_the_database_holds(lived: Evidence) -> None:
    assert lived.results["flow"] == oracle_counts.flow(lived)


def test_the_numbers_of_the_flow_diagram_add_up(lived: Evidence) -> None:
    flow = lived.results["flow"]
    assert flow["assessed"] == PEOPLE == flow["excluded"] + flow["randomised"]
    assert flow["excluded"] == sum(one["n"] for one in flow["excluded_by_stage"])
    assert flow["randomised"] == sum(one["allocated"] for one in flow["arms"])
    for arm in flow["arms"]:
        assert arm["allocated"] == arm["received"] + arm["not_received"]
        assert arm["allocated"] == arm["analysed"] + arm["lost"] + arm["excluded_from_analysis"]
        for count in ("not_received", "discontinued", "lost"):
            assert arm[count] == sum(one["n"] for one in arm[f"{count}_reasons"])


def test_the_command_tells_the_same_numbers_when_it_ends(lived: Evidence) -> None:
    flow, primary = lived.results["flow"], lived.results["estimates"][0]
    said = whole_trial().done.out
    assert f"{PEOPLE} assessed, {flow['excluded']} excluded, {flow['randomised']} randomised" in said
    for key, label in (("allocated", "allocated"), ("lost", "lost to follow-up"), ("analysed", "analysed")):
        assert re.search(rf"{label}\s+" + r"\s+".join(str(arm[key]) for arm in flow["arms"]), said)
    low, high = primary["ci"]
    assert f"estimate     {primary['estimate']:.2f} (95 % CI {low:.2f} to {high:.2f})" in said
    truth = lived.results["rehearsal"]["truth"][0]
    assert truth["contrast"] == primary["contrast"] == ["letter", "early_memory"]
    assert f"true effect  {truth['effect']:.2f}" in said
    power = lived.results["rehearsal"]["power"]
    assert power < 0.8 and f"would usually miss it: power {power * 100:.0f} %" in said


def test_the_summary_fits_a_terminal() -> None:
    lines = whole_trial().done.out.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80


def test_recruitment_by_source_counts_everyone_assessed(lived: Evidence) -> None:
    assessed = Counter(one["source"] for one in lived.tables["screening"])
    randomized = Counter(lived.people[one]["source"] for one in lived.arm_of)
    told = {one["source"]: (one["assessed"], one["randomised"]) for one in lived.results["recruitment"]["sources"]}
    assert told == {source: (n, randomized[source]) for source, n in assessed.items()}
    assert len(told) == 4


def test_exercises_and_answers_by_arm_are_those_of_the_database(lived: Evidence) -> None:
    for arm in lived.results["adherence"]:
        people = [one for one, its in lived.arm_of.items() if its == arm["arm"]]
        done = Counter(oracle_counts.exercises_done(lived, lived.people[one]) for one in people)
        assert {one["done"]: one["n"] for one in arm["distribution"] if one["n"]} == done
    for entry in lived.results["missing"]:
        people = [one for one, its in lived.arm_of.items() if its == entry["arm"]]
        windows = [lived.one("occasion", participant_id=one, timepoint=entry["timepoint"]) for one in people]
        answered = sum(one["done_at"] is not None for one in windows)
        assert (entry["expected"], entry["answered"]) == (len(people), answered)
        assert entry["missing"] == len(people) - answered == sum(entry["reasons"].values())


def test_mails_in_the_report_are_the_mails_in_the_mailbox(lived: Evidence) -> None:
    delivery = lived.results["delivery"]
    assert delivery["accepted"] == len(lived.mails)
    assert delivery["planned"] == len(lived.tables["delivery"])
    states = Counter[str]()
    for stream in delivery["streams"]:
        for counted in stream["arms"].values():
            states.update(counted)
    assert states == Counter(row["state"] for row in lived.tables["delivery"])


# --- allocation -----------------------------------------------------------------------------------------------


def block_of(record: dict[str, Any]) -> int:
    """The block that an allocation was drawn from: where none was open it is the next one."""
    seen = record["state_seen"]
    return int(seen["block"]) + (not any(seen["left"]))


def test_the_allocation_table_can_be_replayed_from_the_seed(lived: Evidence) -> None:
    kept = sorted(lived.tables["allocation"], key=lambda one: one["sequence"])
    assert [one["sequence"] for one in kept] == list(range(1, len(kept) + 1))
    again = oracle_numbers.replay(SEED, lived.protocol, PROTOCOL, [one["stratum"] for one in kept])
    assert again == [(one["arm"], one["number"], block_of(one["record"])) for one in kept]
    other = oracle_numbers.replay(SEED + 1, lived.protocol, PROTOCOL, [one["stratum"] for one in kept])
    assert other != again


def test_each_person_stands_in_the_stratum_of_their_own_baseline_score(lived: Evidence) -> None:
    strata = {one["participant_id"]: one["stratum"] for one in lived.tables["allocation"]}
    for person, stratum in strata.items():
        cesd = oracle_numbers.scores_at(lived, person, "baseline")["cesd"]
        assert cesd is not None and stratum == ("high" if cesd >= 16 else "low")
    assert set(strata.values()) == {"high", "low"}


def test_every_complete_block_holds_each_arm_equally_often(lived: Evidence) -> None:
    blocks: dict[tuple[str, int], Counter[str]] = {}
    for one in lived.tables["allocation"]:
        blocks.setdefault((one["stratum"], block_of(one["record"])), Counter())[one["arm"]] += 1
    last = {stratum: max(block for its, block in blocks if its == stratum) for stratum, _ in blocks}
    complete = [arms for (stratum, block), arms in blocks.items() if block < last[stratum]]
    assert complete
    for arms in complete:
        assert len(arms) == 3 and len(set(arms.values())) == 1 and arms.total() in (3, 6, 9)


def test_the_published_digest_is_that_of_the_seed_and_was_there_before_anybody_came(lived: Evidence) -> None:
    digest = oracle_numbers.commitment(SEED, lived.protocol)
    published = lived.one("event", event="seed_sealed")
    assert published["detail"] == {"digest": digest}
    assert lived.results["provenance"]["randomization"]["seed_digest"] == digest == lived.one("seal")["digest"]
    first = lived.all("event", event="screened")[0]
    assert published["id"] < first["id"] and published["at"] <= first["at"]


# --- data and estimates ---------------------------------------------------------------------------------------


def test_the_dataset_holds_every_score_that_the_answers_give(lived: Evidence) -> None:
    told = {(row["participant"], row["timepoint"]): row for row in lived.csv["dataset"]}
    expected = 0
    for person, arm in lived.arm_of.items():
        record = lived.people[person]
        for point in ("baseline", "week_1", "month_1", "month_3", "month_6"):
            scores = oracle_numbers.scores_at(lived, person, point)
            if not scores:
                assert (record["code"], point) not in told
                continue
            row = told[record["code"], point]
            expected += 1
            assert row["arm"] == arm
            for name in ("cesd", "swls", "scs_sf"):
                value = scores[name]
                assert row[name] == "" if value is None else math.isclose(float(row[name]), value, rel_tol=1e-12)
    assert len(told) == expected > 70


def test_some_scores_were_made_from_incomplete_answers(lived: Evidence) -> None:
    """Otherwise the rule for missing items would not have been looked at."""
    gaps = [one for one in lived.tables["answer_sheet"] if None in one["answers"].values()]
    assert gaps


def test_each_estimate_is_the_one_that_least_squares_by_hand_gives(
    lived: Evidence, planned: list[dict[str, Any]]
) -> None:
    assert len(lived.results["estimates"]) == len(planned) == 12
    for plan, told in zip(planned, lived.results["estimates"], strict=True):
        ours = oracle_numbers.estimate(lived, plan)
        assert (told["outcome"], told["timepoint"], told["contrast"]) == tuple(
            plan[key] for key in ("outcome", "timepoint", "contrast")
        )
        assert told["n"] == ours["n"] and told["df"] == ours["df"]
        pairs = [(told["estimate"], ours["estimate"]), (told["se"], ours["se"]), (told["p"], ours["p"])]
        pairs += [(told["ci"][0], ours["low"]), (told["ci"][1], ours["high"])]
        assert all(math.isclose(one, other, rel_tol=PLACES, abs_tol=1e-10) for one, other in pairs), plan


def test_the_secondary_p_values_are_adjusted_after_holm_and_the_primary_is_not(lived: Evidence) -> None:
    primary, *family = lived.results["estimates"]
    assert primary["p_adjusted"] is None
    adjusted = oracle_numbers.holm([one["p"] for one in family])
    assert adjusted == pytest.approx([one["p_adjusted"] for one in family], rel=PLACES)
    assert len(set(adjusted)) > 1


def test_hedges_g_is_the_corrected_difference_over_the_pooled_deviation(
    lived: Evidence, planned: list[dict[str, Any]]
) -> None:
    plan, told = planned[0], lived.results["estimates"][0]
    groups = []
    for arm in plan["contrast"]:
        people = [one for one, its in lived.arm_of.items() if its == arm]
        scores = [oracle_numbers.outcome_of(lived, one, plan["outcome"], plan["timepoint"]) for one in people]
        groups.append(np.array([one for one in scores if one is not None]))
    df = sum(map(len, groups)) - 2
    pooled = math.sqrt(sum(float(np.var(one)) * len(one) for one in groups) / df)
    correction = math.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / math.sqrt(df / 2)
    assert told["g"]["estimate"] == pytest.approx(correction * told["estimate"] / pooled, rel=PLACES)
