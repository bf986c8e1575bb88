"""The small trial of the tests, and variants of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trial.core.protocol import TrialProtocol
from trial.protocol_files import ProtocolFolder, read_files, read_folder

FOLDER = read_folder(Path(__file__).parent / "evening_trial")
PROTOCOL = FOLDER.protocol


def changed(**parts: Any) -> TrialProtocol:
    """The trial with some parts of `protocol.yaml` replaced, checked as if read from a file."""
    return TrialProtocol.model_validate(PROTOCOL.model_dump(by_alias=True) | parts)


def rewritten(*replacements: tuple[str, str], file: str = "protocol.yaml") -> ProtocolFolder:
    """The folder with some text of one file replaced."""
    text = FOLDER.files[file]
    for old, new in replacements:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        text = text.replace(old, new)
    return read_files({**FOLDER.files, file: text})
