"""A questionnaire with a page for each question: turned, turned back, gone on with, and sent once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.place import Person, Place, Reply, Visitor, full_answers, typed_code
from trial.core.protocol import Questionnaire
from trial.protocol_files import read_folder, shipped
from trial.services import drafts
from trial.storage import answer_sheets, occasions


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped trial with its first questionnaire page by page, the items in an order of each person's own."""
    folder = read_folder(shipped("shapira-mongrain-2010"))
    path = tmp_path_factory.mktemp("paged") / "trial"
    first = next(one for one in folder.protocol.activities if isinstance(one, Questionnaire))
    for name, text in folder.files.items():
        if name == "protocol.yaml":
            head, rest = text.split(f"- id: {first.id}\n", 1)
            text = f"{head}- id: {first.id}\n    layout: item\n    shuffle: true\n{rest}"
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def paged(tmp_path: Path, protocol: Path) -> Place:
    return Place(tmp_path, protocol=protocol)


@pytest.fixture
def someone(paged: Place) -> Person:
    one = Person(paged)
    one.to_baseline()
    return one


def sheets(place: Place, person: int) -> list[Any]:
    with place.store.open_work(place.operator, write=False) as work:
        return answer_sheets.of_participant(work, person)


def number(visitor: Visitor) -> int:
    return int(visitor.page.form.fields["page"].value)


def answer(visitor: Visitor) -> str:
    """Answer the page and turn it; the column that was answered."""
    given = full_answers(visitor.page.form)
    visitor.submit(given)
    return next(iter(given))


def test_each_page_has_one_question_and_says_how_far_it_is(someone: Person) -> None:
    assert len(full_answers(someone.page.form)) == 1 and "Page 1 of" in someone.page.words
    answer(someone)
    assert number(someone) == 1 and "Page 2 of" in someone.page.words


def test_a_page_can_be_turned_back_and_shows_what_was_chosen(someone: Person) -> None:
    column = answer(someone)
    someone.submit({"turn": "back"})
    assert number(someone) == 0 and column in someone.page.form.fields
    assert "checked" in someone.page.text


def test_an_item_left_out_is_asked_about_on_its_own_page(someone: Person) -> None:
    page = someone.submit()
    assert page.status == 422 and number(someone) == 0


def test_going_through_all_pages_sends_one_sheet_with_every_answer_its_order_and_its_times(
    paged: Place, someone: Person
) -> None:
    columns = []
    while "page" in someone.page.form.fields:
        columns.append(answer(someone))
        if someone.page.path.endswith("/done"):
            break
    assert "You are in" in someone.page.words
    kept = sheets(paged, someone.id)[0]
    assert set(columns) == kept.answers.keys() and all(value is not None for value in kept.answers.values())
    assert list(kept.pages["order"]) == columns != sorted(columns)
    assert len(kept.pages["turned"]) == len(columns)
    assert all(one["opened"] <= one["left"] for one in kept.pages["turned"])


def test_another_visit_of_the_same_browser_goes_on_where_the_person_was(someone: Person) -> None:
    for _ in range(3):
        answer(someone)
    someone.get("/now")
    assert number(someone) == 3


def test_on_a_new_device_a_fresh_code_leads_to_the_page_where_the_person_was(paged: Place, someone: Person) -> None:
    columns = [answer(someone) for _ in range(3)]
    laptop = someone.with_session(browser="a laptop")
    assert "page" not in laptop.get("/now").form.fields  # what stands on the other device stays there
    assert number_after(typed_code(paged, laptop, someone.id, "/now/mine")) == 3
    assert "checked" in laptop.get("/now?page=0").text
    laptop.get("/now?page=3")
    while "page" in laptop.page.form.fields:
        columns.append(answer(laptop))
        if laptop.page.path.endswith("/done"):
            break
    kept = sheets(paged, someone.id)[0]
    assert set(columns) == kept.answers.keys() and all(value is not None for value in kept.answers.values())


def number_after(page: Reply) -> int:
    return int(page.form.fields["page"].value)


def test_who_presses_next_and_chooses_nothing_leaves_no_trace(paged: Place, someone: Person) -> None:
    before = paged.dump()
    for place in range(6):
        someone.get(f"/now?page={place}")
        someone.submit()
        someone.submit({"go_on": "yes"})
        someone.submit({"turn": "back"})
    assert paged.dump() == before


def test_the_script_keeps_this_page_and_forgets_no_other(paged: Place, someone: Person) -> None:
    first = answer(someone)
    form = someone.page.form
    second = full_answers(form)
    someone.post("/draft", form.filled() | second | {"quietly": "yes"})
    with paged.store.open_work(paged.operator, write=False) as work:
        occasion = work_occasion(paged, someone)
        held = drafts.of(work, someone.id, occasion)
    assert held is not None and set(held.values) == {first, *second} and held.place == 1


def work_occasion(place: Place, person: Person) -> int:
    with place.store.open_work(place.operator, write=False) as work:
        return occasions.of_participant(work, person.id)[0].id


@pytest.mark.parametrize("number", ["-1", "x", "99999999999", "7; drop", "\u0663"])
def test_a_page_number_from_outside_leads_to_a_page_that_there_is(someone: Person, number: str) -> None:
    assert someone.get(f"/now?page={number}").status == 200
    assert someone.submit({"page": number, "here": number}).status in (200, 422)
