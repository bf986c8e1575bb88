"""The presets that ship, one folder for each design, and a copy of one under a trial's own name."""

from __future__ import annotations

import json
import re
from pathlib import Path

from trial.core.errors import BadInput, Problem
from trial.protocol_files import disk
from trial.protocol_files.folder import shipped

DESIGNS = ("two-arm", "three-arm", "waitlist", "attention-control", "factorial", "dismantling", "second-stage")
# a note to the team, as it stands in a text until somebody writes what it asks for
_NOTE = re.compile(r"\*\[.+?\]\*", re.DOTALL)
_HEAD = re.compile(r"\A(?:#.*\n)+")
LONGEST_TITLE = 120


def preset(design: str) -> Path:
    """The folder of a design's preset."""
    if design not in DESIGNS:
        what, mend = f"there is no design {design[:40]!r}.", f"Use one of {', '.join(DESIGNS)}."
        raise BadInput([Problem("--design", None, None, what, mend)])
    return shipped("examples") / design


def named(design: str, *, protocol_id: str, title: str) -> dict[str, str]:
    """Path to text of a preset's files under an id and a title of one's own."""
    folder = preset(design)
    files = disk.read(folder)
    files["README.md"] = (folder / "README.md").read_text(encoding="utf-8")
    text = files["protocol.yaml"]
    for pattern, line in (
        (_HEAD, f"# Started from the preset {design}. docs/guide-protocol.md explains each part.\n"),
        (re.compile(r"^id: .*$", re.MULTILINE), f"id: {protocol_id}"),
        (re.compile(r"^title: .*$", re.MULTILINE), f"title: {{en: {json.dumps(title, ensure_ascii=False)}}}"),
    ):
        text = _replaced(text, pattern, line)
    return files | {"protocol.yaml": text}


def _replaced(text: str, pattern: re.Pattern[str], line: str) -> str:
    """The first match replaced by a line as it stands, backslashes and all."""
    return pattern.sub(lambda _: line, text, count=1)


def notes(files: dict[str, str]) -> list[tuple[str, int]]:
    """(path, line) of every note to the team, in the order of the files."""
    return [
        (path, text.count("\n", 0, found.start()) + 1)
        for path, text in files.items()
        for found in _NOTE.finditer(text)
        if path != "README.md"
    ]
