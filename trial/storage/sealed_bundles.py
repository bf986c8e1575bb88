"""Several small files sealed as one, in memory: their plain text never lies on a disk of this machine."""

from __future__ import annotations

import io
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

from trial.core.errors import BadInput, Problem
from trial.storage.sealed_files import OpenedFile, Opens, SealingFile, Seals

SUFFIX = ".sealed"
_KIND = "equipoise files"


def sealed_bundle(files: Mapping[str, bytes], readers: list[Seals]) -> bytes:
    """The files as the bytes of one sealed file, which each reader alone opens."""
    below = io.BytesIO()
    with SealingFile(below, readers) as sealing:
        sealing.write(json.dumps({_KIND: {name: b64encode(data).decode() for name, data in files.items()}}).encode())
    return below.getvalue()


def opened_bundle(path: Path, secret: Opens) -> dict[str, bytes]:
    """The files in such a one; BadInput where it is damaged, or sealed for somebody else."""
    if not path.is_file():
        raise BadInput([Problem(str(path), None, None, "there is no such file.", "Name the sealed report.")])
    with OpenedFile(path, secret) as opened:
        whole = opened.read()
    try:
        files = {str(name): b64decode(text) for name, text in json.loads(whole)[_KIND].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput([Problem(str(path), None, None, "no report is in it.", "Name the sealed report.")]) from None
    if any(Path(name).name != name or name.startswith(".") for name in files):
        raise BadInput([Problem(str(path), None, None, "it names files elsewhere.", "Ask for the report anew.")])
    return files
