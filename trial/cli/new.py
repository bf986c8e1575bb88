"""`equipoise new`: a protocol folder to start from, complete and checked before it is put in its place."""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
import unicodedata
from pathlib import Path
from typing import NoReturn

import typer

from trial.core.errors import BadInput, Problem, Refused
from trial.core.protocol import SLUG
from trial.protocol_files import presets, read_folder

LANGUAGES = ("en",)


def new_protocol(place: Path, *, design: str, title: str | None, language: str) -> None:
    """Copy a preset under the folder's own name, check it, and say what comes next."""
    presets.preset(design)
    if language not in LANGUAGES:
        mend = "Start in English, add the language under `languages:`, and `check` names each text to translate."
        _refuse("--language", f"the presets are not written in {language[:20]!r}.", mend)
    if place.is_dir() and any(place.iterdir()):
        raise Refused(f"{place} is not empty, and nothing in it is touched. Name another folder.")
    if place.exists() and not place.is_dir():
        _refuse(str(place), "there is a file of this name.", "Name another folder.")
    name = place.resolve().name
    files = presets.named(design, protocol_id=_id(name), title=_title(name, title))
    _put(place, files)
    _next(place, design, files)


def _id(name: str) -> str:
    """`My Trial` becomes `my-trial`: the protocol's id, which stands in addresses."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    if not SLUG.fullmatch(found):
        _refuse("DIR", f"no id can be made from {name[:40]!r}.", "Use small letters, digits and hyphens, at least two.")
    return found


def _title(name: str, title: str | None) -> str:
    found = " ".join((title if title is not None else re.sub(r"[-_]+", " ", name)).split())
    if not found or len(found) > presets.LONGEST_TITLE or any(unicodedata.category(one)[0] == "C" for one in found):
        mend = f"Write one line of at most {presets.LONGEST_TITLE} characters."
        _refuse("--title", f"{found[:40]!r} cannot be a title.", mend)
    return found if title is not None else found[0].upper() + found[1:]


def _put(place: Path, files: dict[str, str]) -> None:
    """The whole folder or nothing: written beside its place, read as every protocol is, then moved there."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
    try:
        folder = beside / place.resolve().name
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        read_folder(folder)
        if place.is_dir():
            place.rmdir()  # it is empty, and a full one would not go
        folder.replace(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _next(place: Path, design: str, files: dict[str, str]) -> None:
    typer.echo(f"{place}: {_a(design)} trial that passes `check`. Its words and figures are examples.\n")
    typer.echo("What only your team can write:")
    typer.echo(f"  {place / 'protocol.yaml'}: every `null`, every “to be named”, the sample size and its assumptions")
    for path in dict.fromkeys(path for path, _ in presets.notes(files)):
        lines = ", ".join(str(line) for one, line in presets.notes(files) if one == path)
        typer.echo(f"  {place / path}: the notes in *[ ]*, line {lines}")
    folder, rehearsal = shlex.quote(str(place)), shlex.quote(f"{place}-demo")
    typer.echo(f"\nNext:  equipoise check {folder}\n       equipoise rehearse {folder}    what would go wrong")
    typer.echo(f"       equipoise demo {folder} --out {rehearsal}")
    typer.echo("       equipoise instruments list    whose wording is still to be filled in")


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _refuse(file: str, what: str, mend: str) -> NoReturn:
    raise BadInput([Problem(file, None, None, what, mend)])
