"""`equipoise capsule make` and `verify`."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.core.errors import BadInput, DataInvalid, Problem
from trial.services import freeze as freezing


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed after the trial."""

    out: Path | None
    public: bool
    dry_run: bool
    k: int
    leave_out: tuple[str, ...]
    date: str | None


def make_capsule(source: str, asked: Asked, *, home: Path | None, database_url: str | None) -> None:
    """Make a capsule, or say what it would be."""
    from reports.capsule.making import Wish, make_capsule, names, require_free, write_capsule

    if asked.out is None and not asked.dry_run:
        raise BadInput([Problem("--out", None, None, "no folder is named.", "Name a new one, or look with --dry-run.")])
    if asked.out is not None and not asked.dry_run:
        require_free(asked.out)
    wish = Wish(
        "public" if asked.public else "restricted",
        _date(asked.date),
        secrets.token_bytes(32),
        asked.k,
        asked.leave_out,
    )
    with _frozen(source, home, database_url, dry_run=asked.dry_run) as folder:
        capsule = make_capsule(folder, wish)
    whose = f"{capsule.people} of {capsule.randomized} randomised"
    typer.echo(f"{capsule.kind} capsule: {whose}, {len(capsule.files)} files")
    for line in capsule.coarsened:
        typer.echo(f"  {line}")
    for line in capsule.warnings:
        typer.echo(f"Mind: {line}")
    if asked.dry_run or asked.out is None:
        for name in names(capsule.files):
            typer.echo(f"  {name}")
        typer.echo("Nothing was written.")
        return
    write_capsule(capsule, asked.out)
    typer.echo(f"Written to {asked.out}. Check it anywhere:  equipoise capsule verify {asked.out}")


def _date(given: str | None) -> str:
    if given is None:
        return time.strftime("%Y-%m-%d", time.gmtime())
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", given):
        raise BadInput([Problem("--date", None, None, f"{given!r} is no date.", "Write it as 2031-05-20.")])
    return given


@contextmanager
def _frozen(source: str, home: Path | None, database_url: str | None, *, dry_run: bool) -> Iterator[Path]:
    """A frozen folder as it lies there, or that of a trial that is frozen, written again for as long as it takes."""
    if Path(source).is_dir():
        yield Path(source)
        return
    if "/" in source:
        raise BadInput([Problem(source, None, None, "there is no such folder.", "Name a folder that freeze made.")])
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, source), write=not dry_run) as work:
        files = freezing.frozen_again(work, source, only_looked_at=dry_run)
    with tempfile.TemporaryDirectory() as place:
        freezing.write_freeze(files, Path(place) / "frozen")
        yield Path(place) / "frozen"


def verify_capsule(directory: Path, *, as_json: bool) -> None:
    """Check a capsule by its own files."""
    from reports.capsule.checking import FROZEN, verify_capsule

    said = verify_capsule(directory)
    if (directory / FROZEN / "allocation.csv").is_file():
        said.append(_allocations(directory / FROZEN))
    if as_json:
        typer.echo(json.dumps({"holds": True, "said": said}, indent=2))
        return
    for line in said:
        typer.echo(line)


def _allocations(frozen: Path) -> str:
    """Every allocation again, by the script that shares no code with us; our copy of it, never that of the capsule."""
    from reports.capsule.scripting import VERIFY, script

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / VERIFY
        path.write_bytes(script(VERIFY))
        words = [sys.executable, "-I", str(path), str(frozen)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=3600)
    if done.returncode:
        mend = "Say it to whoever made the capsule."
        raise DataInvalid([Problem(str(frozen), None, None, (done.stdout or done.stderr).strip(), mend)])
    return done.stdout.strip()
