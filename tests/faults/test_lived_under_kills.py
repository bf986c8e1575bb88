"""A whole trial is lived while its workers are killed: the short form of T30, which takes two minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.runs.pytest_forms import keeps_its_bounds


@pytest.mark.long
@pytest.mark.servers
def test_a_trial_is_lived_to_its_end_while_workers_are_killed(tmp_path: Path) -> None:
    keeps_its_bounds("T30", "short", tmp_path)
