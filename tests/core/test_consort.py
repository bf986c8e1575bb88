"""The flow diagram counts people, each once, and is never built from counts that do not add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.core.consort import (
    CountsDisagree,
    FlowCounts,
    FlowRules,
    PrimaryOutcome,
    Tally,
    count_flow,
    count_outside_flow,
    lost_reason,
    prove,
)
from trial.core.dataset import Disposition

ARMS = ("letter", "lists", "waiting")
RULES = FlowRules(ARMS, {"letter": 8, "lists": 8, "waiting": -1}, primary_closes=47)
STAGES = ("not_eligible", "declined", "address_not_confirmed", "recruitment_closed")
REASONS = ("no_time", "upset_me", "")

early = st.builds(
    Disposition,
    participant=st.just(""),
    stage=st.sampled_from(STAGES),
    reason=st.sampled_from(("adult", "english")),
    source=st.sampled_from(("", "poster")),
)
randomized = st.builds(
    Disposition,
    participant=st.just(""),
    stage=st.just("randomized"),
    source=st.sampled_from(("", "poster")),
    arm=st.sampled_from(ARMS),
    received=st.booleans(),
    stopped=st.sampled_from(("", "exercises", "questionnaires", "everything")),
    stopped_day=st.one_of(st.none(), st.integers(0, 60)),
    stop_reason=st.sampled_from(REASONS),
    bounced_day=st.one_of(st.none(), st.integers(0, 60)),
)


@st.composite
def trials(draw: st.DrawFn, at_least: int = 0) -> tuple[list[Disposition], PrimaryOutcome]:
    people = draw(st.lists(st.one_of(early, randomized), min_size=at_least, max_size=25))
    people = [replace(one, participant=f"P{place}") for place, one in enumerate(people)]
    codes = [one.participant for one in people if one.stage == "randomized"]
    answered = frozenset(code for code in codes if draw(st.booleans()))
    seen = frozenset(code for code in answered if draw(st.integers(0, 4)))
    late = frozenset(code for code in answered - seen if draw(st.booleans()))
    fitted = draw(st.booleans())
    return people, PrimaryOutcome(answered, seen, seen if fitted else frozenset(), late)


@given(trials())
def test_the_counts_of_any_trial_add_up(trial: tuple[list[Disposition], PrimaryOutcome]) -> None:
    people, primary = trial
    flow = count_flow(people, RULES, primary)
    prove(flow)
    allocated = Counter(one.arm for one in people if one.arm)
    assert {one.arm: one.allocated for one in flow.arms} == {arm: allocated[arm] for arm in ARMS}
    assert sum(one.analysed for one in flow.arms) == len(primary.analysed)


@given(trials(at_least=3), st.data())
def test_no_single_wrong_count_passes(trial: tuple[list[Disposition], PrimaryOutcome], data: st.DataObject) -> None:
    people, primary = trial
    flow = count_flow(people, RULES, primary)
    places = list(_counts(flow, ()))
    place = data.draw(st.sampled_from(places))
    wrong = _changed(flow, place, data.draw(st.sampled_from((-1, 1, 7))))
    with pytest.raises(CountsDisagree):
        prove(wrong)


def test_whose_answer_came_too_late_is_left_out_of_the_analysis_and_not_lost() -> None:
    people = [person("a"), person("b"), person("c")]
    seen = frozenset("a")
    flow = count_flow(people, RULES, PrimaryOutcome(frozenset("abc"), seen, seen, frozenset("b")))
    prove(flow)
    (arm,) = (one for one in flow.arms if one.arm == "letter")
    assert (arm.analysed, arm.lost, arm.excluded) == (1, 1, 1)
    assert (arm.excluded_reasons, arm.lost_reasons) == ((Tally("answered_late", 1),), (Tally("score_incomplete", 1),))
    with pytest.raises(CountsDisagree, match="'a' is left out as late and has the primary outcome"):
        count_flow(people, RULES, PrimaryOutcome(seen, seen, seen, seen))


def _counts(node: Any, path: tuple[Any, ...]) -> Any:
    """The path to every whole number below a frozen value."""
    if isinstance(node, int):
        yield path
    elif is_dataclass(node):
        for one in fields(node):
            yield from _counts(getattr(node, one.name), (*path, one.name))
    elif isinstance(node, tuple):
        for place, one in enumerate(node):
            yield from _counts(one, (*path, place))


def _changed(node: Any, path: tuple[Any, ...], by: int) -> Any:
    if not path:
        return node + by
    first, *rest = path
    if isinstance(node, tuple):
        return (*node[:first], _changed(node[first], tuple(rest), by), *node[first + 1 :])
    return replace(node, **{first: _changed(getattr(node, first), tuple(rest), by)})


def person(code: str, arm: str = "letter", **known: Any) -> Disposition:
    return Disposition(code, "randomized", arm=arm, received=True, **known)


def flow_of(*people: Disposition, seen: frozenset[str] = frozenset()) -> FlowCounts:
    return count_flow(people, RULES, PrimaryOutcome(seen, seen, seen))


def test_somebody_counted_twice_is_refused() -> None:
    with pytest.raises(CountsDisagree, match="'P1' is in the disposition twice"):
        flow_of(person("P1"), person("P1", "lists"))


def test_somebody_analysed_but_never_randomised_is_refused() -> None:
    with pytest.raises(CountsDisagree, match="'S1' is in the data but was never randomised"):
        flow_of(Disposition("S1", "declined"), seen=frozenset({"S1"}))


def test_an_arm_that_the_protocol_does_not_have_is_refused() -> None:
    with pytest.raises(CountsDisagree, match="'placebo' is not an arm"):
        flow_of(person("P1", "placebo"))


def test_an_unknown_stage_leaves_a_sum_that_does_not_hold() -> None:
    with pytest.raises(CountsDisagree, match="excluded = sum over stages: 1 is not 0"):
        prove(flow_of(Disposition("S1", "vanished")))  # type: ignore[arg-type]


def test_whether_the_exercises_were_received_must_be_known_of_everyone_randomised() -> None:
    with pytest.raises(CountsDisagree, match="allocated = received"):
        prove(flow_of(replace(person("P1"), received=None)))


def test_stopping_after_the_exercises_have_closed_is_not_discontinuing_them() -> None:
    flow = flow_of(
        person("P1", stopped="everything", stopped_day=8, stop_reason="no_time"),
        person("P2", stopped="everything", stopped_day=9, stop_reason="no_time"),
    )
    assert flow.arms[0].discontinued == 1


@pytest.mark.parametrize(
    ("known", "answered", "reason"),
    [
        ({}, False, "no_answer"),
        ({"stopped": "exercises", "stopped_day": 3}, False, "no_answer"),
        ({"stopped": "everything", "stopped_day": 3}, False, "withdrew"),
        ({"stopped": "everything", "stopped_day": 60}, False, "no_answer"),
        ({"stopped": "everything", "stopped_day": None}, False, "withdrew"),
        ({"bounced_day": 5}, False, "address_bounced"),
        ({"bounced_day": 50}, False, "no_answer"),
        ({"stopped": "everything", "stopped_day": 9, "bounced_day": 5}, False, "withdrew"),
        ({"bounced_day": 5}, True, "score_incomplete"),
    ],
)
def test_the_reason_for_a_missing_outcome(known: dict[str, Any], answered: bool, reason: str) -> None:
    assert lost_reason(person("P1", **known), 47, answered=answered) == reason


def test_an_outcome_that_no_model_could_use_is_excluded_from_the_analysis_not_lost() -> None:
    seen = frozenset({"P1"})
    arm = count_flow([person("P1")], RULES, PrimaryOutcome(seen, seen, frozenset())).arms[0]
    assert (arm.lost, arm.analysed, arm.excluded) == (0, 0, 1)


def test_data_collected_elsewhere_have_a_flow_from_randomisation_on() -> None:
    arm_of = {"a": "letter", "b": "letter", "c": "lists"}
    flow = count_outside_flow(arm_of, ARMS, PrimaryOutcome(frozenset("ab"), frozenset("a"), frozenset("a")))
    prove(flow)
    assert flow.assessed is None
    assert [(one.allocated, one.lost, one.analysed) for one in flow.arms] == [(2, 1, 1), (1, 1, 0), (0, 0, 0)]
    assert [one.lost_reasons for one in flow.arms] == [(Tally("no_value", 1),), (Tally("no_row", 1),), ()]
