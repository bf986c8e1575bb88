"""A protocol with every text a second time, under another language's code: the words stay, marked as the other's."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from trial.protocol_files import read_folder

SECOND = "de"


def two_languages(folder: Path, to: Path) -> Path:
    """Write a protocol folder, with all that it needs, in English and as if in German too."""
    for name, text in read_folder(folder).files.items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_doubled(text) if name.endswith(".yaml") else text, encoding="utf-8")
        if name.endswith(".en.md"):
            path.with_name(path.name.replace(".en.md", f".{SECOND}.md")).write_text(text, encoding="utf-8")
    return to


def _doubled(text: str) -> str:
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    held = _both(yaml.load(text))
    if "languages" in held:
        held["languages"] = ["en", SECOND]
    out = io.StringIO()
    yaml.dump(held, out)
    return out.getvalue()


def _both(value: Any) -> Any:
    if isinstance(value, list):
        return [_both(one) for one in value]
    if not isinstance(value, dict):
        return str(value) if hasattr(value, "isoformat") else value
    if set(value) == {"en"} and isinstance(value["en"], str):
        return {"en": value["en"], SECOND: f"({SECOND}) {value['en']}"}
    return {name: _both(one) for name, one in value.items()}
