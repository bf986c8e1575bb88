"""The small trial under each method that a plan can name, and a table of people for it, made odd in many ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.reports.builder import SMALL_TRIAL
from trial.core.protocol import TrialProtocol
from trial.protocol_files import read_folder
from trial.stats.arrays import FloatArray
from trial.stats.plan.table import AnalysisTable

METHODS = ("ancova", "mmrm", "clda", "g_computation", "mean_change")
MORE_METHODS = ("anhecova", "proportional_odds")
CONTRAST = ("gratitude", "chores")
N = 40
VISITS = ("week_2", "week_6")
OF_MEANS = (
    "complete_case", "multiple_imputation", "jump_to_reference", "copy_reference", "copy_increments", "tipping_point",
    "per_protocol", "lee_bounds", "draws", "tipping_draws",
)  # fmt: skip
OF_PROPORTIONS = ("complete_case", "multiple_imputation", "per_protocol")
OF_REPEATED = ("complete_case", "multiple_imputation", "per_protocol", "lee_bounds")
SENSITIVITY = {"ancova": OF_MEANS, "mmrm": OF_REPEATED, "clda": OF_REPEATED, "g_computation": OF_PROPORTIONS}
SENSITIVITY |= {"anhecova": OF_MEANS, "proportional_odds": ("complete_case", "per_protocol")}

_SMALL: dict[str, Any] = json.loads(read_folder(SMALL_TRIAL).protocol.model_dump_json(by_alias=True))


def planned(method: str, sensitivity: Sequence[str] = (), **of_plan: Any) -> TrialProtocol:
    """The small trial with one analysis by a method, at the first visit; a model of repeated outcomes at the second.

    A proportion is of those who gain three points. `mean_change` is of one arm, `draws` is jumping and
    `tipping_draws` the tipping point by draws.
    """
    tree: dict[str, Any] = json.loads(json.dumps(_SMALL))
    plan = tree["analysis"]
    last = VISITS[1] if method in ("mmrm", "clda") else VISITS[0]
    plan |= {"method": method, "secondary": None, "baseline_table": ["mood"], **of_plan}
    plan["primary"] = {"outcome": "low_mood", "timepoint": last, "contrast": list(CONTRAST)}
    plan["sensitivity"] = [_sensitivity(one) for one in sensitivity]
    if method == "g_computation":
        tree["outcomes"][0] |= {"aggregation": "proportion", "responder": {"improves_by": 3, "source": "Made up."}}
    if method == "proportional_odds":
        tree["outcomes"][0] |= {"aggregation": "ordinal"}
    if method == "mean_change":
        plan["primary"]["contrast"] = [CONTRAST[0]]
        tree |= {"design": {"type": "single_arm"}, "allocation": {"method": "none"}, "arms": tree["arms"][:1]}
        tree["activities"] = [one for one in tree["activities"] if one["id"] != CONTRAST[1]]
        tree["timepoints"][1]["activities"] = [CONTRAST[0]]
    return TrialProtocol.model_validate(tree)


def _sensitivity(name: str) -> dict[str, Any]:
    said = {"id": name, "method": name, "assumption": {"en": "As said."}}
    drawn = {"draws": "jump_to_reference", "tipping_draws": "tipping_point"}
    return said | ({"method": drawn[name], "by": "draws"} if name in drawn else {})


def in_levels(data: AnalysisTable) -> AnalysisTable:
    """The same with scores cut into four levels, whatever stands in them."""
    cut = {at: np.where(np.isfinite(its), np.digitize(its, (2, 5, 8)), np.nan) for at, its in data.scores.items()}
    return replace(data, scores={at: np.asarray(its, dtype=np.float64) for at, its in cut.items()})


def people() -> AnalysisTable:
    """Forty people in two arms, a few of them lost; scores in tenths, which no binary number holds exactly."""
    chance = np.random.default_rng(5)
    treated = np.arange(N) % 2
    baseline = chance.normal(8, 2, N).round(1)
    first = (0.6 * baseline + chance.normal(2, 2, N) - treated).round(1)
    second = (0.5 * baseline + 0.4 * first + chance.normal(0, 1.5, N)).round(1)
    first[[0, 1, 8, 11]] = np.nan
    second[[0, 1, 5, 6, 20]] = np.nan
    return AnalysisTable(
        participants=tuple(f"P{n:03}" for n in range(N)),
        arms=tuple(CONTRAST[1 - one] for one in treated),
        scores={("mood", "baseline"): baseline, ("mood", VISITS[0]): first, ("mood", VISITS[1]): second},
        numbers={},
        factors={"mood_level": tuple("high" if one >= 8 else "low" for one in baseline)},
        minimum_dose=tuple(n % 5 > 0 for n in range(N)),
    )


def only(table: AnalysisTable, kept: npt.ArrayLike) -> AnalysisTable:
    """These people alone, in this order: places or yes and no."""
    at = np.arange(len(table.participants))[np.asarray(kept)]

    def pick(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(values[one] for one in at)

    return replace(
        table, participants=pick(table.participants), arms=pick(table.arms),
        scores={key: values[at] for key, values in table.scores.items()},
        factors={key: pick(levels) for key, levels in table.factors.items()},
        minimum_dose=table.minimum_dose and pick(table.minimum_dose),
    )  # fmt: skip


SCHOOLS = tuple(f"school_{n}" for n in range(8))


def clustered(way: str, sensitivity: Sequence[str] = ()) -> TrialProtocol:
    """The same by ANCOVA with schools allocated, whose people are alike by the errors or by an intercept."""
    tree: dict[str, Any] = json.loads(planned("ancova", sensitivity).model_dump_json(by_alias=True))
    choices = [{"value": one, "label": {"en": one}} for one in SCHOOLS]
    tree["eligibility"]["questions"].append(
        {"id": "school", "type": "choice", "topic": {"en": "School"}, "choices": choices}
    )
    cluster = {"question": "school", "label": {"en": "School"}}
    tree["allocation"] |= {"unit": "cluster", "cluster": cluster}
    tree["allocation"]["strata"][0]["levels"][0]["when"] = f"school in {list(SCHOOLS[:4])}"
    tree["analysis"]["clusters"] = way
    return TrialProtocol.model_validate(tree)


def in_schools(table: AnalysisTable, school_of: Callable[[int, str], str | None]) -> AnalysisTable:
    """The same people in schools, by their place and arm."""
    schools = tuple(school_of(place, arm) for place, arm in enumerate(table.arms))
    return replace(table, factors={**table.factors, "school": schools})


def four_of_each_arm(place: int, arm: str) -> str:
    return SCHOOLS[place // 2 % 4 + 4 * (arm == CONTRAST[1])]


def one_arm(table: AnalysisTable) -> AnalysisTable:
    return only(table, _of(CONTRAST[0], table))


def _of(arm: str, table: AnalysisTable) -> npt.NDArray[np.bool_]:
    return np.array([one == arm for one in table.arms], dtype=np.bool_)


Change = Callable[[AnalysisTable], AnalysisTable]
_Values = Callable[[AnalysisTable, FloatArray], Any]


def scores(make: _Values, at: Sequence[str] = VISITS) -> Change:
    """What is known at these timepoints is made anew from the table and what was there; what is missing stays so."""

    def changed(table: AnalysisTable) -> AnalysisTable:
        old = {point: table.scores["mood", point] for point in at}
        new = {("mood", point): np.where(np.isnan(its), np.nan, make(table, its)) for point, its in old.items()}
        return replace(table, scores={**table.scores, **new})

    return changed


def levels(of: Callable[[AnalysisTable], Sequence[str | None]]) -> Change:
    return lambda table: replace(table, factors={**table.factors, "mood_level": tuple(of(table))})


def _baseline(table: AnalysisTable) -> FloatArray:
    return table.scores["mood", "baseline"]


def _two(table: AnalysisTable, values: FloatArray) -> FloatArray:
    return np.where(np.isin(np.arange(len(values)), (2, 3)), values, np.nan)


def _noise(size: int, seed: int) -> FloatArray:
    return np.random.default_rng(seed).normal(0, 0.3, size)


def _by_baseline(table: AnalysisTable, values: FloatArray) -> FloatArray:
    """Who began higher than eight gains six points, whoever did not gains none."""
    start = _baseline(table)
    return start - np.where(start > 8, 6, 0) + _noise(len(values), int(1e6 * np.nansum(values)))


def _by_arm(table: AnalysisTable, values: FloatArray) -> FloatArray:
    gain = np.where(_of(CONTRAST[0], table), 6, 0)
    return _baseline(table) - gain + _noise(len(values), int(1e6 * np.nansum(values)))


ODD: dict[str, Change] = {
    "the same outcome for everyone": scores(lambda table, its: 7.1),
    "the same outcome for everyone of an arm": scores(lambda table, its: 7.1 - 2.3 * _of(CONTRAST[0], table)),
    "an outcome that is the baseline less a constant": scores(lambda table, its: _baseline(table) - 0.3),
    "two visits alike": lambda table: replace(
        table, scores={**table.scores, ("mood", VISITS[1]): table.scores["mood", VISITS[0]]}
    ),
    "two visits of different people": lambda table: replace(
        table,
        scores={**table.scores}
        | {
            ("mood", point): np.where(np.arange(N) // 2 % 2 == half, table.scores["mood", point], np.nan)
            for half, point in enumerate(VISITS)
        },
    ),
    "a first visit of two": scores(_two, VISITS[:1]),
    "a last visit of two": scores(_two, VISITS[1:]),
    "nobody with an outcome": scores(lambda table, its: np.nan),
    "an arm without an outcome": scores(lambda table, its: np.where(_of(CONTRAST[1], table), np.nan, its)),
    "an empty arm": one_arm,
    "an arm of one": lambda table: only(table, _of(CONTRAST[0], table) | (np.arange(N) == 2)),
    "nobody": lambda table: only(table, np.zeros(N, dtype=np.bool_)),
    "four people": lambda table: only(table, [2, 3, 4, 7]),
    "one stratum alone": lambda table: only(table, [one == "high" for one in table.factors["mood_level"]]),
    "a stratum of one": levels(lambda table: ["low" if n == 10 else "high" for n in range(N)]),
    "strata that are the arms": levels(lambda table: ["high" if arm == CONTRAST[0] else "low" for arm in table.arms]),
    "strata that are not known": levels(lambda table: [None] * N),
    "the same baseline for everyone": scores(lambda table, its: 8.1, ("baseline",)),
    "no baseline": scores(lambda table, its: np.nan, ("baseline",)),
    "a baseline mistyped": scores(lambda table, its: np.where(np.arange(N) == 3, 1e8, its), ("baseline",)),
    "an outcome mistyped": scores(lambda table, its: np.where(np.arange(N) == 3, 1e200, its)),
    "a baseline that tells who responds": scores(_by_baseline),
    "an arm that tells who responds": scores(_by_arm),
    "nobody who responds": scores(lambda table, its: _baseline(table) + np.abs(its)),
}  # fmt: skip
