"""A newcomer's first hour with a live trial on one machine, from the folder to the last thing that waits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.system.first_hour import first_hour, live

pytestmark = [pytest.mark.browser, pytest.mark.long]

TOLD = (Path(__file__).parents[2] / "docs" / "first-hour.md").read_text(encoding="utf-8")


def test_a_live_trial_opens_and_its_team_handles_what_people_bring_as_the_page_tells_it(
    browser: Browser, tmp_path: Path
) -> None:
    shown: list[str] = []

    def look(name: str, page: Page) -> None:
        shown.append(name)

    with first_hour(tmp_path, browser, look) as hour:
        live(hour)
    assert re.findall(r"^\$ (equipoise .*)$", TOLD, re.MULTILINE) == hour.told
    assert re.findall(r"pictures/hour-([\w-]+)\.png", TOLD) == shown
