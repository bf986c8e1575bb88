"""The small trial under another plan, with data as from elsewhere: its results, and what the report says of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from reports.data_file import read_data
from reports.labels import Labels
from reports.results import outside_results
from tests.reports.builder import SMALL_TRIAL
from trial.protocol_files import read_folder

DATA = Path(__file__).parents[1] / "reference" / "small_trial.csv"
PLANS = Path(__file__).parent / "plans"


def plan(name: str) -> str:
    """A plan beside the small trial, without the comment above it."""
    text = (PLANS / f"{name}.yaml").read_text(encoding="utf-8")
    return text[text.index("analysis:") :]


def with_plan(parent: Path, text: str) -> Path:
    """A copy of the small trial's folder that plans this instead."""
    folder = Path(shutil.copytree(SMALL_TRIAL, parent / "planned", dirs_exist_ok=True))
    file = folder / "protocol.yaml"
    whole = (SMALL_TRIAL / "protocol.yaml").read_text(encoding="utf-8")
    file.write_text(re.sub(r"^analysis:\n(  .*\n)+", lambda _: text, whole, flags=re.M), encoding="utf-8")
    return folder


def results_of(parent: Path, text: str) -> tuple[dict[str, Any], Labels]:
    """What `equipoise analyse` writes to results.json, and the words of the report."""
    folder = read_folder(with_plan(parent, text))
    return outside_results(folder, read_data(folder, DATA.read_bytes(), DATA.name)), Labels(folder)
