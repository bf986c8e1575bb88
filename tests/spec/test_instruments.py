from __future__ import annotations

import re

import numpy as np
import pytest

from tests.spec.tables import rows
from trial.core.instruments import Instrument, Item, Score
from trial.core.scoring import at_most_missing, range_of, score_sheet
from trial.protocol_files import shipped_instruments
from trial.stats.reliability import cronbach_alpha, mcdonald_omega, reliable_change, reliable_change_of
from trial.stats.scores import score_sheets

INSTRUMENTS = shipped_instruments()
SCORES = {score.id: (one, score) for one in INSTRUMENTS.values() for score in one.scores}
KEYS = rows("instruments.md", "Keys")
SHEETS = rows("instruments.md", "Scores")


def listed(cell: str) -> list[str]:
    """`1-3` and `bad_1-3` are three items each; anything else is a list."""
    span = re.fullmatch(r"([a-z_]*)(\d+)-(\d+)", cell)
    if span:
        return [f"{span[1]}{n}" for n in range(int(span[2]), int(span[3]) + 1)]
    return [part.strip() for part in cell.split(",")] if cell else []


def reversed_in(instrument: Instrument, score: Score) -> set[int | str]:
    return {item for one in (score, *(instrument.score(part) for part in score.of)) for item in one.reverse}


def answers_of(instrument: Instrument, item: Item) -> str:
    response = instrument.response_of(item)
    return "no-yes" if response is None else f"{response.lowest}-{response.highest}"


def sheet(instrument: Instrument, answers: str) -> dict[int | str, float | None]:
    words = answers.split()
    assert len(words) == len(instrument.items)
    return {
        item.id: None if word == "." else float(word) for item, word in zip(instrument.items, words, strict=True)
    }  # fmt: skip


def test_every_shipped_score_stands_in_the_tables() -> None:
    assert [row["score"] for row in KEYS if row["score"] not in SCORES] == []
    assert SCORES.keys() == {row["score"] for row in KEYS} == {row["score"] for row in SHEETS}


def test_no_two_columns_of_the_library_share_a_name() -> None:
    columns = [one.column(item) for one in INSTRUMENTS.values() for item in one.items]
    scores = [score.id for one in INSTRUMENTS.values() for score in one.scores]
    assert len({*columns, *scores}) == len(columns) + len(scores)


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row["score"])
def test_the_shipped_key_is_the_published_one(row: dict[str, str]) -> None:
    instrument, score = SCORES[row["score"]]
    assert instrument.code == row["file"]
    counted = instrument.scored_items(score)
    assert [str(one) for one in score.of or counted] == listed(row["made of"])
    scales = {answers_of(instrument, item) for item in instrument.items if item.id in counted}
    assert ", ".join(sorted(scales)) == row["answers"]
    assert [str(item) for item in score.reverse] == listed(row["reversed"])
    assert (score.method, score.better) == (row["method"], row["better"])
    assert at_most_missing(score) == int(row["at most missing"])
    assert [f"{one.at_least:g}" for one in score.cut_offs] == listed(row["cut-offs"])
    times = f"x {score.times:g}" if score.times != 1 else ""
    assert times + (f" {'+' if score.plus > 0 else '-'} {abs(score.plus):g}" if score.plus else "") == row["then"]


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row["score"])
def test_the_worst_and_best_sheets_reach_the_ends_of_the_range(row: dict[str, str]) -> None:
    instrument, score = SCORES[row["score"]]
    turned = reversed_in(instrument, score)
    ends = tuple(float(end) for end in row["range"].split(" to "))
    for high, expected in enumerate(ends):
        answers: dict[int | str, float | None] = {}
        for item in instrument.items:
            response = instrument.response_of(item)
            scale = (0, 1) if response is None else (response.lowest, response.highest)
            answers[item.id] = scale[high ^ (item.id in turned)] if item.type != "number" else item.minimum
        assert score_sheet(instrument, answers)[score.id] == pytest.approx(expected, abs=1e-12)
    assert range_of(instrument, score) == pytest.approx(ends, abs=1e-12)


@pytest.mark.parametrize("row", SHEETS, ids=lambda row: f"{row['score']} {row['answers'][:40]}")
def test_a_sheet_has_the_score_worked_by_hand(row: dict[str, str]) -> None:
    instrument, score = SCORES[row["score"]]
    answers = sheet(instrument, row["answers"])
    value = score_sheet(instrument, answers)[score.id]
    assert value == (None if row["value"] == "missing" else pytest.approx(float(row["value"]), abs=5e-5))
    many = np.array([[np.nan if one is None else one for one in answers.values()]])
    assert score_sheets(instrument, many)[score.id][0] == pytest.approx(
        np.nan if value is None else value, abs=1e-12, nan_ok=True
    )


@pytest.mark.parametrize("row", rows("instruments.md", "Items"), ids=lambda row: row["file"])
def test_a_file_asks_these_items_and_watches_these_answers(row: dict[str, str]) -> None:
    instrument = INSTRUMENTS[row["file"]]
    scored = {item for score in instrument.scores for item in instrument.scored_items(score)}
    assert len(instrument.items) == int(row["items"])
    watched = [f"{item.id} from {item.safety_from}" for item in instrument.items if item.safety_from is not None]
    assert watched == listed(row["safety"])
    assert [str(item.id) for item in instrument.items if item.id not in scored] == listed(row["not scored"])
    assert {item.id for item in instrument.items if item.filler}.isdisjoint(scored)


def test_every_shipped_file_stands_in_the_table_of_items() -> None:
    assert {row["file"] for row in rows("instruments.md", "Items")} == set(INSTRUMENTS)


def test_no_more_than_one_item_in_five_may_be_missing_but_where_a_question_follows_from_another() -> None:
    follows = ("neq20_by_exercises", "neq20_severity", "neq32_by_exercises", "neq32_severity")
    for name, (instrument, score) in SCORES.items():
        if name not in follows:
            assert at_most_missing(score) <= len(instrument.scored_items(score)) // 5, name


def test_figures_that_nobody_read_are_marked_as_defaults() -> None:
    for name, (_, score) in SCORES.items():
        told = score.reliability
        if told is not None:
            assert told.verified == ("[read]" in told.source or "[computed]" in told.source), name
            assert told.verified != told.source.startswith("Defaults [unverified]"), name


def test_scales_of_others_ship_topics_and_ours_are_marked_as_not_validated() -> None:
    for instrument in INSTRUMENTS.values():
        ours = "our own, not validated" in instrument.name
        assert (instrument.wording, instrument.validated) == (("own", False) if ours else ("topics", True))


def test_the_lowest_answer_of_the_anxiety_scale_is_not_at_all() -> None:
    response = INSTRUMENTS["gad7"].response
    assert response is not None and response.choices[0].label == {"en": "Not at all"}


@pytest.mark.parametrize("row", rows("instruments.md", "Reliable change"), ids=lambda row: f"{row['SD']}")
def test_reliable_change_is_as_worked_by_hand(row: dict[str, str]) -> None:
    change = reliable_change(float(row["SD"]), float(row["reliability"]))
    assert change == pytest.approx(float(row["change"]), abs=5e-5)


def test_the_reliable_change_of_a_shipped_score_follows_from_its_file() -> None:
    table = {row["score"]: row for row in rows("instruments.md", "Reliable change of shipped scores")}
    found = {name: change for name, (_, score) in SCORES.items() if (change := reliable_change_of(score)) is not None}
    assert found.keys() == table.keys()
    for name, row in table.items():
        told = SCORES[name][1].reliability
        assert told is not None
        assert (told.sd, told.alpha, told.verified) == (
            float(row["SD"]),
            float(row["reliability"]),
            row["read"] == "yes",
        )
        assert found[name] == pytest.approx(float(row["change"]), abs=0.005)


@pytest.mark.parametrize("row", rows("instruments.md", "Alpha"), ids=lambda row: row["sheets"])
def test_alpha_is_as_worked_by_hand(row: dict[str, str]) -> None:
    people = [[np.nan if word == "." else float(word) for word in one.split()] for one in row["sheets"].split(";")]
    alpha = cronbach_alpha(np.array(people))
    assert alpha == (None if row["alpha"] == "missing" else pytest.approx(float(row["alpha"]), abs=5e-5))


@pytest.mark.parametrize("row", rows("instruments.md", "Omega"), ids=lambda row: row["shared"])
def test_omega_is_as_worked_by_hand(row: dict[str, str]) -> None:
    shared, own = (np.array([float(word) for word in row[name].split()]) for name in ("shared", "own"))
    parts = unrelated(len(shared) + 1)
    items = np.outer(parts[:, 0], shared) + parts[:, 1:] * own
    assert mcdonald_omega(items) == pytest.approx(float(row["omega"]), abs=5e-5)
    assert cronbach_alpha(items) == pytest.approx(float(row["alpha"]), abs=5e-5)


def unrelated(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Columns of 1 and -1 of eight people that are unrelated to each other: the columns of a Hadamard matrix."""
    two = np.array([[1.0, 1.0], [1.0, -1.0]])
    return np.kron(np.kron(two, two), two)[:, 1 : count + 1]
