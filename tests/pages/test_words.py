"""Our own words: translatable, plain, and silent about arms and conditions where others may look."""

from __future__ import annotations

import re

import pytest

from tests.pages.samples import SAMPLES, folder
from tests.pages.templates import messages, names, words_outside_of_gettext
from trial.core.trial import TrialKind
from trial.pages.environment import environment
from trial.pages.translations import compiled

VOWELS = re.compile(r"[aeiouy]+")
GRADE = 8.0


@pytest.mark.parametrize("name", names())
def test_every_word_of_a_template_can_be_translated(name: str) -> None:
    assert words_outside_of_gettext(name) == []


def test_the_check_above_finds_a_bare_word(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path_factory.mktemp("templates")
    (place / "bare.html").write_text('{% if x %}<p aria-label="Help">Hello {{ _("there") }}</p>{% endif %}')
    monkeypatch.setattr("tests.pages.templates.FOLDER", place)
    assert words_outside_of_gettext("bare.html") == ["Help", "Hello"]


def test_a_catalogue_turns_a_page_into_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nLanguage: nl\\n"\n\n'
    catalogue += "".join(f'msgid "{one}"\nmsgstr "«{one}»"\n\n' for one in ("Welcome", "Continue"))
    monkeypatch.setattr("trial.pages.environment.translations", lambda language: compiled(catalogue.encode(), language))
    environment.cache_clear()
    try:
        from trial.pages.frame import Frame
        from trial.pages.notices import notice

        page = notice(Frame(language="nl"), "landing")
    finally:
        environment.cache_clear()
    assert '<html lang="nl" dir="ltr">' in page
    assert "«Welcome»" in page
    assert "«Continue»" in page
    assert "Press the button to go on." in page


@pytest.mark.parametrize("language", ["ar", "he", "fa"])
def test_a_right_to_left_language_turns_the_page_around(language: str) -> None:
    assert environment(language).globals["direction"] == "rtl"


def test_the_mark_of_each_kind_of_trial_is_a_message_that_a_page_shows() -> None:
    page = SAMPLES["trial"]()
    assert "Rehearsal with pretend people. Nothing here is real." in page
    assert {kind.value for kind in TrialKind} == {"rehearsal", "test", "live"}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_title_of_a_page_names_neither_the_trial_nor_an_arm(name: str) -> None:
    protocol = folder().protocol
    title = re.findall("<title>(.*?)</title>", SAMPLES[name]())[0].lower()
    told = [
        protocol.title["en"],
        *(arm.label["en"] for arm in protocol.arms),
        *(one.title["en"] for one in protocol.activities),
    ]
    assert title
    assert not [one for one in told if one.lower() in title]
    assert not {"depression", "letter", "memory", "optimism", "writing", "mood"} & set(title.split())


def test_our_own_sentences_are_plain() -> None:
    """Flesch-Kincaid grade = 0.39 words/sentence + 11.8 syllables/word - 15.59, over all our messages."""
    sentences = [one for message in messages() for one in re.split(r"(?<=[.?!:])\s+", message) if len(one.split()) > 3]
    words = [
        re.sub(r"[^a-z]", "", word.lower()) for one in sentences for word in one.split() if not word.startswith("%(")
    ]
    syllables = sum(count_syllables(word) for word in words if word)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    assert len(sentences) > 100
    assert grade <= GRADE


def count_syllables(word: str) -> int:
    """Groups of vowels, less a silent e at the end; at least one."""
    return max(1, len(VOWELS.findall(word)) - (word.endswith("e") and not word.endswith("le")))


def test_our_pages_do_not_call_people_by_words_that_the_field_avoids() -> None:
    said = " ".join(messages()).lower()
    assert not re.findall(r"\b(user|subject|survey)s?\b", said)
