"""The engine of `equipoise demo` and `equipoise rehearse`: a whole trial with pretend people, on the real parts.

What is made of it afterwards (the report, findings, the book) is each command's own.
"""

from __future__ import annotations

import gc
import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import typer

from trial.cli.places import find_protocol, operator, settings_of
from trial.cli.under_faults import Faults, faulty_postman
from trial.cli.witnessing import witness_of
from trial.core import not_yet
from trial.core.access import SYSTEM
from trial.core.errors import BadInput, Problem, Refused
from trial.core.schedule import last_window
from trial.core.trial import Trial, TrialKind
from trial.mail.mailbox import started_mailbox
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.browser import Web
from trial.rehearsal.dice import secret_bytes
from trial.rehearsal.direct.acts import Acts
from trial.rehearsal.direct.services import Services
from trial.rehearsal.driver import Driver, Parts, Progress, randomized_people
from trial.rehearsal.faults import FaultPlan
from trial.rehearsal.outside_list import pretend_list
from trial.rehearsal.post import HandedOver, MailboxFolder, words_alone
from trial.rehearsal.profile import DemoProfile, LifelikeProfile, demo_profile
from trial.rehearsal.setting import setting_of
from trial.rehearsal.truth import power_of_primary, true_effects
from trial.rehearsal.witness import Witness
from trial.services import freeze as freezing
from trial.services import rehearsing, trials
from trial.services.delivery import Sender
from trial.services.trials import Chance
from trial.settings import Settings
from trial.storage import schema
from trial.storage.engine import connect, settle
from trial.storage.work import OpenWork, Store
from trial.web.participant.app import create_participant_app

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
MARKER = "rehearsal.json"
# of a rehearsal that somebody lives step by step, with its own hands in it
STEPPED = "step.json"
BASE_URL = "http://127.0.0.1:8765"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a command was asked for."""

    protocol: str
    participants: int
    seed: int
    out: Path
    effect: float
    database_url: str | None
    broker_url: str | None
    workers: bool
    habits: DemoProfile | LifelikeProfile = field(default_factory=demo_profile)
    fast: bool = False
    faults: FaultPlan | None = None


@dataclass(frozen=True, slots=True)
class Lived:
    """A trial that was lived to its end, its parts still at hand; `witness` saw every page, where one was wanted."""

    store: Store
    trial: Trial
    folder: ProtocolFolder
    driver: Driver
    mailbox: Path
    files: dict[str, str]
    witness: Witness | None = None
    faults: Faults | None = None


@contextmanager
def live(wish: Wish, *, quiet: bool, watched: bool = False) -> Iterator[Lived]:
    """Live the whole trial in an empty folder and freeze it; `finish` marks that folder."""
    gc.freeze()  # what was loaded until here stays to the end: the collector need not walk it again and again
    if not math.isfinite(wish.effect):
        mend = "Give standard deviations, such as 0.3."
        raise BadInput([Problem("--effect", None, None, f"{wish.effect} is no number to work with.", mend)])
    folder = find_protocol(wish.protocol)
    settings = settings_of(home=wish.out, database_url=wish.database_url, broker_url=wish.broker_url, durable=False)
    if wish.database_url:  # before anything is touched: it may be somebody's trial
        schema.clear_rehearsal(connect(wish.database_url))
    _clear(wish.out)
    if (left_out := not_yet.parts(folder.protocol)) and not quiet:
        typer.echo(f"Declared and not rehearsed, for this version does not do it yet: {'; '.join(left_out)}.", err=True)
    with ExitStack() as stack:
        mailbox = wish.out / "mailbox"
        if not wish.fast:
            mischief = wish.faults.mail_server if wish.faults else ""
            server = stack.enter_context(started_mailbox(mailbox, mischief=mischief))
            settings = settings.model_copy(update={"smtp_url": server.url})
        settings = settings.model_copy(update={"base_url": BASE_URL})
        store = settings.store()
        stack.callback(settle, store.engine)
        trial = open_rehearsal(store, folder, wish.seed, BASE_URL)
        witness = witness_of(store, trial.slug, folder) if watched and not wish.fast else None
        faults = Faults(wish.faults) if wish.faults else None
        fast = _without_pages(stack, settings, store) if wish.fast else None
        parts = fast or _whole_path(stack, settings, store, wish, witness, faults)
        driver = _live(parts, trial, folder, wish, quiet=quiet)
        files = _freeze(store, trial, folder, driver, wish)
        yield Lived(store, trial, folder, driver, mailbox, files, witness, faults)


def _whole_path(
    stack: ExitStack, settings: Settings, store: Store, wish: Wish, witness: Witness | None, faults: Faults | None
) -> Parts:
    """Pages over HTTP, mails over SMTP."""
    postman = faulty_postman(settings, store, faults) if faults else _postman(settings, store, wish)
    drain, ring = stack.enter_context(postman)
    bell = _Bell(ring)
    app = create_participant_app(
        open_work=store.open_work, secret=store.keys.cookie, https=False, ring=bell.ring, hosts=["127.0.0.1"]
    )
    doors = Web(app, BASE_URL, witness)
    open_work = stack.enter_context(store.kept())
    return Parts(open_work, doors, MailboxFolder(wish.out / "mailbox"), drain, bell.rung)


def _without_pages(stack: ExitStack, settings: Settings, store: Store) -> Parts:
    """The services alone, in this process; what nobody reads is not drawn."""
    from workers.timetable import send_due

    post, bell = HandedOver(), _Bell(_silence)
    acts = Acts(stack.enter_context(store.kept()))
    sender = Sender(post, settings.mail_from, "rehearsal", compose=words_alone)
    drain = partial(send_all, acts.open_work, partial(send_due, acts.open_work, sender))
    return Parts(acts.open_work, Services(acts, store.keys.cookie, bell.ring), post, drain, bell.rung)


def finish(lived: Lived, wish: Wish) -> None:
    """Mark the folder: the rehearsal is finished, and of which version; the opening gate asks for this very one."""
    what = {"digest": lived.folder.digest, "participants": wish.participants, "seed": wish.seed}
    (wish.out / MARKER).write_text(json.dumps({"finished": True, "trial": lived.trial.slug, **what}) + "\n")


class _Bell:
    """Passes each ring on and remembers it until asked."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._heard = False

    def ring(self) -> None:
        self._heard = True
        self._ring()

    def rung(self) -> bool:
        heard, self._heard = self._heard, False
        return heard


def _clear(out: Path) -> None:
    """An earlier demo in the same place gives way; anything else is left alone."""
    if out.is_dir() and any(out.iterdir()):
        if not (out / MARKER).is_file():
            raise Refused(f"{out} holds files that are not a demo's. Name another folder with --out.")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).write_text(json.dumps({"finished": False}) + "\n")


def open_rehearsal(store: Store, folder: ProtocolFolder, seed: int, base_url: str) -> Trial:
    """An empty database on the pretend clock, and a rehearsal opened in it."""
    schema.upgrade(store.engine)
    with store.open_work(operator()) as work:
        rehearsing.start_clock(work, START)
    chance = Chance(*(secret_bytes(seed, purpose) for purpose in ("seed", "salt", "codes")))
    with store.open_work(operator()) as work:
        return trials.open_trial(
            work,
            folder,
            slug=folder.protocol.id,
            kind=TrialKind.REHEARSAL,
            base_url=base_url,
            chance=chance,
            target=None,
            entries=pretend_list(folder.protocol, chance.seed),
        )


@contextmanager
def _postman(settings: Settings, store: Store, wish: Wish) -> Iterator[tuple[Callable[[], object], Callable[[], None]]]:
    """(drain, ring): this process, or Celery workers, send what is due."""
    if settings.broker_url:
        from trial.cli.celery_processes import celery_postman

        with celery_postman(settings, store, start=wish.workers) as pair:
            yield pair
        return
    from workers.timetable import send_due

    sender = settings.sender()
    try:
        with store.kept() as open_work:  # as a worker does
            yield partial(send_all, open_work, partial(send_due, open_work, sender)), _silence
    finally:
        sender.mailer.close()


def send_all(open_work: OpenWork, send: Callable[[], object]) -> None:
    """Send until nothing is due; a mail that was put off is waited for, on machine time, as live."""
    while True:
        send()
        with open_work(SYSTEM, write=False) as work:
            if rehearsing.nothing_in_hand(work):
                return
        time.sleep(0.2)


def _silence() -> None:
    """One process needs no bell: it sends when it is asked to."""


def _live(parts: Parts, trial: Trial, folder: ProtocolFolder, wish: Wish, *, quiet: bool) -> Driver:
    setting = setting_of(trial.slug, folder, wish.habits, wish.effect, wish.seed)
    days = wish.habits.weeks_of_recruitment * 7 + 15 + last_window(folder.protocol).days
    driver = Driver(parts, setting, wish.participants, START, days)

    def end_recruitment(_: datetime) -> None:
        with parts.open_work(operator()) as work:
            if trials.find(work, trial.slug).recruits:
                trials.close(work, trial.slug)

    with _progress(days, wish.participants, quiet=quiet) as show:
        driver.run(wish.habits, end_recruitment, show)
    return driver


@contextmanager
def _progress(days: int, participants: int, *, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    if quiet:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Living the trial", total=days, words="")

        def show(one: Progress) -> None:
            words = f"day {one.day} of {days}, {one.arrived} of {participants} arrived, {one.mails} mails"
            bar.update(task, completed=one.day, words=words)

        yield show
        bar.update(task, completed=days)


def _freeze(store: Store, trial: Trial, folder: ProtocolFolder, driver: Driver, wish: Wish) -> dict[str, str]:
    people = randomized_people(driver, store.open_work, trial.slug)
    with store.open_work(operator()) as work:
        analysed = freezing.answered_primary(work, trial.slug)
        rehearsal = {
            "participants": wish.participants,
            "seed": wish.seed,
            "effect": wish.effect,
            "truth": true_effects(folder, people),
            **power_of_primary(folder, people, analysed),
        }
        return freezing.freeze(work, trial.slug, rehearsal=rehearsal)


def write_report(out: Path, *, quiet: bool) -> dict[str, Any]:
    from reports import build_report

    if not quiet:
        typer.echo("Analysing the frozen dataset and writing the report …", err=True)
    build_report(out)
    results: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return results
