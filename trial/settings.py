"""Settings of an installation: environment variables `EQUIPOISE_…`, each with a default that works on a laptop.

From them: the store (database and keys) and the sender that a command or a worker works with.
"""

from __future__ import annotations

import os
import secrets
import threading
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from reports.consent_copy import as_pdf
from trial.core import return_addresses
from trial.core.errors import BadInput, Problem, Unavailable
from trial.core.return_addresses import LONGEST_NAME
from trial.mail.inbox import Imap, Inbox, LocalMailbox, inbox_at
from trial.mail.oauth import Tokens, tokens_of
from trial.mail.smtp import SmtpMailer, server_of
from trial.services.delivery import Sender
from trial.services.handing_over import SHORTEST_SECRET
from trial.services.replies import EVERY_SECONDS, Postman
from trial.storage import schema
from trial.storage.engine import connect, sqlite_url
from trial.storage.keys import load_keys, missing_keys
from trial.storage.work import Store

# a folder on this machine costs nothing to look into
LOCAL_SECONDS = 5.0
# mails a minute: after an outage a day's mails leave over some minutes, and not all at once
USUAL_PACE = 600


def _networks(given: Any) -> Any:
    """Addresses and networks, with commas between."""
    return [ip_network(one.strip()) for one in given.split(",") if one.strip()] if isinstance(given, str) else given


def _return_address(given: str) -> str:
    if given and not return_addresses.fits(given):
        raise ValueError(f"write one plain address, name@domain, its name of at most {LONGEST_NAME} letters")
    return given


def _long_enough(given: SecretStr) -> SecretStr:
    if len(given.get_secret_value().encode()) < SHORTEST_SECRET:
        raise ValueError(f"it needs at least {SHORTEST_SECRET} characters, for instance of: openssl rand -hex 32")
    return given


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]


class Settings(BaseSettings):
    """Each field is the variable EQUIPOISE_<NAME>; a command's option overrules it, and an empty one counts as none."""

    # what is wrong is named without what was given: several of these hold a password
    model_config = SettingsConfigDict(
        env_prefix="EQUIPOISE_", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    home: Path = Field(default=Path("equipoise-home"), description="folder of database, keys and mailbox")
    database_url: str | None = Field(default=None, description="PostgreSQL or SQLite; default: SQLite in the home")
    broker_url: str | None = Field(default=None, description="Redis, for Celery workers; default: none, one process")
    smtp_url: str | None = Field(default=None, description="where mail leaves; default: the local mailbox")
    smtp_oauth: Path | None = Field(
        default=None, description="access tokens of the mail account; default: its password"
    )
    smtp_per_minute: int | None = Field(default=None, ge=0, description="most mails a minute; default: see `pace`")
    mail_from: str = Field(default="study@equipoise.example", description="the address that mails come from")
    bounces: Annotated[str, AfterValidator(_return_address)] = Field(
        default="", description="name@domain that mail comes back to, one address a mail; default: to the sender's"
    )
    inbound_secret: Annotated[SecretStr, AfterValidator(_long_enough)] | None = Field(
        default=None, description="with it mail may be handed over at /incoming/mail; default: it may not"
    )
    base_url: str = Field(default="http://127.0.0.1:8765", description="where participants reach the pages")
    desk_url: str = Field(default="http://127.0.0.1:8766", description="where the team reaches its pages")
    replies: Path | None = Field(default=None, description="maildir or mbox of replies; default: the local mailbox")
    imap_url: str | None = Field(default=None, description="mailbox of replies on an IMAP server; default: none")
    tls_certificate: Path | None = Field(default=None, description="certificate of `serve`; default: none, plain HTTP")
    tls_key: Path | None = Field(default=None, description="its private key")
    trusted_proxies: Networks = Field(default=(), description="whose X-Forwarded-For is believed; default: nobody's")
    durable: bool = Field(default=True, description="flush every commit to the disk; off in rehearsals")
    watchdog_seconds: float = Field(
        default=300.0, ge=0, description="after how long an idle worker ends itself; 0: never"
    )
    metrics: str | None = Field(default=None, description="host:port of metrics and health, inside only; default: none")
    tick_seconds: float = Field(default=15.0, description="how often beat wakes the workers")

    @property
    def database_file(self) -> Path:
        """Where the home's own database lies."""
        return self.home / "equipoise.sqlite"

    def database(self) -> str:
        """The database URL in use."""
        return self.database_url or sqlite_url(self.database_file)

    def store(self, *, read_only: bool = False) -> Store:
        """The database and the keys of this home; the keys are made where they are missing."""
        if not self.database_url:
            self.home.mkdir(parents=True, exist_ok=True)
        engine = connect(self.database(), durable=self.durable, read_only=read_only)
        keys = self.home / "keys"
        if (missing := missing_keys(keys)) and schema.holds_trials(engine):
            mend = "Put it back from a backup: what was sealed with it cannot be read without. No new one was made."
            raise BadInput([Problem(str(keys / name), None, None, "this key is missing.", mend) for name in missing])
        return Store(engine, load_keys(keys))

    def postman(self) -> Postman:
        """Who picks up what people write back, for the calling thread."""
        inbox: Inbox
        try:
            inbox = Imap(self.imap_url) if self.imap_url else inbox_at(self.replies) if self.replies else self._local()
        except ValueError as error:
            mend = "Use imaps://account:password@host[:port][/folder]."
            raise BadInput([Problem("EQUIPOISE_IMAP_URL", None, None, f"{error}.", mend)]) from None
        every = LOCAL_SECONDS if isinstance(inbox, LocalMailbox) else EVERY_SECONDS
        return Postman(inbox, self.mail_from, every, bounces=self.bounces)

    def _local(self) -> Inbox:
        return LocalMailbox(self.home / "mailbox")

    def tls(self) -> tuple[Path, Path] | None:
        """Certificate and key of the pages, or None where a proxy has them; BadInput for one of the two, or no file."""
        named = {"EQUIPOISE_TLS_CERTIFICATE": self.tls_certificate, "EQUIPOISE_TLS_KEY": self.tls_key}
        if not any(named.values()):
            return None
        for name, path in named.items():
            if path is None or not path.is_file():
                what = "is not set." if path is None else f"there is no file {path}."
                raise BadInput([Problem(name, None, None, what, "Name both, certificate and key, in PEM form.")])
        assert self.tls_certificate is not None
        assert self.tls_key is not None
        return self.tls_certificate, self.tls_key

    def metrics_address(self) -> tuple[str, int] | None:
        """Where metrics are read; None where nobody reads them."""
        if not self.metrics:
            return None
        host, _, port = self.metrics.rpartition(":")
        if not host or not (port.isascii() and port.isdigit() and len(port) < 6 and int(port) < 65536):
            mend = "Use host:port, for instance 127.0.0.1:9464."
            raise BadInput([Problem("EQUIPOISE_METRICS", None, None, "this is no host and port.", mend)])
        return host.strip("[]"), int(port)

    def patience(self) -> float:
        """For how many seconds worker and beat may do nothing before they are not ready: some ticks."""
        return max(4 * self.tick_seconds, 60.0)

    def tokens(self) -> Tokens | None:
        """The mail account's access tokens; None where it has a password."""
        return tokens_of(self.smtp_oauth) if self.smtp_oauth else None

    def sender(self) -> Sender:
        """A sender of its own for the calling thread."""
        if not self.smtp_url:
            raise Unavailable("A mail server", "EQUIPOISE_SMTP_URL", "none is named")
        # two containers may give their processes the same number
        owner = f"{os.getpid()}-{threading.get_ident()}-{secrets.token_hex(4)}"
        try:
            mailer = SmtpMailer(self.smtp_url, tokens=self.tokens())
        except ValueError:
            mend = "Use smtp://host:port, smtp+starttls://… or smtps://…"
            what = "this is no address of a mail server."
            raise BadInput([Problem("EQUIPOISE_SMTP_URL", None, None, what, mend)]) from None
        account, per_minute = self.pace()
        desk_url = self.desk_url.rstrip("/")
        return Sender(mailer, self.mail_from, owner, as_pdf, desk_url, account, per_minute, self.bounces)

    def pace(self) -> tuple[str, int]:
        """(account, most mails a minute; 0 for no limit). A server on this machine has no limit unless one is set."""
        server = server_of(self.smtp_url or "")
        usual = 0 if server.host in ("127.0.0.1", "localhost", "::1") else USUAL_PACE
        per_minute = usual if self.smtp_per_minute is None else self.smtp_per_minute
        return f"{server.account or ''}@{server.host}"[:200], per_minute
