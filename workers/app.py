"""The Celery application: `celery -A workers.app worker` and `celery -A workers.app beat`.

The broker only wakes workers; what is due stands in the database. Losing every message of the broker costs one tick.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from trial.core.errors import Unavailable
from trial.settings import Settings

TICK = "equipoise.tick"
SECONDS = 15.0
# seconds between two looks whether the broker is back
LOOKS = 2.0


class _Steady(Connection):
    """A broker that is away is asked for at one pace, however long it stays: the library would wait two seconds longer
    each time, up to half a minute, and nobody sends in the last of these waits."""

    def ensure_connection(self, *given: Any, **named: Any) -> Any:
        named = {"interval_start": LOOKS, "interval_max": LOOKS} | named
        return super().ensure_connection(*given, **named)  # type: ignore[no-untyped-call]


class _Amqp(AMQP):  # type: ignore[misc]
    """Celery's own, on such connections."""

    Connection = _Steady


def make_app(settings: Settings, *, seconds: float = SECONDS) -> Celery:
    """An application on the broker of these settings; beat ticks every so many seconds, in UTC."""
    app = Celery("equipoise", broker=settings.broker_url, include=["workers.tasks"], amqp=_Amqp)
    app.conf.update(
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"visibility_timeout": 300, "socket_keepalive": True, "health_check_interval": 25},
        timezone="UTC",
        enable_utc=True,
        beat_schedule={"tick": {"task": TICK, "schedule": seconds, "options": {"expires": 60}}},
        # where beat last was need not outlive it: a tick too many is harmless, a tick too few is made up by the next
        beat_scheduler="workers.schedule:Schedule",
        beat_schedule_filename=str(settings.home / "beat-schedule"),
    )
    return app


def make_bell(settings: Settings) -> Celery:
    """An application that only rings: with the broker away it gives up at once, for somebody's page is waiting."""
    app = make_app(settings)
    hasty = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
    app.conf.broker_transport_options |= hasty | {"socket_connect_timeout": 1, "socket_timeout": 2}
    return app


def require_broker(app: Celery) -> None:
    """Raise Unavailable, naming the setting, where the broker does not answer."""
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
    except (OperationalError, OSError) as error:
        raise Unavailable("The broker", "EQUIPOISE_BROKER_URL (--broker-url)", str(error)) from error


app = make_app(Settings(), seconds=Settings().tick_seconds)
