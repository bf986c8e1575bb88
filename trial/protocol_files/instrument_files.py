"""One instrument by its code: a protocol's own file, else the one that ships."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from trial.core import instrument_keys
from trial.core.errors import BadInput, Problem
from trial.core.instruments import Instrument
from trial.protocol_files import upgrades, yaml_text
from trial.protocol_files.disk import LARGEST_FILE
from trial.protocol_files.folder import shipped
from trial.protocol_files.problems import validate

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class InstrumentFile:
    """An instrument with the text it was read from; `own` where it stands in the protocol's folder."""

    path: Path
    text: str
    instrument: Instrument
    own: bool


def codes(protocol: Path | None) -> list[str]:
    """Every code that ships, and those of a protocol's own files."""
    places = [shipped("instruments"), *([protocol / "instruments"] if protocol else [])]
    return sorted({path.stem for place in places for path in place.glob("*.yaml")})


def find_instrument(code: str, protocol: Path | None) -> InstrumentFile:
    """The file that a protocol in this folder would use; raise BadInput for an unknown code or a broken file."""
    own = protocol / "instruments" / f"{code}.yaml" if protocol and _CODE.fullmatch(code) else None
    mine = own is not None and own.is_file()
    path = own if own is not None and mine else shipped("instruments") / f"{code}.yaml"
    if not _CODE.fullmatch(code) or not path.is_file():
        near = get_close_matches(code[:60], codes(protocol), n=1)
        mend = f"Did you mean {near[0]!r}?" if near else "`equipoise instruments list` shows every code."
        raise BadInput([Problem("CODE", None, None, f"there is no instrument {code[:60]!r}.", mend)])
    if path.stat().st_size > LARGEST_FILE:
        raise BadInput([Problem(str(path), None, None, "the file is too large for an instrument.", "Shorten it.")])
    return _read(path, own=mine)


def _read(path: Path, *, own: bool) -> InstrumentFile:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput([Problem(str(path), None, None, "this is not UTF-8 text.", "Save it as UTF-8.")]) from None
    tree, problems = yaml_text.read(text, str(path))
    if tree is None:
        raise BadInput(problems)
    tree = upgrades.newest_instrument(tree)
    instrument, invalid = validate(Instrument, tree, str(path))
    for one in instrument_keys.find(tree):
        problems.append(Problem(str(path), *yaml_text.place(tree, one.path), one.what, one.mend))
    if problems or invalid or instrument is None:
        raise BadInput([*problems, *invalid])
    return InstrumentFile(path, text, instrument, own)
