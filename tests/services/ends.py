"""A window that an amendment might add."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.services.scene import Scene
from trial.core.schedule import PlannedOccasion
from trial.storage import occasions, participants


def add_window(scene: Scene, person: int, closes: datetime) -> datetime:
    """One more questionnaire, until this moment."""
    with scene.work() as work:
        found = participants.by_id(work, person)
        occasions.add(work, found, [PlannedOccasion("week_2", 2, "later", closes - timedelta(days=2), closes)])
    return closes
