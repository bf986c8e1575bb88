"""The command that a page of findings prints lives the same trial again."""

from __future__ import annotations

from pathlib import Path

import pytest

from trial.cli.living import Wish
from trial.cli.rehearsal_findings import command_of
from trial.rehearsal.profile import people_of


@pytest.mark.parametrize(
    ("profile", "weight", "fast", "said"),
    [
        ("realistic", None, False, "equipoise rehearse 'my trial' --participants 12 --seed 3"),
        ("bad-case", None, True, "equipoise rehearse 'my trial' --participants 12 --seed 3 --profile bad-case --fast"),
        ("realistic", 0.2, False, "equipoise rehearse 'my trial' --participants 12 --seed 3 --not-at-random 0.2"),
    ],
)
def test_each_wish_that_changes_the_trial_stands_in_the_command(
    profile: str, weight: float | None, fast: bool, said: str
) -> None:
    habits = people_of(profile, weight)
    wish = Wish("my trial", 12, 3, Path("rehearsal"), 0.3, None, None, workers=True, habits=habits, fast=fast)
    assert command_of(wish) == said
