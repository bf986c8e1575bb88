"""Copies of the shipped protocol in which a test plants mistakes, and what the reader then says."""

from __future__ import annotations

import shutil
from pathlib import Path

from trial.core.errors import Problem, ProtocolInvalid
from trial.protocol_files import read_folder, shipped

SHIPPED = "shapira-mongrain-2010"
INSTRUMENTS = ("about_you", "cesd", "swls", "scs_sf", "since_last_time")


class Folder:
    """A protocol folder of a test's own, its instruments inside."""

    def __init__(self, parent: Path, name: str = "trial") -> None:
        self.path = parent / name
        shutil.copytree(shipped(SHIPPED), self.path)
        (self.path / "instruments").mkdir()
        for code in INSTRUMENTS:
            shutil.copy(shipped("instruments") / f"{code}.yaml", self.path / "instruments")

    def text(self, file: str = "protocol.yaml") -> str:
        return (self.path / file).read_text(encoding="utf-8")

    def write(self, text: str | bytes, file: str = "protocol.yaml") -> None:
        data = text if isinstance(text, bytes) else text.encode()
        (self.path / file).write_bytes(data)

    def change(self, old: str, new: str, file: str = "protocol.yaml", *, at: str | None = None) -> int:
        """Replace the one `old` by `new`; the line, from 1, where `at` (default: `new`) then starts."""
        text = self.text(file)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        start = text.index(old)
        text = text.replace(old, new)
        self.write(text, file)
        return text[: start + (new.index(at) if at else 0)].count("\n") + 1

    def problems(self) -> list[Problem]:
        """What the reader refuses; empty for a good folder."""
        try:
            read_folder(self.path)
        except ProtocolInvalid as invalid:
            return invalid.problems
        return []

    def only_problem(self) -> Problem:
        problems = self.problems()
        assert len(problems) == 1, "\n".join(str(one) for one in problems)
        return problems[0]

    def file(self, name: str = "protocol.yaml") -> str:
        return str(self.path / name)
