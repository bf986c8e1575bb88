"""Our own words in other languages: nothing missing, nothing left over, and every gap in a sentence still a gap."""

from __future__ import annotations

import re

import pytest
from babel import Locale

from tests.catalogues import LOCALE, catalogue, forms, languages, said
from tests.pages.samples import SAMPLES
from trial.pages.translations import languages as offered

_GAP = re.compile(r"%\(\w+\)s")
_TAG = re.compile(r"<[^>]+>")


def test_english_another_european_and_a_right_to_left_language_are_there() -> None:
    assert offered() == ("en", *languages())
    directions = {Locale.parse(one).text_direction for one in languages()}
    assert directions == {"ltr", "rtl"}


@pytest.mark.parametrize("language", languages())
def test_every_message_is_translated_and_no_other_is_kept(language: str) -> None:
    held = {message.id: message for message in catalogue(LOCALE / language / "pages.po") if message.id}
    assert [one for one in said() if one not in held] == [], f"run python -m tests.catalogues {language}"
    assert [one for one in held if one not in said()] == []
    assert [one for one, message in held.items() if not all(forms(message)) or message.fuzzy] == []


@pytest.mark.parametrize("language", languages())
def test_what_is_filled_in_stands_in_every_translation(language: str) -> None:
    wrong = []
    for message in catalogue(LOCALE / language / "pages.po"):
        if not message.id:
            continue
        whole = message.id if isinstance(message.id, str) else message.id[-1]
        for form in forms(message):
            # a form for one or two of a thing may say the number in words
            gaps = set(_GAP.findall(form)) | ({"%(num)s"} if message.pluralizable else set())
            wanted = set(_GAP.findall(whole)) | ({"%(num)s"} if message.pluralizable else set())
            if gaps != wanted or _TAG.findall(form) != _TAG.findall(whole):
                wrong.append((whole, form))
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_the_number_of_plural_forms_is_the_languages_own(language: str) -> None:
    found = catalogue(LOCALE / language / "pages.po")
    wanted = found.num_plurals
    assert wanted == {"de": 2, "ar": 6}.get(language, wanted)
    assert all(len(forms(one)) == wanted for one in found if one.id and one.pluralizable)


def test_a_message_that_is_missing_in_a_catalogue_is_found() -> None:
    """Without this the tests above might pass because nothing was read."""
    assert len(said()) > 200
    assert len(SAMPLES) > 50
    assert any(isinstance(one, tuple) for one in said())
