"""One mistake for every rule of the linter, planted in a trial in which it finds nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from trial.protocol_files import ProtocolFolder, Remark, read_files, read_folder, remarks, shipped

QUIET = dict(read_folder(Path(__file__).parent / "quiet_trial").files)
SHIPPED = dict(read_folder(shipped("shapira-mongrain-2010")).files)
MAIN = "protocol.yaml"


@dataclass(frozen=True, slots=True)
class Mistake:
    """Texts of one file replaced, and the words on whose line the finding must stand (default: the first new text)."""

    code: str
    changes: tuple[tuple[str, str], ...]
    at: str = ""
    file: str = MAIN
    found_in: str = MAIN
    more: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    copied: dict[str, str] = field(default_factory=dict)
    base: str = "quiet"

    def files(self) -> dict[str, str]:
        """The trial's files with the mistake in them."""
        files = dict(QUIET if self.base == "quiet" else SHIPPED)
        files |= {new: files[old] for old, new in self.copied.items()}
        for file, changes in {self.file: self.changes, **self.more}.items():
            for old, new in changes:
                assert files[file].count(old) == 1, f"{old!r} stands {files[file].count(old)} times in {file}"
                files[file] = files[file].replace(old, new)
        return files

    def line(self, files: dict[str, str]) -> int:
        """Where the finding must stand, from 1."""
        text = files[self.found_in]
        at = self.at or self.changes[0][1]
        assert text.count(at) == 1, f"{at!r} stands {text.count(at)} times in {self.found_in}"
        return text[: text.index(at)].count("\n") + 1


def read(files: dict[str, str]) -> ProtocolFolder:
    return read_files(files)


def found(files: dict[str, str]) -> list[Remark]:
    return remarks(read(files))


def part(key: str) -> str:
    """A whole part of the quiet trial's protocol, with its key."""
    match = re.search(rf"^{key}:.*?(?=^\S|\Z)", QUIET[MAIN], flags=re.M | re.S)
    assert match
    return match[0]


def at_line(words: str) -> tuple[tuple[str, str], ...]:
    """The line that holds these words, taken out."""
    [line] = [one for one in QUIET[MAIN].splitlines(keepends=True) if words in one]
    return ((line, ""),)
