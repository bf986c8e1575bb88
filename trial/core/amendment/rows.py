"""How the policy's rows are written: fields of one part that share a class and a meaning share a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trial.core.amendment.changes import ChangeClass, Chapter

Line = tuple[ChangeClass, str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one part: lines of (class, field names with blanks between, meaning)."""

    chapter: Chapter
    part: str
    lines: tuple[Line, ...]

    def patterns(self) -> Iterator[tuple[ChangeClass, list[str], str]]:
        """(class, whole paths, meaning) of each line."""
        before = f"{self.part}." if self.part else ""
        for change_class, fields, meaning in self.lines:
            yield change_class, [before + field for field in fields.split()], meaning


def group(chapter: Chapter, part: str, *lines: Line) -> Group:
    """A group as the row files write it."""
    return Group(chapter, part, lines)
