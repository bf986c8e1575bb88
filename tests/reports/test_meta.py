"""Studies from tables and frozen trials, pooled: what is read, what is refused, and what the page and figures show."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.frozen import read_frozen
from reports.meta import Wish, analyse_studies, meta_values, read_all, studies_csv
from reports.meta_figures import forest_png, rows_of
from reports.meta_frozen import read_trial
from reports.meta_page import PRETEND, meta_files, meta_html, screen
from reports.meta_table import read_studies
from tests.reports.builder import build_freeze
from trial.core.errors import AnalysisImpossible, DataInvalid
from trial.stats.meta_effects import ArmSummary, PrePost, fisher_z, pre_post_control, standardized_difference
from trial.stats.plan.run import run_plan

if TYPE_CHECKING:
    from playwright.sync_api import Browser

THREE = "study,estimate,se\nFirst 2019,0.30,0.2\nSecond 2020,0.50,0.1\nThird 2021,-0.10,0.9\n"
BOXES = """() => [...document.querySelectorAll('svg')].filter(one => one.getBoundingClientRect().width).flatMap(
    (svg, at) => [...svg.querySelectorAll('text')].map(one => {
        const box = one.getBoundingClientRect()
        return [at, one.textContent, box.left, box.top, box.right, box.bottom]
    }))"""


def table(folder: Path, text: str, name: str = "studies.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def many(k: int) -> str:
    """Studies of all precisions with long names, one of them far away and one with nearly no people."""
    rows = [
        f"Author and Many Other Long-Named Authors of Study {at} ({1990 + at % 30}),{0.3 + 0.4 * math.sin(at):.3f},"
        f"{0.05 + 0.4 * (at % 9) / 9:.3f}"
        for at in range(k - 2)
    ]
    return "\n".join(["study,estimate,se", *rows, "Far away,3.5,0.4", "Hardly anybody,0.2,9"]) + "\n"


def test_each_form_of_a_row_gives_its_effect(tmp_path: Path) -> None:
    columns = "study,estimate,se,ci_low,ci_high,ci_level,n1,mean1,sd1,n2,mean2,sd2"
    columns += ",pre1,post1,sd_pre1,r1,pre2,post2,sd_pre2,r2"
    rows = [
        "A,0.4,0.2" + "," * 17,
        "B,-0.4,,-0.7289707,-0.0710293,0.90" + "," * 14,
        "C,,,,,,12,14.2,5.1,15,17.9,6.4" + "," * 8,
        "D,,,,,,20,,,22,,,21.5,15.1,6.2,0.6,22,20.2,5.8,0.5",
    ]
    found = read_studies(table(tmp_path, "\n".join([columns, *rows])))
    assert [(one.name, one.line) for one in found] == [("A", 2), ("B", 3), ("C", 4), ("D", 5)]
    assert found[0].effect.variance == pytest.approx(0.04) and found[1].effect.variance == pytest.approx(0.04)
    assert found[1].effect.estimate == -0.4
    assert found[2].effect == standardized_difference(ArmSummary(12, 14.2, 5.1), ArmSummary(15, 17.9, 6.4))
    before = PrePost(20, 21.5, 15.1, 6.2, 0.6), PrePost(22, 22, 20.2, 5.8, 0.5)
    assert found[3].effect == pre_post_control(*before)
    said = " ".join(analyse_studies(tuple(found), Wish()).notes)
    assert "more than one kind" in said and "as published are taken to be standardised" in said


def test_correlations_are_pooled_by_themselves_and_told_as_correlations(tmp_path: Path) -> None:
    text = "study,r,n,reliability_x,reliability_y\nA,0.3,50,,\nB,0.5,40,0.8,0.9\nC,0.1,90,,\n"
    studies = read_all([table(tmp_path, text)])
    assert [one.effect for one in studies[:2]] == [fisher_z(0.3, 50), fisher_z(0.5, 40, 0.8, 0.9)]
    meta = analyse_studies(studies, Wish())
    values = meta_values(meta)
    assert values["shown"]["estimate"] == pytest.approx(math.tanh(values["pooled"]["estimate"]))
    assert screen(meta)[1].split()[1] == "0.30" and any("attenuation" in one for one in meta.notes)
    with pytest.raises(DataInvalid, match=r"studies.csv:2: 'A' is a correlation, Fisher z.*by themselves"):
        analyse_studies(read_all([table(tmp_path, THREE, "others.csv"), tmp_path / "studies.csv"]), Wish())


def test_a_sign_is_turned_where_lower_is_better(tmp_path: Path) -> None:
    text = "study,better,estimate,se\nA,lower,-0.4,0.2\nB,higher,0.4,0.2\nC,,0.4,0.2\n"
    studies = read_all([table(tmp_path, text)])
    assert [one.effect.estimate for one in studies] == [0.4, 0.4, 0.4]
    assert [one.turned for one in studies] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,estimate,se\nA,1,1\n", "1: there is no column 'study'"),
        ("study,estimate,se\n", "there is no study below the header"),
        ("study,estimate,se\nA,1,1\n,1,1\n", "3: column 'study': the study has no name"),
        ("study,estimate,se\nA,one,1\n", "2: column 'estimate': 'one' is not a number. Write it with"),
        ("study,estimate,se\nA,1,0\n", "2: column 'se': a standard error of 0 cannot be"),
        ("study,estimate,se\nA,1,\n", "2: the row lacks numbers that an effect needs. Fill all of one"),
        ("study,estimate,se,r,n\nA,1,1,0.3,30\n", "2: the row gives estimate and se and a correlation. Keep one"),
        (
            "study,estimate,ci_low,ci_high\nA,2.0,1.1,3.7\n",
            "2: column 'estimate': 2 is not in the middle of 1.1 to 3.7",
        ),
        ("study,estimate,ci_low,ci_high\nA,1,2,1\n", "2: An interval needs two finite ends"),
        ("study,estimate,ci_low,ci_high,ci_level\nA,1,0,2,95\n", "2: column 'ci_level': 95 is not a level"),
        ("study,r,n\nA,1.2,30\n", "2: A correlation lies between -1 and 1"),
        ("study,r,n\nA,0.2,30.5\n", "2: column 'n': 30.5 is not a number of people"),
        ("study,n1,mean1,sd1,n2,mean2,sd2\nA,10,1,0,10,1,1\n", "2: A standard deviation is above zero"),
        ("study,better,estimate,se\nA,worse,1,1\n", "2: column 'better': 'worse' is neither higher nor lower"),
        ("study,estimate,se\nA,1,1\nB,1,1\nA,2,1\n", "4: the study 'A' is there more than once"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_line_and_column(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataInvalid, match=re.escape(said)):
        read_all([table(tmp_path, text)])


def test_a_frozen_trial_counts_with_its_primary_comparison_turned_to_favour_its_first_arm(frozen_trial: Path) -> None:
    frozen = read_frozen(frozen_trial)
    primary = run_plan(frozen.folder.protocol, frozen.data.table)[0]
    one = read_trial(frozen_trial)
    g, n = primary["g"], sum(primary["n"][arm] for arm in primary["contrast"])
    sign = -1 if primary["better"] == "lower" else 1
    assert one.effect.estimate == pytest.approx(sign * g["estimate"]) and one.turned == (sign < 0)
    by_hand = (primary["se"] / g["standardiser_value"]) ** 2 + g["estimate"] ** 2 / (2 * n)
    assert one.effect.variance == pytest.approx(by_hand)
    assert one.columns["digest"] == frozen.record.digest and one.pretend


def test_trials_add_up_with_published_studies_and_pretend_people_are_marked(frozen_trial: Path, tmp_path: Path) -> None:
    another = build_freeze(tmp_path / "another", seed=12)
    studies = read_all([table(tmp_path, THREE), frozen_trial, another])
    assert [one.name for one in studies[3:]] == [f"pretend ({frozen_trial.name})", "pretend (another)"]
    meta = analyse_studies(studies, Wish())
    assert meta.pooled.k == 5 and screen(meta)[0] == PRETEND and PRETEND in meta_html(meta)
    published = analyse_studies(studies[:3], Wish())
    assert not published.pretend and PRETEND not in screen(published)
    with pytest.raises(DataInvalid, match="named more than once"):
        read_all([frozen_trial, frozen_trial])
    with pytest.raises(AnalysisImpossible, match="fewer than two"):
        analyse_studies(studies[3:4], Wish())


def test_a_changed_frozen_trial_is_refused(frozen_trial: Path, a_copy: object) -> None:
    copy = a_copy()  # type: ignore[operator]
    data = copy / "harms.csv"
    data.write_bytes(data.read_bytes() + b"\n")
    with pytest.raises(DataInvalid, match="not those that were frozen"):
        read_all([copy])


def test_groups_of_a_column_are_pooled_and_a_study_without_one_is_named(tmp_path: Path) -> None:
    text = "study,estimate,se,against\nA,0.3,0.1,wait\nB,0.5,0.1,wait\nC,0.1,0.2,active\nD,0,0.2,active\nE,1,1,pill\n"
    meta = analyse_studies(read_all([table(tmp_path, text)]), Wish(by="against"))
    assert meta.subgroups is not None and set(meta.subgroups.groups) == {"wait", "active", "pill"}
    assert [row.name for row in rows_of(meta)[5:7]] == ["wait", "active"]
    assert any("Not compared, with one study each: pill" in line for line in screen(meta))
    for by, said in (("nothing", r"csv:1: there is no column 'nothing'"), ("against", r"csv:3: 'B' has nothing in")):
        studies = read_all([table(tmp_path, text.replace("B,0.5,0.1,wait", "B,0.5,0.1,"))])
        with pytest.raises(DataInvalid, match=said):
            analyse_studies(studies, Wish(by=by))


def test_every_file_says_the_same_and_the_same_studies_give_the_same_bytes(tmp_path: Path) -> None:
    meta = analyse_studies(read_all([table(tmp_path, THREE)]), Wish())
    made = meta_files(meta)
    assert made["forest.png"] == forest_png(meta)
    values, lines = json.loads(made["meta.json"]), studies_csv(meta).decode().splitlines()
    assert lines[1].split(",")[1] == "0.3" and float(lines[1].split(",")[5]) == pytest.approx(meta.pooled.weights[0])
    assert values["pooled"]["estimate"] == pytest.approx(meta.pooled.estimate)
    assert [one["without"] for one in values["leave_one_out"]] == ["First 2019", "Second 2020", "Third 2021"]
    assert made["forest.png"].startswith(b"\x89PNG") and made["funnel.svg"].startswith(b"<svg")
    for name, words in (("forest.svg", "Second 2020: 0.50 (0.30 to 0.70)"), ("funnel.svg", "3 studies around 0.45")):
        described = re.search(r"<desc[^>]*>([^<]*)</desc>", made[name].decode())
        assert described is not None and words in described[1]


def test_two_studies_have_neither_prediction_nor_anything_left_out(tmp_path: Path) -> None:
    meta = analyse_studies(read_all([table(tmp_path, "\n".join(THREE.splitlines()[:3]))]), Wish(method="common"))
    assert rows_of(meta)[-1].kind == "result" and meta.without == () and meta.line is None
    assert "needs at least three" in "\n".join(screen(meta)) and meta_values(meta)["egger_problem"] == meta.no_line


def test_names_are_text_whatever_they_hold(tmp_path: Path) -> None:
    meta = analyse_studies(read_all([table(tmp_path, THREE.replace("First 2019", "<b>&$x^2$</b>"))]), Wish())
    html = meta_html(meta)
    assert "<b>" not in html and "&lt;b&gt;&amp;$x^2$&lt;/b&gt;" in html
    odd = analyse_studies(read_all([table(tmp_path, THREE.replace("First 2019", "=1+1"))]), Wish())
    assert studies_csv(odd).decode().splitlines()[1].startswith("'=1+1,")


@pytest.mark.browser
@pytest.mark.parametrize("k", [3, 30])
def test_nothing_lies_on_anything_runs_off_or_shuts_anybody_out(browser: Browser, tmp_path: Path, k: int) -> None:
    from tests.servers.browser import axe_violations

    html = tmp_path / "meta.html"
    html.write_text(meta_html(analyse_studies(read_all([table(tmp_path, many(k))]), Wish())), encoding="utf-8")
    for width in (320, 1280):
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(html.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        boxes = page.evaluate(BOXES)
        assert len(boxes) > 2 * k
        assert overlapping(boxes) == []
        if k == 3:
            assert axe_violations(page) == []
        page.close()


def overlapping(boxes: list[list[object]]) -> list[tuple[object, object]]:
    """Pairs of texts of one figure whose boxes share more than a sliver."""
    found = []
    for at, (figure, text, *one) in enumerate(boxes):
        for other_figure, other_text, *other in boxes[at + 1 :]:
            across = min(one[2], other[2]) - max(one[0], other[0])  # type: ignore[call-overload, operator]
            down = min(one[3], other[3]) - max(one[1], other[1])  # type: ignore[call-overload, operator]
            if figure == other_figure and across > 1 and down > 2:
                found.append((text, other_text))
    return found
