"""The consent page as a browser meets it: questions about the information, and a tick that is nobody's duty."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.place import SLUG, Person, Place, signature_and_ticks
from trial.core.participant import ParticipantState
from trial.protocol_files import shipped
from trial.storage.participants import consents_of


@pytest.fixture
def asking(tmp_path: Path) -> Place:
    return Place(tmp_path, protocol=shipped("examples/two-arm"))


def to_consent(place: Place) -> Person:
    """Somebody whom this trial takes, in front of the consent form."""
    person = Person(place)
    person.to_screening()
    fields = person.page.form.fields
    person.submit({name: one.options[0] for name, one in fields.items() if one.options} | {"age": "34"})
    person.submit({"email": person.address, "zone": "Europe/Berlin"})
    person.id = place.everyone()[-1].id
    person.submit({"code": place.code(person.id)})
    assert person.page.path.endswith("/consent")
    return person


def test_a_wrong_answer_is_explained_and_asked_again_with_all_else_kept(asking: Place) -> None:
    person = to_consent(asking)
    given = signature_and_ticks(asking)
    page = person.submit({**given, "question_who_decides": "team", "data_sharing": "yes"})
    assert page.status == 422
    assert "Neither you nor the study team can choose" in page.words
    assert "This is no test" in page.words
    assert not [word for word in ("wrong", "fail", "error", "incorrect", "attempt") if word in page.words.lower()]
    assert page.form.fields["signature"].value == given["signature"]
    assert page.text.count(" checked") == len(asking.folder.protocol.consent.statements) + 1
    page = person.submit({**given, "question_who_decides": "chance", "data_sharing": "yes"})
    assert page.path.endswith("/now")
    with asking.store.open_work(asking.operator, write=False) as work:
        (proof,) = consents_of(work, person.id)
    assert proof.comprehension == {"who_decides": 2}
    assert proof.data_sharing is True


def test_no_answer_and_no_tick_is_set_before_the_person_sets_it(asking: Place) -> None:
    page = to_consent(asking).page
    assert " checked" not in page.text
    assert set(page.form.fields) >= {"question_who_decides", "data_sharing", "statement_data"}


def test_pressing_yes_without_choosing_anything_changes_nothing(asking: Place) -> None:
    person = to_consent(asking)
    before = asking.dump()
    page = person.submit({"answer": "agree"})
    assert page.status == 422
    assert "Please choose an answer." in page.words
    assert asking.dump() == before


def test_a_question_without_an_answer_is_said_and_linked(asking: Place) -> None:
    page = to_consent(asking).submit(signature_and_ticks(asking))
    assert page.status == 422
    assert "#f-question_who_decides" in page.links
    assert 'id="f-question_who_decides"' in page.text
    assert asking.everyone()[0].state is ParticipantState.CONFIRMED


def test_a_no_needs_no_answer(asking: Place) -> None:
    page = to_consent(asking).submit({"answer": "decline"})
    assert "will not write to you again" in page.words


def test_a_form_out_of_date_says_so_kindly_and_asks_nothing(
    place: Place, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.to_consent()
    monkeypatch.setattr("trial.services.consent.is_valid", lambda form, day: False)
    page = person.get(f"/{SLUG}/consent")
    assert "not about you" in page.words
    assert not page.forms
