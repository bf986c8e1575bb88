"""A whole trial is lived while its workers are killed: the short forms of T30, with workers of our own, and of T31, the
command that kills by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.runs.frame import short_forms
from tests.faults.runs.pytest_forms import keeps_its_bounds


@pytest.mark.servers
@pytest.mark.parametrize(("name", "form"), short_forms("T30", "T31"))
def test_a_trial_is_lived_to_its_end_while_workers_are_killed(name: str, form: str, tmp_path: Path) -> None:
    keeps_its_bounds(name, form, tmp_path)
