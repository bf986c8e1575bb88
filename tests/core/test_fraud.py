"""Signs of robots and repeats: when each goes up, what holds, and that everybody is counted once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.core import fraud, proof
from trial.core.fraud import Arrivals, FormEvidence
from trial.core.protocol import Guard
from trial.core.trial import TrialKind
from trial.core.tries import Try, assessed, signals_by

GUARD = Guard.model_validate({"consistency": [{"id": "twice", "rule": "age < 30 or band == 'old'", "why": "Differ."}]})
NOW = datetime(2041, 3, 4, 9, 0, tzinfo=UTC)
SECRET = b"site"
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("form", "raised"),
    [
        (FormEvidence("proved", trapped=False, seconds=60), []),
        (FormEvidence("missing", trapped=False, seconds=60), ["no_proof"]),
        (FormEvidence("forged", trapped=True, seconds=60), ["no_proof", "honeypot"]),
        (FormEvidence("proved", trapped=False, seconds=1), ["fast"]),
        (FormEvidence("proved", trapped=False, seconds=None), []),
        (FormEvidence("proved", trapped=False, seconds=60, earlier=(7, True)), ["seen_before"]),
        (FormEvidence("proved", trapped=False, seconds=60, earlier=(7, False)), ["seen_before", "inconsistent"]),
    ],
)
def test_what_the_screening_form_says(form: FormEvidence, raised: list[str]) -> None:
    found = fraud.of_screening(GUARD, form, ["How old are you?"] * 5, 5, eligible=True)
    assert [one.signal for one in found] == raised


def test_reading_takes_as_long_as_words_and_answers_together() -> None:
    assert fraud.least_seconds(GUARD, ["one two three four five"] * 4, 3) == 20 * 60 / 600 + 3


@pytest.mark.parametrize(
    ("seen", "up"),
    [
        (Arrivals(10, 0, WEEK), False),
        (Arrivals(11, 0, WEEK), True),
        (Arrivals(40, 5040, WEEK), False),  # ten in every twenty minutes is usual here
        (Arrivals(51, 5040, WEEK), True),
        (Arrivals(11, 0, timedelta(0)), True),
    ],
)
def test_a_burst_is_more_than_a_number_and_more_than_usual(seen: Arrivals, *, up: bool) -> None:
    assert bool(fraud.in_burst(GUARD, seen)) is up


@pytest.mark.parametrize(
    ("address", "up"),
    [("a@throw.example", True), ("a@Sub.THROW.example.", True), ("a@example", False), ("a@nothrow.example", False)],
)
def test_a_throw_away_domain_is_found_with_those_below_it(address: str, *, up: bool) -> None:
    assert bool(fraud.disposable(address, {"throw.example"})) is up


@pytest.mark.parametrize(
    ("facts", "up"),
    [({"age": 40.0, "band": "old"}, False), ({"age": 40.0, "band": "young"}, True), ({"age": 40.0}, False)],
)
def test_only_a_contradiction_that_is_known_is_one(facts: dict[str, float | str], *, up: bool) -> None:
    assert bool(fraud.inconsistent(GUARD, facts)) is up


def test_coming_back_holds_nothing_unless_the_team_says_so() -> None:
    assert fraud.holding(GUARD, ["seen_before"], TrialKind.LIVE) == []
    assert fraud.holding(GUARD, ["fast", "seen_before", "no_proof", "fast"], TrialKind.LIVE) == ["no_proof", "fast"]


def test_who_tries_a_trial_out_is_held_for_neither_hurry_nor_company() -> None:
    assert fraud.holding(GUARD, fraud.SIGNALS, TrialKind.TEST) == [
        "no_proof", "honeypot", "disposable_domain", "inconsistent",
    ]  # fmt: skip


# --- the proof of work ---------------------------------------------------------------------------------------------


def asked(session: str = "mine", at: datetime = NOW, bits: int = 3) -> proof.Challenge:
    return proof.challenge(SECRET, session, at, bits)


@given(
    st.text(min_size=1, max_size=20), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
)
def test_a_solved_challenge_is_proved_for_its_session_and_no_other(session: str, at: datetime) -> None:
    one = asked(session, at, 1)
    assert proof.read(SECRET, session, str(one), 1) == one
    assert proof.asked_by(str(one)) == one
    assert proof.judge(one, proof.solve(one), one.issued_at) == "proved"
    assert proof.read(SECRET, session + "x", str(one), 1) is None


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "9" * 30, f"{10**9}.3.{'0' * 64}", "٣.3." + "0" * 64])
def test_what_is_no_challenge_of_ours_is_none(text: str) -> None:
    assert proof.read(SECRET, "mine", text, 3) is None


def test_an_easier_challenge_of_another_trial_is_not_taken() -> None:
    assert proof.read(SECRET, "mine", str(asked(bits=2)), 3) is None


@pytest.mark.parametrize("answer", ["0", "x", ".".join("0" * 16), "1" * 500, ".".join(["٣"] * 16)])
def test_a_made_up_answer_is_wrong(answer: str) -> None:
    assert proof.judge(asked(bits=12), answer, NOW) == "wrong"


def test_an_answer_that_comes_too_late_or_for_nothing_is_said_so() -> None:
    one = asked()
    assert proof.judge(one, proof.solve(one), NOW + proof.LIVES + timedelta(seconds=1)) == "expired"
    assert proof.judge(one, "", NOW) == "missing"
    assert (proof.judge(None, "1.2", NOW), proof.judge(None, "", NOW)) == ("forged", "missing")


# --- everybody once -----------------------------------------------------------------------------------------------


def test_a_browser_that_tried_three_times_is_one_person() -> None:
    tries = [
        Try(1, None, False, "adult", "poster"),
        Try(2, None, False, "english", "poster", 1),
        Try(3, 9, True, None, "", 1),
    ]
    assert [(one.participant, one.tries) for one in assessed(tries, [9])] == [(9, 3)]
    (only,) = assessed(tries[:2], [])
    assert only.last is not None
    assert (only.last.id, only.tries) == (2, 2)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 6)), max_size=12))
def test_screenings_are_those_assessed_and_their_repeats(rows: list[tuple[int, bool, int]]) -> None:
    tries = [
        Try(place, person or None, eligible, None, "", first if first < place else None)
        for place, (person, eligible, first) in enumerate(rows, 1)
        for first in (first or 99,)
    ]
    people = sorted({one.participant for one in tries if one.participant is not None})
    found = assessed(tries, people)
    assert sum(one.tries for one in found) == len(tries)
    assert sorted(each for one in found for each in one.screenings) == [one.id for one in tries]
    signals = signals_by(found, [(one.id, None, "fast") for one in tries])
    assert len(signals) == len(found)
