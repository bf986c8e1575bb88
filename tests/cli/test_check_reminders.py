"""What `equipoise check` says that is right in itself and not on the day of the check."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from trial.cli import checking
from trial.core.resources import Resource
from trial.protocol_files import read_folder, shipped

NAME = "shapira-mongrain-2010"
FOLDER = read_folder(shipped(NAME))


def place(checked_on: str) -> Resource:
    return Resource(
        country="NL",
        name={"en": "Somebody"},
        number="000",
        source="Made up",
        checked_on=checked_on,
        checked_by="A test",
    )


def said(day: str, *, checked_on: str = "2026-01-01", **dates: str) -> list[str]:
    form = FOLDER.protocol.consent.model_copy(update=dates)
    protocol = FOLDER.protocol.model_copy(update={"consent": form})
    return checking.reminders(
        replace(FOLDER, protocol=protocol, resources=(place(checked_on),)), date.fromisoformat(day)
    )


@pytest.mark.parametrize(
    ("day", "reminded"), [("2026-01-01", 0), ("2026-07-03", 0), ("2026-07-04", 1), ("2030-01-01", 1)]
)
def test_a_place_that_nobody_looked_at_for_half_a_year_is_named(day: str, reminded: int) -> None:
    found = said(day)
    assert len(found) == reminded
    assert all("Somebody was last checked on 2026-01-01" in one for one in found)


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({"valid_until": "2026-02-28"}, "was valid until 2026-02-28"),
        ({"valid_until": "2026-02"}, "was valid until 2026-02"),
        ({"valid_from": "2026-03-02"}, "is valid from 2026-03-02 only"),
        ({"valid_from": "2027"}, "is valid from 2027 only"),
    ],
)
def test_a_consent_form_that_is_not_valid_today_is_named(dates: dict[str, str], words: str) -> None:
    (found,) = said("2026-03-01", **dates)
    assert words in found


@pytest.mark.parametrize(
    "dates", [{}, {"valid_from": "2026-03-01", "valid_until": "2026-03-01"}, {"valid_until": "2026"}]
)
def test_a_consent_form_that_is_valid_today_is_not(dates: dict[str, str]) -> None:
    assert said("2026-03-01", **dates) == []


def test_reminders_are_in_the_json_and_make_nothing_unsound(
    equipoise: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(shipped(NAME), tmp_path / "my-trial"))
    (folder / "resources.yaml").write_text(
        "schema: 1\nresources:\n  - {country: NL, name: {en: Somebody}, number: '000', source: Made up, "
        "checked_on: 2026-01-01, checked_by: A test}\n"
    )
    ends = set()
    for day, reminded in (("2026-02-01", 0), ("2027-02-01", 1)):
        monkeypatch.setattr(checking, "today", lambda day=day: date.fromisoformat(day))
        done = equipoise("check", folder, "--json")
        told = json.loads(done.out)
        assert len(told["reminders"]) == reminded
        plain = equipoise("check", folder)
        assert (plain.out + plain.err).count("was last checked on 2026-01-01") == reminded
        ends.add((done.code, told["ok"], plain.code))
    assert len(ends) == 1
