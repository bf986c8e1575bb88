"""A mail server that refuses us: when sending pauses, when it goes on, and how often somebody is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trial.core import troubles
from trial.core.troubles import IN_A_ROW, PAUSES, QUIET, SLOW, TOLD_AGAIN, Kind, Trouble

NOW = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def refused(times: int, kind: Kind = Kind.POLICY, before: Trouble | None = None, at: datetime = NOW) -> Trouble:
    for number in range(times):
        before = troubles.refused(before, "study@relay", kind, "550 5.7.1 no", at + number * timedelta(seconds=1))
    assert before is not None
    return before


def test_single_refusals_by_policy_pause_nothing_and_several_in_a_row_do() -> None:
    assert refused(IN_A_ROW - 1).paused_until is None
    pausing = refused(IN_A_ROW)
    assert pausing.paused_until == pausing.last_at + PAUSES[0]


def test_a_mail_that_is_taken_in_between_breaks_the_row() -> None:
    row = troubles.taken(refused(IN_A_ROW - 1))
    assert refused(IN_A_ROW - 1, before=row).paused_until is None


def test_an_account_that_is_not_let_in_pauses_at_once() -> None:
    assert refused(1, Kind.ACCOUNT).paused_until == NOW + PAUSES[0]


def test_each_further_refusal_pauses_for_longer_up_to_the_longest_and_a_taken_mail_begins_anew() -> None:
    found, waits = refused(IN_A_ROW - 1), []
    for _ in range(6):
        found = refused(1, before=found, at=found.last_at + HOUR)
        assert found.paused_until is not None
        waits.append(found.paused_until - found.last_at)
    assert waits == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    assert list(PAUSES) == sorted(PAUSES) and PAUSES[-1] < HOUR
    again = refused(IN_A_ROW, before=troubles.taken(found), at=found.last_at + HOUR)
    assert again.paused_until == again.last_at + PAUSES[0]


def test_a_report_is_told_and_pauses_nothing_however_many_come() -> None:
    found: Trouble | None = None
    for _ in range(50):
        found = troubles.reported(found, "reports", "5.7.1 no", NOW)
    assert found is not None
    assert (found.paused_until, found.in_a_row, found.refused) == (None, 0, 50)
    assert found.wants_telling(NOW)


def told(found: Trouble, at: datetime) -> Trouble:
    assert found.wants_telling(at)
    return Trouble(**{name: getattr(found, name) for name in Trouble.__slots__} | {"told_at": at})


def test_a_burst_is_told_once_and_again_only_after_a_day_of_it() -> None:
    found = told(refused(1), NOW)
    for minutes in range(10, 23 * 60, 10):
        found = refused(1, before=found, at=NOW + minutes * MINUTE)
        assert not found.wants_telling(NOW + minutes * MINUTE)
    found = refused(1, before=found, at=NOW + TOLD_AGAIN)
    assert found.wants_telling(NOW + TOLD_AGAIN)


def test_what_has_ended_and_begins_anew_is_told_anew_and_what_only_took_a_breath_is_not() -> None:
    found = troubles.taken(told(refused(3), NOW))
    assert not found.is_over(NOW + QUIET - HOUR) and found.is_over(found.last_at + QUIET)
    assert not refused(1, before=found, at=NOW + QUIET - HOUR).wants_telling(NOW + QUIET - HOUR)
    anew = refused(1, before=found, at=NOW + QUIET + HOUR)
    assert anew.wants_telling(NOW + QUIET + HOUR)
    assert (anew.since, anew.refused) == (NOW + QUIET + HOUR, 1)


def test_without_a_mail_that_was_taken_it_is_never_over() -> None:
    assert not refused(1).is_over(NOW + timedelta(days=30))


def test_a_mail_that_is_refused_again_and_again_keeps_its_trouble_alive() -> None:
    assert max(SLOW) < QUIET
    assert [troubles.slow_pause(attempt) for attempt in (0, 1, 2, 3, 4, 9)] == [SLOW[0], *SLOW, SLOW[-1]]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 5.7.1 <her@mailbox.example>: no", "550 5.7.1 …: no"),
        ("550 5.7.1 her@mailbox.example, from study@trial.example", "550 5.7.1 … from …"),
        ("x" * 900, "x" * 500),
    ],
)
def test_of_what_the_server_said_no_address_is_kept(said: str, kept: str) -> None:
    assert troubles.without_addresses(said) == kept
