"""The page of incentives: codes are brought, figures tell what is missing, one is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.desk_place import Team, send
from tests.web.place import SLUG, Place
from trial.core.access import Role
from trial.protocol_files import shipped

WITH = shipped("examples/two-arm")


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A trial whose protocol gives something."""
    return Team(Place(tmp_path, protocol=WITH))


def test_codes_are_brought_and_counted_and_never_shown_again(team: Team) -> None:
    office = team.visitor(Role.COORDINATOR)
    page = office.get(f"/{SLUG}/incentives")
    assert "Nothing was earned yet" in page.text
    kind = next(one for one in page.forms if one.filled().get("act") == "upload").fields["incentive"].options[-1]
    send(office, "upload", {"incentive": kind, "codes": "AB-12\nCD-34\n"})
    assert "The codes are kept" in office.page.text and "AB-12" not in office.page.text
    send(office, "upload", {"incentive": kind, "codes": "AB-12\n"})
    assert "there already" in office.page.text


def test_a_mistake_in_the_list_says_its_line_and_keeps_what_was_pasted(team: Team) -> None:
    office = team.visitor(Role.COORDINATOR)
    page = office.get(f"/{SLUG}/incentives")
    kind = next(one for one in page.forms if one.filled().get("act") == "upload").fields["incentive"].options[-1]
    send(office, "upload", {"incentive": kind, "codes": f"AB-12\n{'x' * 101}\n"})
    assert "longer than 100 characters" in office.page.text and "AB-12" in office.page.text


def test_a_protocol_that_gives_nothing_says_so(place: Place) -> None:
    office = Team(place).visitor(Role.OWNER)
    assert "gives nothing for answers" in office.get(f"/{SLUG}/incentives").text


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.SAFETY_CONTACT])
def test_other_roles_do_not_find_the_page(team: Team, role: Role) -> None:
    browser = team.visitor(role)
    assert browser.get(f"/{SLUG}/incentives").status == 403
    browser.get(f"/{SLUG}")
    assert "Incentives" not in browser.page.text
