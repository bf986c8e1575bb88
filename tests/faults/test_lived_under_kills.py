"""A whole trial is lived while its workers are killed: the short forms of T30, with workers of our own, and of T31, the
command that kills by itself, of which a shorter one lives in tests/rehearsal/test_under_faults.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.runs.pytest_forms import keeps_its_bounds


@pytest.mark.servers
def test_a_trial_is_lived_to_its_end_while_workers_are_killed(tmp_path: Path) -> None:
    keeps_its_bounds("T30", "short", tmp_path)


@pytest.mark.long
@pytest.mark.servers
def test_a_rehearsal_that_kills_its_own_workers_ends_as_if_it_had_killed_none(tmp_path: Path) -> None:
    keeps_its_bounds("T31", "short", tmp_path)
