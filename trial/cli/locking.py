"""`equipoise lock` and `unlock`: what is open, then one member's word and another's, as on the desk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.core.errors import Refused
from trial.core.trial import Trial
from trial.core.two_person import ActKind
from trial.services import locking, trials, two_person
from trial.storage import members
from trial.storage.work import Work

HOW = "One member asks with  --ask WHY, another decides with  --approve, or on the desk."


@dataclass(frozen=True, slots=True)
class Wish:
    """What the options say; with none of them it is shown only."""

    ask: str | None
    approve: bool
    alone: bool
    with_open: bool = False


def lock(name: str, kind: ActKind, wish: Wish, *, home: Path | None, database_url: str | None) -> None:
    """Lock the data or unlock them; a lock prints the digest of what was locked."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, name)) as work:
        trial = trials.find(work, name)
        still = locking.open_matters(work, trial.id) if kind is ActKind.LOCK else {}
        done = _of_two(work, trial, kind, wish)
        trial = trials.find(work, name)
        digest = locking.listed(work, trial.id)[-1]["digest"] if done and kind is ActKind.LOCK else None
    if still:
        typer.echo(f"Open matters: {locking.in_words(still)}")
    typer.echo(f"{trial.slug} is {trial.state.value}." if done else f"Asked. {HOW}")
    if digest:
        typer.echo(f"digest of the data  {digest}")


def _of_two(work: Work, trial: Trial, kind: ActKind, wish: Wish) -> bool:
    """Ask, approve, or go on alone where the protocol declares it; whether it is done."""
    if wish.ask is not None:
        act = two_person.ask(work, trial.slug, kind, wish.ask, with_open=wish.with_open)
        if wish.alone:
            two_person.do_alone(work, act.id)
        return wish.alone
    if not (wish.approve or wish.alone):
        raise Refused(f"This takes two people. Nothing was changed. {HOW}")
    waits = two_person.waiting(work, trial.slug, kind)
    if waits is None:
        raise Refused(f"Nobody has asked for it, or it was decided already. {HOW}")
    typer.echo(f"Asked by {members.name_of(work, waits.asked_by)}, {waits.asked_at:%Y-%m-%d %H:%M} UTC: {waits.reason}")
    if wish.alone:
        two_person.do_alone(work, waits.id)
    else:
        two_person.decide(work, waits.id, approve=True)
    return True
