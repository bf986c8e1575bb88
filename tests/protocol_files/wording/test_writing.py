"""What is written reads back as what was given, and leaves key, comments and sources as they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocol_files.wording.scale import ANSWERS, ITEMS, KEY, TEXT, redcap, taken
from trial.core.instruments import Instrument
from trial.core.official_wording import Fitted
from trial.protocol_files import shipped, yaml_text
from trial.protocol_files.problems import validate
from trial.protocol_files.wording import Wording
from trial.protocol_files.wording.writing import filled

TOPICS = [
    path for path in sorted(shipped("instruments").glob("*.yaml")) if "wording: topics" in path.read_text("utf-8")
]


def read_back(text: str) -> Instrument:
    tree, problems = yaml_text.read(text, "new")
    instrument, invalid = validate(Instrument, tree, "new")
    assert instrument is not None and not problems and not invalid
    return instrument


def test_words_answers_and_instructions_of_the_file_are_the_instruments() -> None:
    one = read_back(filled(TEXT, taken(redcap(), "d.csv"), "en"))
    assert one.wording == "official"
    assert [item.words for item in one.items] == [{"en": text} for text in ITEMS]
    assert one.response is not None and [each.label["en"] for each in one.response.choices] == list(ANSWERS)
    assert one.instructions == {"en": "Please answer each."}


def test_key_topics_comments_and_sources_stay() -> None:
    text = filled(TEXT, taken("\n".join(ITEMS)), "en")
    assert "# the comment stays" in text
    before, after = read_back(TEXT), read_back(text)
    assert after.scores == before.scores and after.response == before.response
    assert [item.topic for item in after.items] == [item.topic for item in before.items]
    assert (after.permission, after.source, after.instructions) == (
        before.permission, before.source, before.instructions,
    )  # fmt: skip


def test_a_second_language_is_put_beside_the_first() -> None:
    english = filled(TEXT, taken("\n".join(ITEMS)), "en")
    both = read_back(filled(english, taken("Eins\nZwei\nDrei"), "de"))
    assert [item.words for item in both.items] == [
        {"en": text, "de": word} for text, word in zip(ITEMS, ("Eins", "Zwei", "Drei"), strict=True)
    ]


def test_filling_again_replaces_the_words_of_that_language() -> None:
    once = filled(TEXT, taken("\n".join(ITEMS)), "en")
    again = read_back(filled(once, taken("First.\nSecond.\nThird."), "en"))
    assert [item.words for item in again.items] == [{"en": text} for text in ("First.", "Second.", "Third.")]


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.stem)
def test_every_shipped_scale_can_be_filled(path: Path) -> None:
    before = read_back(path.read_text("utf-8"))
    words: dict[int | str, str] = {item.id: f"Sentence, number: {n} {{x}}" for n, item in enumerate(before.items)}
    after = read_back(filled(path.read_text("utf-8"), Wording("made up", "", Fitted(words, {}), ""), "en"))
    assert {item.id: item.words for item in after.items} == {key: {"en": text} for key, text in words.items()}
    assert after.scores == before.scores


PRINTED = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=200)


@settings(max_examples=50, deadline=None)
@given(st.lists(PRINTED.filter(str.strip), min_size=3, max_size=3))
def test_whatever_stands_in_a_sentence_comes_back_as_it_was(sentences: list[str]) -> None:
    words: dict[int | str, str] = dict(enumerate(sentences, 1))
    text = filled(TEXT, Wording("made up", "", Fitted(words, {}), ""), "en")
    assert [item.words for item in read_back(text).items] == [{"en": one} for one in sentences]


def test_the_made_up_scale_of_these_tests_is_one() -> None:
    assert read_back(TEXT).items == KEY.items
