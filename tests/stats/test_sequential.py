"""A trial that is looked at early keeps its error, its interval and its promise, whenever the looks come."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.sequential.design import SequentialDesign, haybittle_peto, shaped_design, spending_design
from trial.stats.sequential.final import at_least, error_by_p, final_estimate, normal_z
from trial.stats.sequential.interim import outlook
from trial.stats.sequential.monitoring import monitored
from trial.stats.sequential.spending import Spending
from trial.stats.sequential.stopping import drift_for_power, maximum_size, stopping, with_futility

OBF = Spending("obrien_fleming")
POCOCK = Spending("pocock")
FEW = settings(derandomize=True, deadline=None, max_examples=15)
spendings = st.sampled_from([OBF, POCOCK, Spending("kim_demets", 3), Spending("hwang_shih_decani", -2)])


def three_looks(spending: Spending = OBF) -> SequentialDesign:
    return spending_design([0.4, 0.7, 1], spending)


def test_a_design_with_one_look_is_the_ordinary_test() -> None:
    for design in (spending_design([1], OBF), shaped_design([1], 0.5), haybittle_peto([1])):
        assert design.critical == pytest.approx((1.959963984540054,), abs=1e-9)
        assert design.nominal_p == pytest.approx((0.05,), abs=1e-10)
        assert maximum_size(design, 63.7) == 64
    plain = final_estimate(spending_design([1], OBF), 1, 3.0, 1.2)
    assert plain.estimate == pytest.approx(plain.unadjusted, abs=1e-8)
    assert plain.ci == pytest.approx(plain.unadjusted_ci, abs=1e-8)
    assert plain.repeated_ci == pytest.approx(plain.unadjusted_ci, abs=1e-8)
    assert plain.p == pytest.approx(2 * special.ndtr(-2.5), rel=1e-9)


@FEW
@given(spendings, st.lists(st.floats(0.05, 0.95), max_size=3, unique_by=lambda share: round(share, 1)))
def test_whenever_the_looks_come_alpha_is_spent_and_not_more(spending: Spending, early: list[float]) -> None:
    design = spending_design([*sorted(early), 1], spending)
    chances = stopping(design, 0.0)
    assert sum(chances.above) == pytest.approx(0.025, abs=1e-10)
    assert sum(chances.below) == pytest.approx(0.025, abs=1e-10)
    assert list(design.spent) == sorted(design.spent)
    mirrored = stopping(design, -1.3)
    assert mirrored.below == pytest.approx(stopping(design, 1.3).above, abs=1e-12)


def test_looks_as_planned_leave_the_boundaries_as_planned() -> None:
    for design in (three_looks(), shaped_design([0.4, 0.7, 1], 0.25), haybittle_peto([0.4, 0.7, 1])):
        assert monitored(design, [0.4, 0.7, 1], final=True).critical == pytest.approx(design.critical, abs=1e-8)
        assert monitored(design, [0.4], final=False).critical == pytest.approx(design.critical[:1], abs=1e-8)


@pytest.mark.parametrize("last", [0.93, 1.0, 1.2])
@pytest.mark.parametrize(
    "design", [three_looks(), three_looks(POCOCK), shaped_design([0.4, 0.7, 1]), haybittle_peto([0.4, 0.7, 1])]
)
def test_what_other_looks_than_planned_leave_of_alpha_is_spent_at_the_last_one(
    design: SequentialDesign, last: float
) -> None:
    seen = monitored(design, [0.33, 0.81, last], final=True)
    assert seen.spent[-1] == pytest.approx(0.05, abs=1e-10)
    assert 2 * stopping(seen, 0.0).power == pytest.approx(0.05, abs=1e-10)


def test_a_look_more_is_allowed_by_a_spending_function_and_by_no_fixed_shape() -> None:
    assert monitored(three_looks(), [0.2, 0.4, 0.7, 0.9], final=False).looks == 4
    with pytest.raises(AnalysisImpossible, match="allow no more"):
        monitored(shaped_design([0.4, 0.7, 1]), [0.2, 0.4, 0.7, 0.9], final=False)
    with pytest.raises(AnalysisImpossible, match="nothing left for another look"):
        monitored(three_looks(), [0.4, 1.01, 1.2], final=True)
    with pytest.raises(AnalysisImpossible, match="spent all of alpha"):
        monitored(shaped_design([0.9, 0.95, 1], 0.5), [0.02, 0.5, 0.9], final=True)


def test_trials_stopped_by_chance_keep_error_and_power() -> None:
    """20,000 trials each, seeded, with a look too early and one too late; four binomial standard errors."""
    chance = np.random.default_rng(20)
    seen = monitored(three_looks(POCOCK), [0.25, 0.85, 1.1], final=True)
    shares = np.array(seen.information)
    steps = np.sqrt(np.diff(shares, prepend=0)) * chance.normal(size=(20_000, 3))
    for drift in (0.0, 2.6):
        z = np.cumsum(steps, axis=1) / np.sqrt(shares) + drift * np.sqrt(shares)
        first = np.argmax(np.abs(z) >= np.array(seen.critical), axis=1)
        reached = np.any(np.abs(z) >= np.array(seen.critical), axis=1)
        expected = stopping(seen, drift)
        for look in range(3):
            p = expected.above[look]
            found = np.mean(reached & (first == look) & (z[:, look] > 0))
            assert found == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 20_000))


def test_intervals_after_stopping_hold_the_effect_as_often_as_they_say() -> None:
    """600 trials, seeded. The interval holds the effect where P at the effect lies within both tails."""
    chance = np.random.default_rng(21)
    design, drift = three_looks(POCOCK), 2.0
    shares = np.array(design.information)
    held = above_median = ordinary = 0
    for steps in np.sqrt(np.diff(shares, prepend=0)) * chance.normal(size=(600, 3)):
        z = np.cumsum(steps) / np.sqrt(shares) + drift * np.sqrt(shares)
        stopped = np.flatnonzero(np.abs(z) >= np.array(design.critical))
        at = int(stopped[0]) if len(stopped) else 2
        place = at_least(design, at + 1, float(z[at]), drift)
        held += 0.025 < place < 0.975
        above_median += place < 0.5
        ordinary += abs(z[at] - drift * math.sqrt(shares[at])) < 1.96
    assert 0.923 < held / 600 < 0.977
    assert 0.438 < above_median / 600 < 0.562
    assert ordinary < held


@FEW
@given(spendings, st.integers(1, 3), st.floats(-4, 4), st.floats(0.1, 50))
def test_the_final_estimate_turns_with_the_sign_and_stretches_with_the_scale(
    spending: Spending, look: int, z: float, se: float
) -> None:
    design = three_looks(spending)
    one, back = final_estimate(design, look, z, 1.0), final_estimate(design, look, -z * se, se)
    close = pytest.approx
    assert (back.estimate / se, *(end / se for end in back.ci)) == close(
        (-one.estimate, -one.ci[1], -one.ci[0]), abs=1e-7
    )
    assert back.p == close(one.p, abs=1e-9)
    assert one.ci[0] < one.estimate < one.ci[1]
    assert (one.p < 0.05) == (one.ci[0] > 0 or one.ci[1] < 0) or abs(one.p - 0.05) < 1e-6


def test_stopping_early_draws_the_estimate_towards_nothing_and_the_repeated_interval_is_the_widest() -> None:
    found = final_estimate(three_looks(), 2, 2.9, 1.0)
    assert 0 < found.ci[0] < found.estimate < found.unadjusted
    assert found.repeated_ci[0] < found.unadjusted_ci[0] < found.unadjusted_ci[1] < found.repeated_ci[1]
    never = spending_design([0.01, 1], OBF)
    assert never.critical[0] == math.inf
    assert final_estimate(never, 1, 1.0, 1.0).repeated_ci == (-math.inf, math.inf)


def test_a_t_is_held_against_the_boundaries_by_its_p() -> None:
    assert normal_z(special.stdtrit(18, 0.975), 18) == pytest.approx(1.959963984540054, abs=1e-10)
    assert normal_z(-2.0, 10) == -normal_z(2.0, 10) > -2
    assert normal_z(2.5, 1e9) == pytest.approx(2.5, abs=1e-6)
    for estimate in (0.0, 1e-9, 1e-4, -3.0):
        assert error_by_p(estimate, 1.2, 12) == pytest.approx(error_by_p(estimate + 1e-7, 1.2, 12), rel=1e-5)
    by_p = final_estimate(spending_design([1], OBF), 1, 2.4, error_by_p(2.4, 1.0, 15))
    assert by_p.p == pytest.approx(2 * special.stdtr(15, -2.4), rel=1e-9)


def test_a_trial_lands_in_the_critical_region_just_when_its_p_is_below_alpha() -> None:
    for look in (1, 2, 3):
        design = three_looks(POCOCK)
        at = final_estimate(design, look, design.critical[look - 1], 1.0)
        assert at.p == pytest.approx(design.spent[look - 1], abs=1e-10)


def test_looking_ahead_to_one_last_analysis_has_a_closed_form() -> None:
    design = spending_design([0.5, 1], OBF)
    z, share, last = 1.1, 0.5, design.critical[1]
    score, rest = z * math.sqrt(share), 1 - share
    ahead = outlook(design, 1, z, 2.5)
    low_too = special.ndtr((-last - score - rest * 2.5) / math.sqrt(rest))
    assert ahead.planned == pytest.approx(special.ndtr((score + rest * 2.5 - last) / math.sqrt(rest)), abs=1e-12)
    assert low_too < 1e-6
    wide = math.sqrt(rest / share)
    assert ahead.predictive == pytest.approx(special.ndtr((score / share - last) / wide), abs=1e-10)
    assert ahead.nothing < ahead.trend < ahead.predictive + 0.5
    sure = outlook(design, 1, z, 2.5, prior=(2.5, 1e-4))
    assert sure.predictive == pytest.approx(sure.planned, abs=1e-6)


def test_obeying_futility_costs_power_and_no_error() -> None:
    plain = spending_design([0.5, 0.8, 1], OBF, alpha=0.025, sides=1)
    design = with_futility(plain, POCOCK, power=0.9)
    drift = drift_for_power(design, 0.9)
    assert drift > drift_for_power(plain, 0.9)
    obeyed, ignored = stopping(design, drift), stopping(design, drift, obey_futility=False)
    assert obeyed.power == pytest.approx(0.9, abs=1e-9) and ignored.power > 0.9
    assert sum(obeyed.futile) == pytest.approx(POCOCK.spent(0.8, 0.1), abs=1e-9)
    assert stopping(design, 0.0).power < stopping(design, 0.0, obey_futility=False).power <= 0.025 + 1e-10
    assert stopping(design, 0.0).expected_information < 0.8


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda: spending_design([0.5, 0.9], OBF), "its share is 1"),
        (lambda: spending_design([0.5, 0.5, 1], OBF), "rises from look to look"),
        (lambda: spending_design([], OBF), "at least one look"),
        (lambda: spending_design([0.5, 1], OBF, alpha=1.2), "less than half"),
        (lambda: spending_design([1], OBF, sides=3), "one side or two"),  # type: ignore[arg-type]
        (lambda: Spending("kim_demets"), "needs a parameter"),
        (lambda: Spending("pocock", 1), "has no parameter"),
        (lambda: Spending("kim_demets", 0), "above 0"),
        (lambda: shaped_design([0.5, 1], 0.7), "shape"),
        (lambda: haybittle_peto([0.5, 1], 1.5), "nothing is left"),
        (lambda: haybittle_peto([0.5, 1], -1), "above 0"),
        (lambda: drift_for_power(three_looks(), 0.02), "between the alpha"),
        (lambda: maximum_size(three_looks(), 0), "above 0"),
        (lambda: stopping(three_looks(), math.inf), "finite"),
        (lambda: with_futility(three_looks(), OBF), "one side"),
        (lambda: outlook(three_looks(), 3, 1, 2), "another to come"),
        (lambda: outlook(three_looks(), 1, 1, 2, prior=(0, 0)), "prior"),
        (lambda: final_estimate(three_looks(), 4, 1, 1), "looks 1 to 3"),
        (lambda: final_estimate(three_looks(), 1, 1, 1, level=95), "level"),
    ],
)
def test_questions_without_an_answer_are_refused(ask: object, answer: str) -> None:
    with pytest.raises(ValueError, match=answer):
        ask()  # type: ignore[operator]


def test_an_estimate_without_an_error_is_refused() -> None:
    for estimate, se in [(1.0, 0.0), (math.nan, 1.0), (1.0, math.inf)]:
        with pytest.raises(AnalysisImpossible, match="above zero"):
            final_estimate(three_looks(), 1, estimate, se)
    with pytest.raises(AnalysisImpossible, match="no interval is found"):
        final_estimate(three_looks(), 2, 100, 1)
