"""A capsule checked by its own checksums, and its results made again from its own files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from reports.csv_text import Problems, read_bytes, read_csv
from reports.data_file import TOLD, TrialData, read_data
from reports.frozen import LARGEST, read_frozen
from reports.results import frozen_results, outside_results, write_results
from trial.core.errors import DataInvalid, Problem
from trial.protocol_files import ProtocolFolder, read_folder

CHECKSUMS = "checksums.sha256"
ABOUT = "capsule.json"
RESULTS = "results.json"
FROZEN = "frozen"
DATA = "data"
EVERYONE = "everyone.json"
ANEW = "Use the capsule as it was made, or make it again."


def checksums(files: Mapping[str, bytes]) -> bytes:
    """One line for each file, as `sha256sum --check` reads it."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def public_results(
    folder: ProtocolFolder, data: TrialData, told: Mapping[str, Mapping[str, bool]], everyone: Mapping[str, Any]
) -> bytes:
    """results.json of a public capsule: the plan run on its own rows, and apart from them the flow of everyone.

    `told` says of `received` and `minimum_dose` whom adherence.csv says yes of.
    """
    of = {name: tuple(told[name].get(code, False) for code in data.table.participants) for name in TOLD}
    table = replace(data.table, received=of["received"], minimum_dose=of["minimum_dose"])
    kept = outside_results(folder, replace(data, table=table))
    kept["trial"] |= {"kind": "public_capsule"}
    return write_results(kept | {"everyone": dict(everyone)})


def verify_capsule(directory: Path) -> list[str]:
    """What was checked, a sentence each. Raises DataInvalid at what does not hold."""
    said = _check_sums(directory)
    about = _about(directory)
    rebuilt = _restricted(directory) if about["kind"] == "restricted" else _public(directory)
    if rebuilt != read_bytes(directory / RESULTS):
        made, here = about["software"]["version"], metadata.version("equipoise")
        with_another = "" if made == here else f" It was made by version {made}, and this is {here}."
        what = f"its own files give other results than {RESULTS} says.{with_another}"
        raise DataInvalid([Problem(str(directory / RESULTS), None, None, what, ANEW)])
    return [*said, f"{RESULTS} was made again from the files here: the same {len(rebuilt)} bytes."]


def _restricted(directory: Path) -> bytes:
    return write_results(frozen_results(read_frozen(directory / FROZEN)))


def _public(directory: Path) -> bytes:
    folder = read_folder(directory / "protocol")
    name = directory / DATA / "dataset.csv"
    data = read_data(folder, read_bytes(name), str(name))
    told = {one: _told(directory / DATA / "adherence.csv", one) for one in TOLD}
    try:
        everyone = json.loads(read_bytes(directory / EVERYONE))
    except ValueError:
        raise DataInvalid([Problem(str(directory / EVERYONE), None, None, "this is not JSON.", ANEW)]) from None
    return public_results(folder, data, told, everyone)


def _told(path: Path, name: str) -> dict[str, bool]:
    table = read_csv(read_bytes(path), str(path))
    if not {"participant", name} <= set(table.header):
        what = f"there is no column participant, or none {name}."
        raise DataInvalid([Problem(str(path), 1, None, what, ANEW)])
    person, reached = table.header.index("participant"), table.header.index(name)
    return {cells[person]: cells[reached] == "yes" for _, cells in table.rows}


def _about(directory: Path) -> dict[str, Any]:
    try:
        about = json.loads(read_bytes(directory / ABOUT))
        if about["kind"] in ("restricted", "public") and isinstance(about["software"]["version"], str):
            return dict(about)
    except (ValueError, KeyError, TypeError):
        pass
    raise DataInvalid([Problem(str(directory / ABOUT), None, None, "this does not describe a capsule.", ANEW)])


def _check_sums(directory: Path) -> list[str]:
    """Every file there is is listed, every listed one is there, and each is what it was."""
    problems = Problems(str(directory / CHECKSUMS))
    listed = _listed(directory, problems)
    there = {
        path.relative_to(directory).as_posix(): path
        for path in sorted(directory.rglob("*"))
        if path.is_symlink() or not path.is_dir()
    }
    for name in sorted(there.keys() - listed.keys() - {CHECKSUMS}):
        problems.add(None, None, f"{name} is here and not in the list.", "Take it out.")
    for name, (line, digest) in listed.items():
        if name not in there or there[name].is_symlink():
            problems.add(line, None, f"{name} is not here as a file of its own.", ANEW)
        elif hashlib.sha256(read_bytes(there[name], LARGEST)).hexdigest() != digest:
            problems.add(line, None, f"{name} is not what it was: its digest is another.", ANEW)
    problems.refuse()
    return [f"All {len(listed)} files are here and as they were."]


def _listed(directory: Path, problems: Problems) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    text = read_bytes(directory / CHECKSUMS).decode(errors="replace")
    for line, one in enumerate(text.splitlines(), start=1):
        digest, _, name = one.partition("  ")
        if len(digest) != 64 or not name or name.startswith("/") or ".." in name.split("/") or name in found:
            problems.add(line, None, "this is no line of a list of checksums.", ANEW)
        else:
            found[name] = (line, digest)
    problems.refuse()
    return found
