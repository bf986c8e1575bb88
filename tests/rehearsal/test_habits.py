"""What pretend people plan to do, and that they then live it."""

from __future__ import annotations

from statistics import fmean

import pytest

from tests.rehearsal.people import people
from tests.system import oracle, oracle_counts
from tests.system.commands import PEOPLE, SEED, whole_evidence


def test_everyone_with_a_working_mailbox_lives_the_dose_of_their_plan() -> None:
    """The truth is worked out from the plan, so the two may not drift apart."""
    lived = whole_evidence()
    planned = {one.address: one.habits.dose() for one in people(PEOPLE, seed=SEED)}
    person_of = {oracle.message_id(lived, row): row["participant_id"] for row in lived.tables["delivery"]}
    address = {person_of[mail.message_id]: mail.recipient for mail in lived.mails}
    compared = []
    for person in lived.arm_of:
        if address[person] not in lived.refused:
            done = oracle_counts.exercises_done(lived, lived.people[person])
            compared.append((planned[address[person]], done / 7))
    assert len(compared) > 20 and len({dose for dose, _ in compared}) > 4
    assert [pair for pair in compared if pair[0] != pytest.approx(pair[1])] == []


def test_a_person_who_drops_the_exercises_does_none_after_that() -> None:
    for one in people(200):
        done = [one.habits.does_exercise(number) for number in range(1, 8)]
        assert not any(done[one.habits.last_exercise :])
        assert one.habits.dose() == sum(done) / 7


def test_a_person_who_leaves_everything_does_nothing_from_then_on() -> None:
    leavers = [one for one in people(400, leaves_everything=0.5) if one.habits.leaves_all_at]
    assert len(leavers) > 100
    for one in leavers:
        assert one.habits.leaves_all_at
        stream, number = one.habits.leaves_all_at
        if stream == "exercises":
            assert not any(one.habits.does_exercise(later) for later in range(number, 8))
            assert not any(one.habits.answers_questionnaire(later) for later in range(1, 5))
        else:
            assert not any(one.habits.answers_questionnaire(later) for later in range(number, 5))


def test_fewer_people_answer_as_the_months_go_by() -> None:
    group = people(1500)
    shares = [fmean(one.habits.answers_questionnaire(number) for one in group) for number in range(1, 5)]
    assert shares == sorted(shares, reverse=True)
    assert 0.6 < shares[0] < 0.95 and 0.4 < shares[3] < 0.75


def test_who_answers_early_tends_to_answer_late_as_well() -> None:
    """Attrition is a habit, not a coin."""
    group = people(1500)
    late = [one.habits.answers_questionnaire(4) for one in group]
    early = [one.habits.answers_questionnaire(1) for one in group]
    among_early = fmean(b for a, b in zip(early, late, strict=True) if a)
    among_others = fmean(b for a, b in zip(early, late, strict=True) if not a)
    assert among_early > among_others + 0.15


def test_habits_do_not_know_the_arm_or_the_effect() -> None:
    for weak, strong in zip(people(50, effect=0.0), people(50, effect=3.0), strict=True):
        assert weak.habits.dose() == strong.habits.dose()
        assert [weak.habits.answers_questionnaire(n) for n in (1, 2, 3, 4)] == [
            strong.habits.answers_questionnaire(n) for n in (1, 2, 3, 4)
        ]
