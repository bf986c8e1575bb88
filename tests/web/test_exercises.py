"""Each kind of exercise over HTTP: shown, sent, kept once; where something is wrong, what was typed is still there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.core.kinds import PATH
from tests.web.place import Person, Place, Reply, Visitor, full_answers, typed_code
from trial.storage import answer_sheets, vault
from trial.storage.answer_sheets import AnswerSheet

DAY = {"letter": 1, "article": 2, "breathing": 3, "voices": 4, "small_things": 5, "cards": 6, "answer": 9}
# something that each kind takes
GOOD: dict[str, dict[str, str]] = {
    "letter": {"letter_sense": "I slept badly.", "letter_need": "One bad morning."},
    "article": {"article_read": "yes"},
    "breathing": {"breathing_done": "partly", "breathing_seconds": "41"},
    "voices": {"voices_1_harsh": "You are late again.", "voices_2_kind": "You came."},
    "small_things": {"small_things_rest": "yes"},
    "cards": {"cards_caring": "Warmth", "cards_failures": "blame"},
}
CLOSED: dict[str, dict[str, object]] = {
    "letter": {},
    "article": {"article_read": True},
    "breathing": {"breathing_done": "partly", "breathing_seconds": 41},
    "voices": {},
    "small_things": {"small_things_rest": True, "small_things_outside": False, "small_things_asked": False},
    "cards": {"cards_caring": True, "cards_failures": False, "cards_people": False},
}
FREE = {"letter": GOOD["letter"], "voices": GOOD["voices"], "cards": GOOD["cards"]}


class Walker(Person):
    """Somebody who goes from evening to evening."""

    evening = 0

    def to_allocation(self) -> Reply:
        page = self.to_baseline()
        return self.submit(full_answers(page.form) | {"feeling_sleep": "7", "feeling_else": "no"})

    def to(self, exercise: str, day: int | None = None) -> Reply:
        """Through the mail of that evening."""
        number = day or DAY[exercise]
        self.place.move(days=number - self.evening, hours=0 if self.evening else 10)
        self.evening = number
        self.get(self.place.links(self.id, "evening")[number - 1])
        page = self.submit()
        assert page.path.endswith("/now")
        return page


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The trial that holds every kind of exercise."""
    return Place(tmp_path, protocol=PATH)


@pytest.fixture
def person(place: Place) -> Walker:
    """Somebody in the arm that writes the letter: the first or the second of the first block."""
    for address in ("robin@mailbox.example", "kim@mailbox.example"):
        found = Walker(place, address)
        found.to_allocation()
        with closing(sqlite3.connect(place.path)) as rows:
            if rows.execute("select arm from allocation where participant_id = ?", [found.id]).fetchone() == ("kind",):
                return found
    raise AssertionError("a block of two holds both arms")


def sheets(person: Walker, exercise: str) -> list[AnswerSheet]:
    with person.place.store.open_work(person.place.operator, write=False) as work:
        return [one for one in answer_sheets.of_participant(work, person.id) if one.activity == exercise]


def words(person: Walker, sheet: AnswerSheet, column: str) -> str:
    with person.place.store.open_work(person.place.operator, write=False) as work:
        return vault.words_of(work, person.id, vault.ANSWER, vault.about_answer(sheet.id, column))


@pytest.mark.parametrize("exercise", GOOD)
def test_an_exercise_is_shown_sent_and_kept_with_its_words_in_the_vault(person: Walker, exercise: str) -> None:
    person.to(exercise)
    page = person.submit(GOOD[exercise])
    assert page.status == 200 and "has arrived" in page.words
    (sheet,) = sheets(person, exercise)
    assert sheet.answers == CLOSED[exercise]
    free = FREE.get(exercise, {})
    assert {column: words(person, sheet, column) for column in free} == free
    assert sheet.length == (sum(map(len, free.values())) if free else None)
    dump = "\n".join(person.place.dump())
    assert not [text for text in free.values() if text in dump]
    assert dump.count("exercise_done") == 1


@pytest.mark.parametrize("exercise", GOOD)
def test_an_exercise_sent_twice_is_kept_once_and_leads_to_the_same_page(person: Walker, exercise: str) -> None:
    fields = person.to(exercise).form.filled() | GOOD[exercise]
    first = person.post("/now", fields)
    before = person.place.dump()
    again = person.post("/now", fields)
    assert person.place.dump() == before
    assert (first.path, again.status) == (again.path, 200)
    assert "already have" in person.get("/now").words


@pytest.mark.parametrize(
    ("exercise", "form", "said"),
    [
        ("letter", {"letter_sense": " ", "letter_others": "\r\n"}, "A few words are enough"),
        ("voices", {"voices_1_harsh": ""}, "A few words are enough"),
        ("article", {}, "tick the line at the end"),
        ("article", {"article_read": "no"}, "tick the line at the end"),
        ("breathing", {"breathing_seconds": "20"}, "choose how it went"),
        ("breathing", {"breathing_done": "twice"}, "choose how it went"),
        ("small_things", {}, "the last line if nothing does"),
        ("cards", {}, "tick the last line"),
        ("small_things", {"small_things_rest": "perhaps"}, "choose one of the answers"),
        ("letter", {"letter_need": "x" * 20_001}, "too long"),
        ("voices", {"voices_1_harsh": "x" * 12_000, "voices_1_kind": "y" * 12_001}, "too long"),
        ("cards", {"cards_people": "x" * 20_001}, "too long"),
    ],
)
def test_what_cannot_be_kept_is_asked_about_and_nothing_typed_is_lost(
    person: Walker, exercise: str, form: dict[str, str], said: str
) -> None:
    person.to(exercise)
    before = person.place.dump()
    page = person.submit(form)
    assert page.status == 422 and said in page.words
    assert person.place.dump() == before
    assert all(value.strip() in page.text for value in form.values() if len(value.strip()) > 9)
    assert "has arrived" in person.submit({**dict.fromkeys(form, ""), **GOOD[exercise]}).words


@pytest.mark.parametrize("exercise", GOOD)
def test_fields_that_the_page_does_not_have_are_ignored(person: Walker, exercise: str) -> None:
    person.to(exercise)
    forged = {
        "writing": "planted", "feeling_1": "3", "breathing_done": "as_planned", "letter_other": "planted",
        "article_read": "yes", "cards_caring_": "x", "voices_7_kind": "planted", "arm": "plain", "length": "9",
    }  # fmt: skip
    person.submit({**forged, **GOOD[exercise]})
    (sheet,) = sheets(person, exercise)
    assert sheet.answers == CLOSED[exercise]
    assert sheet.length == (sum(map(len, FREE[exercise].values())) if exercise in FREE else None)


@pytest.mark.parametrize("exercise", GOOD)
def test_markup_and_odd_bytes_are_no_error_of_ours(person: Walker, exercise: str) -> None:
    page = person.to(exercise)
    nasty = "</textarea>\"'><script>alert(1)</script>\x00\u202e{{ 7 * 7 }}{{gap}}"
    reply = person.submit({name: nasty for name in page.form.fields if name not in ("csrf", "submission", "opened")})
    assert reply.status in (200, 422)
    assert "<script>alert" not in reply.text


@pytest.mark.parametrize("exercise", GOOD)
def test_a_form_with_a_wrong_token_comes_back_with_what_was_typed(person: Walker, exercise: str) -> None:
    person.to(exercise)
    before = person.place.dump()
    page = person.submit({**GOOD[exercise], "csrf": "old"})
    assert page.status == 403 and "press the button once more" in page.words
    assert person.place.dump() == before
    assert all(text in page.text for text in FREE.get(exercise, {}).values())
    assert "has arrived" in person.submit(GOOD[exercise]).words


def test_a_form_that_came_after_the_visit_ended_shows_its_texts_once_more(person: Walker) -> None:
    fields = person.to("voices").form.filled() | GOOD["voices"]
    late = Visitor(person.place.app)
    late.get("/evening-writing/notice")
    token = late.page.form.fields["csrf"].value
    page = late.post("/now", fields | {"csrf": token})
    assert page.status == 403
    assert all(text in page.text for text in GOOD["voices"].values())
    assert fields["opened"] not in page.text


@pytest.mark.parametrize("how", ["as_planned", "partly", "not_today"])
def test_a_practice_may_have_gone_in_any_way_and_needs_no_clock(person: Walker, how: str) -> None:
    person.to("breathing")
    assert "has arrived" in person.submit({"breathing_done": how}).words
    assert sheets(person, "breathing")[0].answers == {"breathing_done": how, "breathing_seconds": None}


def test_nothing_on_a_list_need_be_ticked(person: Walker) -> None:
    person.to("small_things")
    assert "has arrived" in person.submit({"nothing": "yes"}).words
    assert set(sheets(person, "small_things")[0].answers.values()) == {False}


# --- cards -------------------------------------------------------------------------------------------------------


def test_after_the_cards_each_sentence_is_shown_whole_with_its_own_word_and_no_score(person: Walker) -> None:
    person.to("cards")
    page = person.submit({"cards_caring": "WARMTH ", "cards_failures": "blame"})
    assert "Self-compassion means caring and kindness towards oneself. Yes." in page.words
    assert "take more responsibility for what went wrong. The word here is responsibility." in page.words
    assert "All people go through suffering. The word here is suffering." in page.words
    assert not any(character.isdigit() for character in page.words.split("Questions?")[0])
    assert person.get("/done").words == page.words


def cards_on(page: Reply) -> set[str]:
    return {name.removeprefix("cards_") for name in page.form.fields if name.startswith("cards_")}


def test_a_remembered_card_waits_longer_each_time_and_a_forgotten_one_comes_back_sooner(person: Walker) -> None:
    known = {"cards_caring": "kindness", "cards_people": "hard times"}
    assert cards_on(person.to("cards", 6)) == {"caring", "failures", "people"}
    person.submit(known)
    for day in (7, 8):
        assert cards_on(person.to("cards", day)) == {"caring", "failures", "people"}
        person.submit({**known, "cards_failures": "responsibility"})
    # what was remembered three times waits four days, what was forgotten at first waits one
    assert cards_on(person.to("cards", 10)) == {"failures"}
    person.submit({"cards_failures": "no idea", "cards_caring": "kindness"})
    assert sheets(person, "cards")[-1].answers == {"cards_failures": False}


def test_a_day_without_cards_is_a_page_with_nothing_to_do_and_counts_like_any_other(person: Walker) -> None:
    for day in (6, 7, 8):
        person.to("cards", day)
        person.submit({"cards_caring": "kindness", "cards_people": "hardship", "cards_failures": "responsibility"})
    page = person.to("cards", 10)
    assert cards_on(page) == set()
    assert "Today there is no gap to fill" in page.words
    assert "nothing else to do now" in person.submit({"nothing": "yes"}).words
    assert (sheets(person, "cards")[-1].answers, sheets(person, "cards")[-1].length) == ({}, None)


def test_nobody_sees_how_the_cards_of_another_person_went(person: Walker) -> None:
    person.to("cards")
    person.submit(GOOD["cards"])
    with person.place.store.open_work(person.place.operator, write=False) as work:
        occasion = next(
            one.occasion_id for one in answer_sheets.of_participant(work, person.id) if one.activity == "cards"
        )
    other = Walker(person.place, "other@mailbox.example")
    other.to_allocation()
    assert other.with_session(cards=occasion, after="kept").get("/done").status == 404


# --- writing that goes on from earlier writing ---------------------------------------------------------------------


def test_earlier_words_are_shown_to_the_person_who_wrote_them_and_to_nobody_else(person: Walker) -> None:
    person.to("letter")
    person.submit(GOOD["letter"])
    page = person.to("answer")
    assert "What you wrote before" in page.words
    assert "Why does it make sense that you feel this way? I slept badly." in page.words
    assert "Who else knows such moments?" not in page.words
    assert "One bad morning." in page.words
    person.submit({"writing": "It was one morning."})
    assert "I slept badly" not in "\n".join(person.place.dump())
    other = Walker(person.place, "other@mailbox.example")
    other.to_allocation()
    occasions = person.place.everyone()
    assert len(occasions) >= 2
    with person.place.store.open_work(person.place.operator, write=False) as work:
        theirs = [one.occasion_id for one in answer_sheets.of_participant(work, person.id)][-1]
    assert other.with_session(occasion=theirs).get("/now").status == 404


def test_on_a_new_device_earlier_words_are_shown_after_a_fresh_code_alone(person: Walker) -> None:
    person.to("letter")
    person.submit(GOOD["letter"])
    person.to("answer")
    stranger = Visitor(person.place.app)
    stranger.get(person.place.links(person.id, "evening")[person.evening - 1])
    page = stranger.submit()
    assert "I slept badly" not in page.text and "One bad morning" not in page.text
    assert "What you wrote before" in page.words
    page = typed_code(person.place, stranger, person.id, "/now/mine")
    assert page.path.endswith("/now")
    assert "Why does it make sense that you feel this way? I slept badly." in page.words
    # writing something there does not open what was written elsewhere
    other = Visitor(person.place.app)
    other.get(person.place.links(person.id, "evening")[person.evening - 1])
    other.submit()
    other.submit({"writing": "It was one morning."})
    assert "I slept badly" not in other.get("/now").text


def test_who_wrote_nothing_before_is_told_that_this_is_all_right(person: Walker) -> None:
    page = person.to("answer")
    assert "no earlier words of yours" in page.words
    assert "has arrived" in person.submit({"writing": "Today I begin here."}).words
