"""Pretend people can answer whatever the library asks, and answer within what a form takes."""

from __future__ import annotations

from statistics import fmean

import pytest

from tests.rehearsal.people import FOLDER, people
from trial.core.answers import asked_by, read
from trial.core.instruments import Instrument, Item
from trial.core.scoring import range_of, score_sheet
from trial.protocol_files import shipped_instruments
from trial.rehearsal.answering import Lived, scale_scores

LIBRARY = shipped_instruments()
NOWHERE = Lived(None, 0.0)
BASELINE = FOLDER.protocol.baseline.id


@pytest.mark.parametrize("code", LIBRARY)
def test_a_form_takes_what_a_pretend_person_answers(code: str) -> None:
    instrument = LIBRARY[code]
    for person in people(8):
        form = person.answerer.sheet(instrument, BASELINE, NOWHERE)
        taken = read(asked_by([instrument]), form)
        assert not taken.faults
        unticked = {column for column in taken.closed if column not in form and taken.closed[column] is False}
        assert {column for column, value in taken.closed.items() if value is not None} - unticked == set(form)


@pytest.mark.parametrize("code", [code for code, one in LIBRARY.items() if one.scores])
def test_the_scores_of_pretend_people_lie_within_the_key(code: str) -> None:
    instrument = LIBRARY[code]
    for person in people(8, leaves_an_item_out=0.0):
        form = person.answerer.sheet(instrument, BASELINE, NOWHERE)
        for name, value in score_sheet(instrument, scale_scores(form, instrument)).items():
            low, high = range_of(instrument, instrument.score(name))
            assert value is not None and low <= value <= high


def means(code: str, group: list[float]) -> dict[str, float]:
    """Score to its mean over 60 people whose well-being is shifted by each of the group in turn."""
    instrument = LIBRARY[code]
    found: dict[str, list[float]] = {score.id: [] for score in instrument.scores}
    for shift in group:
        for person in people(60, leaves_an_item_out=0.0, improves=shift):
            form = person.answerer.sheet(instrument, "week_1", NOWHERE)
            for name, value in score_sheet(instrument, scale_scores(form, instrument)).items():
                if value is not None:
                    found[name].append(value)
    return {name: fmean(values) for name, values in found.items() if values}


@pytest.mark.parametrize("code", ["scs", "fscrs", "dass21", "ceq", "sus", "rses_alt", "pss10", "ceas"])
def test_those_who_are_better_off_score_better_on_every_score(code: str) -> None:
    worse, better = means(code, [-1.5]), means(code, [1.5])
    for score in LIBRARY[code].scores:
        assert (better[score.id] > worse[score.id]) == (score.better == "higher"), score.id


@pytest.mark.parametrize(
    ("limits", "low", "high"),
    [
        ({}, 0, 100),
        ({"minimum": 200}, 200, 300),
        ({"maximum": -5}, -105, -5),
        ({"minimum": 3, "maximum": 3}, 3, 3),
        ({"minimum": 0.25, "maximum": 0.75}, 0.25, 0.75),
    ],
)
def test_a_pretend_number_keeps_to_the_limits_that_there_are(limits: dict[str, float], low: float, high: float) -> None:
    item = Item.model_validate({"id": "amount", "type": "number", "topic": {"en": "How many?"}, **limits})
    instrument = LIBRARY["burden"].model_copy(update={"items": [item], "scores": []})
    for person in people(20):
        form = {instrument.column(item): person.answerer.answer(instrument, item, BASELINE, NOWHERE)}
        assert low <= float(form["burden_amount"]) <= high
        assert not read(asked_by([instrument]), form).faults


def test_a_choice_of_uneven_numbers_is_answered_with_one_of_them() -> None:
    instrument: Instrument = LIBRARY["ceq"]
    item = next(one for one in instrument.items if one.id == "think_4")
    given = {int(person.answerer.answer(instrument, item, BASELINE, NOWHERE)) for person in people(60)}
    assert given <= set(range(0, 101, 10)) and len(given) > 4
