"""`equipoise protocol diff`: an amendment in plain words, and what it would do to a running trial."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

import typer

from trial.cli.places import find_drawable, find_protocol, ready_store, settings_of
from trial.cli.proofs import acting
from trial.core.amendment import Amendment, Change, ChangeClass, Chapter, compare
from trial.core.errors import BadInput, Problem
from trial.core.trial import TrialState
from trial.services import amending
from trial.services.amendments import Preview, preview, version_of
from trial.services.designs import Epoch

C = ChangeClass
WIDEST, NARROWEST = 100, 60
# the column of classes, and that of the words "before" and "after" beside it
CLASS, SIDE = 16, 9


@dataclass(frozen=True, slots=True)
class Raise:
    """A class that the team chose for everything weaker, and why."""

    to: ChangeClass
    reason: str


def show_diff(
    folders: list[str],
    *,
    trial: str | None,
    urgent: str | None,
    substantial: str | None,
    home: Path | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Print the amendment, and with a trial what it would do."""
    _require_folders(folders, trial)
    raised = _raise(urgent, substantial)
    to = raised.to if raised else None
    new = find_protocol(folders[-1]) if trial is None else find_drawable(folders[-1])
    if trial is None:
        found, ahead = compare(version_of(find_protocol(folders[0])), version_of(new), raised=to), None
    else:
        settings = settings_of(home=home, database_url=database_url)
        store = ready_store(settings)
        with store.open_work(acting(settings, store, trial), write=False) as work:
            ahead = preview(work, trial, new, raised=to)
        found = ahead.amendment
    if as_json:
        typer.echo(json.dumps(_plain(found, ahead, raised), indent=2, default=str, ensure_ascii=False))
        return
    width = max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))
    for line in [*_head(found, raised, width), *_chapters(found, width), *_ahead(ahead, width)]:
        typer.echo(line.rstrip())


def amend(
    trial: str,
    folder: str,
    *,
    urgent: str | None,
    substantial: str | None,
    home: Path | None,
    database_url: str | None,
    yes: bool,
) -> None:
    """Show the amendment, and with `yes` apply it."""
    show_diff(
        [folder], trial=trial, urgent=urgent, substantial=substantial, home=home, database_url=database_url,
        as_json=False,
    )  # fmt: skip
    typer.echo("")
    if not yes:
        typer.echo("Nothing was changed. To apply it, run the same command with --yes.")
        return
    raised = _raise(urgent, substantial)
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, trial)) as work:
        done = amending.apply(work, trial, find_drawable(folder), raised=raised.to if raised else None)
    typer.echo(f"Applied: {trial} runs version {done.version}.")
    typer.echo(_row(done.moved, "people are on it now"))
    if done.asked:
        typer.echo(
            _row(done.asked, "are on an earlier version; where the protocol says so, their next visit asks them")
        )
    if done.epoch:
        typer.echo(f"Digest of the rule of allocation from number {done.epoch.first} on: {done.epoch.configuration}")


def _require_folders(folders: list[str], trial: str | None) -> None:
    wanted = 2 if trial is None else 1
    if len(folders) == wanted:
        return
    what = f"{len(folders)} protocol folder{'s' if len(folders) != 1 else ''} given."
    mend = (
        "Name the old and the new folder, or --trial and the new one."
        if trial is None
        else "With --trial name the new folder alone."
    )
    raise BadInput([Problem("OLD NEW", None, None, what, mend)])


def _raise(urgent: str | None, substantial: str | None) -> Raise | None:
    """The stronger of the two; a reason must say something."""
    for option, given, to in (("--urgent", urgent, C.URGENT_SAFETY), ("--substantial", substantial, C.SUBSTANTIAL)):
        if given is None:
            continue
        if not given.strip():
            raise BadInput([Problem(option, None, None, "the reason is empty.", "Write why, in one sentence.")])
        return Raise(to, " ".join(given.split()))
    return None


# --- as text ----------------------------------------------------------------------------------------------------


def _head(found: Amendment, raised: Raise | None, width: int) -> Iterator[str]:
    yield f"{found.protocol}: version {found.old_version} to {found.new_version}"
    if not found.changes or found.change_class is None:
        yield "Nothing that the trial uses differs."
        return
    total = len(found.changes)
    yield f"{total} change{'' if total == 1 else 's'}; as a whole: {found.change_class.words}"
    yield ""
    for one, count in found.counts.items():
        if count:
            yield from _beside(f"{count:>3}  {one.words}", one.reach, CLASS + 4, width)
    if raised:
        yield ""
        yield from wrap(f"Raised to {raised.to.words} by the team: {raised.reason}", width)
    for note in found.notes:
        yield ""
        yield from _beside("Note", note, 6, width)


def _chapters(found: Amendment, width: int) -> Iterator[str]:
    for chapter in Chapter:
        changes = [one for one in found.changes if one.chapter is chapter]
        if changes:
            yield from ("", chapter.value.upper())
        for one in changes:
            yield ""
            yield from _beside(one.change_class.words, one.part, CLASS, width)
            for line in _change(one, width - CLASS):
                yield " " * CLASS + line


def _change(one: Change, width: int) -> Iterator[str]:
    yield from _beside("before", one.before, SIDE, width)
    yield from _beside("after", one.after, SIDE, width)
    yield from _beside("meaning", one.meaning, SIDE, width)
    # Markdown texts are known by their file; a path inside them would say the same again
    yield from _beside("where", one.file if one.of_words else f"{one.file}, {one.path}", SIDE, width)


def _beside(label: str, text: str, column: int, width: int) -> list[str]:
    """A label, and a text wrapped in the column beside it."""
    first, *rest = wrap(text, width - column, break_on_hyphens=False) or [""]
    return [f"{label:<{column}}{first}", *(" " * column + line for line in rest)]


def _ahead(ahead: Preview | None, width: int) -> Iterator[str]:
    if ahead is None:
        return
    yield from ("", "IF IT WERE APPLIED NOW", "")
    looked = f"Trial {ahead.trial} ({ahead.state.value}), {ahead.now:%Y-%m-%d %H:%M} UTC."
    yield from wrap(f"{looked} Nothing was changed; all counts are over all arms.", width)
    if ahead.state is TrialState.FROZEN:
        yield "Its data are frozen: no amendment reaches it any more, and no mail leaves."
    yield ""
    yield from _people(ahead)
    yield ""
    for one, count in ahead.amendment.counts.items():
        if count:
            yield from _beside(one.words, _reach(one, ahead), CLASS, width)
    yield ""
    yield from _epoch(ahead.epoch, width)
    yield from _mails(ahead, width)


def _people(ahead: Preview) -> Iterator[str]:
    for version, count in ahead.consented.items():
        yield _row(count, f"take part, on version {version}")
    if not ahead.consented:
        yield _row(0, "take part")
    yield _row(ahead.on_the_way, "are on the way in and would consent to the new version")
    yield _row(ahead.left, "left; nothing reaches them")


def _row(count: int, words: str) -> str:
    return f"{count:>7}  {words}"


def _reach(one: ChangeClass, ahead: Preview) -> str:
    """What one class does to the people of this trial."""
    people = sum(ahead.consented.values())
    if one is C.CORRECTION:
        return f"reaches all {people} at once"
    if one is C.URGENT_SAFETY:
        return f"reaches all {people} at once, and all {people} are told"
    if one is C.RANDOMIZATION:
        return f"{ahead.randomized} stay in the arm they have; the next allocation goes by the new rule"
    if not people:
        return "nobody takes part yet"
    staying = " and ".join(f"{count} stay on version {version}" for version, count in ahead.consented.items())
    return f"{staying}, each until they consent again"


def _epoch(epoch: Epoch | None, width: int) -> Iterator[str]:
    """From which number on chance goes by the new rule, and what everybody may check it against."""
    if epoch is None:
        return
    begins = f"begins epoch {epoch.number}" if epoch.begins else f"is in epoch {epoch.number}, whose rule it is"
    yield "Allocation:"
    yield _row(epoch.first - 1, "were allocated before; nobody is allocated again")
    yield _row(epoch.first, f"is the number of the next allocation; it {begins}")
    for arms, words in ((epoch.closed, "closed to new people, and goes on for who is in it"), (epoch.opened, "open")):
        for arm in arms:
            yield from _beside("", f"The arm {arm} is {words}.", SIDE, width)
    yield from _beside("", f"Digest of the new rule: {epoch.configuration}", SIDE, width)
    told = "It is published when the amendment is applied, before anybody is allocated by it."
    yield from _beside("", told, SIDE, width)
    yield ""


def _mails(ahead: Preview, width: int) -> Iterator[str]:
    mails = ahead.mails
    if mails is None:
        yield from wrap(
            "Mails are not counted here: the changes differ between arms, and a count would tell how many people are "
            "in each. Whoever may read the allocation sees it.",
            width,
        )
        return
    rows = [
        (ahead.replans_at_once, mails.moved, "leave at another time"),
        (ahead.replans_at_once, mails.other_mail, "are replaced by another mail"),
        (ahead.replans_at_once, mails.vanish, "are not sent any more"),
        (ahead.replans_at_once, mails.appear, "are new"),
        (ahead.keeps_at_once, mails.other_latest, "stay worth sending for another while"),
        (ahead.rewords_at_once, mails.reworded, "read differently"),
    ]
    yield f"Mails not yet sent; {ahead.people_with_other_mails} people get other mails than planned:"
    for at_once, when in ((True, "at once"), (False, "for each person once they have consented again")):
        found = [_row(count, words) for now, count, words in rows if now is at_once]
        if found:
            yield from (f"  {when}", *found)
    yield "  not at all"
    yield _row(mails.unchanged, "stay as they are")
    if mails.stay:
        yield _row(mails.stay, "stay on their day, because that of the new version has passed")
    yield ""
    yield "Never sent again:"
    yield _row(mails.left_alone, "were sent, or ended otherwise, and are left alone")
    yield _row(mails.past, "would be new, but their time has passed: not sent")


# --- for a machine ----------------------------------------------------------------------------------------------


def _plain(found: Amendment, ahead: Preview | None, raised: Raise | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "protocol": found.protocol,
        "old": found.old_version,
        "new": found.new_version,
        "class": found.change_class,
        "counts": {one.value: count for one, count in found.counts.items()},
        "raised": {"to": raised.to, "reason": raised.reason} if raised else None,
        "notes": list(found.notes),
        "changes": [
            {name.removeprefix("change_"): value for name, value in asdict(one).items()} for one in found.changes
        ],
    }
    if ahead is not None:
        values = {name: value for name, value in asdict(ahead).items() if name != "amendment"}
        told["preview"] = values | {
            "replans_at_once": ahead.replans_at_once,
            "keeps_at_once": ahead.keeps_at_once,
            "rewords_at_once": ahead.rewords_at_once,
        }
    return told
