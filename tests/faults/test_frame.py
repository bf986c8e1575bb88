"""The frame of the fault runs: faults come back with their seed, a broken bound is told, a row is replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.__main__ import main
from tests.faults.runs import page
from tests.faults.runs.frame import Chance, Finding, Result, Run, Watch, all_runs, percentile, perform

TABLE = f"before\n{page.BEGIN}\n{page.END}\nafter\n"


def dropped(given: object, watch: Watch) -> Result:
    """A system that loses as many mails as it is told."""
    lost = given.lost  # type: ignore[attr-defined]
    return Result("Ten mails.", {"drop": lost}, {"lost 0": lost == 0}, f"Lost {lost}.", lost=lost)


RUN = Run("T99", "Nothing is lost.", {"short": {"lost": 0}, "long": {"lost": 0}}, dropped)


def watch_of(seed: int, tmp_path: Path) -> Watch:
    return Watch(Chance(seed), tmp_path)


def found(tmp_path: Path, lost: int) -> Finding:
    return perform(RUN, "long", watch_of(3, tmp_path), {"lost": lost})


def test_the_same_seed_plans_the_same_faults_and_another_seed_others(tmp_path: Path) -> None:
    def plan(seed: int) -> list[object]:
        return list(watch_of(seed, tmp_path).plan("kill", every=2, seconds=60, among=4))

    assert plan(1) == plan(1) != plan(2)
    assert len(plan(1)) == 30


def test_faults_are_spread_over_all_that_can_have_them(tmp_path: Path) -> None:
    planned = watch_of(1, tmp_path).plan("kill", every=0.5, seconds=60, among=4)
    assert {one.which for one in planned} == {0, 1, 2, 3}
    assert all(0 < one.at <= 60.2 for one in planned)


def test_a_result_holds_only_when_every_bound_does_and_not_when_there_is_none() -> None:
    def result(**bounds: bool) -> Result:
        return Result("", {}, bounds, "")

    assert result(one=True, two=True).held
    assert result(one=True, two=False).broken == ["two"]
    assert not result().held


def test_the_line_names_the_command_that_brings_it_back(tmp_path: Path) -> None:
    line = json.loads(json.dumps(found(tmp_path, 2).line()))
    assert line["command"] == "python -m tests.faults T99 --form long --seed 3 --lost 2"
    assert (line["test"], line["lost"], line["held"], line["bounds"]) == ("T99", 2, False, {"lost 0": False})


def test_a_parameter_that_a_run_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no mails"):
        perform(RUN, "long", watch_of(1, tmp_path), {"mails": 3})


def test_a_row_is_replaced_by_the_next_of_its_form_and_says_when_a_bound_was_broken(tmp_path: Path) -> None:
    once = page.written(TABLE, [found(tmp_path, 2)])
    assert "**Broken: lost 0.**" in once
    again = page.written(once, [found(tmp_path, 0)])
    assert "Broken" not in again
    assert again.count("| T99 long |") == 1
    assert again.startswith("before\n")
    assert again.endswith("\nafter\n")


def test_the_page_keeps_its_marks() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.written(text, []).count(page.BEGIN) == 1


def test_percentiles_are_values_that_were_seen() -> None:
    assert (percentile([3, 1, 2], 0.5), percentile([3, 1, 2], 0.95), percentile([], 0.5)) == (2, 3, None)


def test_every_run_claims_one_sentence_and_has_a_short_and_a_long_form() -> None:
    for run in all_runs().values():
        assert run.claim.endswith("."), run.name
        assert run.short_forms, run.name
        assert run.long_forms, run.name


def test_the_command_lists_what_there_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["faults", "--list"])
    assert main() == 0
    listed = capsys.readouterr().out
    assert all(f"{run.name}  {run.claim}" in listed for run in all_runs().values())
