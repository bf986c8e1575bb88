"""A look of a committee: its share of the information, its bound by the registered function, and its outlook."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scipy import special

from reports.claims import verdict_of
from reports.final_look import at_the_end, counted, gate, in_words
from reports.interim import of_look, terms
from tests.reports.builder import SMALL_TRIAL
from tests.stats.conftest import read_json
from trial.core.protocol import Assumptions, TrialProtocol
from trial.core.protocol.conduct import Monitoring
from trial.protocol_files import read_folder
from trial.stats.margins import equivalence
from trial.stats.sequential.design import spending_design
from trial.stats.sequential.equivalence import likeness
from trial.stats.sequential.final import final_estimate
from trial.stats.sequential.spending import Spending

MARGINS: list[dict[str, Any]] = read_json("margin_looks.json")["cases"]
PLAIN = read_folder(SMALL_TRIAL).protocol  # 60 people sought


def watched(**more: Any) -> TrialProtocol:
    told = {"interim_analyses": 1, "bounds": "obrien_fleming", "stopping": {"en": "By its bounds."}} | more
    return PLAIN.model_copy(update={"monitoring": Monitoring(**told)})


ALIKE = watched().model_copy(
    update={
        "design": PLAIN.design.model_copy(update={"framework": "equivalence", "margin": 3.0, "one_sided_alpha": 0.05})
    }
)


def primary(n: int, p: float | None, estimate: float = -1.0) -> dict[str, Any]:
    return {"n_with_data": n, "p": p, "estimate": estimate, "better": "lower", "margin": None}


def against_margin(case: dict[str, Any], look: int, better: str) -> dict[str, Any]:
    """The primary estimate of a look of R, held against its margin by a normal test; told as R has it, or turned."""
    gain, level = case["estimate"][look], round(1 - 2 * case["alpha"], 10)
    p = float(special.ndtr(-case["z"][look]))
    its = {"framework": "non_inferiority", "margin": case["margin"], "p": p, "level": level}
    told = {"estimate": gain if better == "higher" else -gain, "better": better, "level": 0.95}
    return primary(case["people"][look], 0.5) | told | {"margin": its}


def not_worse(case: dict[str, Any]) -> TrialProtocol:
    """Looked at by the plan of a case of R, with as many people sought."""
    looks = len(case["people"]) - 1
    sided = {"framework": "non_inferiority", "margin": case["margin"], "one_sided_alpha": case["alpha"]}
    protocol = watched(interim_analyses=looks, bounds=case["bounds"])
    design = protocol.design.model_copy(update=sided)
    size = protocol.sample_size.model_copy(update={"target": case["people"][-1]})
    return protocol.model_copy(update={"design": design, "sample_size": size})


def test_the_bound_of_a_look_at_half_the_information_is_that_of_the_function() -> None:
    found = of_look(watched(), primary(30, 0.001), ())
    plan = spending_design([0.5, 1.0], Spending("obrien_fleming"))
    assert found["information"] == 0.5
    assert found["critical"] == pytest.approx(plan.critical[0]) == pytest.approx(2.963, abs=5e-4)
    assert found["z"] == pytest.approx(-3.2905, abs=1e-4) and found["crossed"] is True
    assert of_look(watched(), primary(30, 0.01), ())["crossed"] is False
    assert dict(terms(found))["Look"] == "1 of 1 registered"


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize("case", MARGINS, ids=lambda case: f"{case['bounds']} {case['alpha']} {case['margin']}")
def test_looks_against_a_margin_are_judged_and_told_at_the_end_as_rpact_does(case: dict[str, Any], better: str) -> None:
    protocol, last = not_worse(case), len(case["people"]) - 1
    shares = [one / case["people"][-1] for one in case["people"]]
    for look in range(last):
        found = of_look(protocol, against_margin(case, look, better), shares[:look])
        assert (found["z"], found["critical"]) == pytest.approx((case["z"][look], case["critical"][look]), abs=1e-7)
        assert found["crossed"] is (case["z"][look] >= case["critical"][look]) is False
        said = dict(terms(found))
        assert (
            "against the margin, from one side" in said["Bound"] and "lies on the margin" in said["Conditional power"]
        )
        power = found["conditional_power"]
        assert power["nothing"] < power["planned"]
    end = at_the_end(protocol, against_margin(case, last, better), shares[:last])
    assert end is not None and end["critical"] == pytest.approx(case["critical"][last], abs=1e-7)
    assert end["p"] == pytest.approx(case["p"], abs=1e-6)
    median, ci = (
        (case["median"], case["ci"]) if better == "higher" else (-case["median"], [-x for x in case["ci"]][::-1])
    )
    assert [end["estimate"], *end["ci"]] == pytest.approx([median, *ci], abs=1e-5)
    assert end["level"] == round(1 - 2 * case["alpha"], 10)
    assert end["rejected"] is (case["z"][last] >= case["critical"][last])
    (words,) = in_words(end)
    assert (
        f"non-inferiority is {'' if end['rejected'] else 'not '}shown" in words
        and "one-sided against the margin" in words
    )


def within(n: int, estimate: float, se: float, *, df: float = 27, alpha: float = 0.05) -> dict[str, Any]:
    """The primary estimate of a trial of equivalence within 3 points."""
    held = equivalence(estimate, se, df, (-3.0, 3.0), alpha=alpha)
    its = {"framework": "equivalence", "margin": 3.0, "p": held.p, "level": 1 - 2 * alpha, "ci": list(held.ci)}
    its |= {"picture": held.picture, "shown": held.picture == "equivalent", "worse": None, "problem": None}
    return primary(n, 0.4, estimate) | {"se": se, "df": df, "level": 0.95, "ci": [0, 0], "margin": its}


def test_a_look_of_equivalence_asks_both_tests_and_says_what_may_come() -> None:
    for estimate, crossed in ((-0.1, True), (1.6, False), (-1.6, False)):
        found = of_look(ALIKE, within(30, estimate, 0.9), ())
        plan = spending_design([0.5, 1.0], Spending("obrien_fleming"), alpha=0.05, sides=1)
        by_hand = likeness(plan, 1, estimate, 0.9, 27, 3.0)
        assert (found["z"], found["critical"]) == pytest.approx((by_hand.z, plan.critical[0]), abs=1e-9)
        assert found["z"] == min(found["z_low"], found["z_high"]) and found["crossed"] is crossed is by_hand.shown
        said = dict(terms(found))
        assert "both margins at once" in said["Bound"]
        assert f"the bound is {'' if crossed else 'not '}crossed" in said["Statistic"]
        assert "with no difference" in said["Conditional power"] and "on the margin" in said["Conditional power"]
        power = found["conditional_power"]
        assert power["nothing"] < power["trend"] and power["nothing"] < power["alike"]
        assert power["nothing"] < found["predictive_power"] < power["alike"]


def test_at_the_end_of_equivalence_the_repeated_interval_decides_and_the_sentences_follow_it() -> None:
    """An estimate that one look would have called equivalent, and the last bound of these looks does not reach."""
    protocol = ALIKE.model_copy(update={"monitoring": watched(bounds="pocock").monitoring})
    one = within(60, 1.05, 1.1, df=56)
    found = at_the_end(protocol, one, [0.5])
    assert found is not None and one["margin"]["shown"] is True
    plan = spending_design([0.5, 1.0], Spending("pocock"), alpha=0.05, sides=1)
    held = likeness(plan, 2, 1.05, 1.1, 56, 3.0)
    assert found["ci"] == pytest.approx(list(held.ci)) and found["p"] == pytest.approx(held.p)
    assert (found["rejected"], found["estimate"], found["level"]) == (False, 1.05, 0.9)
    assert found["ci"][1] > 3.0 and found["p"] > 0.05 and found["picture"] == "inconclusive, no difference shown"
    low, high = found["ci_reported"]
    assert low < found["ci"][0] and high > found["ci"][1], "at 95%, wider than at 90%"
    counts = counted({"estimates": [one], "interim": found})
    assert counts["margin"]["shown"] is False and counts["ci"] == found["ci_reported"]
    (words,) = in_words(found)
    assert "was not reached by both tests, so that equivalence is not shown" in words
    assert "the repeated one" in words and "the larger of the one-sided ones against both margins of 3.00" in words


def test_of_several_trials_against_a_margin_some_show_it_and_some_do_not() -> None:
    assert {case["z"][-1] >= case["critical"][-1] for case in MARGINS} == {True, False}


def test_a_comparison_that_no_margin_can_be_held_against_has_no_bound_and_says_why() -> None:
    case = MARGINS[0]
    one = against_margin(case, 0, "higher")
    one["margin"] |= {"p": None, "problem": "The comparison has no error of its own."}
    assert of_look(not_worse(case), one, ())["why_not"] == "The comparison has no error of its own."
    none = one | {"margin": None, "p": None}
    assert of_look(not_worse(case), none, ())["why_not"] == "The primary analysis cannot be fitted yet."


def test_a_look_that_is_clearly_not_worse_crosses_and_one_that_is_clearly_worse_does_not() -> None:
    """Bounds of one side: to be worse, however surely, crosses nothing."""
    case = MARGINS[0]
    for gain, z, crossed in ((0.6, 4.0, True), (-1.6, -4.0, False)):
        one = against_margin(case | {"estimate": [gain], "z": [z]}, 0, "higher")
        assert of_look(not_worse(case), one, ())["crossed"] is crossed


def test_a_look_at_another_time_than_planned_has_the_bound_of_its_own_share() -> None:
    early = of_look(watched(), primary(20, 0.01), ())
    assert early["critical"] > of_look(watched(), primary(30, 0.01), ())["critical"]
    power = early["conditional_power"]
    assert 0 < power["nothing"] < power["trend"] < 1 and 0 < early["predictive_power"] < 1


def losing(share: float) -> TrialProtocol:
    """Watched, and planned for so many to be lost."""
    told = {"difference": 0.5, "in_units_of": "standard_deviation", "correlation_with_baseline": 0.5}
    more = {"power": 0.8, "alpha": 0.05, "attrition": share, "source": "Made up."}
    size = PLAIN.sample_size.model_copy(update={"assumptions": Assumptions.model_validate(told | more)})
    return watched().model_copy(update={"sample_size": size})


def test_information_is_a_share_of_the_outcomes_that_the_plan_counts_on() -> None:
    found = of_look(losing(0.4), primary(18, 0.001), ())
    assert found["information"] == 0.5 and found["expected"] == 36
    assert found["critical"] == pytest.approx(spending_design([0.5, 1.0], Spending("obrien_fleming")).critical[0])
    assert "of 18 people, and the plan counts on 36" in dict(terms(found))["Information"]
    end = at_the_end(losing(0.4), primary(36, 0.049) | {"level": 0.95}, [0.5])
    assert end is not None and end["information"] == 1 and end["critical"] == pytest.approx(1.969, abs=5e-4)


def test_what_may_still_come_counts_on_no_more_people_than_can_answer() -> None:
    plenty, few = (of_look(watched(), primary(30, 0.1), (), to_come) for to_come in (60, 6))
    assert plenty["conditional_power"] == of_look(watched(), primary(30, 0.1), ())["conditional_power"]
    assert few["critical"] == plenty["critical"], "the bound of this look is what was spent, whatever comes"
    for name in ("planned", "trend"):
        assert few["conditional_power"][name] < plenty["conditional_power"][name]
    assert few["predictive_power"] < plenty["predictive_power"]
    assert "36 primary outcomes at the end" in dict(terms(few))["Both powers count on"]
    assert "6 more people" in dict(terms(few))["Both powers count on"]
    over = of_look(watched(), primary(30, 0.1), (), 0)
    assert over["conditional_power"] is None and "Nothing more can come" in dict(terms(over))["Conditional power"]


def test_no_nominal_p_is_printed_as_nothing_but_zeros() -> None:
    said = dict(terms(of_look(watched(), primary(10, 0.1), ())))
    assert said["Nominal p at the bound"] == "below 0.00001"


def test_a_look_so_early_that_no_bound_can_be_crossed_is_told_and_kept() -> None:
    found = of_look(watched(), primary(1, 0.3), (), 59)
    assert found["critical"] is None and found["crossed"] is False and found["nominal_p"] == 0
    json.dumps(found, allow_nan=False)
    said = dict(terms(found))
    assert said["Bound"].startswith("none that could be crossed") and "Nominal p at the bound" not in said
    assert "the bound is not crossed" in said["Statistic"]


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
    alike = within(60, 0.2, 0.6) | {"level": 0.95}
    alike["margin"] |= {"p": None}
    assert "no test of a difference" in in_words(at_the_end(ALIKE, alike, [0.5]))[0]


def test_sentences_and_the_gate_go_by_the_estimate_that_knows_of_the_looks() -> None:
    """A p of 0.049 by itself would reject; with the look it does not, and nothing that is written may say so."""
    done = primary(60, 0.049) | {
        "level": 0.95,
        "ci": [-1.99, -0.01],
        "measure": "mean_difference",
        "contrast": ["a", "b"],
    }
    found = at_the_end(watched(), done, [0.5])
    assert found is not None
    counts = counted({"estimates": [done], "interim": found})
    assert (counts["estimate"], counts["ci"], counts["p"]) == (found["estimate"], found["ci_reported"], found["p"])
    assert (verdict_of(done), verdict_of(counts)) == ("first", "open")
    family = [{"analysis": "secondary", "p_adjusted": 0.01}, {"analysis": "secondary", "p_adjusted": None}]
    assert PLAIN.analysis.secondary is not None
    for shut, told in ((True, found["p"]), (False, 0.01)):
        secondary = PLAIN.analysis.secondary.model_copy(update={"gate": "primary" if shut else None})
        gated = watched().model_copy(update={"analysis": PLAIN.analysis.model_copy(update={"secondary": secondary})})
        each = [done | {"analysis": "primary"}, *(dict(one) for one in family)]
        gate(gated, each, found)
        assert [one["p_adjusted"] for one in each[1:]] == [told, None]
    assert found["p"] > 0.05


def test_where_nothing_came_after_a_crossed_bound_the_trial_ended_at_that_look() -> None:
    """The estimate is that of stopping there by the order of stages: earlier looks alone count as more."""
    two = watched(interim_analyses=2)
    done = primary(40, 0.005) | {"level": 0.95}
    found = at_the_end(two, done, [1 / 3, 2 / 3])
    plan = spending_design([1 / 3, 2 / 3, 1.0], Spending("obrien_fleming"))
    assert found is not None and found["ended_at_bound"] is True and found["rejected"] is True
    assert (found["critical"], found["information"]) == pytest.approx((plan.critical[1], 2 / 3))
    direct = final_estimate(plan, 2, -1.0, -1.0 / found["z"])
    assert (found["estimate"], found["p"], *found["ci"]) == pytest.approx((direct.estimate, direct.p, *direct.ci))
    assert "the trial ended there" in in_words(found)[0]
    # not crossed: the trial ended for another reason, and what is left of the error is spent on what there is
    other = at_the_end(two, primary(40, 0.03) | {"level": 0.95}, [1 / 3, 2 / 3])
    assert other is not None and other["ended_at_bound"] is False and other["critical"] < plan.critical[1]
