"""Every exercise that ships, drawn: its text, a form that can be sent, and nothing that was left unfilled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from tests.pages.samples import FRAME, SHEET
from trial.core import exercises as kept
from trial.core.protocol import Exercise, Questionnaire, Recall
from trial.pages.exercises import ExercisePage, exercise_page
from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.rehearsal.dice import Dice
from trial.rehearsal.exercises import Exerciser
from trial.rehearsal.forms import Page

FOLDERS = sorted(path.parent for path in shipped("").rglob("protocol.yaml"))


def exercises_of(folder: ProtocolFolder) -> list[Exercise]:
    return [one for one in folder.protocol.activities if not isinstance(one, Questionnaire)]


@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: path.name)
def test_every_exercise_of_a_shipped_protocol_can_be_drawn_done_and_kept(path: Path) -> None:
    folder = read_folder(path)
    for exercise in exercises_of(folder):
        for language in folder.protocol.languages:
            asked = kept.asked(exercise, exercise.cards if isinstance(exercise, Recall) else ())
            text = folder.text(exercise.exercise, language)
            html = exercise_page(replace(FRAME, language=language), ExercisePage(SHEET, exercise, text, asked))
            assert "{{" not in html, exercise.id
            form = Page(200, "/now", html).form
            filled = Exerciser(Dice(1, 1), folder).fill(form, "day", 0)
            assert kept.read(exercise, asked, filled, language).faults == {}, exercise.id


def test_each_kind_of_exercise_is_used_by_a_shipped_protocol() -> None:
    used = {type(one) for path in FOLDERS for one in exercises_of(read_folder(path))}
    assert used == set(get_args(Exercise))
