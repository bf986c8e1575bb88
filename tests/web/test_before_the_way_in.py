"""Before somebody is in: dates of the consent form, and answers at screening that call for places to turn to."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.web.place import ELIGIBLE, SHIPPED, SLUG, Person, Place
from trial.core.consent import is_valid_somewhere
from trial.protocol_files import read_folder

Made = Callable[..., Person]
PLACES = (
    "schema: 1\nresources:\n  - {country: NL, name: {en: Somebody}, number: '000 111', source: Made up, "
    "checked_on: 2026-01-01, checked_by: A test}\n"
)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A visitor to a trial whose protocol differs in some words; the clock stands on 2 March 2026."""

    def make(*changes: tuple[str, str], places: str = "") -> Person:
        folder = Path(shutil.copytree(SHIPPED, tmp_path / "protocol"))
        text = (folder / "protocol.yaml").read_text()
        for right, other in changes:
            assert right in text
            text = text.replace(right, other, 1)
        (folder / "protocol.yaml").write_text(text)
        if places:
            (folder / "resources.yaml").write_text(places)
        read_folder(folder)
        return Person(Place(tmp_path / "place", protocol=folder))

    return make


def dates(line: str) -> tuple[str, str]:
    return "\nconsent:\n", f"\nconsent:\n  {line}\n"


CLOSED = ["valid_from: 2026-03-05", "valid_until: 2026-02-27", "valid_until: 2026-02", 'valid_from: "2027"']
OPEN = ["valid_from: 2026-03-02", "valid_until: 2026-03-02", 'valid_until: "2026"']


@pytest.mark.parametrize("line", CLOSED)
def test_where_nobody_could_consent_today_nobody_is_asked_to_begin(made: Made, line: str) -> None:
    visitor = made(dates(line))
    page = visitor.get(f"/{SLUG}")
    assert "takes no one new at present" in page.words
    assert not [one for one in page.links if "/notice" in one]
    for path in (f"/{SLUG}/notice", f"/{SLUG}/notice?from=poster-7"):
        page = visitor.get(path)
        assert page.status == 200
        assert "cannot take you in today" in page.words
        assert not page.forms


@pytest.mark.parametrize("line", OPEN)
def test_on_a_day_of_the_form_the_way_in_is_open(made: Made, line: str) -> None:
    visitor = made(dates(line))
    assert [one for one in visitor.get(f"/{SLUG}").links if "/notice" in one]
    assert "age" in visitor.to_screening().form.fields


def test_a_form_that_ends_while_somebody_is_at_the_screening_takes_no_answers(made: Made) -> None:
    visitor = made(dates("valid_until: 2026-03-02"))
    visitor.to_screening()
    visitor.place.move(days=2)
    before = visitor.place.dump()
    assert "cannot take you in today" in visitor.submit(ELIGIBLE).words
    assert visitor.place.dump() == before
    assert "cannot take you in today" in visitor.get(f"/{SLUG}/screening").words


def test_a_day_counts_as_long_as_it_is_that_day_anywhere(made: Made) -> None:

    form = read_folder(SHIPPED).protocol.consent.model_copy(
        update={"valid_from": "2026-03-02", "valid_until": "2026-03-02"}
    )
    moments = {"2026-03-01T09:59": False, "2026-03-01T10:00": True, "2026-03-03T11:59": True, "2026-03-03T12:00": False}
    for moment, valid in moments.items():
        assert is_valid_somewhere(form, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is valid, moment


DARK = "{id: dark, type: number, minimum: 0, maximum: 3, topic: {en: How dark it is}, safety_from: 2}"


def asks_of_the_dark(made: Made) -> Person:
    text = (SHIPPED / "protocol.yaml").read_text()
    line = next(one for one in text.splitlines() if one.strip().startswith("- {id: reads_english"))
    indent = line[: len(line) - len(line.lstrip())]
    return made((line, f"{indent}- {DARK}\n{line}"), places=PLACES)


@pytest.mark.parametrize(("age", "onward"), [("34", f"/{SLUG}/address"), ("15", "/done")])
def test_an_answer_at_screening_that_calls_for_help_shows_it_at_once(made: Made, age: str, onward: str) -> None:
    visitor = asks_of_the_dark(made)
    visitor.to_screening()
    page = visitor.submit({**ELIGIBLE, "age": age, "dark": "2"})
    assert "Where to find help" in page.words
    assert onward in page.links
    page = visitor.submit({"country": "NL"})
    assert "000 111" in page.words
    assert onward in page.links
    assert visitor.get(onward).status == 200
    dump = "\n".join(visitor.place.dump())
    assert 'INSERT INTO "alert"' not in dump
    assert visitor.place.everyone() == []


@pytest.mark.parametrize(("age", "leads"), [("34", f"/{SLUG}/address"), ("15", "/done")])
def test_another_answer_leads_on_as_ever(made: Made, age: str, leads: str) -> None:
    visitor = asks_of_the_dark(made)
    visitor.to_screening()
    assert visitor.submit({**ELIGIBLE, "age": age, "dark": "1"}).path.endswith(leads)


def test_the_page_leads_nobody_where_they_have_not_been(place: Place, person: Person) -> None:
    assert person.get("/resources?to=address").status == 403
    person.to_screening()
    assert f"/{SLUG}/address" not in person.get("/resources?to=address").links
