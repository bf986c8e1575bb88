"""Protocol folders for data that were collected elsewhere: the small trial of the tests, with parts written anew."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.reports.builder import SMALL_TRIAL


def folder_with(
    directory: Path, *, outcomes: Sequence[Mapping[str, Any]], analysis: Mapping[str, Any], **parts: Any
) -> Path:
    """The small trial with these outcomes, parts of the plan and other parts, without secondary analyses.

    `score` among the parts is written into the instrument's first score; `arms` gives the two arms other ids.
    """
    shutil.copytree(SMALL_TRIAL, directory)
    arm, reference = parts.pop("arms", ("gratitude", "chores"))
    score = parts.pop("score", {})
    main = directory / "protocol.yaml"
    main.write_text(main.read_text().replace("gratitude", arm).replace("chores", reference))
    _written(directory / "instruments" / "feeling.yaml", lambda tree: tree["scores"][0].update(score))

    def edit(tree: dict[str, Any]) -> None:
        plan = tree["analysis"]
        del plan["secondary"], plan["sensitivity"]
        tree["outcomes"] = list(outcomes)
        plan |= analysis
        tree |= parts

    _written(main, edit)
    return directory


def _written(path: Path, edit: Any) -> None:
    tree = YAML(typ="safe").load(path.read_text())
    edit(tree)
    path.write_text(json.dumps(tree))  # which is YAML too


def write_data(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """A data file, one row for each person and timepoint."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("participant", "arm", "timepoint", *columns))
        writer.writerows(rows)
    return path
