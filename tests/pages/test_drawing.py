"""Values in, HTML out: what a page shows of what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, is_dataclass

import pytest
from jinja2 import Environment, PackageLoader
from jinja2.exceptions import UndefinedError

from tests.pages import samples
from tests.pages.samples import FRAME, SAMPLES, folder
from tests.pages.templates import names
from trial.core.answers import asked_by
from trial.pages import activities, exercises, joining, leaving, notices
from trial.pages.assets import NAMES, asset
from trial.pages.environment import clock, day, environment, number, render
from trial.pages.fields import Typed, sections
from trial.pages.zones import regions


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names of the templates that are loaded meanwhile."""
    seen: set[str] = set()
    environment.cache_clear()
    find = PackageLoader.get_source

    def noting(self: PackageLoader, env: Environment, name: str) -> object:
        seen.add(name)
        return find(self, env, name)

    monkeypatch.setattr(PackageLoader, "get_source", noting)
    environment.cache_clear()
    yield seen
    environment.cache_clear()


def test_every_template_is_drawn_by_a_sample_so_every_page_has_its_picture(loaded: set[str]) -> None:
    for sample in SAMPLES.values():
        sample()
    # our own mails are no pages: test_mails_of_our_own.py composes each
    assert loaded == {one for one in names() if not one.startswith("mails/")}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_is_whole_has_one_title_one_heading_and_one_main_part(name: str) -> None:
    page = SAMPLES[name]()
    for once in ("<!doctype html>", "<title>", "<h1>", '<main id="main"', 'class="skip"', "</html>"):
        assert page.count(once) == 1, once
    assert page.count("<form") == page.count('name="csrf"') == page.count('method="post"')


def test_a_view_cannot_be_changed_after_it_was_made() -> None:
    view = joining.CodePage()
    with pytest.raises(FrozenInstanceError):
        view.wrong = True  # type: ignore[misc]
    for module in (activities, exercises, joining, leaving):
        views = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
        assert views
        assert all(is_dataclass(one) and hasattr(one, "__slots__") for one in views)


def test_a_template_that_names_something_missing_fails_at_once() -> None:
    with pytest.raises(UndefinedError):
        render("code.html", FRAME, object())


def test_what_a_person_typed_is_never_markup() -> None:
    nasty = '"><script>alert(1)</script>'
    pages = [
        joining.address_page(FRAME, joining.AddressPage(email=nasty, fault="bad_address")),
        joining.consent_page(FRAME, joining.ConsentPage("", "1", (), signature=nasty)),
        leaving.report_page(FRAME, leaving.ReportPage(nasty)),
        notices.no_session(FRAME, nasty),
        samples._writing(nasty),
        samples.screening(Typed({"age": nasty}, {})),
        samples._kind("letter", Typed({"letter_need": nasty}, {})),
        samples._kind("cards", Typed({"cards_caring": nasty}, {})),
        samples._kind("voices", Typed({"voices_1_kind": nasty}, {})),
        samples._kind("breathing", Typed({"breathing_seconds": nasty}, {})),
        samples._kind("answer", earlier=((nasty, nasty),)),
    ]
    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_answers_that_one_person_typed_are_not_kept_for_the_next() -> None:
    instruments = [folder().instruments["swls"]]
    asked = asked_by(instruments)

    def drawn(typed: Typed) -> str:
        view = activities.QuestionnairePage(samples.SHEET, sections(instruments, asked, "en", typed))
        return activities.questionnaire_page(FRAME, view)

    blank = drawn(Typed({}, {}))
    assert " checked" not in blank
    assert drawn(Typed({"swls_1": "4"}, {})).count(" checked") == 1
    assert drawn(Typed({}, {})) == blank


def test_an_error_is_linked_to_its_field_and_described_there() -> None:
    page = SAMPLES["screening-faults"]()
    assert 'role="alert"' in page
    assert '<a href="#f-age">' in page
    assert 'id="f-age"' in page
    assert 'aria-describedby="f-age-note" aria-invalid="true"' in page
    assert 'id="f-age-note"' in page


def test_numbers_and_days_are_written_as_the_language_does() -> None:
    assert number(7.5, language="de") == "7,5"
    assert number(24.0, language="en") == "24"
    assert day(samples.SEVEN, "Europe/Berlin", language="de") == "Dienstag, 3. März 2026"
    assert clock(samples.SEVEN, "Europe/Berlin", language="de") == "20:00"
    assert day(samples.SEVEN, "Pacific/Auckland", language="en") == "Wednesday, March 4, 2026"


def test_every_country_has_a_city_to_choose_and_every_city_is_a_zone() -> None:
    from trial.core.local_time import is_zone

    chosen = [zone for region in regions() for zone, _ in region.cities]
    assert len(chosen) == len(set(chosen)) > 400
    assert all(is_zone(zone) for zone in chosen)
    assert {"Europe/Amsterdam", "Asia/Kolkata", "America/New_York"} <= set(chosen)


def test_a_first_visit_is_light() -> None:
    assert len(asset("style.css").content) < 12_000
    first = len(SAMPLES["trial"]().encode()) + sum(len(asset(name).content) for name in NAMES)
    assert first < 60_000
    assert max(len(sample().encode()) for sample in SAMPLES.values()) < 60_000
