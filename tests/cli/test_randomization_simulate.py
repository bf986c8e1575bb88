"""`equipoise randomization simulate`: designs side by side before a trial; what cannot be is said in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.core.protocols import rewritten
from tests.rehearsal.morning_walks import written
from trial.protocol_files import shipped

TWO_FACTORS = "larger-trial"
FEW = ("--n", 24, "--reps", 100)


def test_designs_side_by_side_with_a_recommendation_and_a_page_of_their_own(equipoise: Shell, tmp_path: Path) -> None:
    page = tmp_path / "designs.html"
    words = ("randomization", "simulate", TWO_FACTORS, *FEW, "--compare", "big_stick:3:overall,minimisation:0.8")
    done = equipoise(*words, "--out", page)
    assert done.code == 0, done.err
    named = ("as declared (permuted_blocks)", "big_stick:3:overall", "minimisation:0.8", "simple")
    assert all(re.search(rf"^{re.escape(name)}  ", done.out, re.MULTILINE) for name in named)
    chosen = re.search(r"Of these designs (.+?) is recommended", done.out)
    assert chosen is not None and chosen[1] in named
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 4 and "<script" not in html and "nan" not in re.sub(r"<[^>]*>", "", html).split()
    assert all(name in html for name in named)
    assert "high/treated_now" in html and "cesd_level: high" in html
    assert "--compare big_stick:3:overall,minimisation:0.8" in html
    # the same seed gives the same figures, another seed others
    assert equipoise(*words).out == done.out.replace(f"\n{page}\n", "")
    assert equipoise(*words, "--seed", "2").out.splitlines()[1:5] != done.out.splitlines()[1:5]


def test_people_may_come_in_the_order_of_a_file(equipoise: Shell, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("cesd_level\n" + "high\nlow\nlow\n" * 10, encoding="utf-8")
    page = tmp_path / "designs.html"
    done = equipoise(
        "randomization", "simulate", "emotion-focused-14-day", "--reps", 100, "--entry", people, "--out", page
    )
    assert done.code == 0, done.err
    assert "After 30 people" in done.out and "in the order of the file" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("level\nhigh\n", "has no column cesd_level"),
        ("cesd_level\nhigh\nlow\nmiddle\nlow\nlow\n", "people.csv:4: cesd_level has no level 'middle'"),
        ("cesd_level\nhigh\n", "fewer than 4 people"),
    ],
)
def test_a_file_of_people_that_does_not_fit_is_refused_with_its_line(
    equipoise: Shell, tmp_path: Path, lines: str, said: str
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(lines, encoding="utf-8")
    assert said in equipoise.refused(2, "randomization", "simulate", "emotion-focused-14-day", "--entry", people)


def test_a_trial_of_clusters_is_not_simulated_as_if_people_were_allocated(equipoise: Shell, tmp_path: Path) -> None:
    folder = tmp_path / written(tmp_path)
    protocol = folder / "protocol.yaml"
    blocks, unit = "  block_sizes: [2]\n", "  unit: cluster\n  cluster: {question: place, label: {en: Place}}\n"
    protocol.write_text(protocol.read_text(encoding="utf-8").replace(blocks, blocks + unit), encoding="utf-8")
    assert "allocates clusters" in equipoise.refused(2, "randomization", "simulate", folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((TWO_FACTORS, "--compare", "big_stick"), "named like one of these"),
        ((TWO_FACTORS, "--compare", "coin:3"), "`coin:3` is no design"),
        ((TWO_FACTORS, "--compare", ",".join(f"big_stick:{one}" for one in range(1, 10))), "too many to look at"),
        ((TWO_FACTORS, "--n", 10_000, "--reps", 100_000), "too many at once"),
        (("gilbert-procter-2006",), "one arm"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_words(equipoise: Shell, words: tuple[object, ...], said: str) -> None:
    assert said in equipoise.refused(2, "randomization", "simulate", *words)


def test_an_outside_list_has_no_rule_that_could_be_simulated(equipoise: Shell, tmp_path: Path) -> None:
    listed = "method: listed\n  outside_list: {made_by: A trials unit, how: By a program of theirs}"
    folder = rewritten(("method: permuted_blocks\n  block_sizes: [2, 4]", listed))
    for name, text in folder.files.items():
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_text(text, encoding="utf-8")
    said = equipoise.refused(2, "randomization", "simulate", "mine")
    assert "outside list" in said and "method by which the list was made" in said


def test_a_factorial_design_is_also_looked_at_factor_by_factor(equipoise: Shell, tmp_path: Path) -> None:
    page = tmp_path / "designs.html"
    done = equipoise("randomization", "simulate", shipped("examples") / "factorial", *FEW, "--out", page)
    assert done.code == 0, done.err
    html = page.read_text(encoding="utf-8")
    assert "Between the levels of each factor that the arms combine" in html
    assert html.count("writing: kind, plain") == html.count("breathing: slow, checklist") == 2
    assert "ANCOVA of both against neither" in html
