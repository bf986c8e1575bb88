"""Data that cannot carry a model of repeated outcomes: each is refused in words, or falls back and says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.stats.repeated import Repeated, made_up
from trial.core.errors import AnalysisImpossible
from trial.stats.mmrm.model import MmrmResult, clda, mmrm
from trial.stats.mmrm.structures import Structure

TIMEPOINTS = ("one", "two", "three")


def compared(data: Repeated, *structures: Structure) -> MmrmResult:
    given = structures or ("unstructured",)
    return mmrm(
        data.outcomes, data.arm, data.covariates, ("a", "b"),
        timepoints=TIMEPOINTS, names=["baseline"], structures=given,
    )  # fmt: skip


def changed(data: Repeated, rows: object, columns: object, value: object) -> Repeated:
    outcomes = data.outcomes.copy()
    outcomes[rows, columns] = value  # type: ignore[index, assignment]
    return replace(data, outcomes=outcomes)


ODD = {
    "an outcome that is the same for everyone": (lambda data: changed(data, slice(None), slice(None), 4.0), "not vary"),
    "a timepoint where everyone has the same": (lambda data: changed(data, slice(None), 1, 4.0), "not vary"),
    "a timepoint that repeats another": (
        lambda data: changed(data, slice(None), 1, data.outcomes[:, 0]), "'one' and 'two' follow exactly",
    ),
    "nobody at a timepoint": (lambda data: changed(data, slice(None), 2, np.nan), "'three'"),
    "nobody of an arm at a timepoint": (lambda data: changed(data, slice(0, None, 2), 2, np.nan), "'a'.*'three'"),
    "nobody of an arm at all": (lambda data: changed(data, slice(1, None, 2), slice(None), np.nan), "'b'"),
    "nobody at all": (lambda data: changed(data, slice(None), slice(None), np.nan), "Nobody"),
    "a number without end": (lambda data: changed(data, 0, 0, np.inf), "not a number"),
    "a covariate with a gap": (lambda data: replace(data, covariates=data.covariates * np.nan), "covariate is missing"),
    "two people of each arm": (lambda data: Repeated(
        data.outcomes[:4], data.arm[:4], data.baseline[:4], data.covariates[:4]), "."),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_odd_data_are_refused_in_words(kind: str) -> None:
    spoil, words = ODD[kind]
    with pytest.raises(AnalysisImpossible, match=words):
        compared(spoil(made_up(40, 1)))


def test_two_covariates_that_say_the_same_are_named() -> None:
    data = made_up(40, 1)
    twice = np.column_stack([data.baseline, data.baseline * 2 + 1])
    with pytest.raises(AnalysisImpossible, match="'baseline', 'again'"):
        mmrm(data.outcomes, data.arm, twice, ("a", "b"), timepoints=TIMEPOINTS, names=["baseline", "again"])


def test_a_covariate_that_is_the_same_for_everyone_is_left_out_and_named() -> None:
    data = made_up(40, 1)
    more = np.column_stack([data.baseline, np.full(40, 3.0)])
    found = mmrm(data.outcomes, data.arm, more, ("a", "b"), timepoints=TIMEPOINTS, names=["baseline", "same"])
    assert found.dropped == ("same",) and found.covariates == ("baseline",)
    assert found.average == pytest.approx(compared(data).average)


def test_too_few_for_all_covariances_fall_back_to_what_was_declared_and_say_so() -> None:
    """Nobody has both the first and the second: their covariance cannot be told."""
    data = made_up(40, 2, missing=0.0)
    outcomes = data.outcomes.copy()
    outcomes[0::4, 0] = outcomes[1::4, 0] = np.nan
    outcomes[2::4, 1] = outcomes[3::4, 1] = np.nan
    apart = replace(data, outcomes=outcomes)
    with pytest.raises(AnalysisImpossible):
        compared(apart)
    found = compared(apart, "unstructured", "compound_symmetry")
    assert found.structure == "compound_symmetry"
    assert [name for name, _ in found.fell_back] == ["unstructured"] and found.fell_back[0][1]


def test_arguments_that_do_not_fit_are_a_mistake_of_the_caller() -> None:
    data = made_up(20, 1)
    for given in (
        {"timepoints": ("one", "two"), "names": ["baseline"]},
        {"timepoints": ("one", "two", "two"), "names": ["baseline"]},
        {"timepoints": TIMEPOINTS, "names": []},
        {"timepoints": TIMEPOINTS, "names": ["baseline"], "common": ["age"]},
        {"timepoints": TIMEPOINTS, "names": ["baseline"], "level": 1.0},
        {"timepoints": TIMEPOINTS, "names": ["baseline"], "structures": ()},
    ):
        with pytest.raises(ValueError):
            mmrm(data.outcomes, data.arm, data.covariates, ("a", "b"), **given)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        mmrm(data.outcomes, data.arm, data.covariates, ("a", "a"), timepoints=TIMEPOINTS, names=["baseline"])
    with pytest.raises(ValueError):
        clda(
            data.baseline[:5], data.outcomes, data.arm, data.covariates, ("a", "b"),
            timepoints=TIMEPOINTS, names=["baseline"],
        )  # fmt: skip
