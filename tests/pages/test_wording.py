"""Whose words stand on a questionnaire's page: the official ones, or topics that are marked as such."""

from __future__ import annotations

import pytest

from tests.pages.samples import FRAME, SHEET
from tests.protocol_files.wording.scale import ITEMS, KEY
from trial.core.answers import asked_by
from trial.core.instruments import Instrument
from trial.pages import activities
from trial.pages.fields import sections

MARK = "Only short topics are shown here."


def page(instrument: Instrument, language: str = "en") -> str:
    shown = sections([instrument], asked_by([instrument]), language)
    return activities.questionnaire_page(FRAME, activities.QuestionnairePage(SHEET, shown, (), all_needed=False))


def official(*languages: str) -> Instrument:
    words = [{language: f"{text} ({language})" for language in languages} for text in ITEMS]
    items = [item.model_copy(update={"words": one}) for item, one in zip(KEY.items, words, strict=True)]
    return KEY.model_copy(update={"wording": "official", "items": items})


def test_a_scale_without_its_wording_shows_topics_and_says_so() -> None:
    shown = page(KEY)
    assert MARK in shown and "Umbrella" in shown


def test_official_wording_stands_on_the_page_in_place_of_topics_and_without_the_mark() -> None:
    shown = page(official("en"))
    assert all(f"{text} (en)" in shown for text in ITEMS)
    assert MARK not in shown and "Umbrella" not in shown


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_reader_gets_the_wording_of_their_language(language: str) -> None:
    assert f"{ITEMS[0]} ({language})" in page(official("en", "de"), language)


def test_wording_is_shown_as_text_whatever_stands_in_it() -> None:
    items = [item.model_copy(update={"words": {"en": "<script>alert(1)</script> & more"}}) for item in KEY.items]
    shown = page(KEY.model_copy(update={"wording": "official", "items": items}))
    assert "<script>alert" not in shown and "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in shown
