"""An enrolment in error: marked with a reason and who, never taken out, and nothing of the allocation changes."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.services.at_once import at_once
from tests.services.scene import OPERATOR, SENSITIVE, Scene
from trial.core.access import Actor, Role
from trial.core.enrolment_errors import ErrorReason
from trial.core.errors import BadInput, NotAllowed, Refused
from trial.core.events import Event
from trial.services import enrolment_errors, freeze, trials, verifying
from trial.services.enrolment_errors import Looked
from trial.storage import allocations, events
from trial.storage import enrolment_errors as stored
from trial.storage.work import Store

COORDINATOR = Actor("member:7", Role.COORDINATOR)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def mark(scene: Scene, person: int, reason: str = "not_eligible", *, by: Actor = COORDINATOR, **said: Any) -> Looked:
    code = scene.person(person).code
    with scene.work(by) as work:
        return enrolment_errors.mark(work, scene.slug, code, reason=reason, **said)


def entries(scene: Scene, person: int) -> list[tuple[str, str, str | None]]:
    with scene.work(write=False) as work:
        return [(one.reason.value, one.by, one.words) for one in stored.of_participant(work, person)]


def frozen(scene: Scene) -> dict[str, dict[str, str]]:
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        files = freeze.freeze(work, scene.slug)
    assert "enrolled_in_error" in files["codebook.csv"]
    return {row["participant"]: row for row in csv.DictReader(io.StringIO(files["disposition.csv"]))}


def test_who_is_marked_stays_in_the_list_in_the_analysis_and_on_the_mails(scene: Scene) -> None:
    person, other = scene.enrol(), scene.enrol()
    with scene.work(write=False) as work:
        before = list(allocations.recorded(work, scene.id))
    mails = scene.contacts(person)
    mark(scene, person, words=SENSITIVE)
    assert entries(scene, person) == [("not_eligible", "member:7", SENSITIVE)]
    assert scene.contacts(person) == mails and scene.person(person).stopped is None
    with scene.work(Actor("member:1", Role.UNBLINDED_STATISTICIAN), write=False) as work:
        assert list(allocations.recorded(work, scene.id)) == before
        assert verifying.verify(work, scene.slug).holds
        detail = events.details_of(work, person, Event.ENROLMENT_ERROR_MARKED)
    assert [one["reason"] for one in detail] == ["not_eligible"] and SENSITIVE not in str(detail)
    found = frozen(scene)
    assert found[scene.person(person).code]["enrolled_in_error"] == "not_eligible"
    assert found[scene.person(person).code]["arm"]
    assert found[scene.person(other).code]["enrolled_in_error"] == ""


def test_the_mails_stop_where_that_is_asked_for(scene: Scene) -> None:
    person = scene.enrol()
    assert mark(scene, person, "test_entry", stop=True).stops
    assert scene.events(person)[-2:] == ["enrolment_error_marked", "stopped_everything"]
    assert not mark(scene, person, "duplicate", stop=True).stops  # stopped already


def test_a_later_entry_stands_beside_the_first_and_the_last_one_counts(scene: Scene) -> None:
    wrong, corrected = scene.enrol(), scene.enrol()
    for person in (wrong, corrected):
        mark(scene, person)
    mark(scene, corrected, "no_consent")
    mark(scene, wrong, "taken_back", words="Another person was meant.", stop=True)
    assert [one for one, *_ in entries(scene, wrong)] == ["not_eligible", "taken_back"]
    assert scene.person(wrong).stopped is None
    found = frozen(scene)
    assert found[scene.person(wrong).code]["enrolled_in_error"] == ""
    assert found[scene.person(corrected).code]["enrolled_in_error"] == "no_consent"


def test_what_cannot_be_marked_is_refused_and_nothing_is_kept(scene: Scene) -> None:
    person, on_the_way = scene.enrol(), scene.to_consent()
    for reason, words, match in (("", "", "reason"), ("nonsense", "", "reason"), ("other", " ", "words"),
                                 ("duplicate", "x" * 2001, "words")):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            mark(scene, person, reason, words=words)
        assert [one.file for one in refused.value.problems] == [match]
    with pytest.raises(Refused, match="was not allocated"):
        mark(scene, on_the_way)
    with pytest.raises(Refused, match="stands there already"):
        mark(scene, person, "taken_back")
    mark(scene, person)
    with pytest.raises(Refused, match="stands there already"):
        mark(scene, person)
    frozen(scene)
    with pytest.raises(Refused, match="data are locked"):
        mark(scene, person, "duplicate")
    assert len(entries(scene, person)) == 1


def test_the_same_entry_sent_twice_at_once_is_kept_once(scene: Scene) -> None:
    person = scene.enrol()

    def press(_: int) -> str:
        try:
            mark(scene, person)
        except Refused:
            return "refused"
        return "kept"

    assert sorted(at_once(press, range(4))) == ["kept", "refused", "refused", "refused"]
    assert len(entries(scene, person)) == 1


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.SAFETY_CONTACT, Role.CUSTODIAN, Role.UNBLINDED_STATISTICIAN])
def test_who_does_not_look_after_people_marks_nobody(scene: Scene, role: Role) -> None:
    with pytest.raises(NotAllowed):
        mark(scene, scene.enrol(), by=Actor("member:9", role))


def test_every_reason_has_words_on_the_form() -> None:
    assert {value for value, _ in enrolment_errors.choices()} == {one.value for one in ErrorReason}
