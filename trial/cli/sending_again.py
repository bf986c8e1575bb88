"""`equipoise resume` and `equipoise release`: what would go out, and then one person's word or two people's.

The rule is the desk's: in a test trial one person says so; in a live trial one member asks, another approves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.core.errors import Refused
from trial.core.trial import Trial, TrialState
from trial.core.two_person import ActKind, TwoPersonAct, takes_two
from trial.services import backups, resuming, trials, two_person
from trial.storage import members
from trial.storage.work import Work

HOW = "One member asks with  --ask WHY, another decides with  --approve, or on the desk."


@dataclass(frozen=True, slots=True)
class Wish:
    """What the options say; with none of them it is shown only, but for a pause of a test trial, which ends."""

    ask: str | None
    approve: bool
    alone: bool
    yes: bool


def resume(name: str, wish: Wish, *, home: Path | None, database_url: str | None) -> None:
    """End a panic stop."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    by = acting(settings, store, name)
    with store.open_work(by, write=False) as work:
        trial = trials.find(work, name)
        lines = list(_by_stream(resuming.preview(work, name)))
        _require_fitting(work, trial, ActKind.RELEASE, wish)
    if trial.state is TrialState.PAUSED:
        _say(lines)
    if not takes_two(ActKind.RELEASE, trial.kind):
        with store.open_work(by) as work:
            trial = trials.resume(work, name)
        typer.echo(f"{trial.slug} is {trial.state.value}.")
        return
    with store.open_work(by) as work:
        done = _of_two(work, trial, ActKind.RELEASE, wish)
        trial = trials.find(work, name)
    typer.echo(f"{trial.slug} is {trial.state.value}." if done else f"Asked. {HOW}")


def release(name: str, wish: Wish, *, home: Path | None, database_url: str | None) -> None:
    """Give back what a restore holds."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    by = acting(settings, store, name)
    with store.open_work(by, write=False) as work:
        trial = trials.find(work, name)
        found = resuming.of_restored(work, name)
        if not found.count:
            raise Refused(f"Nothing of {name} is held since a restore.")
        _require_fitting(work, trial, ActKind.RESTORED, wish)
    _say(list(_by_timepoint(found)))
    typer.echo("What left after the backup is not known here: ask the mail server.")
    if not takes_two(ActKind.RESTORED, trial.kind):
        if not wish.yes:
            typer.echo("Nothing was changed; --yes does it.")
            return
        with store.open_work(by) as work:
            count = backups.release(work, name)
    else:
        with store.open_work(by) as work:
            done = _of_two(work, trial, ActKind.RESTORED, wish)
        if not done:
            typer.echo(f"Asked. {HOW}")
            return
        count = found.count
    typer.echo(f"{count} mails were given back. Each is looked at once more when its turn comes.")


def _require_fitting(work: Work, trial: Trial, kind: ActKind, wish: Wish) -> None:
    """Options that mean nothing here are said, rather than passed over."""
    two = wish.ask is not None or wish.approve or wish.alone
    if two and not takes_two(kind, trial.kind):
        raise Refused(f"{trial.slug} is no live trial: one person may do this. Leave --ask, --approve, --alone away.")


def _of_two(work: Work, trial: Trial, kind: ActKind, wish: Wish) -> bool:
    """Ask, approve, or go on alone where the protocol declares it; whether it is done."""
    if wish.ask is not None:
        act = two_person.ask(work, trial.slug, kind, wish.ask)
        if wish.alone:
            two_person.do_alone(work, act.id)
        return wish.alone
    if not (wish.approve or wish.alone):
        raise Refused(f"In a live trial this takes two people. Nothing was changed. {HOW}")
    act = _asked(work, trial, kind)
    typer.echo(f"Asked by {members.name_of(work, act.asked_by)}, {act.asked_at:%Y-%m-%d %H:%M} UTC: {act.reason}")
    if wish.alone:
        two_person.do_alone(work, act.id)
    else:
        two_person.decide(work, act.id, approve=True)
    return True


def _asked(work: Work, trial: Trial, kind: ActKind) -> TwoPersonAct:
    found = two_person.waiting(work, trial.slug, kind)
    if found is None:
        raise Refused(f"Nobody has asked for it, or it was decided already. {HOW}")
    return found


def _say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)


def _by_stream(found: resuming.Preview) -> Iterator[str]:
    for one in found.streams:
        yield _fates(one.stream, one)
    if found.after_restore:
        yield f"{found.after_restore} mails are held since a restore; they go by  equipoise release"


def _by_timepoint(found: resuming.RestoredPreview) -> Iterator[str]:
    yield f"{found.count} mails are held since a restore. {found.go_out} would go out now:"
    for one in found.timepoints:
        label = one.label.get("en") or next(iter(one.label.values()), "other mails")
        yield _fates(label, one) + f"; due {one.oldest:%Y-%m-%d %H:%M} to {one.newest:%Y-%m-%d %H:%M} UTC"


def _fates(what: str, one: resuming.StreamPreview | resuming.TimepointPreview) -> str:
    return (
        f"  {what:<20}{one.go_out} go out, {one.too_late} too late, {one.not_wanted} not wanted, "
        f"{one.still_wait} still wait"
    )
