"""What amendments did to a plan: when each analysis came, what had been seen by then, and which of them still count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.core.protocols import PROTOCOL, changed
from trial.core.plan_history import Later, Registered, Seen, What, as_counted, history
from trial.core.protocol import TrialProtocol

PLAN = PROTOCOL.model_dump(by_alias=True)["analysis"]
FIRST: dict[str, Any] = {"id": "first", "outcome": "mood", "timepoint": "week_2", "contrast": ["letter", "list"]}
OWN = FIRST | {"id": "own", "method": "anhecova"}
TURNED = FIRST | {"id": "turned", "contrast": ["list", "letter"]}


def day(number: int) -> datetime:
    return datetime(2041, 3, number, 12, tzinfo=UTC)


def plan(version: str, *secondary: dict[str, Any], **more: Any) -> TrialProtocol:
    family = {"secondary": {"multiplicity": "holm", "analyses": list(secondary)}} if secondary else {}
    return changed(version=version, analysis=PLAN | family | more)


def ran(*protocols: TrialProtocol) -> list[Registered]:
    """One a week."""
    return [Registered(one, day(1 + 7 * at)) for at, one in enumerate(protocols)]


def test_a_plan_that_no_amendment_touched_has_no_history() -> None:
    one = plan("1.0", OWN)
    assert history(ran(one, plan("1.1", OWN)), []) == [] == history(ran(one), [(Seen.LOOK, day(2))])
    assert as_counted(one, []) == (one, {})


def test_words_and_ids_are_no_part_of_what_is_estimated() -> None:
    told = OWN | {"id": "renamed"}
    tried = {"id": "cc", "method": "complete_case", "assumption": {"en": "Whoever answered."}}
    versions = [plan(at, each, sensitivity=[tried | {"assumption": {"en": words}}])
                for at, each, words in (("1.0", OWN, "One."), ("1.1", told, "Another."))]  # fmt: skip
    assert history(ran(*versions), []) == []


@pytest.mark.parametrize(
    ("sights", "seen", "on"),
    [
        ([], Seen.NOTHING, None),
        ([(Seen.LOOK, day(9)), (Seen.LOCK, day(20))], Seen.NOTHING, None),
        ([(Seen.LOCK, day(6)), (Seen.LOOK, day(3))], Seen.LOOK, "2041-03-03"),
        ([(Seen.LOCK, day(4))], Seen.LOCK, "2041-03-04"),
        ([(Seen.FREEZE, day(8))], Seen.FREEZE, "2041-03-08"),
    ],
)
def test_an_added_analysis_is_dated_and_held_against_what_had_been_seen(
    sights: list[tuple[Seen, datetime]], seen: Seen, on: str | None
) -> None:
    (one,) = history(ran(plan("1.0", OWN), plan("1.1", OWN, TURNED)), sights)
    question = {"outcome": "mood", "timepoint": "week_2", "contrast": ["list", "letter"], "factors": []}
    assert one == Later("secondary", 1, What.ADDED, 1, "1.1", seen, "2041-03-08", on, None, question)
    assert one.in_time is (seen is Seen.NOTHING)


def test_what_was_taken_out_and_came_back_counts_from_when_it_came_back() -> None:
    versions = ran(plan("1.0", OWN, TURNED), plan("1.1", OWN), plan("1.2", OWN, TURNED))
    (one,) = history(versions, [(Seen.LOOK, day(10))])
    assert (one.what, one.amendment, one.seen) == (What.ADDED, 2, Seen.LOOK)


def test_another_method_for_the_same_question_is_a_change_and_another_list_a_move() -> None:
    robust = OWN | {"method": "ancova"}
    (one,) = history(ran(plan("1.0", TURNED | {"method": "anhecova"}), plan("1.1", TURNED)), [])
    assert (one.kind, one.place, one.what) == ("secondary", 0, What.CHANGED)
    (one,) = history(ran(plan("1.0", exploratory={"analyses": [TURNED]}), plan("1.1", TURNED)), [])
    assert (one.kind, one.what, one.was) == ("secondary", What.MOVED, "exploratory")
    swapped = plan("1.1", FIRST, primary={key: TURNED[key] for key in ("outcome", "timepoint", "contrast")})
    found = {one.kind: one for one in history(ran(plan("1.0", TURNED), swapped), [])}
    assert (found["primary"].what, found["primary"].was) == (What.MOVED, "secondary"), "outcomes that switch are told"
    assert (found["secondary"].what, found["secondary"].was) == (What.MOVED, "primary")
    assert history(ran(plan("1.0", robust), plan("1.1", FIRST)), []) == [], "the plan's own method, named or not"


def test_a_model_that_changes_for_all_changes_each_estimate() -> None:
    found = history(ran(plan("1.0", OWN), plan("1.1", OWN, covariance="HC2")), [(Seen.LOOK, day(2))])
    assert [(one.kind, one.what, one.in_time) for one in found] == [
        ("primary", What.CHANGED, False),
        ("secondary", What.CHANGED, False),
    ]


def test_what_is_no_longer_asked_is_told_as_removed_once() -> None:
    gone = history(ran(plan("1.0", OWN, TURNED), plan("1.1", OWN), plan("1.2", OWN)), [])
    assert [(one.kind, one.place, one.what, one.amendment) for one in gone] == [("secondary", None, What.REMOVED, 1)]
    assert gone[0].question is not None and gone[0].question["contrast"] == ["list", "letter"]
    tried = {"id": "cc", "method": "complete_case", "assumption": {"en": "Whoever answered."}}
    gone = history(ran(plan("1.0", OWN, sensitivity=[tried]), plan("1.1", OWN)), [(Seen.LOOK, day(2))])
    assert [(one.kind, one.question, one.in_time) for one in gone] == [("sensitivity", {"id": "cc"}, False)]


def test_what_came_in_time_stays_in_its_family_and_what_came_too_late_is_explored() -> None:
    versions = ran(plan("1.0", OWN), plan("1.1", OWN, TURNED), plan("1.2", FIRST, OWN, TURNED))
    found = history(versions, [(Seen.LOOK, day(10))])
    assert [(one.place, one.in_time) for one in found] == [(0, False), (2, True)]
    protocol, told = as_counted(versions[-1].protocol, found)
    family, explored = protocol.analysis.secondary, protocol.analysis.exploratory
    assert family is not None and [one.id for one in family.analyses] == ["own", "turned"]
    assert explored is not None and [one.id for one in explored.analyses] == ["first"]
    assert {key: (one.amendment, one.in_time) for key, one in told.items()} == {
        ("secondary", 1): (1, True),
        ("exploratory", 0): (2, False),
    }


def test_a_family_of_latecomers_alone_is_no_family_and_explored_ones_stay_before_them() -> None:
    versions = ran(plan("1.0", exploratory={"analyses": [OWN]}), plan("1.1", TURNED, exploratory={"analyses": [OWN]}))
    protocol, told = as_counted(versions[-1].protocol, history(versions, [(Seen.LOCK, day(2))]))
    explored = protocol.analysis.exploratory
    assert protocol.analysis.secondary is None and explored is not None
    assert [one.id for one in explored.analyses] == ["own", "turned"] and list(told) == [("exploratory", 1)]


def test_a_graph_loses_a_latecomer_and_hands_its_share_to_nobody() -> None:
    graph = [{"analysis": "own", "weight": 0.8, "passes": {"turned": 1.0}},
             {"analysis": "turned", "weight": 0.2, "passes": {"own": 1.0}}]  # fmt: skip
    whole = {"multiplicity": "graph", "analyses": [OWN, TURNED], "graph": graph}
    first = changed(version="1.0", analysis=PLAN | {"secondary": {"multiplicity": "holm", "analyses": [OWN]}})
    second = changed(version="1.1", analysis=PLAN | {"secondary": whole})
    versions = ran(first, second)
    protocol, _ = as_counted(second, history(versions, [(Seen.LOOK, day(2))]))
    family = protocol.analysis.secondary
    assert family is not None and [(one.analysis, one.weight, one.passes) for one in family.graph] == [("own", 0.8, {})]
