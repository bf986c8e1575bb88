"""What a report takes for possible: the range of a score, by its key."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from reports.variables import possible_range
from trial.core.instruments import Instrument
from trial.protocol_files import ProtocolFolder, read_folder, shipped, shipped_instruments

FOLDER = read_folder(shipped("shapira-mongrain-2010"))
LIBRARY = shipped_instruments()


def with_instruments(*instruments: Instrument) -> ProtocolFolder:
    return replace(FOLDER, instruments={one.code: one for one in instruments})


@pytest.mark.parametrize(
    ("score", "ends"),
    [
        ("who5", (0, 100)),
        ("sus", (0, 100)),
        ("dass21_stress", (0, 42)),
        ("scs", (1, 5)),
        ("ceq_expectancy", (1, 9)),
        ("neq20_effects", (0, 20)),
        ("ceas_action", (4, 40)),
        ("other_help", (0, 6)),
    ],
)
def test_the_possible_range_is_that_of_the_key(score: str, ends: tuple[float, float]) -> None:
    assert possible_range(with_instruments(*LIBRARY.values()), score) == pytest.approx(ends, abs=1e-12)


def test_a_score_turned_round_by_a_negative_factor_still_runs_upwards() -> None:
    swls = LIBRARY["swls"]
    turned = swls.model_copy(update={"scores": [swls.scores[0].model_copy(update={"times": -1.0, "plus": 40.0})]})
    assert possible_range(with_instruments(turned), "swls") == (5, 35)


def test_a_score_of_numbers_without_limits_has_none_and_neither_has_an_unknown_score() -> None:
    burden = LIBRARY["burden"]
    minutes = burden.items[-1].model_copy(update={"maximum": None})
    hours = burden.scores[0].model_copy(update={"items": [minutes.id], "method": "sum"})
    open_ended = burden.model_copy(update={"items": [*burden.items[:-1], minutes], "scores": [hours]})
    assert possible_range(with_instruments(open_ended), "burden") == (0, math.inf)
    assert possible_range(with_instruments(burden), "nothing") == (-math.inf, math.inf)
