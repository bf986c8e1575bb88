"""The joint model draws what the profile says, allocates as the trial would, and hands on what a freeze would."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from reports.data_file import read_data
from tests.core.protocols import FOLDER, rewritten
from tests.rehearsal.people import with_own_scores
from trial.core.errors import BadInput
from trial.core.protocol.allocation import ClusterUnit
from trial.core.randomization import STAGE, allocate, rule_of
from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.protocol_files.presets import preset
from trial.rehearsal.dice import secret_bytes
from trial.rehearsal.joint_model import joint_model
from trial.rehearsal.power import trial_of
from trial.rehearsal.profile_file import ProfileFile, read_profile
from trial.rehearsal.true_value import true_value
from trial.stats.plan.run import run_plan, run_primary
from trial.stats.plan.table import AnalysisTable

LARGER = read_folder(shipped("larger-trial"))
REALISTIC = joint_model(LARGER, read_profile("realistic"))
BAD = joint_model(LARGER, read_profile("bad-case"))
WEEK_4, MONTH_6 = "week_4", "month_6"
SHIPPED = [path.parent for path in sorted(shipped("").glob("*/protocol.yaml"))]
PRESETS = [path.parent for path in sorted(shipped("examples").glob("*/protocol.yaml"))]


@pytest.fixture(scope="module")
def many() -> AnalysisTable:
    return trial_of(REALISTIC, 1, 20_000, 0.5, 0)


def of(table: AnalysisTable, arm: str) -> np.ndarray:
    return np.array(table.arms) == arm


def test_scores_have_the_mean_spread_and_correlation_of_the_profile(many: AnalysisTable) -> None:
    control = of(many, "planning")
    for name, mean, sd, alike in (("cesd", 24, 10.02, 0.477), ("scs", 3.05, 0.661, 0.637), ("who5", 40, 16.7, 0.61)):
        before, after = many.outcome(name, "baseline")[control], many.outcome(name, WEEK_4)[control]
        assert before.mean() == pytest.approx(mean, abs=4 * sd / 100)
        assert before.std() == pytest.approx(sd, rel=0.03)
        both = np.isfinite(after)
        expected = alike * 0.974 ** np.log2(29 / 14)
        assert np.corrcoef(before[both], after[both])[0, 1] == pytest.approx(expected, abs=0.035)


def test_two_scores_of_one_day_go_together_to_the_better(many: AnalysisTable) -> None:
    # depression is better low, self-compassion high
    found = np.corrcoef(many.outcome("cesd", "baseline"), many.outcome("scs", "baseline"))[0, 1]
    assert found == pytest.approx(-0.54, abs=0.02)


def test_so_many_are_lost_by_each_day_and_for_good(many: AnalysisTable) -> None:
    # 40 % by day 28 and 49 % by day 182, in a straight line between
    day = LARGER.protocol.timepoint("month_3").days[0]
    by_day = {WEEK_4: 0.4 + 0.09 / 154, "month_3": 0.4 + 0.09 * (day - 28) / 154, MONTH_6: 0.49}
    seen = [np.isfinite(many.outcome("cesd", point)) for point in by_day]
    for has, share in zip(seen, by_day.values(), strict=True):
        assert 1 - has.mean() == pytest.approx(share, abs=0.012)
    assert all(not np.any(later & ~earlier) for earlier, later in pairwise(seen))
    assert np.isfinite(many.outcome("cesd", "baseline")).all()


def test_an_effect_is_whole_at_the_primary_timepoint_and_fades_after_it(many: AnalysisTable) -> None:
    assert [REALISTIC.kept("cesd", LARGER.protocol.timepoint(one)) for one in ("baseline", WEEK_4)] == [0, 1]
    left = REALISTIC.kept("cesd", LARGER.protocol.timepoint(MONTH_6))
    assert 0.6 < left < 0.7
    assert BAD.kept("cesd", LARGER.protocol.timepoint("month_3")) == 0
    # without loss the arms differ by just that
    whole = read_profile("realistic").model_dump(by_alias=True)
    for one in whole["lost"]["by_days"]:
        one["share"]["value"] = 0
    model = joint_model(LARGER, ProfileFile.model_validate(whole))
    table = trial_of(model, 1, 20_000, 0.5, 0)
    for point, part in (("baseline", 0), (WEEK_4, 1), (MONTH_6, left)):
        values = table.outcome("cesd", point)
        assert np.isfinite(values).all()
        found = values[of(table, "kindness")].mean() - values[of(table, "planning")].mean()
        assert found == pytest.approx(-0.5 * 10.02 * part, abs=4 * 10.02 * np.sqrt(4 / 20_000))


def test_a_score_may_have_an_effect_of_its_own_that_fades_in_its_own_way() -> None:
    profile = with_own_scores("realistic", who5={"effect": 0.5, "left": 0.0}, scs={"effect": 2.0})
    assert profile.lost == read_profile("realistic").lost
    whole = profile.model_dump(by_alias=True, exclude_none=True)
    for one in whole["lost"]["by_days"]:
        one["share"]["value"] = 0
    table = trial_of(joint_model(LARGER, ProfileFile.model_validate(whole)), 1, 20_000, 0.5, 0)
    left = 1 - 0.4 * (208 - 29) / 182
    for score, sd, side, at_first, later in (
        ("cesd", 10.02, -1, 1.0, left),  # the primary outcome: what is asked for
        ("who5", 16.7, 1, 0.5, 0.0),
        ("scs", 0.661, 1, 2.0, 2 * left),
    ):
        for point, part in ((WEEK_4, at_first), (MONTH_6, later)):
            values = table.outcome(score, point)
            found = values[of(table, "kindness")].mean() - values[of(table, "planning")].mean()
            assert found == pytest.approx(side * 0.5 * sd * part, abs=4 * sd * np.sqrt(4 / 20_000)), (score, point)


def test_in_a_bad_case_more_are_lost_of_the_first_arm_and_those_who_do_badly() -> None:
    table, whole = trial_of(BAD, 1, 20_000, 0, 0), trial_of(joint_model(LARGER, _nobody_lost()), 1, 20_000, 0, 0)
    gone = ~np.isfinite(table.outcome("cesd", WEEK_4))
    shares = [gone[of(table, arm)].mean() for arm in ("kindness", "planning")]
    assert shares == pytest.approx([0.69, 0.51], abs=0.02)
    # the same people and arms, seen whole: the lost are worse off, where a higher score is worse
    assert table.arms == whole.arms
    all_of_them = whole.outcome("cesd", WEEK_4)
    assert all_of_them[gone].mean() - all_of_them[~gone].mean() > 1


def _nobody_lost() -> ProfileFile:
    plain = read_profile("bad-case").model_dump(by_alias=True)
    plain["lost"]["apart"]["value"] = 0
    for one in plain["lost"]["by_days"]:
        one["share"]["value"] = 0
    return ProfileFile.model_validate(plain)


def test_people_are_allocated_by_the_protocols_own_rule_within_strata_of_their_scores() -> None:
    table = trial_of(REALISTIC, 3, 300, 0.2, 5)
    rule, key, kept = rule_of(LARGER.protocol), "power|3|300|0.2|5", {}
    high = np.where(table.outcome("cesd", "baseline") >= 16, "high", "low")
    assert tuple(high) == table.factors["cesd_level"]
    for at, arm in enumerate(table.arms):
        levels = {name: its[at] or "" for name, its in table.factors.items() if name in ("cesd_level", "help_now")}
        stratum = rule.key(levels)
        number, state = kept.get(stratum, (0, rule.start()))
        decision = allocate(rule, secret_bytes(3, key), LARGER.protocol.id, STAGE, levels, number + 1, state)
        kept[stratum] = (number + 1, decision.next_state)
        assert decision.arm == arm
    assert len(kept) == 4 and all(number > 3 for number, _ in kept.values())


def test_covariates_are_those_of_eligible_people() -> None:
    table = trial_of(REALISTIC, 3, 300, 0.2, 5)
    assert table.numbers["age"].min() >= 18
    assert set(table.factors["help_now"]) == {"treated_now", "not_treated"}


def test_the_same_numbers_come_out_of_a_dataset_that_was_frozen_and_read() -> None:
    table = trial_of(REALISTIC, 7, 200, 0.3, 0)
    read = read_data(LARGER, _as_csv(LARGER, table), "dataset.csv").table
    assert read.participants == table.participants and read.reliable_change == table.reliable_change
    assert run_plan(LARGER.protocol, read) == run_plan(LARGER.protocol, table)
    assert run_primary(LARGER.protocol, table) == run_plan(LARGER.protocol, table)[0]


def _as_csv(folder: ProtocolFolder, table: AnalysisTable) -> bytes:
    points = [point.id for point in folder.protocol.in_time if any(at == point.id for _, at in table.scores)]
    scores = sorted({name for name, _ in table.scores})
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(["participant", "arm", "timepoint", *scores, *table.numbers, *table.factors])
    for at, code in enumerate(table.participants):
        for point in points:
            first = point == folder.protocol.baseline.id
            values = [float(table.outcome(name, point)[at]) for name in scores]
            known = [repr(float(its[at])) for its in table.numbers.values()] + [
                its[at] for its in table.factors.values()
            ]
            cells = ["" if np.isnan(one) else repr(one) for one in values]
            write.writerow([code, table.arms[at], point, *cells, *(known if first else [""] * len(known))])
    return out.getvalue().encode()


@pytest.mark.parametrize("path", [*SHIPPED, *PRESETS], ids=lambda path: path.name)
@pytest.mark.parametrize("profile", ["realistic", "bad-case"])
def test_every_trial_that_ships_can_be_drawn_and_analysed(path: Path, profile: str) -> None:
    folder = read_folder(path)
    model = joint_model(folder, read_profile(profile))
    found = run_primary(folder.protocol, trial_of(model, 1, 240, 0.4, 0))
    assert found["problem"] is None and found["n_randomised"] == 240
    assert abs(found["estimate"] - true_value(model, 0.4)) < 5 * found["se"]


def test_the_effect_of_a_factor_and_of_an_interaction_is_what_was_asked_for() -> None:
    folder = read_folder(preset("factorial"))
    for factors in (["writing"], ["writing", "breathing"]):
        plan = folder.protocol.analysis
        primary = plan.primary.model_copy(update={"factors": factors, "contrast": _contrast(folder, factors)})
        protocol = folder.protocol.model_copy(update={"analysis": plan.model_copy(update={"primary": primary})})
        model = joint_model(replace(folder, protocol=protocol), read_profile("optimistic"))
        found = run_primary(protocol, trial_of(model, 1, 8000, 0.4, 0))
        assert found["problem"] is None
        assert abs(found["estimate"] - true_value(model, 0.4)) < 4 * found["se"]
        assert abs(found["estimate"]) > 5 * found["se"]


def _contrast(folder: ProtocolFolder, factors: list[str]) -> tuple[str, str]:
    """Two arms that differ in these factors alone."""
    return next(
        (one.id, other.id)
        for one in folder.protocol.arms
        for other in folder.protocol.arms
        if {name for name in one.factors if one.factors[name] != other.factors[name]} == set(factors)
    )


def test_arms_come_in_their_ratio_by_minimisation_too() -> None:
    model = joint_model(read_folder(preset("attention-control")), read_profile("realistic"))
    assert model.protocol.allocation.method == "minimisation"
    found = Counter(trial_of(model, 1, 400, 0, 0).arms)
    assert max(found.values()) - min(found.values()) <= 6


def test_clusters_are_not_played_as_if_people_were_allocated() -> None:
    unit = ClusterUnit.model_validate({"question": "region", "label": {"en": "Region"}})
    allocation = FOLDER.protocol.allocation.model_copy(update={"unit": "cluster", "cluster": unit})
    protocol = FOLDER.protocol.model_copy(update={"allocation": allocation})
    with pytest.raises(BadInput, match="how alike people of one are is not in a profile"):
        joint_model(replace(FOLDER, protocol=protocol), read_profile("realistic"))


def test_an_outside_list_is_not_played_for_nobody_knows_how_it_came_about() -> None:
    listed = "  method: listed\n  outside_list: {made_by: A unit, how: By dice}\n"
    folder = rewritten(("  method: permuted_blocks\n  block_sizes: [2, 4]\n", listed))
    with pytest.raises(BadInput, match="outside list"):
        joint_model(folder, read_profile("realistic"))
