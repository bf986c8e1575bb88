from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.tables import rows
from trial.core.durations import parse_length
from trial.core.protocol import SPACING, Card, Recall
from trial.core.recall import Judged, Standing, answers_of, due, due_at, filled, fills, plainly, standings

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)


def exercise(*ids: str, spacing: tuple[str, ...] = ("1 day", "2 days")) -> Recall:
    cards = [
        Card(
            id=one,
            cloze={"en": f"One {{{{gap}}}} of {one}.", "de": f"Ein {{{{gap}}}} {one}."},
            answers={"en": ["word", "words"], "de": ["Wort"]},
            remembered={"en": "Yes."},
            forgotten={"en": "It will come back."},
        )
        for one in ids
    ]
    return Recall.model_validate(
        {"type": "recall", "id": "cards", "title": {"en": "Cards"}, "exercise": "exercises/cards", "minutes": 2,
         "cards": cards, "spacing": list(spacing)}
    )  # fmt: skip


@pytest.mark.parametrize("row", rows("recall.md", "Words"), ids=lambda row: f"{row['typed']} / {row['accepted']}")
def test_a_typed_word_is_judged_as_its_table_says(row: dict[str, str]) -> None:
    assert fills(row["typed"], row["accepted"].split(";")) is (row["remembered"] == "yes")


@pytest.mark.parametrize("row", rows("recall.md", "Levels"), ids=lambda row: row["answers"])
def test_a_card_goes_up_and_down_as_its_table_says(row: dict[str, str]) -> None:
    judged = [
        Judged("one", sign == "+", NOW + timedelta(days=number)) for number, sign in enumerate(row["answers"].split())
    ]
    found = standings(reversed(judged), levels=3)
    assert found == {"one": Standing(int(row["level"]), judged[-1].at)}


@pytest.mark.parametrize("row", rows("recall.md", "Waiting"), ids=lambda row: f"{row['answered']} {row['spacing']}")
def test_a_remembered_card_waits_as_its_table_says(row: dict[str, str]) -> None:
    def local(text: str) -> datetime:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(BERLIN))

    standing = Standing(1, local(row["answered"]))
    assert due_at(standing, [parse_length(row["spacing"])], BERLIN) == local(row["due from"])


def test_a_new_card_is_due_a_forgotten_one_comes_with_the_next_page_and_a_remembered_one_waits() -> None:
    cards = exercise("new", "known", "lost")
    judged = [Judged("known", True, NOW), Judged("lost", False, NOW)]
    assert [card.id for card in due(cards, judged, NOW + timedelta(hours=1), BERLIN)] == ["new", "lost"]
    assert [card.id for card in due(cards, judged, NOW + timedelta(days=1), BERLIN)] == ["new", "known", "lost"]


def test_a_card_at_the_highest_level_comes_back_after_the_longest_wait() -> None:
    cards = exercise("one")
    judged = [Judged("one", True, NOW + timedelta(days=day)) for day in (0, 1, 3)]
    assert due(cards, judged, NOW + timedelta(days=4, hours=4), BERLIN) == []
    assert due(cards, judged, NOW + timedelta(days=5), BERLIN) == cards.cards


def test_without_a_spacing_of_its_own_a_card_follows_the_spacing_of_the_article() -> None:
    whole = exercise("one").model_dump(by_alias=True)
    del whole["spacing"]
    found = Recall.model_validate(whole)
    assert [str(one) for one in found.spacing] == [
        "4 hours", "8 hours", "1 day", "2 days", "4 days", "14 days", "30 days", "120 days",
    ]  # fmt: skip
    assert tuple(found.spacing) == SPACING


def test_a_card_speaks_the_language_of_the_person_or_the_first_one_written() -> None:
    card = exercise("one").cards[0]
    assert (answers_of(card, "de-AT"), answers_of(card, "nl")) == (["Wort"], ["word", "words"])
    assert (filled(card, "de"), filled(card, "nl")) == ("Ein Wort one.", "One word of one.")


@given(st.text(max_size=60))
def test_any_word_fills_a_gap_that_asks_for_it_unless_nothing_is_left_of_it(word: str) -> None:
    assert plainly(plainly(word)) == plainly(word)
    assert fills(f"  {word.upper()} ", [word.upper()]) is bool(plainly(word.upper()))


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 8))
def test_a_level_never_leaves_the_spacing(history: list[bool], levels: int) -> None:
    judged = [Judged("one", right, NOW + timedelta(hours=number)) for number, right in enumerate(history)]
    for standing in standings(judged, levels).values():
        assert 0 <= standing.level <= levels
        assert due_at(standing, SPACING, BERLIN) >= standing.since
