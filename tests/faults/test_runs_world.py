"""The short forms of the runs about the world outside: mail servers, clocks, outages, disks, and what people do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.runs.frame import short_forms
from tests.faults.runs.pytest_forms import keeps_its_bounds
from tests.servers.postgres import PostgresServer


@pytest.mark.parametrize(("name", "form"), list(short_forms("T10", "T12", "T13", "T28")))
def test_on_sqlite(name: str, form: str, tmp_path: Path) -> None:
    keeps_its_bounds(name, form, tmp_path)


@pytest.mark.servers
@pytest.mark.parametrize(("name", "form"), list(short_forms("T5", "T9", "T11")))
def test_on_postgresql(name: str, form: str, tmp_path: Path, postgres_server: PostgresServer) -> None:
    keeps_its_bounds(name, form, tmp_path, postgres=postgres_server)
