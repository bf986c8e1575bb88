"""Odd data under every method that a plan can name: a reason in words, a fallback that is stated, or a sound number.

The table below says what each entry has to say of itself; an empty text means a number with nothing to say about it.
Warnings of NumPy are errors here, so that nothing overflows or divides by zero on the way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.stats.lists import listed
from tests.stats.lists import said as listed_as
from tests.stats.odd import (
    CONTRAST,
    METHODS,
    MORE_METHODS,
    ODD,
    SCHOOLS,
    SENSITIVITY,
    VISITS,
    N,
    clustered,
    four_of_each_arm,
    in_levels,
    in_schools,
    one_arm,
    people,
    planned,
    scores,
)
from trial.core.errors import AnalysisImpossible
from trial.core.published_list import AllocatedPeople
from trial.stats.plan.explored import run_subgroups
from trial.stats.plan.run import run_plan
from trial.stats.planned_rerandomization import rerandomized_plan
from trial.stats.sensitivity import run_sensitivity

pytestmark = pytest.mark.filterwarnings("error")

SEPARATION = r"fallback: .*\(separation\)"
NO_ESTIMATE = "fallback: .* has the outcome: a logistic model has no finite estimate"
REPEATED = "'week_2' and 'week_6' follow exactly from one another"
AT_NEITHER = "needs at least two people with both values"
NO_ARM = "Arm 'chores' has no participant with an outcome|Nobody of the arm 'chores' has"
FALLS_BACK = "fell back from unstructured: .* covariance cannot be told"
LEFT_OUT = "not in the model: mood_level$"
MISTYPED = "Score 'mood' at 'week_2' of 'P003' is 1e.200"
# of each method in the order of METHODS: ancova, mmrm, clda, g_computation, mean_change
SAID: dict[str, tuple[str, str, str, str, str]] = {
    "the same outcome for everyone": ("same outcome", "not vary", "not vary", SEPARATION, ""),
    "the same outcome for everyone of an arm": ("every outcome exactly", "not vary", "not vary", SEPARATION, ""),
    "an outcome that is the baseline less a constant": (
        "outcome exactly", "not vary", "'baseline' and 'week_2' follow exactly", NO_ESTIMATE, "by the same amount",
    ),
    "two visits alike": ("", REPEATED, REPEATED, "", ""),
    "two visits of different people": ("", "covariance cannot be told", FALLS_BACK, "", ""),
    "a first visit of two": (
        "2 participants cannot carry", "2 have the outcome at 'week_2'", "2 have the outcome at 'week_2'",
        "fallback: 2 participants cannot carry", AT_NEITHER,
    ),
    "a last visit of two": ("", "2 have the outcome at 'week_6'", "2 have the outcome at 'week_6'", "", ""),
    "nobody with an outcome": (
        "no participant with an outcome", "Nobody has an outcome", "Nobody of the arm", "no participant", AT_NEITHER,
    ),
    "an arm without an outcome": (NO_ARM, NO_ARM, NO_ARM, NO_ARM, ""),
    "an empty arm": (NO_ARM, NO_ARM, NO_ARM, NO_ARM, ""),
    # the report of a model of repeated outcomes warns: tests/reports/test_odd_models.py
    "an arm of one": ("alone determines the mean of arm 'chores'", "", "", NO_ESTIMATE, ""),
    "nobody": ("hold nobody", "hold nobody", "hold nobody", "hold nobody", "hold nobody"),
    "four people": (
        "4 participants cannot carry", "4 have the outcome at 'week_2'", FALLS_BACK, "fallback: 4 participants", "",
    ),
    "one stratum alone": (LEFT_OUT, LEFT_OUT, LEFT_OUT, SEPARATION, ""),
    "a stratum of one": ("alone determines 'mood_level: low'", "", "", SEPARATION, ""),
    "strata that are the arms": (
        "'mood_level: low' cannot be told apart", "'mood_level: low'.* cannot be told apart",
        "'mood_level: low'.* cannot be told apart", "fallback: .*'mood_level: low' cannot be told apart", "",
    ),
    "strata that are not known": (
        "'mood_level' is missing for everyone", "'mood_level' is missing for everyone",
        "'mood_level' is missing for everyone", "fallback: .*'mood_level' is missing for everyone", "",
    ),
    "the same baseline for everyone": (
        "not in the model: mood at baseline", "not in the model: mood at baseline", "does not vary", SEPARATION, "",
    ),
    "no baseline": (
        "'mood at baseline' is missing for everyone", "'mood at baseline' is missing for everyone",
        "0 have the outcome at 'baseline'", "'mood at baseline' is missing for everyone", AT_NEITHER,
    ),
    "a baseline mistyped": (
        "alone determines 'mood at baseline'", "", "does not settle", "fallback: .*did not settle", "",
    ),
    "an outcome mistyped": (MISTYPED, MISTYPED, MISTYPED, MISTYPED, MISTYPED),
    "a baseline that tells who responds": ("", "", "", SEPARATION, ""),
    "an arm that tells who responds": ("", "", "", NO_ESTIMATE, ""),
    "nobody who responds": ("", "", "", NO_ESTIMATE, ""),
}  # fmt: skip


def said(entry: dict[str, Any]) -> str:
    """Everything that an entry says of itself beside its numbers."""
    found = [entry["problem"] or "", f"fallback: {entry['fallback']}" if entry.get("fallback") else ""]
    found += [f"not in the model: {one}" for one in entry.get("covariates_dropped", ())]
    tried = entry["repeated"]["fell_back"] if entry.get("repeated") else entry.get("fell_back", ())
    found += [f"fell back from {one['structure']}: {one['why']}" for one in tried]
    return " ".join(one for one in found if one)


def sound(entry: dict[str, Any]) -> None:
    """A reason and no number, or numbers that fit together and an error above zero."""
    its = {key: entry[key] for key in ("estimate", "se", "df", "ci", "p")}
    if entry["problem"]:
        assert len(entry["problem"]) > 10 and set(its.values()) == {None}
        return
    low, high = its["ci"]
    numbers = [one for one in (its["estimate"], its["se"], its["df"], its["p"], low, high) if one is not None]
    assert all(map(math.isfinite, numbers)) and low < high
    if entry.get("bounds"):
        assert low <= entry["bounds"]["lower"] <= entry["bounds"]["upper"] <= high
        return
    assert low <= its["estimate"] <= high and 0 <= its["p"] <= 1
    assert its["se"] > 0 if its["se"] is not None else entry["fallback"]
    # what leans on the normal distribution has no degrees of freedom
    assert its["df"] is None or its["df"] > 0
    assert its["df"] is not None or its["se"] is None or entry["measure"] == "common_odds_ratio"


def test_the_table_says_something_of_each_method_and_of_all_odd_data() -> None:
    assert list(SAID) == list(ODD)
    assert all(len(its) == len(METHODS) for its in SAID.values())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ODD)
def test_odd_data_give_a_reason_a_stated_fallback_or_a_sound_number(kind: str, method: str) -> None:
    data = ODD[kind](people())
    protocol = planned(method, SENSITIVITY.get(method, ()))
    (entry,) = run_plan(protocol, one_arm(data) if method == "mean_change" else data)
    sound(entry)
    expected = SAID[kind][METHODS.index(method)]
    assert re.search(expected, said(entry)) if expected else not said(entry), said(entry)
    for one in run_sensitivity(protocol, data):
        sound(one)


# what the methods that came later say, in the order of MORE_METHODS: anhecova, proportional_odds
ONE_LEVEL = "fewer than three levels"
NO_SLOPE = "In arm '.*' everyone has the same"
SAID_MORE: dict[str, tuple[str, str]] = {
    "the same outcome for everyone": ("same outcome", ONE_LEVEL),
    "the same outcome for everyone of an arm": ("every outcome exactly", ONE_LEVEL),
    "an outcome that is the baseline less a constant": ("every outcome exactly", "separation"),
    "two visits alike": ("", ""),
    "two visits of different people": ("", "cannot be told apart"),
    "a first visit of two": ("2 participants cannot carry", "2 participants cannot carry"),
    "a last visit of two": ("", ""),
    "nobody with an outcome": ("no participant with an outcome", "no participant with an outcome"),
    "an arm without an outcome": (NO_ARM, NO_ARM),
    "an empty arm": (NO_ARM, NO_ARM),
    "an arm of one": (NO_SLOPE, "separation"),
    "nobody": ("hold nobody", "hold nobody"),
    "four people": ("4 participants cannot carry", "4 participants cannot carry"),
    "one stratum alone": (LEFT_OUT, ONE_LEVEL),
    "a stratum of one": (NO_SLOPE, "separation"),
    "strata that are the arms": ("cannot be told apart", "cannot be told apart"),
    "strata that are not known": ("is missing for everyone", "is missing for everyone"),
    "the same baseline for everyone": ("not in the model: mood at baseline", "not in the model: mood at baseline"),
    "no baseline": ("is missing for everyone", "is missing for everyone"),
    "a baseline mistyped": ("alone determines", ""),
    "an outcome mistyped": (MISTYPED, MISTYPED),
    "a baseline that tells who responds": ("", "has 36 levels"),
    "an arm that tells who responds": ("", "has 36 levels"),
    "nobody who responds": ("", "separation"),
}


@pytest.mark.parametrize("method", MORE_METHODS)
@pytest.mark.parametrize("kind", ODD)
def test_odd_data_by_the_later_methods_give_a_reason_or_a_sound_number(kind: str, method: str) -> None:
    data = ODD[kind](in_levels(people()) if method == "proportional_odds" else people())
    protocol = planned(method, SENSITIVITY[method])
    (entry,) = run_plan(protocol, data)
    sound(entry)
    expected = SAID_MORE[kind][MORE_METHODS.index(method)]
    assert re.search(expected, said(entry)) if expected else not said(entry), said(entry)
    for one in run_sensitivity(protocol, data):
        sound(one)


def test_an_arm_of_one_level_by_proportional_odds_is_warned_of() -> None:
    protocol, data = planned("proportional_odds"), in_levels(people())
    for arm, level in zip(CONTRAST, (2.0, 1.0), strict=True):
        of_arm = np.array([one == arm for one in data.arms])
        (entry,) = run_plan(protocol, scores(lambda table, its, own=of_arm, at=level: np.where(own, at, its))(data))
        sound(entry)
        assert [one["arms"] for one in entry["warnings"] if one["kind"] == "arm_of_one_level"] == [[arm]]
    (plain,) = run_plan(protocol, data)
    assert not [one for one in plain["warnings"] if one["kind"] == "arm_of_one_level"]


# schools by place and arm, and what the two ways of taking them into account say
SCHOOL_OF: dict[str, tuple[Callable[[int, str], str | None], str, str]] = {
    "four schools in each arm": (four_of_each_arm, "", ""),
    "one school in each arm": (lambda at, arm: SCHOOLS[arm == "chores"], "is one cluster", "is one cluster"),
    "one school in all": (lambda at, arm: SCHOOLS[0], "in one cluster", "in one cluster"),
    "schools that are not known": (lambda at, arm: None, "is not known: 'school'", "is not known: 'school'"),
    "a school of one's own": (lambda at, arm: f"school_{at}", "", "No cluster has two people"),
    "both arms in each school": (lambda at, arm: SCHOOLS[at // 2 % 8], "", ""),
}


@pytest.mark.parametrize("kind", SCHOOL_OF)
def test_odd_clusters_give_a_reason_or_a_sound_number(kind: str) -> None:
    school_of, *expected = SCHOOL_OF[kind]
    data = in_schools(people(), school_of)
    data = replace(
        data, factors={**data.factors, "mood_level": tuple("high" if at % 4 < 2 else "low" for at in range(N))}
    )
    for way, words in zip(("robust", "random_intercept"), expected, strict=True):
        (entry,) = run_plan(clustered(way), data)
        sound(entry)
        assert re.search(words, said(entry)) if words else not said(entry), said(entry)


@pytest.mark.parametrize("way", ["robust", "random_intercept"])
@pytest.mark.parametrize("kind", ODD)
def test_odd_data_of_people_in_clusters_give_a_reason_or_a_sound_number(kind: str, way: str) -> None:
    protocol = clustered(way, ["complete_case", "per_protocol"])
    data = ODD[kind](in_schools(people(), four_of_each_arm))
    for one in (*run_plan(protocol, data), *run_sensitivity(protocol, data)):
        sound(one)


@pytest.mark.parametrize("kind", ODD)
def test_odd_data_in_subgroups_give_a_reason_or_a_test_of_interaction(kind: str) -> None:
    declared = {"variable": "mood_level", "outcome": "low_mood", "timepoint": "week_2", "contrast": list(CONTRAST)}
    (entry,) = run_subgroups(planned("ancova", exploratory={"subgroups": [declared]}), ODD[kind](people()))
    if entry["problem"]:
        assert len(entry["problem"]) > 10 and entry["interaction"] is None and not entry["effects"]
        return
    assert 0 <= entry["interaction"]["p"] <= 1 and entry["interaction"]["f"] >= 0
    assert all(one["se"] > 0 and one["ci"][0] < one["estimate"] < one["ci"][1] for one in entry["effects"])


@pytest.mark.parametrize("kind", ODD)
def test_odd_data_under_the_randomisation_test_give_a_reason_or_a_p(kind: str) -> None:
    data = ODD[kind](people())
    config = listed_as(CONTRAST, method="simple")
    rows = zip(listed([(config, len(data.arms))]).rows, data.participants, data.arms, strict=True)
    list_of = AllocatedPeople(
        tuple(replace(row, participant=code, arm=arm) for row, code, arm in rows), {"1": config}
    )  # fmt: skip
    protocol = planned("ancova")
    try:
        (entry,) = rerandomized_plan(protocol, data, list_of, [protocol.analysis.primary], "seed", 99)
    except AnalysisImpossible as error:
        entry = {"problem": str(error), "p": None}
    if entry["problem"]:
        assert len(entry["problem"]) > 10 and entry["p"] is None
    else:
        assert 0.01 <= entry["p"] <= 1 and math.isfinite(entry["estimate"])


def test_without_anything_odd_each_method_has_a_number_and_nothing_to_say() -> None:
    for method in METHODS:
        data = one_arm(people()) if method == "mean_change" else people()
        protocol = planned(method, SENSITIVITY.get(method, ()))
        for one in (*run_plan(protocol, data), *run_sensitivity(protocol, data)):
            sound(one)
            assert not said(one), (method, said(one))


def test_a_sensitivity_analysis_says_which_covariance_stood_in() -> None:
    protocol = planned("clda", ["per_protocol"])
    (followed,) = run_sensitivity(protocol, ODD["two visits of different people"](people()))
    assert re.search(FALLS_BACK, said(followed)) and followed["fell_back"][0]["used"] == "toeplitz"


def test_a_change_is_known_of_those_alone_who_have_both_values() -> None:
    data = one_arm(people())
    before = data.scores["mood", "baseline"].copy()
    after = data.scores["mood", VISITS[0]]
    before[np.flatnonzero(np.isfinite(after))[:2]] = np.nan
    both = int((np.isfinite(before) & np.isfinite(after)).sum())
    odd = replace(data, scores=data.scores | {("mood", "baseline"): before})
    (entry,) = run_plan(planned("mean_change"), odd)
    (arm,) = entry["arms"].values()
    assert both < np.isfinite(after).sum()
    assert entry["n_with_data"] == arm["n_with_data"] == sum(entry["n"].values()) == both
