"""A look of a committee: its share of the information, its bound by the registered function, and its outlook."""

from __future__ import annotations

from typing import Any

import pytest

from reports.interim import at_the_end, in_words, of_look, terms
from tests.reports.builder import SMALL_TRIAL
from trial.core.protocol import TrialProtocol
from trial.core.protocol.conduct import Monitoring
from trial.protocol_files import read_folder
from trial.stats.sequential.design import spending_design
from trial.stats.sequential.final import final_estimate
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


def test_a_trial_without_looks_or_bounds_says_nothing_of_them_at_its_end() -> None:
    done = primary(60, 0.03) | {"level": 0.95}
    assert at_the_end(watched(), done, []) is None and at_the_end(watched(bounds=None), done, [0.5]) is None
    assert at_the_end(PLAIN, done, [0.5]) is None and in_words(None) == []


def test_at_the_end_the_last_look_gets_what_the_looks_left_and_the_estimate_knows_of_them() -> None:
    done = primary(60, 0.049) | {"level": 0.95}
    found = at_the_end(watched(), done, [0.5])
    plan = spending_design([0.5, 1.0], Spending("obrien_fleming"))
    assert found is not None and found["critical"] == pytest.approx(plan.critical[1]) == pytest.approx(1.969, abs=5e-4)
    assert found["rejected"] is False, "a p of 0.049 by itself would reject"
    direct = final_estimate(plan, 2, -1.0, -1.0 / found["z"])
    assert (found["estimate"], found["p"]) == pytest.approx((direct.estimate, direct.p))
    (said,) = in_words(found)
    assert "at 50% of the information" in said and "not reached" in said


def test_fewer_answers_than_sought_still_spend_all_that_is_left() -> None:
    short = at_the_end(watched(), primary(48, 0.02) | {"level": 0.95}, [0.5])
    assert short is not None and short["information"] == 0.8 and 1.96 < short["critical"] < 1.99


def test_what_cannot_be_tested_says_so() -> None:
    found = at_the_end(watched(), primary(60, None) | {"level": 0.95}, [0.5])
    assert "no test of a difference" in in_words(found)[0]
