"""Fixtures: one open trial, and somebody who goes its way."""

from __future__ import annotations

from pathlib import Path

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
