"""Disks that are full: a small volume filled by a ballast file, or a limit on how large a file of ours may grow."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Volume(Protocol):
    """Where the database lies."""

    folder: Path

    def fill(self, left: int) -> None:
        """Leave so many bytes, about."""

    def free(self) -> None:
        """There is room again."""


class Small:
    """A volume of its own in memory; mounting one needs root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self, left: int) -> None:
        room = os.statvfs(self.folder)
        size = max(room.f_bavail * room.f_frsize - left, 0)
        with self._ballast.open("ab") as file:
            os.posix_fallocate(file.fileno(), file.tell(), size) if size else None

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def read_only(self, yes: bool) -> None:
        subprocess.run(["mount", "-o", f"remount,{'ro' if yes else 'rw'}", str(self.folder)], check=True)


@contextmanager
def small_volume(folder: Path, megabytes: int) -> Iterator[Small]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)], check=True)
    try:
        yield Small(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Limited:
    """No file of this process may grow further: what a quota does, and what needs no root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._usual = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self, left: int) -> None:
        # the write-ahead log is begun anew when it was folded in, so it is the small one of the two
        largest = max((one.stat().st_size for one in self.folder.glob("*.sqlite-wal")), default=0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + left, self._usual[1]))

    def free(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._usual)


@contextmanager
def limited(folder: Path) -> Iterator[Limited]:
    folder.mkdir()
    found = Limited(folder)
    try:
        yield found
    finally:
        found.free()
