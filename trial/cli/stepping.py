"""`equipoise rehearse --step`: a rehearsal with its web applications and its time machine, served until interrupted.

Everything lies in one folder. A folder that holds such a rehearsal goes on where it stopped.
"""

from __future__ import annotations

import json
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import typer
import uvicorn

from trial.cli.living import BASE_URL, STEPPED, open_rehearsal, send_all
from trial.cli.places import find_protocol, operator, settings_of
from trial.cli.serving import serve_all, take_door
from trial.core import not_yet
from trial.core.errors import BadInput, Refused
from trial.mail.mailbox import started_mailbox
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.stepping import Parts, TimeMachine
from trial.services import trials
from trial.services.specimens import require_drawable
from trial.settings import Settings
from trial.storage import schema
from trial.storage.work import Store
from trial.web.desk.app import create_desk_app
from trial.web.machine.app import HOST, Addresses, create_machine_app
from trial.web.participant.app import create_participant_app

DEFAULT_OUT = Path("rehearsal-step")
DEFAULT_PORT = int(BASE_URL.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Stepped:
    """What the folder's marker says. `ports` are those of participants' pages, desk and time machine; `key` opens the
    last; `opened` once the trial is in the database."""

    trial: str
    digest: str
    seed: int
    ports: tuple[int, int, int] = (0, 0, 0)
    key: str = field(default="", repr=False)
    opened: bool = False

    @property
    def addresses(self) -> Addresses:
        return Addresses(*(f"http://{HOST}:{one}" for one in self.ports))


def run_stepping(protocol: str | None, *, seed: int, out: Path, port: int) -> None:
    """Open it, or go on with it, and serve until Ctrl-C; once more from the beginning where the page says so."""
    folder = _named(protocol)
    known = _read(out)
    if known is not None and not known.opened:  # it was killed while it was opened: nobody can have been in it
        shutil.rmtree(out)
        known = None
    if known is None:
        if folder is None:
            mend = "Name one: equipoise rehearse PROTOCOL --step --out " + str(out)
            raise BadInput.at("PROTOCOL", f"{out} holds no rehearsal to go on with, and no protocol is named.", mend)
        _require_free(out)
    elif folder is not None and folder.digest != known.digest:
        raise Refused(
            f"{out} holds a rehearsal of another protocol or version ({known.trial}). Go on with it: "
            f"equipoise rehearse --step --out {out}. For the new one, name another folder with --out."
        )
    while _serve_once(folder, known or Stepped(folder.protocol.id, folder.digest, seed), out, port):  # type: ignore[union-attr]
        known = _read(out)
        folder = folder or _stored(out)
        assert known is not None
        shutil.rmtree(out)
        known = replace(known, opened=False)
        typer.echo("Starts again with the same seed.")


def _named(protocol: str | None) -> ProtocolFolder | None:
    if protocol is None:
        return None
    folder = find_protocol(protocol)
    require_drawable(folder)
    return folder


def _read(out: Path) -> Stepped | None:
    """What the marker of this folder says; None where there is none."""
    marker = out / STEPPED
    if not marker.is_file():
        return None
    try:
        held = json.loads(marker.read_text(encoding="utf-8"))
        return Stepped(**held | {"ports": tuple(held["ports"])})
    except (ValueError, TypeError, KeyError):
        mend = "Put it back from a copy, or name another folder with --out."
        raise BadInput.at(str(marker), "this file is not as it was written.", mend) from None


def _write(out: Path, stepped: Stepped) -> None:
    unfinished = out / f"{STEPPED}.part"
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(stepped), indent=1) + "\n", encoding="utf-8")
    unfinished.replace(out / STEPPED)


def _require_free(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(f"{out} holds something else than a rehearsal in steps. Name another folder with --out.")


def _settings(out: Path) -> Settings:
    """Of this folder alone: no database, broker or mail server of the environment has a part in it."""
    found = settings_of(home=out)
    own = {"database_url": None, "broker_url": None, "smtp_url": None, "imap_url": None, "replies": None}
    return found.model_copy(update=own)


def _stored(out: Path) -> ProtocolFolder:
    """The protocol as the rehearsal itself holds it, whatever became of the folder it was read from."""
    store = _settings(out).store()
    with store.open_work(operator(), write=False) as work:
        (trial,) = trials.all_trials(work)
        found = trials.folder(work, trial.protocol_id)
    store.engine.dispose()
    return found


def _serve_once(folder: ProtocolFolder | None, stepped: Stepped, out: Path, port: int) -> bool:
    """Serve it; True where it is to begin again."""
    again = threading.Event()
    with ExitStack() as stack:
        ports = stepped.ports if any(stepped.ports) else (port, port + 1, port + 2) if port else (0, 0, 0)
        doors = [stack.enter_context(take_door(HOST, one)) for one in ports]
        public, desk, last = (one.getsockname()[1] for one in doors)
        stepped = replace(stepped, ports=(public, desk, last), key=stepped.key or secrets.token_urlsafe(24))
        out.mkdir(parents=True, exist_ok=True)
        mailbox = stack.enter_context(started_mailbox(out / "mailbox"))
        addresses = stepped.addresses
        settings = _settings(out).model_copy(
            update={"smtp_url": mailbox.url, "base_url": addresses.public, "desk_url": addresses.desk}
        )
        _write(out, stepped)
        store = settings.store()
        stack.callback(store.engine.dispose)
        stepped = _opened(store, folder, stepped, out)
        machine, bell = stack.enter_context(_machine(settings, store, stepped, out))
        open_work, secret = store.open_work, store.keys.cookie
        servers: list[uvicorn.Server] = []

        def start_again() -> None:
            again.set()
            servers[0].should_exit = True

        apps = [
            machine.parts.app,
            create_desk_app(
                open_work=open_work, secret=secret, url=addresses.desk, ring=bell.set,
                mailbox=out / "mailbox", mail_from=settings.mail_from,
            ),
            create_machine_app(
                machine, secret=secret, key=stepped.key, addresses=addresses, start_again=start_again
            ),
        ]  # fmt: skip
        _announce(machine, stepped, out)
        serve_all(list(zip(apps, doors, strict=True)), None, servers.append)
    return again.is_set()


def _opened(store: Store, folder: ProtocolFolder | None, stepped: Stepped, out: Path) -> Stepped:
    """The trial, opened on the first run; one that was killed while it was opened begins anew."""
    if stepped.opened:
        schema.upgrade(store.engine)
        return stepped
    if folder is None:
        raise RuntimeError("a rehearsal is opened from a protocol")
    if left_out := not_yet.parts(folder.protocol):
        typer.echo(f"Declared and not rehearsed, for this version does not do it yet: {'; '.join(left_out)}.", err=True)
    open_rehearsal(store, folder, stepped.seed, stepped.addresses.public)
    stepped = replace(stepped, opened=True)
    _write(out, stepped)
    return stepped


@contextmanager
def _machine(
    settings: Settings, store: Store, stepped: Stepped, out: Path
) -> Iterator[tuple[TimeMachine, threading.Event]]:
    """The time machine and the bell of its worker, which goes round when it is rung, and now and then by itself."""
    from workers.rounds import go_round

    bell, ended = threading.Event(), threading.Event()
    app = create_participant_app(
        open_work=store.open_work, secret=store.keys.cookie, https=False, ring=bell.set, hosts=[HOST]
    )
    sender, postman = settings.sender(), settings.postman()
    send = partial(send_all, store.open_work, partial(go_round, store.open_work, sender, postman))
    parts = Parts(store.open_work, app, stepped.addresses.public, out, send, operator())
    machine = TimeMachine(parts, stepped.trial, stepped.seed)

    def work() -> None:
        while not ended.is_set():
            try:
                machine.send()
            except Exception as error:  # a worker that ended here would send nothing more, and nobody would see it
                typer.echo(f"equipoise: a round failed ({type(error).__name__}: {error})", err=True)
            bell.wait(settings.tick_seconds)
            bell.clear()

    worker = threading.Thread(target=work, name="worker")
    worker.start()
    try:
        yield machine, bell
    finally:
        ended.set()
        bell.set()
        worker.join()
        machine.close()
        sender.mailer.close()


def _announce(machine: TimeMachine, stepped: Stepped, out: Path) -> None:
    if people := len(machine.people.all()):
        typer.echo(f"Goes on where it stopped: {machine.now:%d %B %Y, %H:%M} UTC, {people} on the list of people.")
    where = stepped.addresses
    typer.echo(f"time machine  {where.machine}/?key={stepped.key}")
    typer.echo(f"participants  {where.public}/{machine.slug}")
    typer.echo(f"team          {where.desk}/")
    typer.echo(f"Ctrl-C ends it. Everything stays in {out}; go on:  equipoise rehearse --step --out {out}")
