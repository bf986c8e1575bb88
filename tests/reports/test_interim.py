"""A look of a committee: its share of the information, its bound by the registered function, and its outlook."""

from __future__ import annotations

from typing import Any

import pytest

from reports.interim import of_look, terms
from tests.reports.builder import SMALL_TRIAL
from trial.core.protocol import TrialProtocol
from trial.core.protocol.conduct import Monitoring
from trial.protocol_files import read_folder
from trial.stats.sequential.design import spending_design
from trial.stats.sequential.spending import Spending

PLAIN = read_folder(SMALL_TRIAL).protocol  # 60 people sought


def watched(**more: Any) -> TrialProtocol:
    told = {"interim_analyses": 1, "bounds": "obrien_fleming", "stopping": {"en": "By its bounds."}} | more
    return PLAIN.model_copy(update={"monitoring": Monitoring(**told)})


def primary(n: int, p: float | None, estimate: float = -1.0) -> dict[str, Any]:
    return {"n_with_data": n, "p": p, "estimate": estimate}


def test_the_bound_of_a_look_at_half_the_information_is_that_of_the_function() -> None:
    found = of_look(watched(), primary(30, 0.001), ())
    plan = spending_design([0.5, 1.0], Spending("obrien_fleming"))
    assert found["information"] == 0.5
    assert found["critical"] == pytest.approx(plan.critical[0]) == pytest.approx(2.963, abs=5e-4)
    assert found["z"] == pytest.approx(-3.2905, abs=1e-4) and found["crossed"] is True
    assert of_look(watched(), primary(30, 0.01), ())["crossed"] is False
    assert dict(terms(found))["Look"] == "1 of 1 registered"


def test_a_look_at_another_time_than_planned_has_the_bound_of_its_own_share() -> None:
    early = of_look(watched(), primary(20, 0.01), ())
    assert early["critical"] > of_look(watched(), primary(30, 0.01), ())["critical"]
    power = early["conditional_power"]
    assert 0 < power["nothing"] < power["trend"] < 1 and 0 < early["predictive_power"] < 1


def test_a_second_look_knows_of_the_first() -> None:
    two = watched(interim_analyses=2)
    found = of_look(two, primary(40, 0.01), (1 / 3,))
    plan = spending_design([1 / 3, 2 / 3, 1.0], Spending("obrien_fleming"))
    assert found["critical"] == pytest.approx(plan.critical[1])


@pytest.mark.parametrize(
    ("protocol", "one", "earlier", "why"),
    [
        (PLAIN, primary(30, 0.01), (), "registers no stopping bounds"),
        (watched(bounds=None), primary(30, 0.01), (), "registers no stopping bounds"),
        (watched(), primary(40, 0.01), (0.5,), "one more"),
        (watched(), primary(30, None), (), "cannot be fitted"),
        (watched(interim_analyses=2), primary(30, 0.01), (0.5,), "has not grown"),
        (watched(), primary(60, 0.01), (), "no interim look"),
    ],
)
def test_where_there_is_no_bound_the_report_says_why(
    protocol: TrialProtocol, one: dict[str, Any], earlier: tuple[float, ...], why: str
) -> None:
    found = of_look(protocol, one, earlier)
    assert why in found["why_not"] and "critical" not in found
    assert why in dict(terms(found))["Bound"]
