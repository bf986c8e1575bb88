"""What a comparison over several timepoints has to be whatever the data: complete data, other scales, other orders."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.repeated import Repeated, made_up
from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import ancova
from trial.stats.contrasts import Contrast
from trial.stats.mmrm import preparing
from trial.stats.mmrm.fitting import maximise
from trial.stats.mmrm.likelihood import evaluate
from trial.stats.mmrm.model import MmrmResult, clda, mmrm
from trial.stats.mmrm.preparing import Given, prepared
from trial.stats.mmrm.structures import PARTS, STRUCTURES, Structure

NAMES, TIMEPOINTS, CONTRAST = ("baseline",), ("one", "two", "three"), ("a", "b")


def compared(data: Repeated, **more: object) -> MmrmResult:
    options = {"timepoints": TIMEPOINTS, "names": NAMES} | more
    return mmrm(data.outcomes, data.arm, data.covariates, CONTRAST, **options)  # type: ignore[arg-type]


def numbers(found: Contrast) -> list[float]:
    return [found.estimate, found.se, found.df, found.p, *found.ci]


def test_with_no_gaps_each_timepoint_is_its_analysis_of_covariance() -> None:
    data = made_up(60, 1, missing=0.0, effect=2.0)
    for method in ("satterthwaite", "kenward_roger"):
        result = compared(data, method=method)
        for t, name in enumerate(TIMEPOINTS):
            alone = ancova(data.outcomes[:, t], data.arm, data.covariates, CONTRAST, covariance="classical")
            found = result.differences[name]
            assert numbers(found) == pytest.approx([alone.estimate, alone.se, alone.df, alone.p, *alone.ci], rel=1e-8)
            assert result.means["a"][name].estimate == pytest.approx(alone.adjusted_means["a"].mean, rel=1e-10)


def test_with_the_first_timepoint_of_everyone_it_is_the_analysis_of_covariance_there() -> None:
    data = made_up(80, 2, missing=0.3)
    outcomes = data.outcomes.copy()
    outcomes[:, 0] = made_up(80, 2, missing=0.0).outcomes[:, 0]
    result = compared(replace(data, outcomes=outcomes))
    alone = ancova(outcomes[:, 0], data.arm, data.covariates, CONTRAST, covariance="classical")
    assert result.differences["one"].estimate == pytest.approx(alone.estimate, rel=1e-9)


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.floats(0.01, 1000), st.floats(-1e4, 1e4))
def test_other_units_order_and_names_change_nothing(seed: int, scale: float, shift: float) -> None:
    data = made_up(50, seed)
    plain = compared(data)
    order = np.random.default_rng(seed).permutation(50)
    label = {"a": "zeta", "b": "alpha"}
    other = mmrm(
        data.outcomes[order] * scale + shift, [label[data.arm[at]] for at in order],
        data.covariates[order] * 3 - 7, ("zeta", "alpha"), timepoints=TIMEPOINTS, names=NAMES,
    )  # fmt: skip
    for name in TIMEPOINTS:
        found, was = other.differences[name], plain.differences[name]
        assert [found.estimate / scale, found.se / scale] == pytest.approx([was.estimate, was.se], rel=1e-6, abs=1e-7)
        assert [found.df, found.p] == pytest.approx([was.df, was.p], rel=1e-5)
    assert other.n == {"zeta": plain.n["a"], "alpha": plain.n["b"]}


def test_whoever_has_no_outcome_changes_nothing_and_is_not_counted() -> None:
    data = made_up(50, 3)
    none = np.full((4, 3), np.nan)
    more = Repeated(
        np.vstack([data.outcomes, none]), (*data.arm, "a", "a", "b", "b"),
        np.append(data.baseline, [1, 2, 3, 4]), np.vstack([data.covariates, [[90.0], [1.0], [2.0], [50.0]]]),
    )  # fmt: skip
    assert compared(more).n == compared(data).n
    assert numbers(compared(more).average) == pytest.approx(numbers(compared(data).average), rel=1e-9)


def test_people_who_come_in_blocks_give_what_all_at_once_give(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three blocks of people, of patterns with many people and with few."""
    data = made_up(2000, 6, effect=1.0)
    whole = compared(data)
    monkeypatch.setattr(preparing, "BLOCK", 700)
    parts = compared(data)
    for name in TIMEPOINTS:
        assert numbers(parts.differences[name]) == pytest.approx(numbers(whole.differences[name]), rel=1e-9)
    assert (parts.n, parts.with_outcome) == (whole.n, whole.with_outcome)
    assert parts.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-12)


def test_outcomes_that_repeat_one_another_are_refused_among_many_people_too() -> None:
    data = made_up(50_000, 7)
    outcomes = data.outcomes.copy()
    outcomes[:, 1] = 3 * outcomes[:, 0] - data.baseline
    with pytest.raises(AnalysisImpossible, match="'one' and 'two' follow exactly from one another"):
        compared(replace(data, outcomes=outcomes))


def test_the_memory_of_a_fit_does_not_grow_with_the_data() -> None:
    """Four times the people: what is worked on beside them is one block and a number for each person."""
    peaks, sizes = [], []
    for n in (100_000, 400_000):
        data = made_up(n, 8)
        tracemalloc.start()
        compared(data)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        sizes.append(data.outcomes.nbytes + data.covariates.nbytes + 8 * n)
    assert peaks[1] < 0.75 * sizes[1]
    assert peaks[1] - peaks[0] < 0.4 * (sizes[1] - sizes[0])


def test_who_has_nothing_but_the_baseline_counts_in_the_constrained_model_alone() -> None:
    data = made_up(50, 4)
    outcomes = data.outcomes.copy()
    outcomes[:6] = np.nan
    none = np.zeros((50, 0))
    found = clda(data.baseline, outcomes, data.arm, none, CONTRAST, timepoints=TIMEPOINTS, names=())
    assert sum(found.n.values()) == 50
    assert sum(compared(replace(data, outcomes=outcomes)).n.values()) == int(np.isfinite(outcomes).any(axis=1).sum())
    assert found.timepoints == TIMEPOINTS and set(found.differences) == set(TIMEPOINTS)


def test_somebody_without_a_baseline_stays_in_by_their_later_outcomes() -> None:
    data = made_up(50, 5)
    baseline = data.baseline.copy()
    baseline[:10] = np.nan
    none = np.zeros((50, 0))
    found = clda(baseline, data.outcomes, data.arm, none, CONTRAST, timepoints=TIMEPOINTS, names=())
    seen = np.isfinite(np.column_stack([baseline, data.outcomes])).any(axis=1)
    assert sum(found.n.values()) == int(seen.sum())


@pytest.mark.parametrize("structure", STRUCTURES)
def test_derivatives_are_those_of_the_likelihood(structure: Structure) -> None:
    """Against differences of the likelihood itself, away from the top, where no derivative vanishes."""
    from trial.stats.mmrm.likelihood import derivatives

    data = made_up(60, 6, missing=0.3)
    given_ = Given(data.outcomes, data.arm, data.covariates, CONTRAST, TIMEPOINTS, NAMES, ())
    sums, parts = prepared(given_).data, PARTS[structure]
    theta = parts.start(np.array([[1.0, 0.3, 0.2], [0.3, 0.8, 0.25], [0.2, 0.25, 1.2]]))

    def value(at: np.ndarray) -> float:
        found = evaluate(sums, parts.at(at, 3).matrix)
        assert found is not None
        return found.log_likelihood

    def slopes(at: np.ndarray) -> np.ndarray:
        covariance = parts.at(at, 3)
        found = evaluate(sums, covariance.matrix)
        assert found is not None
        return derivatives(sums, found, covariance).gradient

    covariance = parts.at(theta, 3)
    found = evaluate(sums, covariance.matrix)
    assert found is not None
    told, step = derivatives(sums, found, covariance), 1e-5
    each = np.eye(len(theta)) * step
    gradient = [(value(theta + one) - value(theta - one)) / (2 * step) for one in each]
    hessian = [(slopes(theta + one) - slopes(theta - one)) / (2 * step) for one in each]
    assert told.gradient == pytest.approx(np.array(gradient), rel=1e-6, abs=1e-6)
    assert told.hessian == pytest.approx(np.array(hessian), rel=1e-6, abs=1e-6)


def test_each_structure_reaches_a_top_and_richer_ones_reach_higher() -> None:
    data = made_up(80, 7)
    tops = {one: compared(data, structures=[one]).log_likelihood for one in STRUCTURES}
    assert tops["unstructured"] >= tops["toeplitz"] >= max(tops["autoregressive"], tops["compound_symmetry"])
    given_ = Given(data.outcomes, data.arm, data.covariates, CONTRAST, TIMEPOINTS, NAMES, ())
    for one in STRUCTURES:
        assert np.abs(maximise(prepared(given_).data, one).derivatives.gradient).max() < 1e-8


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Twenty in each arm, two fifths missing in the end; 200 trials leave a Monte Carlo error of 1.5 points."""
    held = {"satterthwaite": 0, "kenward_roger": 0}
    for seed in range(200):
        data = made_up(40, seed, missing=0.3, effect=3.0)
        for method in held:
            low, high = compared(data, method=method).differences["three"].ci
            held[method] += low < 3.0 < high
    assert 181 <= held["satterthwaite"] <= 198 and 182 <= held["kenward_roger"] <= 199
