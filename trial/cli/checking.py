"""`equipoise check`: what the reader refuses and what the linter finds, together and in order."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import typer

from trial.cli.drawn import about_mails, require_new, sizes, write
from trial.cli.places import find_folder
from trial.core.consent import is_over, is_valid
from trial.core.errors import Problem, ProtocolInvalid
from trial.core.linting import Severity
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder, Remark, examine, remarks, shipped
from trial.services import specimens

One = TypeVar("One", Problem, Remark)
UNUSABLE, REFUSED = 2, 1
HALF_A_YEAR = timedelta(days=183)


def check_protocol(name: str, *, drawn: Path | None, as_json: bool) -> None:
    """Say that a protocol is sound, or everything that is wrong with it; exit codes are those of `check --help`."""
    if drawn is not None:
        require_new(drawn)
    folder, problems, found = _look(name)
    texts = specimens.drawn(folder) if folder and not problems else []
    if folder:
        problems += [specimens.problem(one, folder, Path(name)) for one in texts if one.problem]
    if drawn is not None and texts:
        write(texts, drawn)
    code = UNUSABLE if problems or folder is None else REFUSED if any(one.open for one in found) else 0
    if as_json:
        told = _as_json(folder, problems, found, ok=code == 0)
        typer.echo(json.dumps(told | {"mails": sizes(texts)}, indent=2))
    else:
        _print(folder, problems, found, failed=code != 0)
        for line in about_mails(texts, drawn) if code == 0 else ():
            typer.echo(line)
    if code:
        raise typer.Exit(code)


def _look(name: str) -> tuple[ProtocolFolder | None, list[Problem], list[Remark]]:
    try:
        place = find_folder(name)
        folder, problems = examine(place)
    except ProtocolInvalid as error:
        return None, error.problems, []
    found = remarks(folder, place, sure=not problems) if folder else []
    return folder, [_short(one, name) for one in problems], [_short(one, name) for one in found]


def _short(one: One, name: str) -> One:
    """A file of a protocol that ships, named from its folder on: nobody needs to know where it is installed."""
    library = shipped("")
    if Path(name).is_dir() or not Path(one.file).is_relative_to(library):
        return one
    return type(one)(**{**asdict(one), "file": Path(one.file).relative_to(library).as_posix()})


def _as_json(
    folder: ProtocolFolder | None, problems: list[Problem], found: list[Remark], *, ok: bool
) -> dict[str, Any]:
    known = {"id": folder.protocol.id, "digest": folder.digest} if folder else {}
    return {
        "ok": ok,
        **known,
        "problems": [asdict(one) for one in problems],
        "findings": [asdict(one) for one in found],
        "counts": _counts(found),
        "reminders": reminders(folder, today()) if folder else [],
    }


def _print(folder: ProtocolFolder | None, problems: list[Problem], found: list[Remark], *, failed: bool) -> None:
    both: list[Problem | Remark] = [*problems, *found]
    for one in sorted(both, key=lambda each: (each.file, each.line or 0, each.column or 0)):
        typer.echo(str(one), err=failed)
    if problems:
        typer.echo(f"{_many(len(problems), 'problem')} found{'; ' + _summary(found) if found else '.'}", err=True)
    elif found:
        typer.echo(_summary(found), err=failed)
    if folder and not failed:
        protocol = folder.protocol
        windows = sum(len(point.days) for point in protocol.timepoints)
        arms = _many(len(protocol.arms), "arm")
        typer.echo(f"{protocol.id} {protocol.version} is sound: {arms}, {windows} occasions per person.")
        typer.echo(f"digest {folder.digest}")
    for line in reminders(folder, today()) if folder else []:
        typer.echo(line, err=failed)


def today() -> date:
    """The day of the machine: only here does the check know one."""
    return date.fromisoformat(time.strftime("%Y-%m-%d", time.gmtime()))


def reminders(folder: ProtocolFolder, day: date) -> list[str]:
    """What is right in itself and not on this day; none of it makes the protocol unsound."""
    return [*_form_dates(folder, day), *_stale(folder, day)]


def _form_dates(folder: ProtocolFolder, day: date) -> list[str]:
    form = folder.protocol.consent
    if is_valid(form, day):
        return []
    when = f"was valid until {form.valid_until}" if is_over(form, day) else f"is valid from {form.valid_from} only"
    return [f"protocol.yaml: the consent form {when}. Today nobody could consent, and the pages say so."]


def _stale(folder: ProtocolFolder, day: date) -> list[str]:
    """Places to turn to that nobody has looked at for half a year."""
    oldest = (day - HALF_A_YEAR).isoformat()
    return [
        f"resources.yaml: {say(one.name, folder.protocol.languages[0])} was last checked on {one.checked_on}. "
        "Check it again before people rely on it."
        for one in folder.resources
        if one.checked_on < oldest
    ]


def _counts(found: list[Remark]) -> dict[str, int]:
    unwaived = Counter(one.severity.value for one in found if one.waived is None)
    return {severity.value: unwaived[severity.value] for severity in Severity} | {
        "waived": sum(one.waived is not None for one in found)
    }


def _summary(found: list[Remark]) -> str:
    counts = _counts(found)
    return (
        f"{_many(counts['error'], 'error')}, {_many(counts['warning'], 'warning')}, "
        f"{counts['before_opening']} to do before opening, {counts['waived']} waived."
    )


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
