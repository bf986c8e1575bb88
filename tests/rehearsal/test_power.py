"""Simulated power: the same for a seed however it is spread, and that of the closed formula where both apply."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from trial.core.errors import BadInput
from trial.core.protocol import Monitoring, Sensitivity
from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.rehearsal.closed_form import closed_form
from trial.rehearsal.counted import declared
from trial.rehearsal.joint_model import JointModel, joint_model
from trial.rehearsal.looks import first
from trial.rehearsal.power import (
    Asked,
    Job,
    jobs_of,
    nothing_there,
    one_by_one,
    over_processes,
    simulated,
    trial_of,
)
from trial.rehearsal.power_message import answered, shared, tally_of
from trial.rehearsal.profile_file import ProfileFile, as_planned, read_profile
from trial.rehearsal.true_value import risks, true_value
from trial.stats.plan.run import run_primary
from trial.stats.simulated_power import Characteristics, Tally, characteristics

LARGER = read_folder(shipped("larger-trial"))
PLANNED = as_planned(LARGER.protocol)
TRIALS = 300


def with_analysis(folder: ProtocolFolder, design: dict[str, Any] | None = None, **parts: Any) -> ProtocolFolder:
    protocol = folder.protocol
    plan = protocol.analysis.model_copy(update=parts)
    changed = protocol.model_copy(update={"analysis": plan, "design": protocol.design.model_copy(update=design or {})})
    return replace(folder, protocol=changed)


def found(folder: ProtocolFolder, profile: ProfileFile, n: int, effect: float, trials: int = TRIALS) -> Characteristics:
    jobs = jobs_of([n], [effect], trials)
    (tally,) = simulated(Asked(folder, profile, 7), jobs, one_by_one).values()
    assert tally.trials == trials and tally.refused == 0
    return characteristics(tally)


def agrees(one: Characteristics, power: float | None) -> None:
    assert power is not None
    assert abs(one.power.value - power) < 3.5 * np.sqrt(power * (1 - power) / TRIALS)


@pytest.mark.parametrize("processes", [2, 3])
def test_the_same_seed_gives_the_same_tallies_over_however_many_processes(processes: int) -> None:
    asked, jobs = Asked(LARGER, read_profile("bad-case"), 7), jobs_of([30, 45], [0.5, 0.0], 50)
    assert len(jobs) == 12 and jobs[2] == Job(30, 0.5, 40, 50)
    alone = simulated(asked, jobs, one_by_one)
    assert simulated(asked, jobs, over_processes(processes)) == alone
    assert list(alone) == [(30, 0.5), (45, 0.5), (30, 0.0), (45, 0.0)]
    assert all(one.trials == 50 for one in alone.values())


def test_another_seed_gives_other_trials_and_progress_is_told() -> None:
    jobs = jobs_of([30], [0.5], 40)
    told: list[Job] = []
    one, other = (
        simulated(Asked(LARGER, PLANNED, seed), jobs, one_by_one, told.append)[30, 0.5] for seed in (7, 8)
    )  # fmt: skip
    assert one != other and told == [*jobs, *jobs]


@pytest.mark.parametrize(("n", "effect"), [(200, 0.5), (400, 0.3), (200, 0.0)])
def test_power_of_ancova_is_that_of_the_closed_formula(n: int, effect: float) -> None:
    one = found(LARGER, PLANNED, n, effect)
    agrees(one, closed_form(joint_model(LARGER, PLANNED), n, effect).power)
    assert one.bias is not None and abs(one.bias.value) < 3.5 * one.bias.error
    assert one.coverage is not None and abs(one.coverage.value - 0.95) < 3.5 * np.sqrt(0.95 * 0.05 / TRIALS)
    assert one.analysed is not None and one.analysed.value == pytest.approx(0.6 * n, abs=0.02 * n)
    assert one.model_se == pytest.approx(one.empirical_se, rel=0.15)


def test_where_the_baseline_tells_nothing_the_power_is_that_of_a_t_test() -> None:
    plain = PLANNED.model_dump(by_alias=True)
    plain["correlation"]["typical"]["value"] = 0
    profile = ProfileFile.model_validate(plain)
    model = joint_model(LARGER, profile)
    assert model.alike == 0
    agrees(found(LARGER, profile, 200, 0.5), closed_form(model, 200, 0.5).power)


def test_a_mixed_model_finds_no_less_than_ancova_and_no_more_than_is_there() -> None:
    repeated = with_analysis(LARGER, method="mmrm", secondary=None)
    one = found(repeated, read_profile("realistic"), 200, 0.5)
    agrees(one, closed_form(joint_model(LARGER, read_profile("realistic")), 200, 0.5).power)
    assert one.bias is not None and abs(one.bias.value) < 3.5 * one.bias.error
    assert one.analysed is not None and one.with_outcome is not None and one.analysed.value >= one.with_outcome


def test_missing_not_at_random_puts_the_estimate_off_and_finds_what_is_not_there() -> None:
    one = found(LARGER, read_profile("bad-case").not_at_random(0.6), 600, 0.0, 100)
    # of the first arm more are lost, and those who do badly: it looks better than it is, which is lower
    assert one.bias is not None and one.bias.value < -5 * one.bias.error
    assert one.power.value > 0.05 + 3 * one.power.error


@pytest.mark.parametrize("framework", ["non_inferiority", "equivalence"])
def test_at_the_margin_a_trial_errs_as_often_as_it_may_and_within_it_finds_as_the_formula_says(framework: str) -> None:
    sided = {"framework": framework, "margin": 5.0, "one_sided_alpha": 0.05}
    folder = with_analysis(LARGER, sided)
    model: JointModel = joint_model(folder, PLANNED)
    at_margin = nothing_there(model)
    assert at_margin == pytest.approx(-5.0 / model.outcome.sd) and true_value(model, at_margin) == pytest.approx(5.0)
    agrees(found(folder, PLANNED, 150, at_margin), 0.05)
    agrees(found(folder, PLANNED, 150, 0.0), closed_form(model, 150, 0.0).power)


def test_a_proportion_aims_at_the_risks_of_everyone_randomised() -> None:
    outcome = LARGER.protocol.outcome("depression")
    responds = type(outcome).model_validate(
        outcome.model_dump() | {"aggregation": "proportion", "responder": {"reaches": 16}}
    )
    others = [one for one in LARGER.protocol.outcomes if one.id != "depression"]
    protocol = LARGER.protocol.model_copy(update={"outcomes": [responds, *others]})
    folder = with_analysis(replace(LARGER, protocol=protocol), method="g_computation", secondary=None)
    model = joint_model(folder, PLANNED)
    # a mean of 24 and an SD of 10.02: 16 is 0.8 SD below, and with the effect 0.3 of them
    first, second = risks(model, 0.5)
    assert (first, second) == pytest.approx((0.3829, 0.2123), abs=0.003)
    assert true_value(model, 0.5) == pytest.approx(first - second) and abs(true_value(model, 0.0)) < 0.003
    one = found(folder, PLANNED, 200, 0.5, 100)
    assert one.bias is not None and abs(one.bias.value) < 4 * one.bias.error
    closed = closed_form(model, 200, 0.5)
    assert closed.power is None and closed.reason is not None and "proportion" in closed.reason


@pytest.mark.parametrize(("bounds", "looks"), [("pocock", 2), ("obrien_fleming", 1)])
def test_looks_that_can_end_a_trial_are_simulated_and_cost_what_the_formula_says(bounds: str, looks: int) -> None:
    watching = LARGER.protocol.monitoring
    assert watching is not None
    seen = watching.model_copy(update={"bounds": bounds, "interim_analyses": looks})
    folder = replace(LARGER, protocol=LARGER.protocol.model_copy(update={"monitoring": seen}))
    model = joint_model(folder, PLANNED)
    one = found(folder, PLANNED, 240, 0.5)
    agrees(one, closed_form(model, 240, 0.5).power)
    # some ended early
    assert one.analysed is not None and one.analysed.value < 0.97 * 0.6 * 240
    nothing = found(folder, PLANNED, 240, 0.0)
    agrees(nothing, 0.05)


@pytest.mark.parametrize("framework", ["non_inferiority", "equivalence"])
def test_looks_against_a_margin_err_at_it_as_often_as_planned_and_find_what_the_formula_says(framework: str) -> None:
    watching = LARGER.protocol.monitoring
    assert watching is not None
    seen = watching.model_copy(update={"bounds": "pocock", "interim_analyses": 2})
    sided = with_analysis(LARGER, {"framework": framework, "margin": 5.0, "one_sided_alpha": 0.05})
    folder = replace(sided, protocol=sided.protocol.model_copy(update={"monitoring": seen}))
    model = joint_model(folder, PLANNED)
    agrees(found(folder, PLANNED, 150, nothing_there(model)), 0.05)
    one = found(folder, PLANNED, 150, 0.0)
    agrees(one, closed_form(model, 150, 0.0).power)
    assert one.analysed is not None and one.analysed.value < 0.97 * 0.6 * 150, "some ended early"


def test_without_bounds_a_look_ends_no_trial_and_costs_nothing() -> None:
    watching = LARGER.protocol.monitoring
    assert watching is not None
    seen = watching.model_copy(update={"bounds": None, "interim_analyses": 3})
    folder = replace(LARGER, protocol=LARGER.protocol.model_copy(update={"monitoring": seen}))
    assert found(folder, PLANNED, 100, 0.5, 40) == found(LARGER, PLANNED, 100, 0.5, 40)


def test_the_control_that_looks_at_its_level_each_time_errs_too_often() -> None:
    model = joint_model(LARGER, PLANNED)
    erred = 0
    for number in range(TRIALS):
        table = trial_of(model, 7, 120, 0.0, number)
        looks = [run_primary(model.protocol, first(table, people)) for people in range(20, 121, 20)]
        erred += any(one["p"] is not None and one["p"] <= 0.05 for one in looks)
    assert erred / TRIALS > 0.05 + 3 * np.sqrt(0.05 * 0.95 / TRIALS)


# --- a sensitivity analysis in the place of the primary ---------------------------------------------------------------


def with_sensitivity(*methods: str) -> ProtocolFolder:
    """The larger trial with these sensitivity analyses, each under the name of its method."""
    said = {"en": "Made up for a test."}
    plan = [Sensitivity.model_validate({"id": one, "method": one, "assumption": said}) for one in methods]
    return with_analysis(LARGER, sensitivity=plan)


def counted(folder: ProtocolFolder, analysis: str, n: int, effect: float, trials: int) -> Tally:
    asked = Asked(folder, PLANNED, 7, analysis)
    return simulated(asked, jobs_of([n], [effect], trials), one_by_one)[n, effect]


def test_complete_cases_are_those_of_the_primary_analysis_where_only_outcomes_are_missing() -> None:
    folder = with_sensitivity("complete_case")
    assert counted(folder, "complete_case", 80, 0.5, 40) == counted(folder, "", 80, 0.5, 40)


def test_multiple_imputation_is_right_where_the_missing_are_missing_at_random() -> None:
    one = characteristics(counted(LARGER, "imputed", 200, 0.5, 100))
    assert one.bias is not None and abs(one.bias.value) < 3.5 * one.bias.error
    assert one.coverage is not None and abs(one.coverage.value - 0.95) < 3.5 * np.sqrt(0.95 * 0.05 / 100)
    assert one.analysed is not None and one.analysed.value == 200 and one.with_outcome == pytest.approx(120, abs=4)
    assert one.empirical_se == pytest.approx(one.model_se, rel=0.25)


def test_jump_to_reference_keeps_the_effect_of_those_who_stay_alone() -> None:
    # two in five of an arm are lost by chance, and do as the reference does
    one = characteristics(counted(LARGER, "jump", 200, 0.5, 100))
    truth = true_value(joint_model(LARGER, PLANNED), 0.5)
    assert one.bias is not None and abs(one.bias.value + 0.4 * truth) < 3.5 * one.bias.error
    primary = characteristics(counted(LARGER, "", 200, 0.5, 100))
    assert one.power.value < primary.power.value + 3.5 * one.power.error


def test_a_sensitivity_analysis_has_the_same_figures_however_it_is_spread() -> None:
    asked, jobs = Asked(LARGER, PLANNED, 7, "jump"), jobs_of([60], [0.5, 0.0], 40)
    alone = simulated(asked, jobs, one_by_one)
    assert simulated(asked, jobs, over_processes(2)) == alone
    message = shared(asked)
    assert simulated(asked, jobs, lambda _, its: [tally_of(answered(message.with_job(one))) for one in its]) == alone


@pytest.mark.parametrize("method", ["tipping_point", "per_protocol", "lee_bounds", "randomization_test"])
def test_what_has_no_one_estimate_or_needs_doses_cannot_be_counted(method: str) -> None:
    with pytest.raises(BadInput, match="Leave it out: the primary analysis is counted"):
        declared(with_sensitivity(method).protocol, method)
    with pytest.raises(BadInput, match=r"Those that can be counted: imputed, jump\."):
        declared(LARGER.protocol, "dose")


def test_looks_that_end_a_trial_judge_the_primary_alone() -> None:
    looks = Monitoring.model_validate({"stopping": {"en": "A test."}, "interim_analyses": 1, "bounds": "pocock"})
    with pytest.raises(BadInput, match="judge the primary analysis"):
        declared(LARGER.protocol.model_copy(update={"monitoring": looks}), "jump")
