"""Nobody blinded can tell an arm from a byte of a blind cut: arms that cannot be mistaken, swapped, change nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from reports.blind import CutFacts, blind_results
from reports.blind_page import blind_document
from reports.cut import blind_files, with_sums
from reports.document import Figure
from reports.frozen import Frozen, read_frozen
from tests.reports.builder import SMALL_TRIAL, build_freeze

ONE, OTHER = "quokkaarm", "numbatarm"
GROUPS = {ONE: "Group 2", OTHER: "Group 1"}
SWAPPED = {ONE: "Group 1", OTHER: "Group 2"}
TEXT = (".json", ".html", ".csv")


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Frozen:
    """A trial whose arms have ids, labels, exercises and messages that no other word holds."""
    protocol = tmp_path_factory.mktemp("canary") / "small-trial"
    for path in SMALL_TRIAL.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            for name, word in (("gratitude", ONE), ("chores", OTHER)):
                text = text.replace(name, word).replace(name.capitalize(), word.capitalize())
            target = protocol / path.relative_to(SMALL_TRIAL)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return read_frozen(build_freeze(tmp_path_factory.mktemp("frozen"), protocol=protocol))


def facts(frozen: Frozen, groups: Mapping[str, str] | None) -> CutFacts:
    people = [one.participant for one in frozen.dispositions if one.stage == "randomized"]
    days = {code: 3 + at % 60 for at, code in enumerate(people)}
    return CutFacts(2, "2041-03-04T09:00:00+00:00", "ab" * 32, days, [20, 0, 40], groups)


def swapped(frozen: Frozen) -> Frozen:
    """The same people and rows with the arms exchanged."""
    other = {ONE: OTHER, OTHER: ONE, "": ""}
    people = [replace(one, arm=other[one.arm]) for one in frozen.dispositions]
    table = replace(frozen.data.table, arms=tuple(other[arm] for arm in frozen.data.table.arms))
    return replace(frozen, dispositions=people, data=replace(frozen.data, table=table))


def told(files: Mapping[str, bytes]) -> list[str]:
    """Where a cut names an arm: file names, texts, and the words of every page of the PDF."""
    found = []
    for name, data in files.items():
        words = data.decode() if name.endswith(TEXT) or "." not in name else ""
        if name.endswith(".pdf"):
            words = "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
        found += [name for arm in (ONE, OTHER) if arm in f"{name}\n{words}".lower()]
    return found


def different(some: Mapping[str, bytes], others: Mapping[str, bytes]) -> list[str]:
    return [name for name in {*some, *others} if some.get(name) != others.get(name)]


@pytest.mark.parametrize("groups", [None, GROUPS], ids=["pooled", "dummy"])
def test_no_byte_of_a_blind_cut_names_an_arm(frozen: Frozen, groups: Mapping[str, str] | None) -> None:
    files = with_sums(blind_files(frozen, facts(frozen, groups)))
    assert told(files) == []
    assert told({"leak.csv": f"{ONE},3\n".encode()}) == ["leak.csv"] and told({f"{OTHER}.json": b"{}"})


def test_two_cuts_with_the_arms_swapped_differ_in_nothing_but_the_labels(frozen: Frozen) -> None:
    other = swapped(frozen)
    cut = blind_files(frozen, facts(frozen, GROUPS))
    assert different(cut, blind_files(other, facts(other, SWAPPED))) == []
    assert "cut-2-blinded-dummy-labels.json" in different(cut, blind_files(other, facts(other, GROUPS))), "a control"
    pooled = blind_files(frozen, facts(frozen, None))
    assert different(pooled, blind_files(other, facts(other, None))) == []


def by_group(value: Any) -> Iterator[Any]:
    """Every part of the results that stands under the label of a group."""
    if isinstance(value, dict):
        if str(value.get("group", "")).startswith("Group"):
            yield value
        yield from (each for key, each in value.items() if key.startswith("Group"))
        yield from (found for each in value.values() for found in by_group(each))
    elif isinstance(value, list):
        yield from (found for each in value for found in by_group(each))


def without_exercises(frozen: Frozen, arm: str) -> Frozen:
    """As if this arm had no exercises at all: no mail, no item, no event, no dose, nobody who stopped them alone."""
    mine = {one.participant for one in frozen.dispositions if one.arm == arm}
    people = [
        replace(one, exercises_due=0, exercises_done=0, received=True, minimum_dose=False)
        if one.participant in mine
        else one
        for one in frozen.dispositions
    ]
    return replace(
        frozen,
        dispositions=people,
        contacts=[one for one in frozen.contacts if one.participant not in mine or one.stream != "exercises"],
        events=[one for one in frozen.events if one.participant not in mine or one.event != "exercise_done"],
        items=[one for one in frozen.items if one.participant not in mine or one.activity == "measures"],
        harms=[replace(one, stopped="exercises", term=arm) if one.participant in mine else one for one in frozen.harms],
    )


def parts(frozen: Frozen) -> str:
    return json.dumps(list(by_group(blind_results(frozen, facts(frozen, GROUPS)))), sort_keys=True, default=str)


def test_nothing_that_only_one_arm_has_stands_under_a_label(frozen: Frozen) -> None:
    as_it_is = parts(frozen)
    assert as_it_is.count("Group 1") > 5
    assert as_it_is == parts(without_exercises(frozen, ONE)) == parts(without_exercises(frozen, OTHER))
    fewer = replace(frozen, harms=frozen.harms[1:])
    assert parts(fewer) != as_it_is, "a control: what stands under a label is seen to change"


def test_a_report_that_tells_the_exercises_by_label_would_be_caught(frozen: Frozen) -> None:
    """The control of the test above: adherence by group, as a careless report would have it."""

    def leaking(one: Frozen) -> list[tuple[str, int]]:
        done = dict.fromkeys(GROUPS.values(), 0)
        for each in one.dispositions:
            if each.arm:
                done[GROUPS[each.arm]] += each.exercises_done
        return sorted(done.items())

    assert leaking(frozen) != leaking(without_exercises(frozen, ONE)) != leaking(without_exercises(frozen, OTHER))


def test_where_schedules_differ_no_number_tells_the_size_of_an_arm(frozen: Frozen) -> None:
    """Two pooled cuts, before and after one person, would tell where that person went: percents instead."""
    protocol = frozen.folder.protocol
    activities = [one for one in protocol.activities if one.id != OTHER]
    points = [
        one.model_copy(update={"activities": [each for each in one.activities if each != OTHER]})
        for one in protocol.timepoints
    ]
    own = protocol.model_copy(update={"activities": activities, "timepoints": points})
    waiting = replace(without_exercises(frozen, OTHER), folder=replace(frozen.folder, protocol=own))
    found = blind_results(waiting, facts(waiting, None))
    assert found["delivery"]["counted"] is False and found["adherence"]["due"] is None
    assert all(n <= 100 for one in found["delivery"]["streams"] for n in one["states"].values())
    assert all(one["planned"] is None for one in found["delivery"]["streams"])
    assert blind_results(frozen, facts(frozen, None))["delivery"]["counted"] is True


@pytest.mark.parametrize(
    ("groups", "mark"), [(None, "Blinded: pooled over the arms"), (GROUPS, "Blinded: dummy labels")]
)
def test_the_mark_is_on_every_page_figure_and_file(frozen: Frozen, groups: Mapping[str, str] | None, mark: str) -> None:
    files = blind_files(frozen, facts(frozen, groups))
    for name, data in files.items():
        assert "blinded-" in name
        if name.endswith(".csv"):
            assert data.decode().startswith(f"# {mark}")
        if name.endswith(".json"):
            assert f"Blinded: {json.loads(data)['blinded']}" == mark
        if name.endswith(".pdf"):
            assert all(mark in page.extract_text().replace("\n", " ") for page in PdfReader(BytesIO(data)).pages)
    document = blind_document(blind_results(frozen, facts(frozen, groups)), frozen.folder)
    figures = [one for section in document.sections for one in section.blocks if isinstance(one, Figure)]
    assert figures and all(mark in one.drawing.svg and mark in one.drawing.title for one in figures)


@pytest.mark.parametrize("groups", [None, GROUPS], ids=["pooled", "dummy"])
def test_a_blind_report_has_no_effect_and_no_p_value(frozen: Frozen, groups: Mapping[str, str] | None) -> None:
    files = blind_files(frozen, facts(frozen, groups))
    html = next(data for name, data in files.items() if name.endswith(".html")).decode()
    found = json.loads(next(data for name, data in files.items() if name.endswith(".json")))
    assert not re.search(r"p [=<] |difference|confidence", html)
    assert not {"estimates", "sensitivity", "subgroups", "outcome_over_time"} & found.keys()


def test_who_is_not_due_yet_is_not_missing(frozen: Frozen) -> None:
    early = replace(facts(frozen, None), days=dict.fromkeys(facts(frozen, None).days, 0))
    found = blind_results(frozen, early)
    later = [one for one in found["missing"] if one["timepoint"] != "baseline"]
    assert later and all(one["due"] == one["answered"] and not one["reasons"] for one in later)
    assert all(one["due"] + one["not_due_yet"] == 60 for one in later)
    (primary,) = found["primary"]
    assert primary["lost"] == primary["lost_reasons"].get("score_incomplete", 0)


@pytest.mark.parametrize("groups", [None, GROUPS], ids=["pooled", "dummy"])
def test_the_flow_so_far_is_drawn_over_everybody(frozen: Frozen, groups: Mapping[str, str] | None) -> None:
    found = blind_results(frozen, facts(frozen, groups))
    everybody = next(one for one in found["primary"] if one["group"] == "all")
    section = next(one for one in blind_document(found, frozen.folder).sections if one.id == "flow")
    (figure,) = (one for one in section.blocks if isinstance(one, Figure))
    for drawing in filter(None, (figure.drawing, figure.narrow)):
        words = drawing.svg.replace("\u00a0", " ")
        assert f"Randomised (n = {found['flow']['randomised']})" in words
        assert f"Primary outcome known (n = {everybody['known']})" in words
        assert f"Not due yet (n = {everybody['randomised'] - everybody['due']})" in words
        assert "Group" not in words


def test_checksums_fit_the_files() -> None:
    files = with_sums({"a.json": b"{}"})
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert files["SHA256SUMS"].decode() == f"{digest}  a.json\n"
