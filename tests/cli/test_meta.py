"""`equipoise meta`: studies in, one result out; what cannot be used is located."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import LOCATED, Shell
from tests.reports.builder import build_freeze
from tests.stats.conftest import read_json

BCG = read_json("meta_analysis.json")["sets"]["bcg"]
FILES = ["meta.json", "studies.csv", "meta.html", "forest.svg", "funnel.svg", "forest.png"]


@pytest.fixture
def bcg(tmp_path: Path) -> Path:
    rows = [
        f"{name},{estimate!r},{variance**0.5!r}"
        for name, estimate, variance in zip(BCG["studies"], BCG["estimates"], BCG["variances"], strict=True)
    ]
    (tmp_path / "bcg.csv").write_text("\n".join(["study,estimate,se", *rows]) + "\n", encoding="utf-8")
    return tmp_path / "bcg.csv"


def test_thirteen_trials_of_a_vaccine_come_to_what_r_says(equipoise: Shell, bcg: Path, tmp_path: Path) -> None:
    done = equipoise("meta", bcg, "--out", "meta")
    assert done.code == 0 and done.err == ""
    out = done.out.replace("\u00a0", " ")
    assert "The mean effect of 13 studies (estimate as published) is −0.71, 95% CI −1.11 to −0.32, p = 0.002." in out
    assert "Q = 152.2 on 12 degrees of freedom" in done.out and "I² 92%" in done.out
    assert done.out.splitlines()[-len(FILES) :] == [f"meta/{name}" for name in FILES]
    assert sorted(FILES) == sorted(one.name for one in (tmp_path / "meta").iterdir())


def test_the_method_the_interval_and_the_level_are_those_asked_for(equipoise: Shell, bcg: Path) -> None:
    for method, key in (("dl", "dl"), ("pm", "pm"), ("common", "common")):
        done = equipoise("meta", bcg, "--method", method, "--no-knapp-hartung", "--json")
        pooled, by_r = json.loads(done.out)["pooled"], BCG["fits"][key]["normal"]
        assert (pooled["estimate"], *pooled["ci"]) == pytest.approx((by_r["estimate"], by_r["low"], by_r["high"]))
    pooled = json.loads(equipoise("meta", bcg, "--level", "0.9", "--json").out)["pooled"]
    by_r = BCG["fits"]["reml"]["ninety"]
    assert pooled["ci"] == pytest.approx([by_r["low"], by_r["high"]])


def test_a_frozen_trial_is_added_to_what_was_published(equipoise: Shell, bcg: Path, tmp_path: Path) -> None:
    build_freeze(tmp_path / "frozen")
    alone, together = (json.loads(equipoise("meta", bcg, *more, "--json").out) for more in ((), ("frozen",)))
    assert (len(alone["studies"]), len(together["studies"])) == (13, 14)
    assert together["pretend"] and not alone["pretend"]
    assert (
        together["studies"][-1]["frozen_digest"] == json.loads((tmp_path / "frozen/freeze.json").read_text())["digest"]
    )
    assert equipoise("meta", bcg, "frozen").out.startswith("This contains a rehearsal or a test")


@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        ("A,1,0.5\nB,x,0.2\n", 2, "studies.csv:3: column 'estimate': 'x' is not a number."),
        ("A,1,0.5\n", 1, "There are fewer than two studies"),
        ("A,1,0.5\nB,1,1e-9\n", 1, "another unit"),
    ],
)
def test_what_cannot_be_pooled_is_said_and_nothing_is_written(
    equipoise: Shell, tmp_path: Path, rows: str, code: int, said: str
) -> None:
    (tmp_path / "studies.csv").write_text(f"study,estimate,se\n{rows}", encoding="utf-8")
    err = equipoise.refused(code, "meta", "studies.csv", "--out", "meta")
    assert said in err and not (tmp_path / "meta").exists()
    assert code == 1 or all(LOCATED.match(line) for line in err.splitlines()[:-1])


def test_a_file_or_a_folder_that_is_not_there_or_not_frozen_is_named(equipoise: Shell, tmp_path: Path) -> None:
    assert "nowhere.csv: there is no such file." in equipoise.refused(2, "meta", "nowhere.csv")
    (tmp_path / "folder").mkdir()
    assert "freeze.json" in equipoise.refused(2, "meta", "folder")
