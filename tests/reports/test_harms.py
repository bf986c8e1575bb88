"""Adverse events in the report, counted here a second way from the frozen files alone, and what stands in print."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports import build_report
from reports.frozen import read_frozen
from reports.results import frozen_results, write_results
from reports.sections import document
from tests.reports.builder import seal
from tests.reports.reading import page_of
from trial.core.consort import CountsDisagree
from trial.core.dataset import HarmRow, read_rows, write_rows

# what an outsider would look for in harms.csv: (column, words in it) of each line of the table
LINES = {
    "source": ("participant", "team"),
    "severity": ("mild", "moderate", "severe"),
    "relatedness": ("not_related", "unlikely", "possible", "probable", "definite"),
    "expectedness": ("expected", "unexpected"),
    "outcome": ("recovered", "recovering", "not_recovered", "lasting", "death", "unknown"),
    "stopped": ("nothing", "exercises", "everything"),
}


def rows(directory: Path, name: str) -> list[dict[str, str]]:
    with (directory / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def results(frozen_trial: Path) -> Any:
    return json.loads(write_results(frozen_results(read_frozen(frozen_trial))))


def number(people: dict[str, int]) -> dict[str, int]:
    return {"people": len(people), "events": sum(people.values())}


def recount(directory: Path, arm: str) -> dict[str, Any]:
    """The events of one arm by a tally for each person, which shares no code with the product."""
    armed = {one["participant"]: one["arm"] for one in rows(directory, "disposition.csv")}
    tally: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in rows(directory, "harms.csv"):
        code = one["participant"]
        if armed[code] != arm:
            continue
        judged = one["assessments"] != "0"
        told = [("source", one["source"]), ("assessed", "yes" if judged else "no")]
        if judged:
            told += [(column, one[column]) for column in LINES if column != "source"]
            told.append(("serious", {"yes": "serious", "no": "not_serious"}[one["serious"]]))
            told += [("criteria", each) for each in one["criteria"].split("+") if each]
        if one["serious"] == "yes" and one["relatedness"] in ("possible", "probable", "definite"):
            told.append(("serious", "serious_related"))
            if one["expectedness"] == "unexpected":
                told.append(("serious", "serious_related_unexpected"))
        for line in told:
            tally[line][code] += 1
    return {f"{part}:{value}": number(people) for (part, value), people in tally.items()}


@pytest.mark.parametrize("arm", ["gratitude", "chores"])
def test_every_count_is_what_the_files_say_and_zero_is_stated(frozen_trial: Path, results: Any, arm: str) -> None:
    (found,) = [one for one in results["harms"]["spontaneous"] if one["arm"] == arm]
    printed = {f"{part}:{value}": n for part, values in found["counts"].items() for value, n in values.items()}
    mine = recount(frozen_trial, arm)
    assert mine.keys() <= printed.keys() and len(mine) > 8
    nothing = {"people": 0, "events": 0}
    assert {line: n for line, n in printed.items() if n != nothing} == mine
    assert {f"{part}:{value}" for part, values in LINES.items() for value in values} <= printed.keys()
    randomized = [one for one in rows(frozen_trial, "disposition.csv") if one["arm"] == arm]
    assert found["of"] == len(randomized)
    assert found["events"] == sum(found["counts"]["source"][one]["events"] for one in ("participant", "team"))
    assert found["deaths"] == nothing


def test_a_term_is_counted_in_each_arm_with_those_that_were_serious(frozen_trial: Path, results: Any) -> None:
    armed = {one["participant"]: one["arm"] for one in rows(frozen_trial, "disposition.csv")}
    terms = {one["term"]: one for one in results["harms"]["terms"]}
    assert set(terms) == {"Headache", "Low mood"}
    for term, found in terms.items():
        for arm in ("gratitude", "chores"):
            its = [o["participant"] for o in rows(frozen_trial, "harms.csv") if o["term"] == term]
            its = [code for code in its if armed[code] == arm]
            assert found["arms"][arm] == {"people": len(set(its)), "events": len(its)}
    assert next(iter(terms)) == "Headache", "the most frequent stands first"
    assert not any(n["events"] for n in terms["Headache"]["serious"].values())


def test_people_who_said_yes_once_or_more_are_counted_over_all_timepoints(frozen_trial: Path, results: Any) -> None:
    armed = {one["participant"]: one["arm"] for one in rows(frozen_trial, "disposition.csv")}
    column = f"{results['harms']['instrument']}_{results['harms']['item']}"
    for one in results["harms"]["systematic_people"]:
        said = [
            o for o in rows(frozen_trial, "items.csv") if o["item"] == column and armed[o["participant"]] == one["arm"]
        ]
        yes = [o["participant"] for o in said if o["value"] == "yes"]
        assert one["answered"] == len({o["participant"] for o in said if o["value"]})
        assert (one["people"], one["events"]) == (len(set(yes)), len(yes))


def words_of(directory: Path) -> str:
    frozen = read_frozen(directory)
    return repr(document(frozen_results(frozen), frozen.folder))


def rewritten(directory: Path, change: Callable[[list[HarmRow]], list[HarmRow]]) -> Path:
    path = directory / "harms.csv"
    path.write_text(write_rows(change(read_rows(path.read_text(), HarmRow)), HarmRow), newline="")
    seal(directory)
    return directory


def test_events_that_were_not_assessed_are_named_and_the_report_is_not_final(
    frozen_trial: Path, results: Any, a_copy: Callable[[], Path]
) -> None:
    waiting = sum(one["assessments"] == "0" for one in rows(frozen_trial, "harms.csv"))
    every = len(rows(frozen_trial, "harms.csv"))
    assert waiting and (results["harms"]["not_assessed"], results["harms"]["final"]) == (waiting, False)
    said = f"This report is not final: {waiting} of {every} adverse events were not assessed"
    assert words_of(frozen_trial).count(said) == 3, "in the summary, in the section, and in the paragraph of results"
    judged = rewritten(a_copy(), lambda found: [_judged(one) for one in found])
    assert "not final" not in words_of(judged)


def _judged(one: HarmRow) -> HarmRow:
    return read_rows(
        write_rows([one], HarmRow).replace(
            ",participant,,,0,,,,,,,,,", ",participant,,,1,Sadness,no,,mild,unlikely,expected,,recovered,nothing"
        ),
        HarmRow,
    )[0]


def test_where_nothing_happened_the_report_says_zero(a_copy: Callable[[], Path]) -> None:
    directory = a_copy()
    path = directory / "events.csv"
    kept = [line for line in path.read_text().splitlines(keepends=True) if "adverse_event_reported" not in line]
    path.write_text("".join(kept), newline="")
    found = words_of(rewritten(directory, lambda _: []))
    assert "'Any adverse event', '0 (0%) / 0', '0 (0%) / 0'" in found
    assert "'Deaths', '0 (0%) / 0', '0 (0%) / 0'" in found
    assert "adverse-event-terms-table" not in found


def test_a_report_that_only_one_file_knows_stops_the_report(a_copy: Callable[[], Path]) -> None:
    directory = rewritten(a_copy(), lambda found: [one for one in found if one.source == "team"])
    with pytest.raises(CountsDisagree, match=r"harms\.csv"):
        frozen_results(read_frozen(directory))


def test_people_who_were_never_randomised_stand_apart(a_copy: Callable[[], Path]) -> None:
    outside = HarmRow("S0001", 0, "team", "", None, 0)
    found = frozen_results(read_frozen(rewritten(a_copy(), lambda rows: [*rows, outside])))["harms"]["spontaneous"]
    assert [one["arm"] for one in found] == ["gratitude", "chores", "not_randomised"]
    assert (found[2]["of"], found[2]["people"], found[2]["events"]) == (None, 1, 1)


def test_the_tables_stand_in_the_page_and_on_paper(a_copy: Callable[[], Path]) -> None:
    directory = a_copy()
    build_report(directory)
    page = page_of(directory)
    assert all(
        words in page for words in ("Adverse events told unasked", "Low mood", "Headache", "This report is not final")
    )
    assert (directory / "report.pdf").stat().st_size > 10_000
