"""One small frozen trial for every test of a process; tests that change files copy it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reports.builder import build_freeze


@pytest.fixture(scope="session")
def frozen_trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frozen rehearsal, to be read only."""
    return build_freeze(tmp_path_factory.mktemp("frozen"))


@pytest.fixture
def a_copy(frozen_trial: Path, tmp_path: Path) -> Callable[[], Path]:
    """A copy of the frozen rehearsal that a test may damage."""

    def copy() -> Path:
        return Path(shutil.copytree(frozen_trial, tmp_path / "copy", dirs_exist_ok=True))

    return copy
