"""Many people of a profile answer, and are lost, as its file says; each of them differs between arms by the effect."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import atanh, log2, sqrt

import numpy as np
import pytest

from tests.rehearsal.people import lifelike_people, with_own_scores
from trial.core.instruments import Instrument
from trial.core.scoring import score_sheet
from trial.protocol_files import read_folder, shipped, shipped_instruments
from trial.rehearsal.answering import SCORED, Lived, scale_scores
from trial.rehearsal.item_answers import made_of, values_of
from trial.rehearsal.lifelike import LifelikeAnswerer
from trial.rehearsal.person import PretendPerson
from trial.rehearsal.profile_file import read_profile
from trial.rehearsal.truth import true_effects
from trial.stats.reliability import cronbach_alpha
from trial.stats.scores import parts_of_score

LARGER = read_folder(shipped("larger-trial"))
BASELINE, WEEK_4, MONTH_6 = "baseline", "week_4", "month_6"
KINDNESS, PLANNING = LARGER.protocol.analysis.primary.contrast
N = 2000
NOWHERE = Lived(None, 0.0)


@cache
def many(profile: str = "realistic") -> list[PretendPerson]:
    return lifelike_people(N, LARGER, profile, effect=0.5)


def tool_of(score: str) -> Instrument:
    return next(one for one in LARGER.instruments.values() if any(its.id == score for its in one.scores))


def answerer(person: PretendPerson) -> LifelikeAnswerer:
    assert isinstance(person.answerer, LifelikeAnswerer)
    return person.answerer


def answers_of(person: PretendPerson, tool: Instrument, timepoint: str, lived: Lived) -> dict[int | str, float | None]:
    said = {
        tool.column(item): person.answerer.answer(tool, item, timepoint, lived)
        for item in tool.items
        if item.type in SCORED
    }
    return scale_scores(said, tool)


@cache
def scored(score: str, timepoint: str, arm: str | None = None) -> np.ndarray:
    """Everyone's score, made from their items by the instrument's key."""
    tool, lived = tool_of(score), Lived(arm, 0.0)
    return np.array([score_sheet(tool, answers_of(one, tool, timepoint, lived))[score] for one in many()], dtype=float)


@pytest.mark.parametrize(("score", "mean", "sd"), [("scs", 3.05, 0.661), ("cesd", 24, 10.02), ("who5", 40, 16.7)])
@pytest.mark.parametrize("timepoint", [BASELINE, MONTH_6])
def test_scores_made_from_items_have_the_mean_and_spread_of_the_profile(
    score: str, timepoint: str, mean: float, sd: float
) -> None:
    found = scored(score, timepoint)
    assert found.mean() == pytest.approx(mean, abs=4 * sd / sqrt(N))
    assert found.std(ddof=1) == pytest.approx(sd, abs=4 * sd / sqrt(2 * N))


@pytest.mark.parametrize(("score", "alike"), [("scs", 0.637), ("cesd", 0.477), ("who5", 0.61)])
@pytest.mark.parametrize(("first", "second", "days"), [(BASELINE, WEEK_4, 29), (WEEK_4, MONTH_6, 179)])
def test_scores_of_one_person_are_alike_over_time_as_the_profile_says(
    score: str, alike: float, first: str, second: str, days: int
) -> None:
    points = LARGER.protocol.timepoint
    assert min(points(second).days) - (min(points(first).days) if first != BASELINE else 0) == days
    found = float(np.corrcoef(scored(score, first), scored(score, second))[0, 1])
    expected = alike * 0.974 ** log2(days / 14)
    assert atanh(found) == pytest.approx(atanh(expected), abs=4 / sqrt(N - 3))


def test_two_scores_of_one_day_go_together_as_the_profile_says() -> None:
    found = float(np.corrcoef(scored("cesd", BASELINE), scored("scs", BASELINE))[0, 1])
    assert atanh(-found) == pytest.approx(atanh(0.54), abs=4 / sqrt(N - 3))


@pytest.mark.parametrize("score", ["scs", "cesd", "who5"])
def test_items_hang_together_as_the_reliability_asks(score: str) -> None:
    tool = tool_of(score)
    rows = []
    for one in many():
        answers = answers_of(one, tool, BASELINE, NOWHERE)
        rows.append([np.nan if (value := answers.get(item.id)) is None else value for item in tool.items])
    parts = parts_of_score(tool, tool.score(score), np.array(rows, dtype=float))
    alpha, k = cronbach_alpha(parts), parts.shape[1]
    assert alpha == pytest.approx(0.92, abs=4 * (1 - 0.92) * sqrt(2 * k / ((k - 1) * N)))


def test_each_score_is_hit_as_nearly_as_whole_answers_come() -> None:
    for score, step in (("cesd", 1), ("who5", 4), ("gad7", 1)):
        tool = tool_of(score)
        made = made_of(tool, tool.score(score))
        for one, got in zip(many()[:300], scored(score, WEEK_4), strict=False):
            wanted = min(max(answerer(one).points(score, WEEK_4, None), made.low), made.high)
            assert abs(got - wanted) <= step / 2 + 1e-9


def test_a_score_of_scores_is_hit_and_its_parts_follow() -> None:
    tool = tool_of("scs")
    assert tool.score("scs").of
    off = [
        abs(got - answerer(one).points("scs", BASELINE, None))
        for one, got in zip(many()[:300], scored("scs", BASELINE), strict=False)
    ]
    # one step of one item of a subscale of four or five moves the mean of the six by a 24th at most
    assert np.quantile(off, 0.95) <= 1 / 24
    parts = [[value for name, value in score_sheet(tool, answers_of(one, tool, BASELINE, NOWHERE)).items()
              if name in tool.score("scs").of] for one in many()[:300]]  # fmt: skip
    assert float(np.corrcoef(np.array(parts, dtype=float).T).min()) > 0.3


def test_the_effect_is_whole_at_the_primary_timepoint_and_fades_after_it() -> None:
    sd, kept = 10.02, 1 - 0.4 * (208 - 29) / 182
    for timepoint, left in ((BASELINE, 0.0), (WEEK_4, 1.0), (MONTH_6, kept)):
        apart = scored("cesd", timepoint, KINDNESS) - scored("cesd", timepoint, PLANNING)
        # the ends of the scale and whole answers take a little of it
        assert float(apart.mean()) == pytest.approx(-0.5 * left * sd, abs=0.03 * sd)
    truth = {(one["outcome"], one["timepoint"]): one["effect"] for one in true_effects(LARGER, many())}
    primary = LARGER.protocol.analysis.primary
    apart = scored(LARGER.protocol.outcome(primary.outcome).score, WEEK_4, KINDNESS) - scored(
        LARGER.protocol.outcome(primary.outcome).score, WEEK_4, PLANNING
    )
    assert truth[primary.outcome, primary.timepoint] == pytest.approx(float(apart.mean()), abs=1e-6)


def test_a_score_has_the_reliability_and_the_effect_that_are_its_own() -> None:
    profile = with_own_scores("realistic", who5={"reliability": 0.7, "effect": 0.5, "left": 0.0})
    own = lifelike_people(600, LARGER, profile, effect=0.5)
    tool, rows, apart = tool_of("who5"), [], []
    for one in own:
        answers = answers_of(one, tool, BASELINE, NOWHERE)
        rows.append([np.nan if (value := answers.get(item.id)) is None else value for item in tool.items])
        known = answerer(one)
        points = [[known.points("who5", at, arm) for arm in (KINDNESS, PLANNING)] for at in (WEEK_4, MONTH_6)]
        apart.append([first - second for first, second in points])
        assert known.points("cesd", MONTH_6, PLANNING) != known.points("cesd", MONTH_6, KINDNESS)
    parts = parts_of_score(tool, tool.score("who5"), np.array(rows, dtype=float))
    alpha, k = cronbach_alpha(parts), parts.shape[1]
    assert alpha == pytest.approx(0.7, abs=4 * (1 - 0.7) * sqrt(2 * k / ((k - 1) * 600)))
    assert np.allclose(apart, [0.5 * 0.5 * 16.7, 0.0], atol=0.05 * 16.7)


def test_nothing_but_the_effect_differs_between_the_arms_of_one_person() -> None:
    for one in lifelike_people(40, LARGER, "bad-case", effect=0.0):
        for tool in LARGER.instruments.values():
            sheets = [one.answerer.sheet(tool, WEEK_4, Lived(arm, 0.0)) for arm in (KINDNESS, PLANNING)]
            assert sheets[0] == sheets[1]


def lost(people: Sequence[PretendPerson], arm: str, day: int) -> np.ndarray:
    return np.array([answerer(one).is_lost(arm, day) for one in people])


@pytest.mark.parametrize(("profile", "apart"), [("optimistic", 0.0), ("realistic", 0.0), ("bad-case", 0.18)])
def test_so_many_are_lost_by_each_day_in_each_arm_and_for_good(profile: str, apart: float) -> None:
    people = lifelike_people(N, LARGER, profile, effect=0.0)
    by_days = {one.by_day: one.share.value for one in read_profile(profile).lost.by_days}
    assert list(by_days) == [28, 182]
    for arm, side in ((KINDNESS, 0.5), (PLANNING, -0.5)):
        early, late = lost(people, arm, 28), lost(people, arm, 182)
        for found, share in ((early, by_days[28]), (late, by_days[182])):
            expected = share + side * apart
            assert found.mean() == pytest.approx(expected, abs=4 * sqrt(expected * (1 - expected) / N))
        assert not (early & ~late).any()


def test_who_is_lost_goes_by_how_they_do_only_where_it_is_asked_for() -> None:
    by_chance = read_profile("optimistic")
    for file, low, high in ((by_chance, -0.15, 0.15), (by_chance.not_at_random(0.5), -2.0, -0.3)):
        people = lifelike_people(N, LARGER, file, effect=0.0)
        gone = lost(people, PLANNING, 28)
        z = np.array([answerer(one).well("cesd", WEEK_4, PLANNING) for one in people])
        assert low < z[gone].mean() - z[~gone].mean() < high


def test_loss_is_the_same_whatever_the_arm_where_nothing_sets_the_arms_apart() -> None:
    people = lifelike_people(200, LARGER, "realistic", effect=2.0)
    for day in (7, 28, 100):
        assert (lost(people, KINDNESS, day) == lost(people, PLANNING, day)).all()


def test_answers_that_call_for_help_are_as_rare_as_the_profile_says() -> None:
    tool = shipped_instruments()["phq9"]
    (item,) = [one for one in tool.items if one.safety_from is not None]
    everyone = lifelike_people(N, LARGER, "realistic", alarms=0.1)
    loud = [answerer(one).about_danger(tool, BASELINE)[item.id] for one in everyone]
    lowest, highest = values_of(tool, item)[0], values_of(tool, item)[-1]
    assert set(loud) == {lowest, highest}
    assert loud.count(highest) / N == pytest.approx(0.1, abs=4 * sqrt(0.1 * 0.9 / N))
