"""A capsule from a frozen folder: everything of it made before anything is written to its place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from reports.capsule import telling
from reports.capsule.checking import (
    ABOUT,
    CHECKSUMS,
    DATA,
    EVERYONE,
    FROZEN,
    RESULTS,
    checksums,
    public_results,
)
from reports.capsule.codebook import codebook_csv, codebook_html
from reports.capsule.crate import NAME, About, crate
from reports.capsule.environment import pinned, software
from reports.capsule.parts import Parts
from reports.capsule.public import K, Public, public, without_words
from reports.capsule.scripting import VERIFY, script, scripts
from reports.capsule.statistical_files import write_dta, write_sav
from reports.capsule.tables import Table, restricted_tables
from reports.csv_text import CsvTable, read_bytes, read_csv
from reports.data_file import TOLD, TrialData, read_data
from reports.frozen import CONDUCT, FILES, LARGEST, PUBLISHED, STAGES, Frozen, read_frozen
from reports.results import frozen_results, write_results
from reports.variables import LANGUAGE
from trial.core.errors import Refused
from trial.core.published_list import LIST
from trial.core.texts import say

FORMAT = 1
Kind = Literal["restricted", "public"]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which capsule is wanted: `published` is an ISO 8601 date, `key` 32 bytes of chance for the new ids of a public
    one, `k` how many people a class should have at least, `leave_out` baseline facts that stay out of it."""

    kind: Kind
    published: str
    key: bytes = b""
    k: int = K
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capsule:
    """A capsule that is not written yet: its files by name, how many people it holds, what to think of before."""

    kind: Kind
    files: Mapping[str, bytes]
    people: int
    randomized: int
    warnings: tuple[str, ...]
    coarsened: tuple[str, ...]


def make_capsule(directory: Path, wish: Wish) -> Capsule:
    """The capsule of a frozen folder. Raises DataInvalid and CountsDisagree as a report does, Refused where a public
    one cannot be made."""
    frozen = read_frozen(directory)
    data = read_csv(read_bytes(directory / "dataset.csv"), str(directory / "dataset.csv"))
    if wish.kind == "restricted":
        return _restricted(directory, frozen, data, wish)
    return _public(frozen, data, wish)


def require_free(out: Path) -> None:
    """Raise Refused where something lies in the folder."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(f"{out} is not empty: a capsule is a folder of its own. Name a new one.")


def write_capsule(capsule: Capsule, out: Path) -> None:
    """Write it beside its place first, then move it in. Raises Refused where something lies there already."""
    require_free(out)
    half = out.with_name(f".{out.name}.part")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for name, data in capsule.files.items():
        path = half / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if out.exists():
        out.rmdir()
    half.replace(out)


def _restricted(directory: Path, frozen: Frozen, data: CsvTable, wish: Wish) -> Capsule:
    results = frozen_results(frozen)
    tables = restricted_tables(frozen, data)
    kept = [name for name in (*FILES, *PUBLISHED, STAGES, CONDUCT, "freeze.json") if (directory / name).is_file()]
    files = Parts()
    files.update((f"{FROZEN}/{name}", read_bytes(directory / name, LARGEST)) for name in kept)
    files.update((f"{FROZEN}/protocol/{path}", text.encode()) for path, text in frozen.folder.files.items())
    files[RESULTS] = write_results(results)
    if LIST in kept:
        files[f"scripts/{VERIFY}"] = script(VERIFY)
    n = len(frozen.data.table.participants)
    about = _about(frozen, wish, n)
    return _whole(frozen, frozen.data, wish, files, tables, about, Written(n, n))


def _public(frozen: Frozen, data: CsvTable, wish: Wish) -> Capsule:
    found = public(frozen, data, key=wish.key, k=wish.k, leave_out=wish.leave_out)
    folder, dataset = frozen.folder, found.tables[0].csv
    everyone = {
        "flow": frozen_results(without_words(frozen))["flow"],
        "sharing": [asdict(one) for one in found.sharing],
    }
    read = read_data(folder, dataset, "dataset.csv")
    results = public_results(folder, read, {name: found.told(name) for name in TOLD}, everyone)
    files = Parts()
    files.update((f"{DATA}/{one.name}.csv", one.csv) for one in found.tables)
    files.update((f"protocol/{path}", text.encode()) for path, text in folder.files.items())
    files.update({EVERYONE: _json(everyone), RESULTS: results, "privacy.json": _json(telling.privacy(found))})
    about = _about(frozen, wish, found.n) | {"k": wish.k, "seed_digest": frozen.record.randomization.seed_digest}
    told = Written(found.n, len(frozen.data.table.participants), found)
    return _whole(frozen, read, wish, files, found.tables, about, told)


@dataclass(frozen=True, slots=True)
class Written:
    """How many people are in, of how many; what was done to a public one."""

    people: int
    randomized: int
    public: Public | None = None


def _whole(
    frozen: Frozen,
    data: TrialData,
    wish: Wish,
    files: Parts,
    tables: Iterable[Table],
    about: Mapping[str, Any],
    written: Written,
) -> Capsule:
    """What both kinds have, put around their own files."""
    protocol = frozen.folder.protocol
    title = say(protocol.title, LANGUAGE)
    heads = []
    for table in tables:  # one after the other: their cells together are more than the trial
        files[f"{DATA}/{table.name}.sav"] = write_sav(table)
        files[f"{DATA}/{table.name}.dta"] = write_dta(table)
        heads.append(replace(table, rows=()))
    files.update({"codebook.csv": codebook_csv(heads), "codebook.html": codebook_html(heads, title)})
    where = f"{FROZEN if wish.kind == 'restricted' else DATA}/dataset.csv"
    primary = json.loads(files[RESULTS])["estimates"][0]
    short = scripts(protocol, data, where, primary) if primary["problem"] is None else {}
    files.update({f"scripts/{name}": text for name, text in short.items()})
    files.update({"environment/requirements.txt": pinned(), ABOUT: _json(about)})
    office = protocol.administrative
    licence = (office.data_sharing.licence if office.data_sharing else None) or "No licence is declared"
    files["README.md"] = telling.readme(title, about, files, bool(short), written.public, written.randomized).encode()
    described = About(
        f"{title}: {wish.kind} capsule",
        telling.mark(frozen.record.trial.kind)
        + telling.description(title, wish.kind, written.people, written.randomized),
        wish.published,
        licence,
        str(about["software"]["version"]),
        tuple(one.name for one in office.people) or (office.contact_name,),
    )
    files[NAME] = crate(described, files, telling.FILES)
    files[CHECKSUMS] = checksums(files)
    found = written.public
    return Capsule(
        wish.kind,
        files,
        written.people,
        written.randomized,
        tuple(telling.warnings(found, office) if found else telling.RESTRICTED),
        tuple(telling.coarsened(found) if found else ()),
    )


def _about(frozen: Frozen, wish: Wish, people: int) -> dict[str, Any]:
    record = frozen.record
    return {
        "format": FORMAT,
        "kind": wish.kind,
        "made_on": wish.published,
        "people": people,
        "trial": record.trial.model_dump(),
        "protocol": record.protocol.model_dump(),
        "freeze_digest": record.digest,
        "frozen_with": record.software.model_dump(),
        "software": software(),
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def names(files: Iterable[str]) -> list[str]:
    """Folders with how many files are in each, then the files beside them, for a list that fits a screen."""
    folders: dict[str, int] = {}
    single = []
    for name in files:
        first, slash, _ = name.partition("/")
        if slash:
            folders[first] = folders.get(first, 0) + 1
        else:
            single.append(name)
    return [*(f"{folder}/ ({n} files)" for folder, n in folders.items()), *single]
