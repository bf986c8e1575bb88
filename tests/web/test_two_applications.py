"""The participants' application and the staff one share code, and no address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.web.place import Person, Place, Visitor
from tests.web.test_looking_changes_nothing import crawl
from trial.core.trial import RESERVED
from trial.web.desk.app import PAGES as DESK_PAGES
from trial.web.desk.viewer import create_viewer
from trial.web.participant.app import PAGES

# the second is one word for two pages: what a participant reports, and the report of the trial
SHARED = {"/static/{name}", "/report"}


@pytest.fixture
def desk(tmp_path: Path) -> FastAPI:
    """A staff application with a mailbox and a report."""
    for name in ("mailbox", "report"):
        (tmp_path / name).mkdir()
    (tmp_path / "report" / "report.html").write_text("<!doctype html><title>Report</title>")
    return create_viewer(mailbox=tmp_path / "mailbox", report=tmp_path / "report", title="A trial")


def paths(app: FastAPI) -> Iterator[str]:
    return (route.path for route in app.routes if isinstance(route, APIRoute))


def test_the_two_applications_have_no_page_in_common(place: Place, desk: FastAPI) -> None:
    public, staff = set(paths(place.app)), set(paths(desk))
    assert {page.path for page in PAGES} < public
    assert len(staff) > 3
    assert public & staff == SHARED


def test_no_page_of_the_staff_can_be_reached_on_the_public_application(place: Place, desk: FastAPI) -> None:
    visitor = Visitor(place.app)
    for path in set(paths(desk)) - SHARED:
        reply = visitor.get(path.replace("{", "").replace("}", ""))
        assert reply.status == 404, path


def test_no_page_of_a_participant_can_be_reached_on_the_staff_application(desk: FastAPI) -> None:
    visitor = Visitor(desk)
    for path in set(paths_of_participants()) - SHARED:
        assert visitor.get(path).status == 404, path


def test_the_word_report_leads_to_two_different_pages(place: Place, desk: FastAPI) -> None:
    assert "open your link again" in Visitor(place.app).get("/report").words
    assert "open your link again" not in Visitor(desk).get("/report").words


def paths_of_participants() -> Iterator[str]:
    return (page.path.replace("{slug}", "evening-writing").replace("{token}", "Z" * 43) for page in PAGES)


def test_a_crawl_of_the_public_application_finds_no_address_of_the_staff(
    place: Place, person: Person, desk: FastAPI
) -> None:
    person.to_exercise()
    found = crawl(person, ["/evening-writing", "/now", "/stop", "/report", "/done", *place.links(person.id)])
    first = {path.split("?")[0].split("/")[1] for path in found}
    assert first <= {"evening-writing", *RESERVED}
    staff = {path.split("/")[1] for path in set(paths(desk)) - SHARED if not path.startswith("/report/")}
    assert len(staff) > 2
    assert not staff & first


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/"])
def test_no_page_describes_the_application(place: Place, path: str) -> None:
    assert Visitor(place.app).get(path).status == 404


def test_no_trial_can_hide_behind_a_page_of_ours() -> None:
    first = {page.path.split("/")[1] for page in (*PAGES, *DESK_PAGES)} - {"{slug}", ""}
    assert first | {"healthz", "static", "mailbox", "incoming"} == RESERVED
