"""`equipoise power`: the power of a protocol before it opens, as a table, a page and JSON; mistakes in words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from trial.protocol_files import read_folder, shipped
from trial.rehearsal.joint_model import joint_model
from trial.rehearsal.power import Asked, jobs_of, one_by_one, simulated
from trial.rehearsal.profile_file import SHIPPED, read_profile
from trial.stats.simulated_power import characteristics

FEW = ("--replicates", 20, "--seed", 7, "--processes", 1)


def test_a_table_a_page_and_json_say_the_same_numbers(equipoise: Shell, tmp_path: Path) -> None:
    page = tmp_path / "power.html"
    words = ("power", "larger-trial", "--n", "60,90", "--effect", "0.8", *FEW)
    done = equipoise(*words, "--out", page)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].split()[:2] == ["People", "Effect,"]
    # no effect is run without being asked for
    assert [line.split()[:2] for line in lines[1:5]] == [["60", "0.8"], ["90", "0.8"], ["60", "0"], ["90", "0"]]
    found = json.loads(equipoise(*words, "--json").out)
    profile = read_profile("realistic")
    folder = read_folder(shipped("larger-trial"))
    tallies = simulated(Asked(folder, profile, 7), jobs_of([60, 90], [0.8, 0.0], 20), one_by_one)
    assert [(one["n"], one["effect"]) for one in found["cases"]] == list(tallies)
    for one, tally in zip(found["cases"], tallies.values(), strict=True):
        assert one["found"]["power"]["value"] == characteristics(tally).power.value
        assert f"{100 * one['found']['power']['value']:.1f}% ±" in done.out
        assert one["closed"] is not None
    model = joint_model(folder, profile)
    assert found["sd"] == pytest.approx(model.outcome.sd) and found["profile"] == "realistic" and found["seed"] == 7
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 1 and "<script" not in html
    assert "nan" not in re.sub(r"<[^>]*>", " ", html).split()
    assert found["sentences"][0] in done.out
    for one in found["figures"]:
        assert one["where"] in html
    assert "equipoise power larger-trial --n 60,90 --effect 0.8 --profile realistic --replicates 20 --seed 7" in html


def test_the_sentence_says_what_an_application_asks_for(equipoise: Shell) -> None:
    done = equipoise("power", "larger-trial", "--n", "60", "--effect", "0.8", "--profile", "as-planned", *FEW)
    assert done.code == 0, done.err
    for words in (
        "With 60 people randomised", "40% lost by", "ANCOVA of Depression (CES-D)", "two-sided at 0.05",
        "to show a true difference of 0.8 standard deviations", "the type I error", "20 simulated trials", "as-planned",
        "Monte Carlo standard error", "The closed formula says",
    ):  # fmt: skip
        assert words in done.out, words


def test_size_and_effect_come_from_the_protocol_where_nothing_is_named(equipoise: Shell, tmp_path: Path) -> None:
    file = SHIPPED / "optimistic.yaml"
    mine = tmp_path / "mine.yaml"
    mine.write_text(file.read_text(encoding="utf-8").replace("id: optimistic", "id: ours"), encoding="utf-8")
    found = json.loads(equipoise("power", "larger-trial", "--profile", mine, "--json", *FEW).out)
    assert [(one["n"], one["effect"]) for one in found["cases"]] == [(1128, 0.2), (1128, 0.0)]
    assert found["profile"] == "ours"


def test_a_trial_whose_missing_are_not_at_random_is_warned_of(equipoise: Shell) -> None:
    words = ("--n", "1000", "--effect", "0.2", "--profile", "bad-case", "--not-at-random", "0.6", *FEW)
    done = equipoise("power", "larger-trial", *words)
    assert "The estimate is off, by −" in done.out and "do not take such a power for one" in done.out
    calm = equipoise("power", "larger-trial", "--n", "60", "--effect", "0.8", "--profile", "as-planned", *FEW)
    assert "is off" not in calm.out


def test_a_single_arm_has_the_power_of_its_mean_change(equipoise: Shell) -> None:
    done = equipoise("power", "neff-2007", "--n", "60", "--effect", "0.4", *FEW)
    assert done.code == 0, done.err
    assert "mean change from baseline" in done.out


def test_a_planned_sensitivity_analysis_has_a_power_of_its_own(equipoise: Shell) -> None:
    words = ("power", "larger-trial", "--n", "60", "--effect", "0.8", *FEW, "--analysis", "jump")
    done = equipoise(*words)
    assert done.code == 0, done.err
    assert "the planned sensitivity analysis “jump” (jump to reference of Depression (CES-D)" in done.out
    found = json.loads(equipoise(*words, "--json").out)
    assert [one["closed"] for one in found["cases"]] == [None, None] and "--analysis jump" in found["command"]
    assert found["cases"][0]["found"]["analysed"] == {"value": 60, "error": 0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--n", "many"), "'many' is no number of people from 8 to 20,000"),
        (("--n", "4"), "'4' is no number of people"),
        (("--effect", "large"), "'large' is no effect in standard deviations"),
        (("--effect", "nan"), "'nan' is no effect"),
        (("--n", ",".join(map(str, range(100, 170)))), "too many at once"),
        (
            ("--analysis", "jmp"),
            "the plan has no sensitivity analysis 'jmp'. Those that can be counted: imputed, jump.",
        ),
        (("--analysis", "dose"), "per_protocol has no one estimate and p-value"),
        (("--profile", "rosy"), "there is no such profile. Shipped: bad-case, optimistic, realistic"),
        (("--profile", "realistic", "--not-at-random", "0.8"), "it leaves chance no part. Stay below 0.76"),
    ],
)
def test_a_wish_that_cannot_be_had_is_refused_in_words(equipoise: Shell, words: tuple[str, ...], said: str) -> None:
    assert said in equipoise.refused(2, "power", "larger-trial", *words)


def test_without_assumptions_an_effect_has_to_be_named(equipoise: Shell) -> None:
    bare = Path(__file__).parents[1] / "core" / "evening_trial"
    assert "Name one in standard deviations" in equipoise.refused(2, "power", bare)
    said = equipoise.refused(2, "power", bare, "--effect", "0.3", "--profile", "as-planned")
    assert "states no assumptions" in said


def test_a_rehearsal_of_the_model_alone_says_what_power_says(equipoise: Shell) -> None:
    power = equipoise("power", "larger-trial", "--n", "60", "--effect", "0.8", *FEW, "--json")
    words = ("--model-only", "--participants", "60", "--effect", "0.8", "--replicates", 20, "--seed", 7, "--json")
    alone = equipoise("rehearse", "larger-trial", *words)
    assert alone.code == 0 and json.loads(alone.out) == json.loads(power.out)
    assert not (equipoise.folder / "rehearsal").exists()
    said = equipoise.refused(2, "rehearse", "larger-trial", *words, "--fast")
    assert "--fast, --report and --faults have nothing to work on" in said
