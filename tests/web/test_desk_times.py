"""The desk tells and takes times in the zone of the trial's team; what a machine reads of them is UTC."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.web.desk_place import Team, send
from tests.web.place import SHIPPED, SLUG, Place
from trial.core.access import SYSTEM, Role
from trial.storage import duties

NAMED = "administrative:\n  time_zone: Asia/Kathmandu\n"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """A trial whose team works at a quarter to the hour, as some do."""
    folder = tmp_path_factory.mktemp("zone")
    shutil.copytree(SHIPPED, folder / SHIPPED.name)
    shutil.copytree(SHIPPED.parent / "instruments", folder / "instruments")
    file = folder / SHIPPED.name / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("administrative:\n") == 1
    file.write_text(text.replace("administrative:\n", NAMED), encoding="utf-8")
    return Team(Place(folder / "home", protocol=folder / SHIPPED.name))


def times(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<time datetime="([^"]+)">([^<]+)</time>', html)


def test_a_time_stands_in_the_team_s_zone_with_its_name_and_as_utc_for_machines(team: Team) -> None:
    page = team.visitor(Role.OWNER).get(f"/{SLUG}")
    assert times(page.text)[0] == ("2026-03-02T09:00:00Z", "2026-03-02 14:45 +0545")
    assert "Times are those of Asia/Kathmandu." in page.words


def test_a_time_that_is_typed_is_meant_in_that_zone(team: Team) -> None:
    owner = team.visitor(Role.OWNER)
    page = owner.get(f"/{SLUG}/roster")
    assert "From (Asia/Kathmandu)" in page.words and "UTC" not in page.words
    member = str(team.member(Role.SAFETY_CONTACT).id)
    page = owner.get(f"/{SLUG}/roster")
    page = send(owner, "add", {"member": member, "place": "1", "until_at": "2026-03-09T08:00"})
    assert "until 2026-03-09 08:00 +0545" in page.words
    with team.place.store.open_work(SYSTEM, write=False) as work:
        (duty,) = duties.of_trial(work, team.place.trial.id)
    assert duty.until_at is not None and f"{duty.until_at:%Y-%m-%dT%H:%M %Z}" == "2026-03-09T02:15 UTC"


def test_without_a_zone_in_the_protocol_times_are_utc(tmp_path: Path) -> None:
    page = Team(Place(tmp_path)).visitor(Role.OWNER).get(f"/{SLUG}")
    assert times(page.text)[0] == ("2026-03-02T09:00:00Z", "2026-03-02 09:00 UTC")
    assert "Times are those of UTC." in page.words


def test_no_page_of_one_s_account_names_a_trial_s_zone(team: Team) -> None:
    page = team.visitor(Role.OWNER).get("/account")
    assert "UTC" in page.words and "+0545" not in page.words
