"""Held enrolments: flagged before randomisation, decided by a person who is blind, allocated in order of arrival."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tests.services.at_once import at_once
from tests.services.scene import ELIGIBLE, FORMS, MOODS, Scene
from tests.storage.stores import content
from trial.core.access import Actor, Role
from trial.core.errors import NotAllowed, Refused
from trial.core.fraud import FormEvidence
from trial.core.participant import ParticipantState, StopLevel
from trial.services import enrolment, reviews
from trial.storage import participants
from trial.storage import trials as stored_trials
from trial.storage.work import Store

ROBOT = FormEvidence("missing", trapped=False, seconds=60.0)
PERSON = FormEvidence("proved", trapped=False, seconds=60.0)
COORDINATOR = Actor("member:1", Role.COORDINATOR)
OWNER = Actor("member:2", Role.OWNER)
S = ParticipantState


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def arrive(scene: Scene, evidence: FormEvidence = ROBOT, *, email: str | None = None) -> int:
    """Somebody up to the consent, whose screening form said this about them; the baseline is not answered yet."""
    with scene.work() as work:
        trial = stored_trials.by_id(work, scene.id)
        form = f"form-{next(FORMS)}"
        screened = enrolment.screen(work, trial, ELIGIBLE, "poster", submission=form, evidence=evidence)
    assert screened.id is not None
    assert scene.give(screened.id, email or scene.new_address()) is None
    with scene.work(write=False) as work:
        person = participants.screening_of(work, scene.id, screened.id).participant_id
    assert person is not None
    assert scene.confirm(screened.id, scene.code(person)) == person
    return person


def finish(scene: Scene, person: int) -> str:
    occasion = scene.consent(person).occasion_id
    assert occasion is not None
    done = scene.submit(person, occasion, MOODS[0])
    return "allocated" if done.allocated else done.state


def held_person(scene: Scene) -> int:
    person = arrive(scene)
    assert finish(scene, person) == "held"
    return person


def release(scene: Scene, person: int, by: Actor = COORDINATOR) -> int:
    code = scene.person(person).code
    with scene.work(by) as work:
        return reviews.release(work, scene.slug, code, "The address is confirmed.")


def refuse(scene: Scene, person: int, by: Actor = COORDINATOR) -> int:
    code = scene.person(person).code
    with scene.work(by) as work:
        return reviews.refuse(work, scene.slug, code, "The same words forty times.")


def order(scene: Scene) -> list[int]:
    """Who was allocated, in the order of it."""
    return [
        one["participant_id"] for one in sorted(content(scene.store)["allocation"], key=lambda one: one["sequence"])
    ]


def test_who_did_the_sum_is_allocated_and_who_did_not_waits_with_everything_kept(scene: Scene) -> None:
    assert finish(scene, arrive(scene, PERSON)) == "allocated"
    person = held_person(scene)
    kept = scene.person(person)
    assert (kept.state, kept.held_at, kept.randomized_at) == (S.HELD, scene.now, None)
    assert scene.events(person)[-2:] == ["questionnaire_done", "enrolment_held"]
    assert "flagged" in scene.events()
    assert len(content(scene.store)["answer_sheet"]) == 2
    assert len(order(scene)) == 1


def test_the_list_shows_codes_and_reasons_and_neither_address_nor_arm(scene: Scene) -> None:
    person = arrive(scene, email="robin@mailbox.example")
    finish(scene, person)
    with scene.work(COORDINATOR, write=False) as work:
        (one,) = reviews.held(work, scene.slug)
    assert (one.code, one.decision, one.obstacle) == (scene.person(person).code, None, None)
    assert [(sign.signal, sign.holds) for sign in one.signs] == [("no_proof", True)]
    assert "robin" not in repr(one)
    assert not any(arm.id in repr(one) for arm in scene.folder.protocol.arms)


def test_releasing_allocates_in_the_same_moment_and_tells_the_person(scene: Scene) -> None:
    person = held_person(scene)
    scene.move(days=1)
    assert release(scene, person) == 1
    assert scene.person(person).randomized_at == scene.now
    assert scene.contacts(person, "own:released")
    assert scene.contacts(person, "evening")
    assert scene.events(person).count("enrolment_released") == 1


def test_refusing_ends_it_with_a_mail_and_no_allocation(scene: Scene) -> None:
    person = held_person(scene)
    assert refuse(scene, person) == 0
    assert scene.person(person).state is S.REFUSED
    assert scene.contacts(person, "own:refused")
    assert order(scene) == []


def test_a_decision_stands(scene: Scene) -> None:
    first, second = held_person(scene), held_person(scene)
    release(scene, second)
    for act in (release, refuse):
        with pytest.raises(Refused, match="decided before"):
            act(scene, second)
    refuse(scene, first)
    with pytest.raises(Refused, match="No enrolment"):
        release(scene, first)


def test_a_decision_needs_a_reason(scene: Scene) -> None:
    code = scene.person(held_person(scene)).code
    for reason in ("", "  ", "x" * 301):
        with pytest.raises(Refused, match="reason"), scene.work(COORDINATOR) as work:
            reviews.release(work, scene.slug, code, reason)
    assert content(scene.store)["review"] == []


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OWNER, Role.COORDINATOR}))
def test_nobody_else_decides_and_of_the_others_the_operator_alone_sees(scene: Scene, role: Role) -> None:
    person = held_person(scene)
    with scene.work(Actor("member:9", role), write=False) as work:
        if role is Role.OPERATOR:  # whose desk shows the list
            assert [one.code for one in reviews.held(work, scene.slug)] == [scene.person(person).code]
        else:
            with pytest.raises(NotAllowed):
                reviews.held(work, scene.slug)
    for act in (release, refuse):
        with pytest.raises(NotAllowed):
            act(scene, person, Actor("member:9", role))


# --- the order of arrival ----------------------------------------------------------------------------------------


def test_whoever_releases_cannot_choose_who_gets_which_place(scene: Scene) -> None:
    people = [held_person(scene) for _ in range(4)]
    assert [release(scene, one) for one in reversed(people[1:])] == [0, 0, 0]
    assert order(scene) == []
    assert release(scene, people[0]) == 4
    assert order(scene) == people


def test_a_refusal_in_front_lets_those_behind_go_on_in_their_order(scene: Scene) -> None:
    first, second, third, fourth = (held_person(scene) for _ in range(4))
    release(scene, third)
    release(scene, second)
    assert refuse(scene, first) == 2
    assert order(scene) == [second, third]
    assert scene.person(fourth).state is S.HELD


def test_control_allocating_at_each_release_lets_the_order_be_chosen(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The naive way, by which the last to come can be given the first place of a block."""

    def at_release(work: object, trial: object) -> int:
        decided = reviews.reviews.of_trial(work, scene.id)  # type: ignore[arg-type]
        waiting = [one for one in reviews.reviews.held(work, scene.id) if one.id in decided]  # type: ignore[arg-type]
        return sum(reviews._allocate(work, trial, one) for one in waiting)  # type: ignore[arg-type]

    monkeypatch.setattr(reviews, "_advance", at_release)
    people = [held_person(scene) for _ in range(4)]
    for one in reversed(people):
        release(scene, one)
    assert order(scene) == people[::-1]


def test_two_members_who_release_at_once_allocate_everybody_once_and_in_order(scene: Scene) -> None:
    people = [held_person(scene) for _ in range(6)]
    at_once(lambda one: release(scene, one, OWNER if one % 2 else COORDINATOR), people)
    assert order(scene) == people
    rows = content(scene.store)
    assert Counter(one["decision"] for one in rows["review"]) == {"released": 6}
    assert all(len(scene.contacts(one, "own:released")) == 1 for one in people)


def test_two_members_who_decide_differently_at_once_leave_one_decision(scene: Scene) -> None:
    person = held_person(scene)

    def act(what: str) -> str:
        try:
            (release if what == "release" else refuse)(scene, person)
        except Refused:
            return "too late"
        return what

    done = at_once(act, ["release", "refuse"])
    assert done.count("too late") == 1
    assert len(content(scene.store)["review"]) == 1
    assert len(order(scene)) == done.count("release")


def test_a_baseline_that_comes_in_while_somebody_is_released_takes_its_own_place(scene: Scene) -> None:
    waiting = held_person(scene)
    late, honest = arrive(scene), arrive(scene, PERSON)
    acts = [lambda: str(release(scene, waiting)), lambda: finish(scene, late), lambda: finish(scene, honest)]
    assert at_once(lambda act: act(), acts) == ["1", "held", "allocated"]
    assert sorted(order(scene)) == [waiting, honest]
    numbers = sorted(one["number"] for one in content(scene.store)["allocation"])
    assert all(one + 1 == other for one, other in pairwise(numbers)) or len(set(numbers)) == 1
    assert scene.person(late).state is S.HELD


# --- what is looked at once more -----------------------------------------------------------------------------------


def test_an_old_baseline_is_not_released(scene: Scene) -> None:
    person = held_person(scene)
    scene.move(days=14, minutes=1)
    with pytest.raises(Refused, match="baseline too old"):
        release(scene, person)
    assert scene.person(person).state is S.HELD
    refuse(scene, person)


def test_a_baseline_that_grew_old_behind_somebody_undecided_is_refused_with_words(scene: Scene) -> None:
    first, second = held_person(scene), held_person(scene)
    release(scene, second)
    scene.move(days=15)
    assert refuse(scene, first) == 0
    assert scene.person(second).state is S.REFUSED
    assert scene.contacts(second, "own:refused")


def test_who_has_stopped_while_waiting_is_not_let_in(scene: Scene) -> None:
    person = held_person(scene)
    scene.stop(person, StopLevel.EVERYTHING)
    with pytest.raises(Refused, match="does not want to take part"):
        release(scene, person)
    refuse(scene, person)
    assert not scene.contacts(person, "own:refused")


def test_released_after_the_last_place_was_taken_is_told_so(store: Store) -> None:
    scene = Scene(store, target=1)
    person = held_person(scene)
    assert finish(scene, arrive(scene, PERSON)) == "allocated"
    assert release(scene, person) == 0
    assert scene.person(person).state is S.RECRUITMENT_CLOSED


def test_nothing_is_flagged_after_randomisation(scene: Scene) -> None:
    person = arrive(scene, PERSON, email="robin@mailbox.example")
    finish(scene, person)
    flags = content(scene.store)["flag"]
    again = scene.eligible()
    assert scene.give(again, "robin@mailbox.example") is None
    assert content(scene.store)["flag"] == flags
    assert scene.person(person).state is S.RANDOMIZED


def test_an_address_that_comes_again_before_it_is_in_is_flagged_and_stays_one_person(scene: Scene) -> None:
    person = arrive(scene, PERSON, email="robin@mailbox.example")
    assert arrive(scene, PERSON, email="robin@mailbox.example") == person
    assert [one["signal"] for one in content(scene.store)["flag"]] == ["seen_before"]
    assert finish(scene, person) == "allocated"
