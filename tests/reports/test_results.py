"""results.json: the same bytes from the same files, every count recomputed here from the rows themselves."""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import analyse, build_report, figures_of_dose, tables_conduct
from reports.frozen import read_frozen
from reports.labels import Labels
from reports.results import frozen_results, write_results
from reports.sentences import result
from tests.reports.builder import SMALL_TRIAL, build_freeze, seal
from trial.core.consort import CountsDisagree
from trial.core.errors import EquipoiseError
from trial.protocol_files import shipped
from trial.rehearsal.oracle.frozen import counts_of_files

Row = dict[str, str]


def rows(directory: Path, name: str) -> list[Row]:
    with (directory / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def results(frozen_trial: Path) -> Any:
    return json.loads(write_results(frozen_results(read_frozen(frozen_trial))))


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    made = [build_freeze(tmp_path / name) for name in ("one", "another")]
    one, another = ({path.relative_to(directory): path for path in build_report(directory)} for directory in made)
    assert list(one) == list(another)
    for name, path in one.items():
        assert path.read_bytes() == another[name].read_bytes(), name


def test_building_a_report_again_changes_nothing(tmp_path: Path) -> None:
    directory = build_freeze(tmp_path / "freeze")
    before = {path.name: path.read_bytes() for path in build_report(directory)}
    after = {path.name: path.read_bytes() for path in build_report(directory)}
    assert before == after
    assert not list(directory.glob(".*"))


def test_no_report_tells_where_it_was_made(tmp_path: Path) -> None:
    directory = build_freeze(tmp_path / "freeze")
    for path in build_report(directory, ["json", "html"]):
        assert str(tmp_path) not in path.read_text(encoding="utf-8")


def test_the_flow_counts_the_people_in_the_files(frozen_trial: Path, results: Any) -> None:
    people = rows(frozen_trial, "disposition.csv")
    data = rows(frozen_trial, "dataset.csv")
    seen = {one["participant"] for one in data if one["timepoint"] == "week_2" and one["mood"]}
    flow = results["flow"]
    assert flow["assessed"] == len(people)
    assert flow["excluded"] == sum(not one["arm"] for one in people)
    for arm in flow["arms"]:
        its = [one for one in people if one["arm"] == arm["arm"]]
        assert arm["allocated"] == len(its)
        assert arm["received"] == sum(int(one["exercises_done"]) >= 1 for one in its)
        assert arm["analysed"] == sum(one["participant"] in seen for one in its)
        assert arm["analysed"] + arm["lost"] == arm["allocated"]


def test_the_model_and_the_diagram_say_the_same_n(results: Any) -> None:
    assert results["estimates"][0]["n"] == {one["arm"]: one["analysed"] for one in results["flow"]["arms"]}


def test_mails_are_counted_by_stream_arm_and_state(frozen_trial: Path, results: Any) -> None:
    arm_of = {one["participant"]: one["arm"] for one in rows(frozen_trial, "disposition.csv")}
    contacts = rows(frozen_trial, "contacts.csv")
    counted = Counter((one["stream"], arm_of[one["participant"]], one["state"]) for one in contacts)
    found = {
        (stream["stream"], arm, state): n
        for stream in results["delivery"]["streams"]
        for arm, states in stream["arms"].items()
        for state, n in states.items()
    }
    assert found == dict(counted)
    assert results["delivery"]["planned"] == len(contacts)
    reached = {one["participant"] for one in contacts if one["state"] == "accepted"}
    never = Counter(arm for person, arm in arm_of.items() if arm and person not in reached)
    assert results["delivery"]["never_reached"] == {arm: never[arm] for arm in ("gratitude", "chores")}


def test_exercises_are_counted_by_person_and_by_evening(frozen_trial: Path, results: Any) -> None:
    events = [one for one in rows(frozen_trial, "events.csv") if one["event"] == "exercise_done"]
    arm_of = {one["participant"]: one["arm"] for one in rows(frozen_trial, "disposition.csv")}
    for one in results["adherence"]:
        its = [event for event in events if arm_of[event["participant"]] == one["arm"]]
        assert one["exercises_done"] == len(its)
        assert sum(each["n"] for each in one["distribution"]) == one["allocated"]
        assert sum(each["n"] * each["done"] for each in one["distribution"]) == len(its)
        by_evening = Counter(event["detail"] for event in its)
        assert {f"evening:{at['occurrence']}": at["n_done"] for at in one["occasions"]} == dict(by_evening)


def test_the_dose_table_counts_everyone_from_those_who_never_began(frozen_trial: Path, results: Any) -> None:
    people = [one for one in rows(frozen_trial, "disposition.csv") if one["stage"] == "randomized"]
    for one in results["adherence"]:
        done = sorted(int(each["exercises_done"]) for each in people if each["arm"] == one["arm"])
        for each in one["distribution"]:
            assert each["n"] == done.count(each["done"])
            assert each["at_least"] == sum(n >= each["done"] for n in done)
        assert one["distribution"][0]["at_least"] == one["allocated"] == len(done)
        low, high = one["quartiles_done"]
        # the smallest number that a quarter, a half, three quarters did not exceed
        for share, found in ((0.25, low), (0.5, one["median_done"]), (0.75, high)):
            assert found in done and sum(n <= found for n in done) >= share * len(done)
            assert sum(n < found for n in done) < share * len(done)


def test_the_dose_stands_in_a_table_and_a_figure(frozen_trial: Path, results: Any) -> None:
    labels = Labels(read_frozen(frozen_trial).folder)
    table = tables_conduct.adherence(results, labels)
    cells = {row.cells[0]: row.cells[1:] for row in table.rows if len(row.cells) > 1}
    for at, one in enumerate(results["adherence"]):
        low, high = one["quartiles_done"]
        assert cells["Median number done (quartiles)"][at] == f"{one['median_done']} ({low} to {high})"
        two = one["distribution"][2]
        just, more = cells["2"][at].split("; ")
        assert just.startswith(f"{two['n']} (") and more.startswith(f"{two['at_least']} (")
    assert "not left to chance" in table.note
    drawn = figures_of_dose.dose(results, labels)
    shares = [round(100 * one["at_least"] / results["adherence"][0]["allocated"]) for one in
              results["adherence"][0]["distribution"]]  # fmt: skip
    assert f"Gratitude list, from none up: {', '.join(f'{one}%' for one in shares)}" in drawn.description


def test_the_dose_of_each_arm_is_the_median_of_what_is_known_of_its_exercises(frozen_trial: Path, results: Any) -> None:
    arm_of = {one["participant"]: one["arm"] for one in rows(frozen_trial, "disposition.csv")}
    items = rows(frozen_trial, "items.csv")
    for one in results["adherence"]:
        assert one["dose"]["sent"] == one["exercises_done"] > 0
        for part in ("seconds_open", "seconds_active", "characters"):
            its = [
                row for row in items if arm_of[row["participant"]] == one["arm"] and row["item"].endswith(f"_{part}")
            ]
            known = [float(row["value"]) for row in its if row["value"]]
            assert one["dose"][part] == {"n": len(known), "median": median(known) if known else None}
        assert 0 < one["dose"]["seconds_active"]["n"] < one["dose"]["sent"]


def test_the_table_of_adherence_says_minutes_and_over_how_many_exercises(frozen_trial: Path, results: Any) -> None:
    table = tables_conduct.adherence(results, Labels(read_frozen(frozen_trial).folder))
    cells = {row.cells[0]: row.cells[1:] for row in table.rows}
    for at, one in enumerate(results["adherence"]):
        active = one["dose"]["seconds_active"]
        said = cells["Median minutes in use"][at]
        assert said.startswith(f"{active['median'] / 60:.1f} (n") and said.endswith(f"{active['n']})")
    assert "Median characters" not in cells  # nothing is known of them here
    assert "leaves no trace" in table.note
    assert "“not today” is among those sent in and is not counted as done" in table.note


def test_missing_data_and_answers_add_up_to_everyone_expected(frozen_trial: Path, results: Any) -> None:
    answered = Counter((one["timepoint"], one["arm"]) for one in rows(frozen_trial, "dataset.csv"))
    for one in results["missing"]:
        assert one["answered"] == answered[one["timepoint"], one["arm"]]
        assert one["expected"] == one["answered"] + one["missing"]
        assert one["missing"] == sum(one["reasons"].values())


def test_means_over_time_are_those_of_the_rows(frozen_trial: Path, results: Any) -> None:
    data = rows(frozen_trial, "dataset.csv")
    for one in results["outcome_over_time"]:
        score = {"low_mood": "mood", "calmness": "calm"}[one["outcome"]]
        place = (one["timepoint"], one["arm"])
        its = [float(row[score]) for row in data if (row["timepoint"], row["arm"]) == place and row[score]]
        assert one["n"] == len(its)
        assert one["mean"] == pytest.approx(math.fsum(its) / len(its))


def test_harms_are_counted_and_zero_is_stated(frozen_trial: Path, results: Any) -> None:
    arm_of = {one["participant"]: one["arm"] for one in rows(frozen_trial, "disposition.csv")}
    items = [one for one in rows(frozen_trial, "items.csv") if one["item"] == "after_worse"]
    for one in results["harms"]["systematic"]:
        its = [i for i in items if i["timepoint"] == one["timepoint"] and arm_of[i["participant"]] == one["arm"]]
        assert (one["asked"], one["yes"]) == (len(its), sum(i["value"] == "yes" for i in its))
    reports = Counter(
        arm_of[one["participant"]]
        for one in rows(frozen_trial, "events.csv")
        if one["event"] == "adverse_event_reported"
    )
    assert {
        one["arm"]: one["counts"]["source"]["participant"]["events"] for one in results["harms"]["spontaneous"]
    } == {arm: reports[arm] for arm in ("gratitude", "chores")}


def test_the_baseline_table_has_no_p_values(results: Any) -> None:
    text = json.dumps(results["baseline"])
    assert '"p"' not in text and "p_value" not in text


def test_analysing_a_frozen_dataset_gives_its_estimates(frozen_trial: Path, results: Any, tmp_path: Path) -> None:
    analyse(SMALL_TRIAL, frozen_trial / "dataset.csv", tmp_path, ["json"])
    outside = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    for key in ("estimates", "baseline", "outcome_over_time", "protocol"):
        assert outside[key] == results[key]
    for arm, other in zip(outside["flow"]["arms"], results["flow"]["arms"], strict=True):
        assert (arm["allocated"], arm["analysed"]) == (other["allocated"], other["analysed"])


def test_the_order_of_the_rows_changes_nothing(frozen_trial: Path, results: Any, tmp_path: Path) -> None:
    header, *lines = (frozen_trial / "dataset.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "data.csv").write_text("\n".join([header, *reversed(lines)]), encoding="utf-8")
    analyse(SMALL_TRIAL, tmp_path / "data.csv", tmp_path / "out", ["json"])
    outside = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert outside["estimates"] == results["estimates"]


def test_results_are_sorted_rounded_and_finite(frozen_trial: Path) -> None:
    text = write_results({"b": 0.1 + 0.2, "a": [-0.0, 1e-320 * 0], "c": (1.0, None)})
    assert text == b'{\n  "a": [\n    0.0,\n    0.0\n  ],\n  "b": 0.3,\n  "c": [\n    1.0,\n    null\n  ]\n}\n'
    with pytest.raises(ValueError, match="JSON"):
        write_results({"a": float("nan")})


def test_only_the_formats_asked_for_are_written(a_copy: Callable[[], Path]) -> None:
    directory = a_copy()
    made = [path.name for path in build_report(directory, ["html"])]
    assert made == ["report.html", "checklist.csv", "lay-summary.en.html"]
    assert not (directory / "results.json").exists()
    with pytest.raises(ValueError, match="odt"):
        build_report(directory, ["odt"])


COLUMNS = ("stage", "arm", "received", "participant")


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_wrong_count_never_builds_a_report(frozen_trial: Path, data: st.DataObject) -> None:
    """One cell of the disposition is changed and the digest made to fit: the counts themselves give it away."""
    people = rows(frozen_trial, "disposition.csv")
    randomized = [place for place, one in enumerate(people) if one["arm"]]
    place, column = data.draw(st.sampled_from(randomized)), data.draw(st.sampled_from(COLUMNS))
    before = people[place][column]
    wrong = {"stage": "declined", "arm": "chores" if before == "gratitude" else "gratitude", "received": ""}
    people[place][column] = wrong.get(column, people[(place + 1) % len(people)]["participant"])
    directory = frozen_trial.parent / "wrong-count"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(frozen_trial, directory)
    with (directory / "disposition.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(people[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(people)
    seal(directory)
    with pytest.raises(EquipoiseError) as caught:
        build_report(directory)
    assert isinstance(caught.value, CountsDisagree)
    assert not list(directory.glob("report.*"))


def test_a_median_that_rounds_to_no_time_is_printed_as_less_than_the_smallest_step() -> None:
    assert tables_conduct._median({"median": 0.0, "n": 297}, 60, 1) == "< 0.1 (n\u00a0=\u00a0297)"
    assert tables_conduct._median({"median": 6.0, "n": 2}, 60, 1) == "0.1 (n\u00a0=\u00a02)"
    assert tables_conduct._median({"median": 0.0, "n": 2}, 1, 0) == "0 (n\u00a0=\u00a02)"


def test_of_a_single_arm_the_outcome_is_known_of_whoever_has_it_before_and_after(tmp_path: Path) -> None:
    frozen = read_frozen(build_freeze(tmp_path / "one", protocol=shipped("neff-2007"), randomized=60, seed=2))
    results, table = frozen_results(frozen), frozen.data.table
    protocol = frozen.folder.protocol
    plan = protocol.analysis.primary
    score = protocol.outcome(plan.outcome).score
    before, after = (np.isfinite(table.outcome(score, at)) for at in (protocol.baseline.id, plan.timepoint))
    one, (flow,) = results["estimates"][0], results["flow"]["arms"]
    both = int((before & after).sum())
    assert both < after.sum(), "somebody answered afterwards and left out too much at the start"
    assert one["n_with_data"] == sum(one["n"].values()) == flow["analysed"] == both
    assert flow["lost"] == flow["allocated"] - both
    assert one["arms"][plan.contrast[0]]["n_with_data"] == both
    files = {name: (tmp_path / "one" / name).read_text() for name in ("dataset.csv", "disposition.csv")}
    assert counts_of_files(files, protocol.model_dump(mode="json"))[f"arm {plan.contrast[0]}: with the outcome"] == both
    said = result(one, Labels(frozen.folder))
    assert re.search(r"mean change −?\d\.\d\d,", said), "a scale of 1 to 5 has two decimals, as its means have"
