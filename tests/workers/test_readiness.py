"""A worker is not ready where mails are overdue and nobody takes any; beat is not where no tick left lately."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trial.core.errors import BadInput
from trial.services.health import Health
from trial.settings import Settings
from trial.storage.sending import Late
from workers.readiness import beat_is_ready, worker_is_ready

SINCE = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
FINE = Health(database=True, schema=True)


def late(lag: float, in_hand: int = 0) -> Health:
    return Health(database=True, schema=True, late=Late(SINCE, 5, in_hand), lag=lag)


@pytest.mark.parametrize(
    ("found", "claimed_ago", "ready"),
    [
        (FINE, 9999.0, True),  # nothing is due, so nothing has to be taken
        (late(61), 9999.0, False),
        (late(59), 9999.0, True),
        (late(61), 59.0, True),  # it is busy with what came before
        (late(61, in_hand=1), 9999.0, True),  # another worker is at it
        (Health(database=False, schema=False), 0.0, False),
        (Health(database=True, schema=False), 0.0, False),
    ],
)
def test_a_worker_is_judged_by_what_the_database_says_and_by_what_it_took(
    found: Health, claimed_ago: float, *, ready: bool
) -> None:
    said, checks = worker_is_ready(found, claimed_ago, 60.0)
    assert said is ready
    assert all(one["ok"] for one in checks.values()) is ready  # type: ignore[index]


def test_beat_is_judged_by_when_the_broker_last_took_a_tick() -> None:
    assert beat_is_ready(59.0, 60.0)[0] and not beat_is_ready(61.0, 60.0)[0]


def test_the_patience_is_four_ticks_and_a_minute_at_least() -> None:
    assert (Settings(tick_seconds=15).patience(), Settings(tick_seconds=60).patience()) == (60.0, 240.0)


@pytest.mark.parametrize(
    ("given", "address"),
    [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::1]:0", ("::1", 0)), ("", None)],
)
def test_the_address_of_metrics_is_host_and_port(given: str, address: tuple[str, int] | None) -> None:
    assert Settings(metrics=given).metrics_address() == address


@pytest.mark.parametrize("given", ["9464", "127.0.0.1", "host:port", "host:99999", ":80"])
def test_an_address_that_cannot_be_used_is_named_with_its_setting(given: str) -> None:
    with pytest.raises(BadInput, match="EQUIPOISE_METRICS"):
        Settings(metrics=given).metrics_address()
