"""A newcomer's first hour with a live trial on one machine, from the folder to the last thing that waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.system import first_hour, first_hour_people

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_newcomer_opens_a_live_trial_and_the_team_handles_what_people_bring(browser: Browser, tmp_path: Path) -> None:
    with first_hour.first_hour(tmp_path, browser, lambda name, page: None) as hour:
        first_hour.fill_in_and_rehearse(hour)
        with hour.serving():
            first_hour.gather_the_team(hour)
            first_hour.gather_the_evidence(hour)
            trial = first_hour_people.open_the_trial(hour)
            first_hour_people.somebody_comes(hour, trial)
            first_hour_people.the_team_handles_it(hour)
