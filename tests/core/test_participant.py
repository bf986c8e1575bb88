"""A participant's way, step by step, and what somebody who stops still takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from trial.core.participant import MOVES, Occasion, Participant, ParticipantState, StopLevel

P = ParticipantState
NOW = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
STEPS = {
    (P.ADDRESS_GIVEN, P.CONFIRMED),
    (P.CONFIRMED, P.DECLINED),
    (P.CONFIRMED, P.CONSENTED),
    (P.CONSENTED, P.RANDOMIZED),
    (P.CONSENTED, P.RECRUITMENT_CLOSED),
    (P.CONSENTED, P.HELD),
    (P.HELD, P.RANDOMIZED),
    (P.HELD, P.REFUSED),
    (P.HELD, P.RECRUITMENT_CLOSED),
}


@pytest.mark.parametrize(("before", "after"), list(product(P, P)), ids=lambda one: str(one))
def test_a_step_follows_only_from_the_one_before_it(before: P, after: P) -> None:
    assert (after in MOVES[before]) is ((before, after) in STEPS)


def test_nobody_is_randomized_without_consent_and_a_confirmed_address() -> None:
    def ways(state: P, way: tuple[P, ...]) -> list[tuple[P, ...]]:
        if state is P.RANDOMIZED:
            return [way]
        return [found for then in MOVES[state] for found in ways(then, (*way, then))]

    found = ways(P.ADDRESS_GIVEN, (P.ADDRESS_GIVEN,))
    way = (P.ADDRESS_GIVEN, P.CONFIRMED, P.CONSENTED)
    assert sorted(found) == sorted([(*way, P.RANDOMIZED), (*way, P.HELD, P.RANDOMIZED)])


def somebody(stopped: StopLevel | None) -> Participant:
    return Participant(
        1, 1, 1, "ABCDEFGH", P.RANDOMIZED, 1, "en", "Europe/Berlin", "", NOW, NOW, stopped, None, None, None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stopped", "exercises", "questionnaires"),
    [(None, True, True), (StopLevel.EXERCISES, False, True), (StopLevel.EVERYTHING, False, False)],
)
def test_somebody_who_stopped_takes(stopped: StopLevel | None, exercises: bool, questionnaires: bool) -> None:
    person = somebody(stopped)
    assert person.takes(exercise=True) is exercises
    assert person.takes(exercise=False) is questionnaires


@pytest.mark.parametrize(
    ("minutes", "done", "is_open"),
    [(-1, False, False), (0, False, True), (59, False, True), (60, False, False), (30, True, False)],
)
def test_an_occasion_is_open_from_its_first_minute_up_to_its_last(minutes: int, done: bool, is_open: bool) -> None:
    occasion = Occasion(1, 1, 1, "evening", 1, "letter", NOW, NOW + timedelta(hours=1), NOW if done else None)
    assert occasion.is_open(NOW + timedelta(minutes=minutes)) is is_open
