"""The small trial with a question on one's arm, asked before, with and after the primary outcome; answers at will."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reports.frozen import read_frozen
from tests.reports.builder import build_freeze, resealed
from tests.reports.planned import plan, with_plan
from trial.core.dataset import ItemRow, read_rows, write_rows

SINCE = """schema: 2
code: since
name: Which list (made up for tests)
instructions: {en: A guess.}
wording: own
items:
  - id: which_list
    type: choice
    topic: {en: Which list did you write?}
    choices:
      - {value: good, label: {en: One of good things}}
      - {value: plain, label: {en: One of plain things}}
      - {value: not_known, label: {en: I do not know}}
permission: {status: free}
licence: Made up for tests.
source: Made up for tests.
"""
EARLY = """  - id: week_1
    label: {en: 1 week}
    days: [7]
    time: '18:00'
    activities: [early]
    closes_after: 3 days
    invitation: questionnaire
"""


def protocol(parent: Path, *, analysis: str | None = None) -> Path:
    """The protocol's folder; with `since` at week 1, week 2 and week 6."""
    folder = with_plan(parent, analysis or plan("guess"))
    file = folder / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in (
        ("instruments: [feeling, after]\nactivities", "instruments: [feeling, after, since]\nactivities"),
        ("instruments: [feeling, after], minutes", "instruments: [feeling, after, since], minutes"),
        ("activities:\n", "activities:\n  - {id: early, type: questionnaire, title: {en: Early}, instruments: [since], "
                          "minutes: 1}\n"),
        ("  - id: week_2\n", f"{EARLY}  - id: week_2\n"),
    ):  # fmt: skip
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    (folder / "instruments" / "since.yaml").write_text(SINCE, encoding="utf-8")
    return folder


def freeze(
    parent: Path, answers: Mapping[str, Mapping[str, int]], *, timepoint: str, analysis: str | None = None
) -> Path:
    """A freeze in which so many of each arm gave each answer at a timepoint."""
    directory = build_freeze(parent / "freeze", protocol=protocol(parent, analysis=analysis))
    frozen = read_frozen(directory)
    rows = read_rows((directory / "items.csv").read_text(encoding="utf-8"), ItemRow)
    for arm, wanted in answers.items():
        people = iter(sorted(code for code, its in frozen.data.arm_of.items() if its == arm))
        for answer, n in wanted.items():
            rows += [ItemRow(next(people), timepoint, 1, "early", "since_which_list", answer) for _ in range(n)]
    return resealed(directory, {"items.csv": write_rows(rows, ItemRow)})
