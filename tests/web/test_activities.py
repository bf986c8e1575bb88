"""Questionnaires and exercises: sent once, kept once, and kind about what was left out."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.web.place import SHIPPED, Person, Place, full_answers
from trial.core.participant import ParticipantState, StopLevel
from trial.storage import answer_sheets, occasions

EMPTY = {"csrf": ""}


def sheets(place: Place, person: Person) -> list[answer_sheets.AnswerSheet]:
    with place.store.open_work(place.operator, write=False) as work:
        return list(answer_sheets.of_participant(work, person.id))


def to_follow_up(place: Place, person: Person) -> None:
    """The first questionnaire after the exercise week."""
    person.to_allocation()
    place.move(days=14, hours=12)
    person.get(place.links(person.id, "questionnaire")[0])
    person.submit()


def test_a_questionnaire_may_be_sent_with_gaps_after_one_question(place: Place, person: Person) -> None:
    to_follow_up(place, person)
    answers = full_answers(person.page.form)
    del answers["cesd_3"], answers["swls_1"]
    asked = person.submit(answers)
    assert asked.status == 422
    assert "2 questions have no answer" in asked.words
    assert "You may leave out what you like" in asked.words
    assert len(sheets(place, person)) == 1
    done = person.submit(answers)
    assert "has arrived" in done.words
    kept = sheets(place, person)[-1].answers
    assert kept["cesd_3"] is None
    assert kept["cesd_4"] is not None


def test_what_was_ticked_is_still_ticked_when_the_page_asks_about_gaps(place: Place, person: Person) -> None:
    to_follow_up(place, person)
    page = person.submit({"cesd_1": "2"})
    assert 'name="cesd_1" value="2" checked' in page.text
    assert page.text.count(" checked") == 1


def test_an_answer_that_was_never_offered_is_refused_and_nothing_is_kept(place: Place, person: Person) -> None:
    to_follow_up(place, person)
    before = place.dump()
    page = person.submit({**full_answers(person.page.form), "cesd_1": "9"})
    assert page.status == 422
    assert "Please choose one of the answers" in page.words
    assert place.dump() == before


def test_the_items_that_decide_the_stratum_may_not_be_left_out(place: Place, person: Person) -> None:
    answers = full_answers(person.to_baseline().form)
    del answers["cesd_7"]
    person.submit(answers)
    page = person.submit(answers)
    assert page.status == 422
    assert "Please answer this question" in page.words
    assert person.submit({**answers, "cesd_7": "1"}).path.endswith("/done")
    assert place.everyone()[0].state is ParticipantState.RANDOMIZED


def test_a_second_submission_of_the_same_form_changes_nothing(place: Place, person: Person) -> None:
    page = person.to_exercise()
    fields = page.form.filled() | {"writing": "Dear Robin, it makes sense."}
    first = person.post("/now", fields)
    before = place.dump()
    second = person.post("/now", fields)
    assert place.dump() == before
    assert first.path == second.path
    assert "already have" in second.words
    assert len(sheets(place, person)) == 2


@pytest.mark.parametrize("times", [2, 8])
def test_many_presses_at_the_same_moment_keep_one_answer(place: Place, person: Person, times: int) -> None:
    form = person.to_baseline().form
    replies = person.at_once("/now", form.filled() | full_answers(form), times)
    assert [reply.status for reply in replies] == [303] * times
    assert {reply.headers["location"] for reply in replies} == {"/done"}
    assert len(sheets(place, person)) == 1
    assert "You are in" in person.get("/done").words


def test_a_double_click_on_the_last_baseline_page_still_shows_that_one_is_in(place: Place, person: Person) -> None:
    form = person.to_baseline().form
    fields = form.filled() | full_answers(form)
    person.post("/now", fields)
    before = place.dump()
    assert "You are in" in person.post("/now", fields).words
    assert place.dump() == before


def test_the_back_button_leads_to_a_page_that_says_it_is_done(place: Place, person: Person) -> None:
    person.to_exercise()
    person.submit({"writing": "Dear Robin"})
    page = person.get("/now")
    assert "already have" in page.words
    assert "Dear Robin" not in page.text


def test_an_empty_text_is_asked_about_and_not_kept(place: Place, person: Person) -> None:
    person.to_exercise()
    page = person.submit({"writing": "  \r\n "})
    assert page.status == 422
    assert "A few words are enough" in page.words
    assert len(sheets(place, person)) == 1


def test_a_text_that_is_too_long_is_shown_again_whole(place: Place, person: Person) -> None:
    person.to_exercise()
    page = person.submit({"writing": "x" * 20_001})
    assert page.status == 422
    assert "too long" in page.words
    assert "x" * 20_001 + "</textarea>" in page.text


def test_the_length_of_a_text_is_kept_and_its_words_only_in_the_vault(place: Place, person: Person) -> None:
    person.to_exercise()
    person.submit({"writing": "Dear Robin,\r\nit makes sense."})
    sheet = sheets(place, person)[-1]
    assert sheet.length == len("Dear Robin,\nit makes sense.")
    assert "Dear Robin" not in "\n".join(place.dump())


def test_the_time_of_opening_comes_back_with_the_form_and_cannot_be_made_up(place: Place, person: Person) -> None:
    person.to_exercise()
    opened = datetime(2026, 3, 3, 19, 0, tzinfo=UTC)
    place.move(minutes=12)
    person.submit({"writing": "Dear Robin"})
    assert sheets(place, person)[-1].opened_at == opened
    other = Person(place, "kim@mailbox.example")
    form = other.to_baseline().form
    forged = "2020-01-01T00:00:00+00:00 " + form.fields["opened"].value.split(" ")[1]
    other.submit({**full_answers(form), "opened": forged})
    assert sheets(place, other)[-1].opened_at is None


def test_the_page_of_a_window_that_closed_meanwhile_is_kind_and_keeps_nothing(place: Place, person: Person) -> None:
    person.to_exercise()
    place.move(hours=21)
    before = place.dump()
    page = person.submit({"writing": "Dear Robin"})
    assert "nothing that you need to make up for" in page.words
    assert "nothing that you need to make up for" in person.get("/now").words
    assert place.dump() == before


def test_an_exercise_page_names_no_arm_in_its_title_address_or_form(place: Place, person: Person) -> None:
    page = person.to_exercise()
    title = page.text.split("<title>")[1].split("</title>")[0]
    assert title == "Your exercise"
    for arm in place.folder.protocol.arms:
        assert arm.id not in page.path
        assert f'"{arm.id}"' not in page.text


@pytest.mark.parametrize(
    ("level", "evening", "questions"),
    [
        ("exercises", "The exercises have stopped", "Send my answers"),
        ("everything", "Everything has", "Everything has"),
    ],
)
def test_who_stopped_sees_that_it_stopped(
    place: Place, person: Person, level: str, evening: str, questions: str
) -> None:
    person.to_exercise()
    person.get("/stop")
    assert "stopped" in person.submit({"level": level, "reason": "no_time"}).words
    assert place.everyone()[0].stopped is StopLevel(level)
    assert evening in person.get("/now").words
    place.move(days=13, hours=1)
    person.get(place.links(person.id, "questionnaire")[0])
    assert questions in person.submit().words


def test_stopping_only_the_exercises_is_what_is_offered_first_and_nothing_is_chosen_beforehand(
    place: Place, person: Person
) -> None:
    person.to_exercise()
    page = person.get("/stop")
    assert page.form.fields["level"].options == ["exercises", "questionnaires", "everything"]
    assert "checked" not in page.text
    assert page.form.fields["reason"].options[0] == "not_said"


def test_before_randomisation_there_is_only_everything_to_stop(place: Place, person: Person) -> None:
    person.to_baseline()
    assert person.get("/stop").form.fields["level"].options == ["everything"]


def test_only_what_the_protocol_lets_people_stop_is_offered_or_taken(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "protocol"))
    text = (folder / "protocol.yaml").read_text(encoding="utf-8")
    assert "withdrawal:" not in text
    (folder / "protocol.yaml").write_text(f"{text}\nwithdrawal: {{levels: [exercises]}}\n", encoding="utf-8")
    person = Person(Place(tmp_path / "place", protocol=folder))
    person.to_allocation()
    # everything may always be stopped, whatever a protocol says
    assert person.get("/stop").form.fields["level"].options == ["exercises", "everything"]
    assert person.submit({"level": "questionnaires"}).status == 422
    assert person.place.everyone()[0].stopped is None
    person.submit({"level": "exercises"})
    person.get("/stop")
    assert person.submit({"level": "exercises"}).status == 200  # pressed twice


def test_stopping_nothing_that_exists_stops_nothing(place: Place, person: Person) -> None:
    person.to_exercise()
    person.get("/stop")
    before = place.dump()
    assert person.submit({"level": "the world"}).status == 422
    assert place.dump() == before


def test_a_report_may_be_sent_without_a_word_and_says_when_a_person_reads_it(place: Place, person: Person) -> None:
    person.to_exercise()
    assert "not around the clock" in person.get("/report").words
    page = person.submit({"text": "", "wordless": "yes"})
    assert "not there around the clock" in page.words
    dump = "\n".join(place.dump())
    assert dump.count('INSERT INTO "adverse_event"') + dump.count("INSERT INTO adverse_event") == 1


def test_a_report_leads_back_to_the_exercise(place: Place, person: Person) -> None:
    person.to_exercise()
    person.get("/report")
    page = person.submit({"text": "It hurt."})
    assert "/now" in page.links
    assert "writing" in person.get("/now").form.fields


def test_nobody_sees_the_occasion_of_another_person(place: Place, person: Person) -> None:
    person.to_allocation()
    other = Person(place, "kim@mailbox.example")
    other.to_allocation()
    with place.store.open_work(place.operator, write=False) as work:
        theirs = occasions.of_participant(work, person.id)[0].id
    forged = other.with_session(occasion=theirs)
    assert forged.get("/now").status == 404
