"""The desk's list of enrolments that wait: codes and what looked odd, the commands that decide, and no identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from tests.web.place import ELIGIBLE, SLUG, Person, Place
from tests.web.test_keeping_robots_out import held
from trial.core import proof
from trial.core.access import Actor, Role
from trial.services import reviews
from trial.services.reviews import Held, Sign
from trial.storage.reviews import Review
from trial.web.desk.viewer import create_viewer

NOW = datetime(2041, 3, 4, 9, 0, tzinfo=UTC)
SIGN = Sign("no_proof", "no proof of work (no script ran)", holds=True)
AGAIN = Sign("seen_before", "an earlier try by the same <browser>", holds=False)


def desk(waiting: Mapping[str, Sequence[Held]]) -> TestClient:
    app = create_viewer(mailbox=None, report=None, title="Evenings", waiting=lambda: waiting)
    return TestClient(app, base_url="http://127.0.0.1")


def test_who_waits_is_shown_with_what_looked_odd_and_the_commands_that_decide() -> None:
    page = desk({"evenings": [Held("EQ-7K3M", NOW, (SIGN, AGAIN), None, None)]}).get("/enrolments").text
    assert "EQ-7K3M" in page and "2041-03-04 09:00" in page and "no script ran" in page
    assert "equipoise enrolment release evenings EQ-7K3M --as NAME --reason WORDS" in page
    assert "equipoise enrolment refuse evenings EQ-7K3M --as NAME --reason WORDS" in page
    assert "&lt;browser&gt;</li>" not in page and "&lt;browser&gt; (does not hold by itself)" in page
    assert "<form" not in page


def test_who_cannot_be_released_is_offered_the_other_command_and_who_is_decided_none() -> None:
    decided = Review(1, "released", "A reason.", "member:1", NOW)
    waiting = [
        Held("EQ-OLD", NOW, (SIGN,), None, "baseline too old"),
        Held("EQ-DONE", NOW, (SIGN,), decided, None),
    ]
    page = desk({"evenings": waiting}).get("/enrolments").text
    assert "Cannot be released:</strong> baseline too old" in page
    assert "release evenings EQ-OLD" not in page and "refuse evenings EQ-OLD" in page
    assert "Released; waits for those who came before." in page and "evenings EQ-DONE" not in page


def test_an_empty_list_says_what_it_is_for() -> None:
    page = desk({"evenings": []}).get("/enrolments").text
    assert "Nobody waits." in page and "JavaScript switched off" in page
    assert "There is no trial yet." in desk({}).get("/enrolments").text


@pytest.mark.parametrize(("count", "said"), [(0, "Nobody waits."), (1, "1 person waits"), (2, "2 people wait")])
def test_the_first_page_counts_who_waits_and_leads_there(count: int, said: str) -> None:
    page = desk({"evenings": [Held("EQ-7K3M", NOW, (SIGN,), None, None)] * count}).get("/").text
    assert said in page and 'href="/enrolments"' in page


def test_a_person_who_waits_stands_on_the_desk_without_address_name_or_answer(place: Place, person: Person) -> None:
    held(place, person, **{proof.PROOF: ""})

    def waiting() -> dict[str, list[Held]]:
        with place.store.open_work(Actor("operator:test", Role.OPERATOR), write=False) as work:
            return {SLUG: reviews.held(work, SLUG)}

    page = TestClient(
        create_viewer(mailbox=None, report=None, title="Evenings", waiting=waiting), base_url="http://127.0.0.1"
    ).get("/enrolments")
    assert place.everyone()[-1].code in page.text
    for secret in (person.address, "Robin", *(one for one in ELIGIBLE.values() if one.isdigit())):
        assert f">{secret}" not in page.text and f" {secret} " not in page.text
    assert not any(arm.id in page.text for arm in place.folder.protocol.arms)
