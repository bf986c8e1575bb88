"""`equipoise serve` and `equipoise mailbox`: the two web applications, the worker loop, the local mail server."""

from __future__ import annotations

import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

import typer
import uvicorn

from trial.cli.living import MARKER, STEPPED
from trial.cli.metering import meters_of
from trial.cli.places import operator, ready_store, settings_of
from trial.core.errors import BadInput, Problem, Refused, Unavailable
from trial.mail.mailbox import run_mailbox, started_mailbox
from trial.services import team, trials
from trial.settings import Settings
from trial.storage.work import Store
from trial.web.desk.app import create_desk_app
from trial.web.desk.viewer import create_viewer
from trial.web.incoming import HandingOver
from trial.web.metered import Meter
from trial.web.participant.app import create_participant_app
from trial.web.rates import RateLimits

if TYPE_CHECKING:
    from trial.metrics.meters import WorkerMeters

# whom a request comes from is read by our own rule (EQUIPOISE_TRUSTED_PROXIES), not by the server's
OPTIONS: dict[str, Any] = {
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "log_level": "warning",
}


def run_serve(
    *, home: Path | None, database_url: str | None, broker_url: str | None, host: str, port: int, only: str | None
) -> None:
    """Serve until interrupted."""
    if only not in (None, "public", "desk"):
        raise BadInput([Problem("--only", None, None, f"{only!r} is no part.", "Use public or desk.")])
    settings = settings_of(home=home, database_url=database_url, broker_url=broker_url)
    finished = _finished_demo(settings.home)
    tls = _usable(settings.tls())
    store = settings.store(read_only=True) if finished else ready_store(settings, new=True)
    with ExitStack() as stack:
        doors = {name: stack.enter_context(take_door(host, number)) for name, number in _ports(port, only).items()}
        web, worker = (None, None) if finished else stack.enter_context(meters_of(settings, store))
        ring = _silent if finished else stack.enter_context(_sending(settings, store, worker))
        public = _public(settings, store, ring, host, web, read_only=finished)
        desk = _desk(settings, store, ring, host, web, finished=finished)
        begin = f"{'https' if tls else 'http'}://{host}"
        _announce(store, {name: f"{begin}:{door.getsockname()[1]}" for name, door in doors.items()}, finished)
        serve_all([({"public": public, "desk": desk}[name], door) for name, door in doors.items()], tls)


def serve_mailbox(*, home: Path | None, host: str, port: int) -> None:
    """Run the local mail server until interrupted."""
    try:
        run_mailbox(settings_of(home=home).home / "mailbox", host, port)
    except OSError as error:
        if error.filename is not None:
            raise
        raise Refused(f"Port {port} of {host} cannot be used. Name another with --smtp-port.") from None


def _finished_demo(home: Path) -> bool:
    """Whether this home holds a rehearsal; one that was killed half-way cannot be shown."""
    if (home / STEPPED).is_file():
        mend = f"Go on with it: equipoise rehearse --step --out {home}"
        raise BadInput([Problem(str(home), None, None, "this is a rehearsal that is lived step by step.", mend)])
    marker = home / MARKER
    if not marker.is_file():
        return False
    if not _says_finished(marker.read_text()):
        mend = "Run it again: equipoise demo --out " + str(home)
        raise BadInput([Problem(str(home), None, None, "this demo did not finish.", mend)])
    return True


def _says_finished(marker: str) -> bool:
    """A demo that was killed while it wrote its marker did not finish either."""
    try:
        return json.loads(marker)["finished"] is True
    except (ValueError, TypeError, KeyError):
        return False


def _silent() -> None:
    """A finished rehearsal sends nothing."""


@contextmanager
def _sending(settings: Settings, store: Store, meters: WorkerMeters | None) -> Iterator[Callable[[], None]]:
    """Who sends: Celery workers on the broker, or a loop in this process. Gives the bell that wakes them."""
    if settings.broker_url:
        from workers.app import TICK, make_bell

        app = make_bell(settings)
        yield lambda: _ring_celery(app, TICK)
        return
    with ExitStack() as stack:
        if not settings.smtp_url:
            box = stack.enter_context(started_mailbox(settings.home / "mailbox"))
            settings = settings.model_copy(update={"smtp_url": box.url})
        settings.sender().mailer.check()
        bell, ended = threading.Event(), threading.Event()
        loop = threading.Thread(target=_worker_loop, args=(settings, store, bell, ended, meters), name="worker")
        loop.start()
        try:
            yield bell.set
        finally:
            ended.set()
            bell.set()
            loop.join()


def _ring_celery(app: Any, task: str) -> None:
    """Losing a ring costs one tick, never an answer: the page is served whether the broker is there or not."""
    try:
        app.send_task(task, expires=60, ignore_result=True, retry=False)
    except Exception as error:
        why = f"({type(error).__name__}); check EQUIPOISE_BROKER_URL. Mail leaves with the next tick of beat"
        typer.echo(f"equipoise: the broker could not be reached {why}", err=True)


def _worker_loop(
    settings: Settings, store: Store, bell: threading.Event, ended: threading.Event, meters: WorkerMeters | None
) -> None:
    from workers.rounds import go_round

    sender, postman = replace(settings.sender(), ending=ended.is_set), settings.postman()
    while not ended.is_set():
        try:
            with store.kept() as open_work:
                go_round(open_work, sender, postman, meters)
        except Unavailable as error:
            typer.echo(f"equipoise: {error}", err=True)
        except Exception as error:  # a loop that ended here would send nothing more, and nobody would see it
            typer.echo(f"equipoise: a tick failed ({type(error).__name__}); the next one tries again", err=True)
        bell.wait(settings.tick_seconds)
        bell.clear()
    sender.mailer.close()


def _addresses(settings: Settings, store: Store) -> list[SplitResult]:
    """Where people reach the pages: the address of each trial's mails, and the setting for trials to come."""
    with store.open_work(operator(), write=False) as work:
        known = [trial.base_url for trial in trials.all_trials(work)]
    return [urlsplit(one) for one in [*known, settings.base_url]]


def _public(
    settings: Settings, store: Store, ring: Callable[[], None], host: str, meter: Meter | None, *, read_only: bool
) -> Any:
    addresses = _addresses(settings, store)
    names = {one.hostname for one in addresses if one.hostname}
    hosts = sorted((names | {"127.0.0.1", "localhost", host}) - {"0.0.0.0"})  # noqa: S104
    return create_participant_app(
        open_work=store.open_work,
        secret=store.keys.cookie,
        https=any(one.scheme == "https" for one in addresses),
        ring=ring,
        read_only=read_only,
        hosts=hosts,
        rates=RateLimits(store.keys.cookie, redis_url=settings.broker_url, trusted=settings.trusted_proxies),
        incoming=_incoming(settings, read_only=read_only),
        meter=meter,
    )


def _incoming(settings: Settings, *, read_only: bool) -> HandingOver | None:
    """Who may hand over mail; nobody without a secret, and nothing comes into a finished rehearsal."""
    if settings.inbound_secret is None or read_only:
        return None
    return HandingOver(settings.inbound_secret.get_secret_value().encode(), settings.bounces)


def _desk(
    settings: Settings, store: Store, ring: Callable[[], None], host: str, meter: Meter | None, *, finished: bool
) -> Any:
    """What a finished rehearsal shows to who sits at the machine; for any other home, the pages behind signing in."""
    home = settings.home
    if finished:
        report = home if (home / "report.html").is_file() else None
        return create_viewer(
            mailbox=home / "mailbox",
            report=report,
            title="A finished rehearsal",
            status=lambda: _figures(store),
        )
    return create_desk_app(
        open_work=store.open_work,
        secret=store.keys.cookie,
        url=settings.desk_url,
        ring=ring,
        hosts=sorted({host} - {"0.0.0.0"}),  # noqa: S104
        rates=RateLimits(store.keys.cookie, redis_url=settings.broker_url, trusted=settings.trusted_proxies),
        meter=meter,
        mailbox=home / "mailbox" if _mail_stays_here(settings) else None,
        mail_from=settings.mail_from,
        per_minute=_per_minute(settings),
    )


def _per_minute(settings: Settings) -> int:
    """The pace that the desk tells; where the mail server's address is wrong, the worker says so."""
    with suppress(ValueError):
        return settings.pace()[1] if settings.smtp_url else 0
    return 0


def _mail_stays_here(settings: Settings) -> bool:
    """Whether mail goes to the local mailbox, and the desk is for this machine: no other place shows it unasked."""
    return not settings.smtp_url and urlsplit(settings.desk_url).hostname in ("127.0.0.1", "localhost", "::1")


def _figures(store: Store) -> dict[str, object]:
    with store.open_work(operator(), write=False) as work:
        found = [trials.status(work, trial.slug) for trial in trials.all_trials(work)]
    return {
        f"{one.trial.slug}: {name}": value
        for one in found
        for name, value in asdict(one).items()
        if name in ("assessed", "consented", "randomized", "stopped", "open_adverse_events", "open_alerts")
    }


def _ports(port: int, only: str | None) -> dict[str, int]:
    """The team's pages are on the next port; port 0 asks the system for free ones."""
    if only is not None:
        return {only: port}
    return {"public": port, "desk": port + 1 if port else 0}


def take_door(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything is said or started: half a service is worse than none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # with the protocol named, or asyncio would not know that it may send small answers at once (40 ms each)
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(128)
        return door
    except (OSError, OverflowError) as error:
        door.close()
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else "there is no such port"
        raise Refused(f"Port {port} of {host} cannot be used ({why}). Name another with --port.") from None


def _announce(store: Store, addresses: dict[str, str], finished: bool) -> None:
    with store.open_work(operator(), write=False) as work:
        slugs = [trial.slug for trial in trials.all_trials(work)]
        anybody = team.anybody_joined(work)
    if finished:
        typer.echo("A finished rehearsal, shown on its own clock. Nothing is sent, nothing is kept.")
    if "public" in addresses:
        for slug in slugs or [""]:
            typer.echo(f"participants  {addresses['public']}/{slug}")
    if "desk" in addresses:
        typer.echo(f"team          {addresses['desk']}/")
        if slugs and not finished and not anybody:
            typer.echo(f"Nobody can sign in there yet:  equipoise member owner {slugs[0]} NAME ADDRESS")


def serve_all(
    apps: list[tuple[Any, socket.socket]],
    tls: tuple[Path, Path] | None,
    began: Callable[[uvicorn.Server], object] = lambda _: None,
) -> None:
    """Each application in its own server; the last one in the main thread, where signals arrive. `began` is handed
    that one: it ends all of them."""
    options = OPTIONS | ({"ssl_certfile": tls[0], "ssl_keyfile": tls[1]} if tls else {})
    servers = [(uvicorn.Server(uvicorn.Config(app, **options)), door) for app, door in apps]
    threads = [
        threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True) for server, door in servers[:-1]
    ]
    for thread in threads:
        thread.start()
    server, door = servers[-1]
    began(server)
    server.run(sockets=[door])
    for (server, _), thread in zip(servers, threads, strict=False):
        server.should_exit = True
        thread.join(5)


def _usable(tls: tuple[Path, Path] | None) -> tuple[Path, Path] | None:
    """Certificate and key, tried once before anything is said or started."""
    if tls is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*tls, password=lambda: b"")
        except (ssl.SSLError, OSError, ValueError) as error:
            what = f"certificate and key cannot be used ({error.args[-1]})."
            mend = "They have to be in PEM form and belong together; the key must have no passphrase."
            raise BadInput([Problem("EQUIPOISE_TLS_CERTIFICATE", None, None, what, mend)]) from None
    return tls
