from __future__ import annotations

import pytest

from tests.spec.tables import rows
from trial.core.instruments import Instrument, Score
from trial.core.scoring import score_sheet
from trial.protocol_files import read_folder, shipped

INSTRUMENTS = read_folder(shipped("shapira-mongrain-2010")).instruments


def owner(score_id: str) -> tuple[Instrument, Score]:
    return next((one, score) for one in INSTRUMENTS.values() for score in one.scores if score.id == score_id)


def sheet(instrument: Instrument, answers: str) -> dict[int | str, float | None]:
    words = answers.split()
    assert len(words) == len(instrument.items)
    return {
        item.id: None if word == "." else float(word) for item, word in zip(instrument.items, words, strict=True)
    }  # fmt: skip


@pytest.mark.parametrize("row", rows("instruments.md", "Keys"), ids=lambda row: row["score"])
def test_the_shipped_key_is_the_published_one(row: dict[str, str]) -> None:
    instrument, score = owner(row["score"])
    assert instrument.response is not None
    assert [item.id for item in instrument.items] == list(range(1, int(row["items"]) + 1))
    assert instrument.scored_items(score) == [item.id for item in instrument.items]
    assert f"{instrument.response.lowest}-{instrument.response.highest}" == row["answers"]
    assert ", ".join(str(item) for item in score.reverse) == row["reversed"]
    assert (score.method, score.better) == (row["method"], row["better"])
    assert score.missing is not None and score.missing.at_most == int(row["at most missing"])
    assert [one.at_least for one in score.cut_offs] == ([float(row["cut-off"])] if row["cut-off"] else [])


@pytest.mark.parametrize("row", rows("instruments.md", "Keys"), ids=lambda row: row["score"])
def test_the_worst_and_best_sheets_reach_the_ends_of_the_range(row: dict[str, str]) -> None:
    instrument, score = owner(row["score"])
    assert instrument.response is not None
    ends = (instrument.response.lowest, instrument.response.highest)
    for high, expected in enumerate(row["range"].split("-")):
        answers = {item.id: float(ends[high ^ (item.id in score.reverse)]) for item in instrument.items}
        assert score_sheet(instrument, answers)[score.id] == float(expected)


@pytest.mark.parametrize("row", rows("instruments.md", "Scores"), ids=lambda row: f"{row['score']} {row['answers']}")
def test_a_sheet_has_the_score_worked_by_hand(row: dict[str, str]) -> None:
    instrument, score = owner(row["score"])
    value = score_sheet(instrument, sheet(instrument, row["answers"]))[score.id]
    assert value == (None if row["value"] == "missing" else pytest.approx(float(row["value"]), abs=5e-5))


def test_no_more_than_one_item_in_five_may_be_missing_from_any_shipped_score() -> None:
    for instrument in INSTRUMENTS.values():
        for score in instrument.scores:
            assert score.missing is not None
            assert score.missing.at_most == len(instrument.scored_items(score)) // 5
