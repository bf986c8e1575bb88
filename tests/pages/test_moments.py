"""Until when a page is open, as a mail says it in each language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from babel.localedata import locale_identifiers

from trial.pages.moments import moment

EVENING = datetime(2026, 3, 4, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Wednesday 4 March, 18:05"),
        ("en-GB", "Wednesday 4 March, 18:05"),
        ("de", "Mittwoch, 4. März, 18:05"),
        ("de-AT", "Mittwoch, 4. März, 18:05"),
        ("fr", "mercredi 4 mars, 18:05"),
        ("es", "miércoles, 4 de marzo, 18:05"),
        ("nl", "woensdag 4 maart, 18:05"),
        ("zh", "3月4日星期三, 18:05"),
    ],
)
def test_a_moment_is_said_as_the_language_says_it_where_the_person_lives(language: str, said: str) -> None:
    assert moment(EVENING, "Europe/Berlin", language) == said


def test_the_day_is_that_of_the_place_and_not_of_the_server() -> None:
    assert moment(EVENING, "Asia/Tokyo", "de") == "Donnerstag, 5. März, 02:05"


def test_a_language_that_is_not_known_is_told_in_english() -> None:
    assert moment(EVENING, "UTC", "xqz").startswith("Wed") and "March" in moment(EVENING, "UTC", "xqz")


def test_every_language_that_is_known_names_the_day_of_the_month() -> None:
    languages = sorted({one.split("_")[0] for one in locale_identifiers()})
    assert len(languages) > 200
    for language in languages:
        assert len(moment(EVENING, "UTC", language)) > 8
