"""How Celery is told to behave: it wakes workers, and nothing depends on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu.connection import Connection

from tests.servers.process import free_port
from trial.core.errors import Unavailable
from trial.settings import Settings
from workers.app import TICK, make_app, make_bell, require_broker


@pytest.fixture
def app(tmp_path: Path) -> Celery:
    return make_app(Settings(home=tmp_path / "home", broker_url="redis://127.0.0.1:1/0"), seconds=7)


def test_beat_ticks_at_a_plain_interval_in_utc_and_stale_ticks_are_dropped(app: Celery, tmp_path: Path) -> None:
    (entry,) = app.conf.beat_schedule.values()
    assert (entry["task"], entry["schedule"], entry["options"]) == (TICK, 7, {"expires": 60})
    assert (app.conf.timezone, app.conf.enable_utc) == ("UTC", True)


def test_beats_file_lies_in_the_home_which_is_made_when_beat_starts_and_not_before(app: Celery, tmp_path: Path) -> None:
    assert not (tmp_path / "home").exists()
    beat = app.Beat()
    scheduler = beat.Service(app, scheduler_cls=beat.scheduler_cls, schedule_filename=beat.schedule).get_scheduler()
    assert scheduler.schedule  # reading it opens the file
    scheduler.close()
    assert [path.name.partition(".")[0] for path in (tmp_path / "home").iterdir()][:1] == ["beat-schedule"]


def test_a_bell_rings_twice_at_most_and_never_waits_in_between_for_a_page_waits_for_it(tmp_path: Path) -> None:
    """The library's own way is to wait longer each time: six seconds in all for a broker that is away."""
    settings = Settings(home=tmp_path, broker_url="redis://127.0.0.1:1/0")
    patience = make_bell(settings).conf.broker_transport_options
    waits = {name: patience[name] for name in ("interval_start", "interval_step", "interval_max")}
    assert patience["max_retries"] == 1 and set(waits.values()) == {0}
    assert patience["socket_connect_timeout"] <= 1 and patience["socket_timeout"] <= 2
    assert "max_retries" not in make_app(settings).conf.broker_transport_options


class _Enough(Exception):
    pass


def waits_for(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it waits before each of the first looks for a broker that is away."""
    waits: list[float] = []

    def note(_: Exception, wait: float) -> None:
        waits.append(wait)
        if len(waits) == 20:
            raise _Enough

    monkeypatch.setattr("kombu.utils.functional.sleep", lambda _: None)
    with pytest.raises(_Enough):
        connection.ensure_connection(note, None)
    return waits


def test_a_broker_that_is_away_is_asked_for_at_one_pace_however_long_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library waits longer each time: half a minute in which nobody sends, once the broker is back."""
    away = f"redis://127.0.0.1:{free_port()}/0"
    app = make_app(Settings(home=tmp_path, broker_url=away))
    for connection in (app.connection_for_read(), app.connection_for_write()):
        assert waits_for(connection, monkeypatch) == [2] * 20
    assert max(waits_for(Connection(away), monkeypatch)) == 30


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # what was pickled could run code; the result of a tick is in the database
        ("accept_content", ["json"]),
        ("task_serializer", "json"),
        ("task_ignore_result", True),
        # a tick that is lost is made up by the next, one that is repeated finds nothing
        ("task_acks_late", False),
        ("worker_prefetch_multiplier", 1),
        ("broker_connection_max_retries", None),
        ("broker_connection_retry_on_startup", True),
    ],
)
def test_nothing_is_entrusted_to_the_broker(app: Celery, name: str, value: Any) -> None:
    assert app.conf[name] == value


def test_no_task_is_ever_sent_with_a_time_in_the_future() -> None:
    """Redis delivers a waiting task again and again once its visibility timeout is over."""
    root = Path(__file__).parents[2]
    code = [
        path.read_text(encoding="utf-8") for folder in ("workers", "trial") for path in (root / folder).rglob("*.py")
    ]
    assert any("send_task" in one for one in code)
    assert not [one for one in code if "countdown=" in one or "eta=" in one]


def test_the_one_task_is_known_to_a_worker(app: Celery) -> None:
    app.loader.import_default_modules()
    from workers.tasks import deliver_due

    assert deliver_due.name == TICK
    assert "workers.tasks" in app.conf.include


def test_a_broker_that_is_not_there_is_named_with_the_setting_that_points_at_it(tmp_path: Path) -> None:
    app = make_app(Settings(home=tmp_path, broker_url=f"redis://127.0.0.1:{free_port()}/0"))
    with pytest.raises(Unavailable, match=r"The broker does not answer.*EQUIPOISE_BROKER_URL"):
        require_broker(app)
