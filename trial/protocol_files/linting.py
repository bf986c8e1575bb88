"""What the linter finds, with the place in the files as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trial.core.errors import ProtocolInvalid
from trial.core.instruments import Instrument
from trial.core.linting import Severity, Subject, Verdict, lint
from trial.core.linting.rules import PROTOCOL, RESOURCES
from trial.protocol_files import upgrades, yaml_text
from trial.protocol_files.folder import ProtocolFolder, protocol_tree, shipped
from trial.protocol_files.problems import validate


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding of the linter, located; `waived` is the team's reason, None where nobody gave one."""

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    what: str
    mend: str
    where: str
    waived: str | None

    def __str__(self) -> str:
        kind = str(self.severity).replace("_", " ")
        if self.waived is not None:
            return f"{self.file}:{self.line}: waived {self.code} {self.what} Reason given: {self.waived}"
        return f"{self.file}:{self.line}: {kind} {self.code} {self.what} {self.mend}"

    @property
    def open(self) -> bool:
        """Whether it still asks for something before a rehearsal is sound."""
        return self.waived is None and self.severity is not Severity.BEFORE_OPENING


def remarks(folder: ProtocolFolder, at: Path | None = None, *, sure: bool = True) -> list[Remark]:
    """Every finding of a folder, in the order of its files; `at` is where the folder lies, `sure` as `lint` has it."""
    verdicts = lint(subject(folder), sure=sure)
    trees = _Trees(folder, at)
    found = [_located(one, trees) for one in verdicts]
    return sorted(found, key=lambda one: (one.file, one.line, one.column, one.code))


def subject(folder: ProtocolFolder) -> Subject:
    """The folder as the linter reads it, with the library's keys beside the folder's own."""
    published = {code: key for code in folder.instruments if (key := _shipped(code, folder)) is not None}
    return Subject(folder.protocol, folder.instruments, folder.texts, published, folder.resources)


def _shipped(code: str, folder: ProtocolFolder) -> Instrument | None:
    """The library's key of an instrument, where the folder holds other words under the same code."""
    path = shipped("instruments") / f"{code}.yaml"
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    if text == folder.files.get(f"instruments/{code}.yaml"):
        return None
    tree, _ = yaml_text.read(text, str(path))
    instrument, problems = validate(Instrument, upgrades.newest_instrument(tree), str(path))
    if problems:
        raise ProtocolInvalid(problems)
    return instrument


class _Trees:
    """The files of a folder as trees with places, each read when it is first asked for."""

    def __init__(self, folder: ProtocolFolder, at: Path | None) -> None:
        self.folder, self.at = folder, at
        self.known: dict[str, Any] = {}

    def name(self, file: str) -> str:
        """Where a file lies: in the folder, or in the library that the folder takes it from."""
        if self.at is None:
            return file
        own = self.at / file
        return str(own if own.is_file() or not file.startswith("instruments/") else shipped(file))

    def tree(self, file: str) -> Any:
        if file not in self.known:
            text = self.folder.files[file]
            if file == PROTOCOL:
                self.known[file] = protocol_tree(text, file)[0]
            else:
                tree = yaml_text.read(text, file)[0]
                self.known[file] = tree if file == RESOURCES else upgrades.newest_instrument(tree)
        return self.known[file]


def _located(verdict: Verdict, trees: _Trees) -> Remark:
    rule, found = verdict.rule, verdict.found
    if found.line is not None:
        line, column = found.line, 1
    else:
        line, column = (one or 1 for one in yaml_text.place(trees.tree(found.file), found.path))
    file = trees.name(found.file)
    return Remark(rule.code, rule.severity, file, line, column, found.what, rule.mend, found.where, verdict.waived)
