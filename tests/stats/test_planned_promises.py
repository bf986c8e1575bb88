"""The simulation of a plan's promises: it runs, is the same each time, and tells a method that breaks its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import planned
from bench.planned import Counted, Share, Tally
from bench.planned_methods import RULES, WRONG, Found, protocol_of, wrong
from bench.planned_trials import BATCH, EFFECT, EFFECTS, KINDS, SCORE, TIMEPOINTS, Kind, batch, truth_of
from trial.stats.plan.run import run_plan

LOSING = Kind(lost=(0.4, 0.4))


def of(shares: tuple[int, int], error: tuple[int, int] = (0, 0)) -> Counted:
    held, shown = shares
    rejected, tested = error
    return Counted(Tally(tested=tested, rejected=rejected), Tally(shown=shown, held=held))


def test_the_command_simulates_a_kind_of_trial_and_writes_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "statistics.md"
    page.write_text(f"before\n{planned.BEGIN}\nstale\n{planned.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(planned, "PAGE", page)
    planned.main(["--runs", str(BATCH), "--only", "0", "5", "--write"])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith(f"{planned.END}\nafter\n") and "stale" not in text
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ") and "(" in line]
    assert any(row[0] == "| ANCOVA, HC3" and row[3] == str(BATCH) for row in rows)
    names = {row[0].removeprefix("| ") for row in rows}
    assert {WRONG, "ANCOVA, CR2", "equivalence, ANCOVA, effect on the margin"} <= names
    said = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("{"))
    assert json.loads(said)["runs"] == BATCH


def test_the_tables_of_kinds_that_were_not_run_stay_as_they_are_in_the_order_of_kinds() -> None:
    first, second, third = KINDS[:3]
    tables = {kind: ["", f"**{kind.words}**", "", *planned.HEAD, f"| of {kind.words} |"] for kind in (first, third)}
    page = "\n".join([planned.BEGIN, *tables[first], *tables[third], "", planned.END, ""])
    assert planned.written(page, {}) == page
    new = ["", f"**{second.words}**", "", *planned.HEAD, "| new |"]
    wanted = "\n".join([planned.BEGIN, *tables[first], *new, *tables[third], "", planned.END, ""])
    assert planned.written(page, {second.words: new}) == wanted
    again = [*new[:-1], "| newer |"]
    assert planned.written(wanted, {second.words: again}) == wanted.replace("| new |", "| newer |")


def test_a_method_with_too_small_an_error_and_no_t_is_told_to_fail_and_the_planned_one_to_hold() -> None:
    plan = protocol_of(LOSING)
    false, right = Counted(), Counted()
    for effect in EFFECTS:
        truth = truth_of(LOSING, effect)
        tallies = (false.effect, right.effect) if effect else (false.null, right.null)
        for number in range(1000 // BATCH):
            for trial in batch(LOSING, effect, number):
                tallies[0].count(next(iter(wrong(LOSING, trial, truth))))
                one = run_plan(plan, trial.table)[0]
                tallies[1].count(Found("planned", tuple(one["ci"]), one["p"], truth.effect))
    assert false.verdict == "fails"
    assert right.verdict in ("holds", "wide")


@pytest.mark.parametrize(
    ("counted", "verdict"),
    [
        (of((1900, 2000)), "holds"),
        (of((1870, 2000)), "a little short"),
        (of((1850, 2000)), "fails"),
        (of((1940, 2000)), "wide"),
        (of((1900, 2000), (125, 2000)), "a little short"),
        (of((1900, 2000), (145, 2000)), "fails"),
        (of((47, 50)), "too few to tell"),
        (of((40, 50)), "fails"),
        (of((0, 0)), "–"),
    ],
)
def test_the_verdict_follows_the_declared_rule_by_two_monte_carlo_errors(counted: Counted, verdict: str) -> None:
    assert counted.verdict == verdict


def test_a_share_has_an_error_even_where_all_or_none_are_counted() -> None:
    assert str(Share(1900, 2000)) == "95.0 (0.5)"
    assert Share(50, 50).error > 0 and Share(0, 50).error > 0


def test_a_batch_is_the_same_each_time_and_another_one_is_not() -> None:
    first, again, other = (next(iter(batch(LOSING, EFFECT, number))).table for number in (0, 0, 1))
    key = (SCORE, TIMEPOINTS[-1])
    assert first.arms == again.arms and first.scores[key].tobytes() == again.scores[key].tobytes()
    assert first.scores[key].tobytes() != other.scores[key].tobytes()


def test_the_truth_of_each_rule_for_the_lost_lies_between_nothing_lost_of_the_effect_and_all_of_it() -> None:
    rules = truth_of(LOSING, EFFECT).by_rule
    assert set(rules) == set(RULES)
    assert 0 > rules["jump_to_reference"] > rules["copy_reference"] > rules["copy_increments"] > EFFECT
    assert rules["jump_to_reference"] == pytest.approx(0.6 * EFFECT)
    for kind in KINDS:
        assert set(truth_of(kind, 0.0).by_rule.values()) == {0.0}


def stored() -> list[list[str]]:
    """The rows of docs/statistics.md: method, error, coverage, trials, warns, verdict."""
    text = planned.PAGE.read_text(encoding="utf-8").partition(planned.BEGIN)[2].partition(planned.END)[0]
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [line for line in lines if line[0] != "method"]


def test_where_the_stored_tables_say_that_a_method_fails_the_report_warns_in_most_of_such_trials() -> None:
    rows = stored()
    failing = [row for row in rows if row[5] == "fails" and row[0] != WRONG]
    assert failing and any(row[0] == WRONG and row[5] == "fails" for row in rows)
    for row in failing:
        assert row[4] != planned.NONE and float(row[4]) >= 60, row


def test_the_stored_tables_have_every_kind_of_trial() -> None:
    text = planned.PAGE.read_text(encoding="utf-8")
    assert all(f"**{kind.words}**" in text for kind in KINDS)
