"""Beat's schedule: a file in the home, written anew every few minutes, which tells whoever looks that beat lives."""

from __future__ import annotations

from pathlib import Path

from celery.beat import PersistentScheduler


class Schedule(PersistentScheduler):  # type: ignore[misc]
    """Celery's own; the file's folder is made when beat starts, not whenever the application is imported."""

    def setup_schedule(self) -> None:
        Path(self.schedule_filename).parent.mkdir(parents=True, exist_ok=True)
        super().setup_schedule()
