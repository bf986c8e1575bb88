"""A protocol folder as a value: the protocol, its instruments and texts, every file, and one digest over all.

`read_folder` reads from disk once, when a trial is registered or checked; after that the stored files are
read with `read_files`, so that a running trial never depends on a folder that somebody may edit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files as resource_files
from pathlib import Path
from typing import Any

from trial.core import instrument_keys
from trial.core.errors import Problem, ProtocolInvalid
from trial.core.findings import Finding, shown, texts_at, walk
from trial.core.instruments import Instrument
from trial.core.protocol import TrialProtocol
from trial.core.references import find
from trial.core.resources import Resource
from trial.core.texts import say
from trial.protocol_files import disk, markdown, resources, upgrades, yaml_text
from trial.protocol_files.problems import validate

_TEXT = re.compile(r"^(?P<name>(messages|exercises)/[a-z0-9_-]+)\.(?P<language>[a-z]{2,3}(-[A-Z]{2})?)\.md$")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class ProtocolFolder:
    """`texts` maps `messages/evening` to {language: Markdown}; `files` maps each path to its text.

    `resources` are the team's places to turn to, from `resources.yaml`.
    """

    protocol: TrialProtocol
    instruments: Mapping[str, Instrument]
    texts: Mapping[str, Mapping[str, str]]
    files: Mapping[str, str]
    digest: str
    resources: tuple[Resource, ...] = ()

    def text(self, name: str, language: str) -> str:
        """The Markdown of a text in this language, or in the first language written."""
        return say(self.texts[name], language)


def shipped(name: str) -> Path:
    """The folder of a protocol that ships with the product."""
    return Path(str(resource_files("protocols"))) / name


def shipped_instruments() -> dict[str, Instrument]:
    """The library of instruments that ships with the product, by code; raise ProtocolInvalid if one does not fit."""
    library = shipped("instruments")
    files = {f"instruments/{path.name}": path.read_text(encoding="utf-8") for path in sorted(library.glob("*.yaml"))}
    found, _, problems = _instruments(files, str(library.parent))
    if problems:
        raise ProtocolInvalid(_in_order(problems))
    return found


def read_folder(folder: Path) -> ProtocolFolder:
    """Read and check a folder; raise ProtocolInvalid with every problem, each with file and line.

    A process reads the same files once: nothing in the value hangs on where they lie, and nobody can change it.
    """
    found = _on_disk(folder)
    same = tuple(sorted(found.items()))
    if same not in _READ:
        if len(_READ) == MOST_READ:
            _READ.clear()
        _READ[same] = _sound(*_examined(found, folder))
    return _READ[same]


MOST_READ = 32
_READ: dict[tuple[tuple[str, str], ...], ProtocolFolder] = {}


def examine(folder: Path) -> tuple[ProtocolFolder | None, list[Problem]]:
    """(value, problems): the value is there as soon as each part alone can be read, whatever is wrong between them.

    Raise ProtocolInvalid where the files themselves cannot be read.
    """
    return _examined(_on_disk(folder), folder)


def _on_disk(folder: Path) -> dict[str, str]:
    if not (folder / "protocol.yaml").is_file():
        what, mend = "there is no protocol here.", "Name a folder with a protocol.yaml."
        raise ProtocolInvalid([Problem(str(folder / "protocol.yaml"), None, None, what, mend)])
    return disk.read(folder)


def _examined(found: dict[str, str], folder: Path) -> tuple[ProtocolFolder | None, list[Problem]]:
    tree, problems = protocol_tree(found["protocol.yaml"], str(folder / "protocol.yaml"))
    return _build(found | _shared_instruments(tree, found), str(folder), tree, problems)


def _sound(folder: ProtocolFolder | None, problems: list[Problem]) -> ProtocolFolder:
    if problems or folder is None:
        raise ProtocolInvalid(problems)
    return folder


def read_files(files: Mapping[str, str]) -> ProtocolFolder:
    """The same from stored files, kept for the next call."""
    return _cached(tuple(sorted(files.items())))


def examine_files(files: Mapping[str, str]) -> tuple[ProtocolFolder | None, list[Problem]]:
    """What `examine` gives, from files that are there already."""
    if "protocol.yaml" not in files:
        return None, [Problem("protocol.yaml", None, None, "there is no protocol here.", "Store one.")]
    return _build(dict(files), "", *protocol_tree(files["protocol.yaml"], "protocol.yaml"))


@lru_cache(maxsize=32)
def _cached(files: tuple[tuple[str, str], ...]) -> ProtocolFolder:
    return _sound(*examine_files(dict(files)))


def protocol_tree(text: str, file: str) -> tuple[Any, list[Problem]]:
    """The plain tree of a protocol.yaml in the present schema, each value with its place in the file as written."""
    tree, problems = yaml_text.read(text, file)
    return upgrades.newest_protocol(tree), problems


def _shared_instruments(tree: Any, found: Mapping[str, str]) -> dict[str, str]:
    """Instruments that the protocol names and its own folder does not hold, from the shipped library."""
    library = shipped("instruments")
    return {
        f"instruments/{code}.yaml": (library / f"{code}.yaml").read_text(encoding="utf-8")
        for code in texts_at(tree, "instruments.*")
        if f"instruments/{code}.yaml" not in found and _CODE.fullmatch(code) and (library / f"{code}.yaml").is_file()
    }


def _build(
    files: dict[str, str], folder: str, tree: Any, problems: list[Problem]
) -> tuple[ProtocolFolder | None, list[Problem]]:
    main = str(Path(folder) / "protocol.yaml")
    instruments, trees, more = _instruments(files, folder)
    texts = _texts(files)
    places, wrong = resources.read(files, folder)
    problems += more + wrong + markdown.check(texts, tree, folder)
    if tree is None:
        return None, _in_order(problems)
    protocol, invalid = validate(TrialProtocol, tree, main)
    problems += invalid + _missing_instruments(tree, files, main) + _located(find(tree, trees, texts), tree, main)
    value = ProtocolFolder(protocol, instruments, texts, files, digest(files), places) if protocol else None
    return value, _in_order(problems)


def _instruments(files: Mapping[str, str], folder: str) -> tuple[dict[str, Instrument], dict[str, Any], list[Problem]]:
    """(instruments, plain trees, problems), both by code; a tree is there as soon as its file is YAML."""
    found: dict[str, Instrument] = {}
    trees: dict[str, Any] = {}
    problems: list[Problem] = []
    for path, text in files.items():
        if not path.startswith("instruments/"):
            continue
        file, code = str(Path(folder) / path), Path(path).stem
        tree, unreadable = yaml_text.read(text, file)
        problems += unreadable
        if tree is None:
            continue
        trees[code] = tree = upgrades.newest_instrument(tree)
        instrument, invalid = validate(Instrument, tree, file)
        problems += invalid + _located(instrument_keys.find(tree), tree, file)
        if instrument is not None and instrument.code != code:
            line, column = yaml_text.place(tree, ("code",))
            what = f"the file {code}.yaml holds the instrument {instrument.code!r}."
            problems.append(Problem(file, line, column, what, f"Name the file {instrument.code}.yaml."))
        elif instrument is not None:
            found[code] = instrument
    return found, trees, problems


def _located(findings: list[Finding], tree: Any, file: str) -> list[Problem]:
    return [Problem(file, *yaml_text.place(tree, one.path), one.what, one.mend) for one in findings]


def _missing_instruments(tree: Any, files: Mapping[str, str], main: str) -> list[Problem]:
    missing = [
        Finding(path, f"there is no instrument {shown(code)}.", _instrument_mend(code))
        for path, code in walk(tree, "instruments.*")
        if isinstance(code, str) and f"instruments/{code}.yaml" not in files
    ]
    return _located(missing, tree, main)


def _instrument_mend(code: str) -> str:
    known = sorted(path.stem for path in shipped("instruments").glob("*.yaml"))
    near = get_close_matches(code[:60], known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Write instruments/{code[:40]}.yaml, or name one of {known}."


def _texts(files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        if match := _TEXT.match(path):
            texts.setdefault(match["name"], {})[match["language"]] = text
    return texts


def _in_order(problems: list[Problem]) -> list[Problem]:
    """Each problem once, by file, line and column."""
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda p: (p.file, p.line or 0, p.column or 0))


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over every path and text, in the order of the paths, each with its length before it."""
    total = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path].replace("\r\n", "\n").encode()):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()
