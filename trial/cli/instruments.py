"""Commands on instruments: which there are, what one asks and who allows it, and its official wording put in."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import typer

from trial.core.errors import BadInput, Problem, Refused
from trial.core.instruments import Instrument
from trial.core.texts import say
from trial.protocol_files.instrument_files import InstrumentFile, codes, find_instrument
from trial.protocol_files.wording import Wording, read
from trial.protocol_files.wording.text import LARGEST
from trial.protocol_files.wording.writing import filled

PASTED = "pasted text"
ALLOWED = {
    "free": "free to use",
    "conditions": "free to use under conditions",
    "ask": "ask the rights holder first",
    "closed": "only with a licence of the rights holder",
}
WORDS = {"own": "our own words", "topics": "topics only: fill in the official wording", "official": "official wording"}


def list_instruments(protocol: Path | None) -> None:
    """One line for each scale that ships, and for each of a protocol's own."""
    for code in codes(protocol):
        one = find_instrument(code, protocol).instrument
        typer.echo(f"{code:<20}{len(one.items):>3} items  {WORDS[one.wording]:<42}{one.name}")


def show_instrument(code: str, protocol: Path | None) -> None:
    """What a scale asks, how it is answered and scored, where it is from and who allows it."""
    file = find_instrument(code, protocol)
    one = file.instrument
    typer.echo(f"{one.code}: {one.name}\n{WORDS[one.wording]}, in {file.path}\n")
    for item in one.items:
        typer.echo(f"  {item.id!s:>4}  {_any(one.shown_words(item))}")
    if one.response:
        typer.echo("\nanswers   " + ", ".join(f"{each.value} {_any(each.label)}" for each in one.response.choices))
    for score in one.scores:
        turned = f"; reversed: {', '.join(map(str, score.reverse))}" if score.reverse else ""
        typer.echo(f"score     {score.id}: {score.method} of {len(one.scored_items(score))} items{turned}")
    _rights(one)


def fill_instrument(
    code: str, source: str, protocol: Path, *, language: str, only: str | None, dry_run: bool, yes: bool
) -> None:
    """Read the official wording, check it against the key, show it, and write it into the protocol's own folder."""
    if not (protocol / "protocol.yaml").is_file():
        _refuse(str(protocol), "there is no protocol.yaml here.", "Name the trial's folder with --protocol.")
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", language):
        _refuse("--language", f"{language[:20]!r} is no language.", "Write a code such as en or pt-BR.")
    file = find_instrument(code, protocol)
    if file.instrument.wording == "own":
        raise Refused(f"{code} is in our own words: there is no official wording to fill in.")
    name = PASTED if source == "-" else source
    wording, problems = read(_bytes(source), name, file.instrument, language=language, only=only)
    if wording is None:
        raise BadInput(problems)
    text = filled(file.text, wording, language)
    target = protocol / "instruments" / f"{code}.yaml"
    _preview(file, wording, name, language)
    _rights(file.instrument)
    typer.echo(f"\nwrites    {target}" + (f"; the file there is kept as {_beside(target).name}" if file.own else ""))
    if dry_run:
        typer.echo("Nothing was written: --dry-run.")
        return
    _agreed(source, yes=yes)
    _write(target, text)
    typer.echo(f"Written. Next:  equipoise check {protocol}")


def _preview(file: InstrumentFile, wording: Wording, name: str, language: str) -> None:
    one = file.instrument
    typer.echo(f"{name}: read as {wording.format}, for {wording.why}.\n")
    typer.echo(f"{one.name}, in {language!r}; each line is the item, our topic, and the wording found:")
    for item in one.items:
        typer.echo(f"  {item.id!s:>4}  {_any(item.topic)}\n        {wording.fitted.words[item.id]}")
    if one.response:
        kept = "from the file" if wording.fitted.answers else "still ours: put the official ones into the new file"
        typer.echo(f"\nanswers   {kept}")
        for choice in one.response.choices:
            found = wording.fitted.answers.get(int(choice.value))
            typer.echo(f"  {choice.value!s:>4}  {_any(choice.label)}" + (f"\n        {found}" if found else ""))
    kept = wording.instructions or "still ours: put the official ones into the new file"
    typer.echo(f"\ninstructions  {kept}")


def _rights(one: Instrument) -> None:
    allowed = ALLOWED[one.permission.status]
    conditions = f"; {_any(one.permission.conditions)}" if one.permission.conditions else ""
    typer.echo(f"\npermission  {allowed}{conditions}\nlicence     {one.licence}\nsource      {one.source}")
    if one.permission.ask_at:
        typer.echo(f"ask at      {one.permission.ask_at}")


def _agreed(source: str, *, yes: bool) -> None:
    """A person at the keyboard is asked; anybody else says --yes."""
    if yes:
        return
    if source == "-" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("Nothing was written. Read the lines above, then say --yes.")
    if not typer.confirm("Is each line the item of its topic, and are you allowed to use the scale?"):
        raise Refused("Nothing was written.")


def _bytes(source: str) -> bytes:
    """At most one byte more than is ever read."""
    if source == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    path = Path(source)
    if not path.is_file():
        _refuse(source, "there is no such file.", "Name a file, or `-` to paste the items.")
    with path.open("rb") as opened:
        return opened.read(LARGEST + 1)


def _beside(target: Path) -> Path:
    """The first free name for the file that was there."""
    names = [
        target.with_name(f"{target.name}.bak"),
        *(target.with_name(f"{target.name}.bak{n}") for n in range(2, 1000)),
    ]
    return next(one for one in names if not one.exists())


def _write(target: Path, text: str) -> None:
    """All of it or nothing; what was there stays beside it."""
    target.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, suffix=".new", delete=False) as new:
        new.write(text)
    place = Path(new.name)
    try:
        place.chmod(0o644)
        if target.exists():
            shutil.copy2(target, _beside(target))
        place.replace(target)
    except OSError:
        place.unlink(missing_ok=True)
        raise


def _any(text: dict[str, str]) -> str:
    return say(text, "en")


def _refuse(file: str, what: str, mend: str) -> NoReturn:
    raise BadInput([Problem(file, None, None, what, mend)])
