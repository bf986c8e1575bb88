"""Writing what was made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_whole(directory: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Each file appears whole or not at all; the paths in the order given. A name may lead into a folder below."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        half = path.with_name(f".{path.name}.part")
        half.write_bytes(data)
        half.replace(path)
    return [directory / name for name in files]
