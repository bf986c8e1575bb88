"""The screening form's sum and trap: people are never refused for them, and what is odd is written down."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.place import ELIGIBLE, SLUG, Person, Place, full_answers
from trial.core import proof
from trial.core.access import Actor, Role
from trial.core.participant import ParticipantState
from trial.services import reviews
from trial.storage import flags


def signals(place: Place) -> list[tuple[str, str]]:
    with place.store.open_work(place.operator, write=False) as work:
        return [(one.signal, str(one.detail.get("proof", ""))) for one in flags.of_trial(work, place.trial.id)]


def held(place: Place, person: Person, **screening: str) -> str:
    """The whole way in, with this in the screening form; the words of the last page."""
    person.to_screening()
    person.submit(ELIGIBLE | screening)
    person.submit({"email": person.address, "zone": "Europe/Berlin"})
    person.id = place.everyone()[-1].id
    person.submit({"code": place.code(person.id)})
    ticks = {f"statement_{one.id}": "yes" for one in place.folder.protocol.consent.statements}
    page = person.submit({**ticks, "signature": "Robin Example", "answer": "agree"})
    return person.submit(full_answers(page.form)).words


def test_with_the_sum_done_nothing_is_flagged(place: Place, person: Person) -> None:
    person.to_allocation()
    assert signals(place) == []
    assert place.everyone()[0].state is ParticipantState.RANDOMIZED


def test_a_browser_without_javascript_goes_all_the_way_and_is_then_looked_at_by_a_person(
    place: Place, person: Person
) -> None:
    words = held(place, person, **{proof.PROOF: ""})
    assert "A person on our team looks at this" in words
    assert signals(place) == [("no_proof", "missing")]
    assert place.everyone()[0].state is ParticipantState.HELD
    assert "A person on our team looks at this" in person.get("/now").words
    assert place.everyone()[0].randomized_at is None


def test_a_filled_trap_is_flagged_and_refuses_nobody(place: Place, person: Person) -> None:
    assert "looks at this" in held(place, person, **{"web-site": "http://spam.example"})
    assert signals(place) == [("honeypot", "")]


@pytest.mark.parametrize(
    ("sent", "said"),
    [({proof.PROOF: "1.2.3"}, "wrong"), ({proof.CHALLENGE: "1.1." + "0" * 64, proof.PROOF: "1"}, "forged")],
)
def test_a_made_up_proof_is_flagged(place: Place, person: Person, sent: dict[str, str], said: str) -> None:
    person.to_screening()
    assert "may be right for you" in person.submit(ELIGIBLE | sent).words
    assert signals(place) == [("no_proof", said)]


def test_a_proof_is_worth_nothing_in_another_browser(place: Place, person: Person) -> None:
    form = person.to_screening().form
    asked = form.fields[proof.CHALLENGE].value
    done = {proof.CHALLENGE: asked, proof.PROOF: proof.solve(proof.asked_by(asked))}
    person.submit(ELIGIBLE)
    other = Person(place, "kim@mailbox.example")
    other.to_screening()
    other.submit(ELIGIBLE | done)
    assert signals(place) == [("no_proof", "forged")]


def test_a_proof_from_yesterday_has_expired(place: Place, person: Person) -> None:
    person.to_screening()
    place.move(hours=13)
    person.submit(ELIGIBLE)
    assert signals(place) == [("no_proof", "expired")]


def test_a_form_with_a_slip_in_it_comes_back_with_the_work_that_was_done(person: Person) -> None:
    form = person.to_screening().form
    page = person.submit({**ELIGIBLE, "age": "old"})
    assert page.status == 422
    assert page.form.fields[proof.CHALLENGE].value == form.fields[proof.CHALLENGE].value
    assert page.form.fields[proof.PROOF].value


def test_a_second_try_with_other_answers_is_flagged_and_goes_on(place: Place, person: Person) -> None:
    person.to_screening()
    person.submit({**ELIGIBLE, "age": "12"})
    person.get(f"/{SLUG}/notice")
    person.submit({"agree": "yes"})
    assert "may be right for you" in person.submit(ELIGIBLE).words
    assert signals(place) == [("seen_before", ""), ("inconsistent", "")]


def test_the_trap_is_kept_from_eyes_ears_and_the_tab_key(person: Person) -> None:
    page = person.to_screening().text
    trap = page.partition('<div class="trap" aria-hidden="true">')[2].partition("</div>")[0]
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap
    assert "style=" not in page


def decide(place: Place, decision: Callable[..., int]) -> None:
    with place.store.open_work(Actor("member:1", Role.COORDINATOR)) as work:
        decision(work, SLUG, place.everyone()[0].code, "A reason.")


def test_a_refused_person_reads_kind_words_and_what_the_study_was_about(place: Place, person: Person) -> None:
    held(place, person, **{proof.PROOF: ""})
    assert "goes on for you" in person.get("/end").words
    decide(place, reviews.refuse)
    page = person.get("/now")
    assert "We are sorry: we cannot take you into this study." in page.words and "/end" in page.links
    assert "Here is what it was about" in person.get("/end").words


def test_a_released_person_goes_on_and_is_not_told_what_it_is_about_yet(place: Place, person: Person) -> None:
    held(place, person, **{proof.PROOF: ""})
    decide(place, reviews.release)
    assert "looks at this" not in person.get("/now").words
    assert "goes on for you" in person.get("/end").words
