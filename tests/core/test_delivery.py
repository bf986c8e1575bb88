"""The life of one mail: what is decided just before it leaves, and which states follow which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from trial.core.delivery import IN_HAND, MOVES, WAITING, ContactState, SendFacts, decide

NOW = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
S = ContactState

# One row per reason, the first that fits decides; `-` means that it does not matter.
SPEC = """
| trial sends | still wanted | answered | bounced | window closed | too late | then                                  |
|-------------|--------------|----------|---------|---------------|----------|---------------------------------------|
| no          | -            | -        | -       | -             | -        | held: trial_paused                    |
| yes         | no           | -        | -       | -             | -        | suppressed: stopped                   |
| yes         | yes          | yes      | -       | -             | -        | suppressed: already_answered          |
| yes         | yes          | no       | yes     | -             | -        | suppressed: address_bounced           |
| yes         | yes          | no       | no      | yes           | -        | suppressed: window_closed             |
| yes         | yes          | no       | no      | no            | yes      | skipped_late: past_latest_useful_time |
| yes         | yes          | no       | no      | no            | no       | send                                  |
"""
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in SPEC.strip().splitlines()[2:]]
COMBINATIONS = list(product(("yes", "no"), repeat=6))


def decided(sends: str, wanted: str, answered: str, bounced: str, closed: str, late: str) -> str:
    verdict = decide(
        SendFacts(
            now=NOW,
            not_after=NOW - timedelta(seconds=1) if late == "yes" else NOW + timedelta(hours=1),
            trial_sends=sends == "yes",
            wanted=wanted == "yes",
            answered=answered == "yes",
            window_closed=closed == "yes",
            address_bounced=bounced == "yes",
        )
    )
    return "send" if verdict.state is None else f"{verdict.state.value}: {verdict.reason}"


@pytest.mark.parametrize("facts", COMBINATIONS, ids="-".join)
def test_what_becomes_of_a_mail_that_is_due_is_what_the_table_says(facts: tuple[str, ...]) -> None:
    row = next(row for row in ROWS if all(said in ("-", fact) for said, fact in zip(row, facts, strict=False)))
    assert decided(*facts) == row[-1]


def test_every_row_of_the_table_decides_something() -> None:
    assert {decided(*facts) for facts in COMBINATIONS} == {row[-1] for row in ROWS}


def test_a_mail_may_leave_up_to_and_at_its_latest_useful_time() -> None:
    at_the_limit = SendFacts(
        now=NOW, not_after=NOW, trial_sends=True, wanted=True, answered=False, window_closed=False,
        address_bounced=False,
    )  # fmt: skip
    assert decide(at_the_limit).state is None


@pytest.mark.parametrize(
    ("beside", "then"),
    [
        ({"quiet_until": NOW + timedelta(hours=1)}, (S.RETRY, "quiet_hours")),
        ({"quiet_until": NOW + timedelta(hours=9)}, (S.SKIPPED_LATE, "quiet_hours")),
        ({"overtaken": True}, (S.SKIPPED_LATE, "overtaken")),
        ({"after_another": True}, (S.RETRY, "after_another")),
        ({"after_another": True, "quiet_until": NOW + timedelta(hours=1)}, (S.RETRY, "quiet_hours")),
        # a code that somebody waits for is neither held up nor left out
        ({"own": True, "quiet_until": NOW, "overtaken": True, "after_another": True}, (None, None)),
    ],
)
def test_what_may_be_sent_waits_or_ends_at_night_and_beside_another(beside: dict[str, Any], then: object) -> None:
    verdict = decide(
        SendFacts(
            now=NOW, not_after=NOW + timedelta(hours=8), trial_sends=True, wanted=True, answered=False,
            window_closed=False, address_bounced=False, **beside,
        )
    )  # fmt: skip
    assert (verdict.state, verdict.reason) == then


ENDS = {S.BOUNCED, S.FAILED, S.SKIPPED_LATE, S.SUPPRESSED}


def reachable(start: ContactState) -> set[ContactState]:
    seen, todo = set[ContactState](), [start]
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += MOVES[state]
    return seen


@pytest.mark.parametrize("state", sorted(ENDS))
def test_there_is_no_way_out_of_an_end(state: ContactState) -> None:
    assert MOVES[state] == set()


@pytest.mark.parametrize("state", list(S))
def test_every_state_can_come_to_an_end_and_is_reached_from_the_plan(state: ContactState) -> None:
    assert reachable(state) & ENDS
    assert state in reachable(S.PLANNED)


def test_a_mail_that_was_taken_can_only_come_back() -> None:
    assert MOVES[S.ACCEPTED] == {S.BOUNCED, S.FAILED}


def test_nothing_else_is_an_end() -> None:
    assert {state for state in S if not MOVES[state]} == ENDS


def test_a_mail_is_only_begun_by_the_worker_that_claimed_it() -> None:
    assert {state for state, then in MOVES.items() if S.DATA_STARTED in then} == {S.CLAIMED}


def test_a_mail_can_only_be_in_doubt_or_accepted_once_it_was_begun() -> None:
    """Claimed: it was begun before, and is not wanted a second time. Retry: it waits, and its link was used."""
    assert {state for state, then in MOVES.items() if S.UNKNOWN in then} == {S.DATA_STARTED, S.CLAIMED}
    assert {state for state, then in MOVES.items() if S.ACCEPTED in then} == {S.DATA_STARTED, S.UNKNOWN, S.RETRY}


def test_whatever_waits_can_be_claimed_suppressed_and_held() -> None:
    for state in WAITING:
        assert {S.CLAIMED, S.SUPPRESSED, S.HELD} <= MOVES[state]
    assert not set(WAITING) & set(IN_HAND)
