"""The files of a capsule that is being made: on disk beside one another, as together they need not fit in memory."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, MutableMapping
from pathlib import Path


class Parts(MutableMapping[str, bytes]):
    """Contents by name, each read when it is asked for, in a folder that is gone when this is."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self._names: set[str] = set()
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def __setitem__(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self._names.add(name)

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        return (self.folder / name).read_bytes()

    def __delitem__(self, name: str) -> None:
        if name not in self._names:
            raise KeyError(name)
        (self.folder / name).unlink()
        self._names.remove(name)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)
