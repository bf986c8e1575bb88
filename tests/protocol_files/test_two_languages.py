"""The trial that ships in two languages: the German says the same, in the same shape, and gives as little away."""

from __future__ import annotations

import re

import pytest

from trial.core.linting.asked import text_lines
from trial.core.protocol import Questionnaire
from trial.mail.templates import placeholders
from trial.protocol_files import read_folder, shipped

FOLDER = read_folder(shipped("soothing-touch"))
PROTOCOL = FOLDER.protocol
TEXTS = sorted(FOLDER.texts)
MAILS = [f"messages/{one.id}" for one in PROTOCOL.messages]
BEFORE_CONSENT = ["messages/trial_page", "messages/notice", "messages/information"]
TELLING = (
    r"\b(?:berühr|tipp|freundlich|mitgefühl|mitfühl|beruhig|tröst|kontroll|arm\b|arme\b|gruppe|bedingung|placebo|"
    r"hypothes|stimmung|depress)\w*"
)


def german(name: str) -> str:
    return FOLDER.text(name, "de")


def shape(text: str) -> list[str]:
    """What each line is: heading, entry of a list, or words; and the bold words and links in it by their number."""
    kinds = [re.match(r"##|\d\.|-|", line)[0] or "words" for _, line in text_lines(text) if line.strip()]  # type: ignore[index]
    return [*kinds, f"{text.count('**')} bold", f"{text.count('](')} links", f"{text.count('*[')} notes"]


def long_words_and_sentences(text: str) -> float:
    """Björnsson's LIX: words in a sentence, and a hundred times the share of words over six letters."""
    bare = re.sub(r"^Subject:.*$|\]\([^)]*\)|\{\{.*?\}\}|\S+@\S+|[*#>\[\]]|^\s*(?:\d\.|-)\s", " ", text, flags=re.M)
    sentences = [one for one in re.split(r"[.!?:](?:\s|$)|\n\n", bare) if re.search(r"\w", one)]
    words = re.findall(r"[^\W\d_]+", bare)
    return len(words) / len(sentences) + 100 * sum(len(one) > 6 for one in words) / len(words)


def test_every_text_is_there_in_both_languages() -> None:
    assert PROTOCOL.languages == ["en", "de"]
    assert all(set(FOLDER.texts[name]) == {"en", "de"} for name in TEXTS)


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_have_one_shape_and_are_filled_with_the_same(name: str) -> None:
    english = FOLDER.text(name, "en")
    assert shape(german(name)) == shape(english)
    assert placeholders(german(name)) == placeholders(english)
    numbers = [sorted(re.findall(r"\d+(?::\d+)?", text)) for text in (english, german(name))]
    assert numbers[0] == numbers[1]
    assert re.findall(r"\S+@[\w.]*\w", german(name)) == re.findall(r"\S+@[\w.]*\w", english)


@pytest.mark.parametrize("name", [*MAILS, *BEFORE_CONSENT])
def test_no_german_mail_or_page_before_consent_tells_the_arms_or_what_is_hoped_for(name: str) -> None:
    assert not re.findall(TELLING, german(name).lower())


def test_what_would_tell_is_found_in_the_debrief() -> None:
    assert len(set(re.findall(TELLING, german("messages/debrief").lower()))) > 3
    assert "Das haben wir Ihnen am Anfang nicht gesagt" in german("messages/debrief")


@pytest.mark.parametrize("name", MAILS)
def test_every_german_mail_says_who_reads_replies_and_that_nobody_watches(name: str) -> None:
    assert "{{ contact_email }}" in german(name) and "nicht rund um die Uhr" in german(name)


def test_the_german_guides_of_the_arms_ask_for_equal_effort_and_show_a_way_to_stop() -> None:
    texts = [german(str(one.exercise)) for one in PROTOCOL.activities if not isinstance(one, Questionnaire)]
    words = [len(text.split()) for text in texts]
    assert len(texts) == 2 and max(words) <= 1.15 * min(words)
    for text in texts:
        assert "jederzeit aufhören" in text and "drei Dinge, die Sie sehen" in text
        assert "niemand liest dies, während Sie es schicken" in text
    assert not re.findall(r"freundlich|sanft|warm|wärme|mitgefühl", german("exercises/tapping").lower())


@pytest.mark.parametrize("name", TEXTS)
def test_the_german_is_plain_formal_and_free_of_signs_that_screen_readers_stumble_over(name: str) -> None:
    text = german(name)
    assert long_words_and_sentences(text) <= 45
    assert not re.search(r"\b(?:du|dich|dir|dein\w*|euch|euer)\b", text.lower())
    assert not re.search(r"\w[*:_/]in(?:nen)?\b|\wInnen\b|[„“”»«–—]", text)


def test_hard_german_is_told_from_plain() -> None:
    hard = "Die Teilnahmevoraussetzungen berücksichtigen insbesondere gesundheitliche Beeinträchtigungen Studierender. "
    assert (
        long_words_and_sentences("Das ist kurz. Wir sagen es so. Es ist gut.")
        < 10
        < 60
        < long_words_and_sentences(hard)
    )


def test_screening_asks_whether_people_read_the_language_they_see() -> None:
    (asked,) = [one for one in PROTOCOL.eligibility.questions if one.id == "reads_language"]
    assert "language of this page" in asked.topic["en"] and "Sprache dieser Seite" in asked.topic["de"]
    assert any(one.rule == "reads_language == true" for one in PROTOCOL.eligibility.criteria)
    both = {"en": "English or German", "de": "Deutsch oder Englisch"}
    assert all(words in FOLDER.text("messages/trial_page", language) for language, words in both.items())


def test_scales_show_topics_of_our_own_in_german_too_and_no_wording() -> None:
    for code in ("scs_sf", "pss10", "swls"):
        one = FOLDER.instruments[code]
        assert one.wording == "topics"
        assert all(item.words is None and len(item.topic["de"].split()) <= 8 for item in one.items)


def test_the_readme_says_that_no_native_speaker_has_reviewed_the_german() -> None:
    readme = " ".join((shipped("soothing-touch") / "README.md").read_text(encoding="utf-8").split())
    assert "No native speaker has reviewed the German text yet." in readme
