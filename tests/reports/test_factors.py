"""A frozen factorial trial whose primary is a main effect: its report, its protocol document, its place in a pool."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.frozen import read_frozen
from reports.html import render_html
from reports.labels import Labels
from reports.meta_frozen import read_trial
from reports.pdf import render_pdf
from reports.protocol_document.sections import document as protocol_document
from reports.results import frozen_results
from reports.sections import document
from tests.cli.test_analyse_factorial import COMPLETE, asked, trial
from tests.core.protocols import PROTOCOL
from tests.reports.builder import build_freeze
from trial.cli.summary import print_summary
from trial.core import not_yet
from trial.core.factor_effects import sides
from trial.protocol_files import read_folder, remarks, shipped

FOLLOWED = COMPLETE | {"id": "followed", "method": "per_protocol"}


@pytest.fixture(scope="module")
def frozen_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("factorial")
    protocol = trial(folder, asked("mail"), asked("call"), asked("mail", "call"), sensitivity=[COMPLETE, FOLLOWED])
    return build_freeze(folder / "frozen", protocol=protocol, randomized=90)


def test_everyone_analysed_stands_on_one_side_or_the_other(
    frozen_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frozen = read_frozen(frozen_dir)
    results = frozen_results(frozen)
    primary = results["estimates"][0]
    assert primary["problem"] is None
    assert sorted(arm for side in primary["sides"] for arm in side) == sorted(primary["n"])
    assert {one["arm"]: one["analysed"] for one in results["flow"]["arms"]} == primary["n"]
    for one in results["sensitivity"]:
        assert one["problem"] is None and sum(one["n"].values()) <= sum(primary["n"].values())
    written = document(results, frozen.folder)
    page = render_html(written)
    for words in (
        "Mails: kind minus plain",
        "Interaction: Mails × Calls",
        "Per protocol (biased)",
        "Primary comparison",
    ):
        assert words in page, words
    assert len(render_pdf(written)) > 10_000
    print_summary(frozen_dir, results | {"rehearsal": None}, seconds=1, as_json=False)
    assert "main effect of mail" in capsys.readouterr().out


def test_the_protocol_document_names_the_effects(frozen_dir: Path) -> None:
    page = render_html(protocol_document(read_frozen(frozen_dir).folder))
    assert "Mails: kind minus plain" in page and "Interaction: Mails × Calls" in page
    assert "with a mean of each of the four arms" in page


def test_a_main_effect_can_be_pooled_with_both_sides_people(frozen_dir: Path) -> None:
    study = read_trial(frozen_dir)
    assert study.columns["contrast"].endswith(", mail at the margins") and study.effect.variance > 0


def test_sides_of_arms_of_factors_and_of_their_interaction(frozen_dir: Path) -> None:
    protocol = read_frozen(frozen_dir).folder.protocol
    mail, call, both = protocol.analysis.registered
    assert sides(protocol, mail) == (("kind_yes", "kind_no"), ("plain_yes", "plain_no"))
    assert sides(protocol, call) == (("kind_yes", "plain_yes"), ("kind_no", "plain_no"))
    assert sides(protocol, both) == (("kind_yes", "plain_no"), ("kind_no", "plain_yes"))
    assert sides(PROTOCOL, PROTOCOL.analysis.primary) == tuple((arm,) for arm in PROTOCOL.analysis.primary.contrast)


def test_the_factorial_preset_plans_its_factors_and_lacks_nothing() -> None:
    folder = read_folder(shipped("examples") / "factorial")
    assert not_yet.parts(folder.protocol) == []
    assert any(one.factors for one in folder.protocol.analysis.all)
    assert [one for one in remarks(folder) if one.open] == []
    assert (
        Labels(folder).compared(folder.protocol.analysis.registered[1].model_dump())
        == "In the evening: kind minus plain"
    )
