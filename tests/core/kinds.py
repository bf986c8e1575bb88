"""The small trial of the tests that holds every kind of exercise."""

from __future__ import annotations

from pathlib import Path

from trial.core.protocol import Exercise, Questionnaire
from trial.protocol_files import read_folder

PATH = Path(__file__).parent / "kinds_trial"
FOLDER = read_folder(PATH)
EXERCISES: list[Exercise] = [one for one in FOLDER.protocol.activities if not isinstance(one, Questionnaire)]


def exercise(name: str) -> Exercise:
    """One exercise by its id."""
    return next(one for one in EXERCISES if one.id == name)
