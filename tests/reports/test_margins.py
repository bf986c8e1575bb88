"""A frozen trial of non-inferiority: everyone randomised and per protocol side by side, and what each claims."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.document import Figure
from reports.frozen import read_frozen
from reports.html import render_html
from reports.labels import Labels
from reports.margins import ends, sentence, together
from reports.pdf import render_pdf
from reports.results import frozen_results
from reports.sections import document
from tests.reports.builder import SMALL_TRIAL, build_freeze
from tests.reports.elsewhere import folder_with
from tests.reports.test_narrow_forest import MOST_POINTS
from trial.cli.summary import print_summary
from trial.protocol_files import read_folder
from trial.stats.margins import equivalence, non_inferiority

LABELS = Labels(read_folder(SMALL_TRIAL))


def trial(folder: Path, margin: float) -> Path:
    """The small trial as one that is to show that lists of gratitude are no worse."""
    primary = {"outcome": "low_mood", "timepoint": "week_2", "contrast": ["gratitude", "chores"]}
    ways = ("per_protocol", "complete_case", "jump_to_reference")
    tried = [{"id": one, "method": one, "assumption": {"en": "As said."}} for one in ways]
    return folder_with(
        folder, design={"framework": "non_inferiority", "margin": margin, "margin_source": "Made up for tests"},
        outcomes=[{"id": "low_mood", "label": {"en": "Low mood"}, "score": "mood", "better": "lower"}],
        analysis={"primary": primary, "baseline_table": ["mood", "mood_level"], "sensitivity": tried},
    )  # fmt: skip


def test_everyone_randomised_and_per_protocol_stand_side_by_side_in_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frozen = read_frozen(build_freeze(tmp_path / "frozen", protocol=trial(tmp_path / "protocol", 4.5), randomized=90))
    results = frozen_results(frozen)
    primary, followed = results["estimates"][0], results["sensitivity"][0]
    assert followed["method"] == "per_protocol" and sum(followed["n"].values()) < sum(primary["n"].values())
    for one in (primary, followed):
        again = non_inferiority(one["estimate"], one["se"], one["df"], 4.5, better="lower")
        assert (one["margin"]["picture"], one["margin"]["p"]) == (again.picture, again.p)
    written = document(results, frozen.folder)
    page = render_html(written)
    (key,) = together(primary, results["sensitivity"])
    assert key.text in page and ("Here both show" in page) == (
        primary["margin"]["shown"] is followed["margin"]["shown"]
    )
    for words in (
        "p, non-inferiority",
        "make the arms alike",
        "Margin",
        "4.5 points (Made up for tests)",
        "margin-figure",
    ):
        assert words in page, words
    blocks = [block for section in written.sections for block in section.blocks if isinstance(block, Figure)]
    (drawn,) = (one for one in blocks if one.id == "margin-figure")
    assert drawn.narrow and drawn.narrow.width <= MOST_POINTS < drawn.drawing.width
    assert "Margin: " in drawn.narrow.description and drawn.narrow.description == drawn.drawing.description
    assert len(render_pdf(written)) > 10_000
    print_summary(tmp_path / "frozen", results | {"rehearsal": None}, seconds=1, as_json=False)
    told = capsys.readouterr().out
    shown = f"non-inferiority is {'' if primary['margin']['shown'] else 'not '}shown: 95 % interval"
    assert shown in told and told.count("non-inferiority ") == 5


def margin(picture: tuple[float, float, float], better: str = "lower", framework: str = "non_inferiority") -> Any:
    """An estimate, its error and a margin, as the plan gives them."""
    estimate, se, size = picture
    one = {"outcome": "low_mood", "timepoint": "week_2", "contrast": ["gratitude", "chores"], "better": better,
           "measure": "mean_difference", "level": 0.95, "g": {"standardiser_value": 4.0}}  # fmt: skip
    said = {"framework": framework, "margin": size, "better": better, "alpha": 0.025, "level": 0.95, "problem": None}
    if framework == "equivalence":
        found: Any = equivalence(estimate, se, 50, (-size, size), alpha=0.025)
        said |= {"worse": None, "shown": found.picture == "equivalent"}
    else:
        found = non_inferiority(estimate, se, 50, size, better=better)  # type: ignore[arg-type]
        said |= {"worse": found.worse, "shown": found.picture in ("superior", "non-inferior")}
    return one | {"estimate": estimate, "margin": said | {"picture": found.picture, "p": found.p, "ci": list(found.ci)}}


@pytest.mark.parametrize(
    ("one", "starts", "holds"),
    [
        (margin((0.5, 0.5, 2)), "Non-inferiority is shown", "agree with Gratitude list doing 1.5 points worse."),
        (margin((-2, 0.5, 2)), "Non-inferiority is shown", "only values in favour of Gratitude list, from 1.0"),
        (margin((1.2, 0.3, 2)), "Non-inferiority is shown", "Gratitude list is worse, by less than the margin."),
        (margin((1.5, 0.5, 2)), "Non-inferiority is not shown", "not evidence that it is worse by so much"),
        (margin((4, 0.5, 2)), "Non-inferiority is not shown", "is worse than Chores list by more than the margin"),
        (margin((-0.5, 0.5, 2), "higher"), "Non-inferiority is shown", "doing 1.5 points worse"),
        (margin((0.1, 0.5, 2), framework="equivalence"), "Equivalence is shown", "lies within 2 points"),
        (margin((1.5, 0.5, 2), framework="equivalence"), "Equivalence is not shown", "within the margin is open"),
        (margin((0.5, 1, 2), framework="equivalence"), "Equivalence is not shown", "Nor is a difference shown"),
        (margin((4, 0.5, 2), framework="equivalence"), "Equivalence is not shown", "the two differ by more"),
    ],
)
def test_each_picture_of_an_interval_has_its_sentence(one: Any, starts: str, holds: str) -> None:
    said = sentence(one, LABELS)
    assert said.startswith(starts) and holds in said
    assert "superior" not in said and "favours" not in said


def test_a_side_of_the_margin_is_never_lost_by_rounding() -> None:
    one = margin((1.0, 0.5, 2.004))
    assert one["margin"]["ci"][1] == pytest.approx(2.0043, abs=1e-4) and ends(one).endswith("2.0")
    one["margin"]["margin"] = 2.0
    assert ends(one).endswith("2.004")


def test_a_comparison_that_a_margin_cannot_judge_says_why() -> None:
    one = margin((0.5, 0.5, 2))
    one["margin"] |= dict.fromkeys(("picture", "shown", "p", "ci")) | {"problem": "It is a ratio."}
    assert sentence(one, LABELS) == "Non-inferiority could not be judged. It is a ratio."
    assert json.dumps(together(one, [])) == "[]"
