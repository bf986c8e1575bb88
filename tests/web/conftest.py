"""Fixtures: one open trial, and somebody who goes its way."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.web.place import Person, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An installation with one open rehearsal."""
    return Place(tmp_path)


@pytest.fixture
def person(place: Place) -> Person:
    """A browser without cookies."""
    return Person(place)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts in memory know no time: a minute that ends between two tries would let one more through."""
    now = time.time()
    stopped = SimpleNamespace(time=lambda: now)
    monkeypatch.setattr("limits.storage.memory.time", stopped)
    monkeypatch.setattr("limits.strategies.time", stopped)
