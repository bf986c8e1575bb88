"""The committed data and R's committed output (tests/reference/README.md)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

REFERENCE = Path(__file__).resolve().parent.parent / "reference"

Row = dict[str, str]


def read_rows(name: str) -> list[Row]:
    with (REFERENCE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_json(name: str) -> Any:
    return json.loads((REFERENCE / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def fdd() -> list[Row]:
    return read_rows("fdd.csv")


@pytest.fixture(scope="session")
def three_arms() -> list[Row]:
    return read_rows("three_arms.csv")


@pytest.fixture(scope="session")
def ancova_by_r() -> Any:
    return read_json("ancova.json")["analyses"]


@pytest.fixture(scope="session")
def hedges_g_by_r() -> Any:
    return read_json("hedges_g.json")


@pytest.fixture(scope="session")
def closed_forms_by_r() -> Any:
    return read_json("closed_forms.json")


@pytest.fixture(scope="session")
def reliability_by_r() -> Any:
    return read_json("reliability.json")


@pytest.fixture(scope="session")
def sequential_by_r() -> Any:
    return read_json("sequential.json")


@pytest.fixture(scope="session")
def sample_size_by_r() -> Any:
    return read_json("sample_size.json")


@pytest.fixture(scope="session")
def multiplicity_by_r() -> Any:
    return read_json("multiplicity.json")


@pytest.fixture(scope="session")
def harms_by_r() -> Any:
    return read_json("harms.json")
