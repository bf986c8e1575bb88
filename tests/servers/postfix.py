"""A Postfix of ours: its own configuration, queue and data in a temporary folder, and one high port of loopback.

Nothing of a Postfix of the system is read, written or started: not /etc/postfix, not its queue, not port 25. Its master
gives up root for each of its daemons, and so can only be started by root: where we are not, `why_not()` says so.
"""

import os
import pwd
import shutil
import smtplib
from collections.abc import Mapping
from pathlib import Path

from tests.servers.postgres import open_to_others
from tests.servers.process import Server

OWNER = "postfix"
# Debian's and Fedora's places
PROGRAMS = (Path("/usr/lib/postfix/sbin"), Path("/usr/libexec/postfix"), Path("/usr/lib/postfix"))
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "public",
          "maildrop", "saved", "trace")  # fmt: skip
# every service that a mail comes by: name, kind, may it leave its own account, wake-up, most processes, program
SERVICES = """
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def programs() -> Path | None:
    """Return the folder of Postfix's daemons, if it is installed."""
    return next((one for one in PROGRAMS if (one / "master").exists()), None)


def why_not() -> str | None:
    """Say why no Postfix can run here; where the set-up script would have installed one, its absence is an error."""
    if os.geteuid() != 0:
        return "Postfix starts as root alone, and gives it up for each of its daemons; we are not root"
    if programs() is not None:
        return None
    if shutil.which("apt-get") is None or Path("/usr/sbin/sendmail").exists():
        return "Postfix is not installed, and .ci/setup does not install it beside another mail server or without apt"
    raise RuntimeError("no Postfix here: run 'bash .ci/setup --tests', or install postfix")


class PostfixServer(Server):
    """Takes mail to any address of its domains, and finds out later which it can deliver: so bounces come by mail.

    `boxes` are the addresses that have a maildir, and its name; `transports` what becomes of other addresses (a line of
    transport(5) each); `agents` commands that a mail is given to, by the name that a transport has. `forgets`: the
    Message-ID of what comes in is replaced, as some relays do.
    """

    name = "postfix"

    def __init__(
        self,
        *,
        boxes: Mapping[str, str],
        transports: Mapping[str, str] | None = None,
        agents: Mapping[str, str] | None = None,
        forgets: bool = False,
    ) -> None:
        super().__init__()
        self.boxes, self.transports, self.agents = boxes, transports or {}, agents or {}
        self.forgets = forgets
        self.conf, self.mail = self.folder / "conf", self.folder / "mail"
        self._make_folders()

    def _make_folders(self) -> None:
        self.folder.chmod(0o755)
        if not open_to_others(self.folder):
            raise RuntimeError(f"{self.folder} is closed to other accounts: set TMPDIR to an open folder")
        owner, nobody = pwd.getpwnam(OWNER), pwd.getpwnam("nobody")
        for folder in (self.conf, self.mail, self.folder / "data", self.folder / "queue" / "pid"):
            folder.mkdir(parents=True)
        os.chown(self.folder / "data", owner.pw_uid, owner.pw_gid)
        for name in QUEUES:
            (self.folder / "queue" / name).mkdir(mode=0o700)
            os.chown(self.folder / "queue" / name, owner.pw_uid, owner.pw_gid)
        os.chown(self.mail, nobody.pw_uid, nobody.pw_gid)

    def box(self, name: str) -> Path:
        """Return a maildir, where one was delivered to."""
        return self.mail / name

    def arrived(self, name: str) -> list[Path]:
        """Return what lies unread in a maildir."""
        new = self.box(name) / "new"
        return sorted(new.iterdir()) if new.is_dir() else []

    def argv(self) -> list[str]:
        """Return the command line of its master, which stays in the foreground; the configuration names the port."""
        self._configure()
        daemons = programs()
        assert daemons is not None
        return [str(daemons / "master"), "-c", str(self.conf), "-d"]

    def _configure(self) -> None:
        nobody = pwd.getpwnam("nobody")
        domains = sorted({address.partition("@")[2] for address in [*self.boxes, *self.transports]})
        settings = {
            "compatibility_level": "3.6",
            "config_directory": self.conf,
            "queue_directory": self.folder / "queue",
            "data_directory": self.folder / "data",
            "maillog_file": self.folder / "maillog",
            "maillog_file_prefixes": self.folder,
            "myhostname": "relay.example",
            "mydestination": "",
            "alias_maps": "",
            "local_recipient_maps": "",
            "inet_interfaces": "loopback-only",
            "inet_protocols": "ipv4",
            "mynetworks": "127.0.0.0/8",
            "relayhost": "[127.0.0.1]:1",  # nothing ever leaves this machine
            "virtual_mailbox_domains": ", ".join(domains),
            "virtual_mailbox_base": self.mail,
            "virtual_mailbox_maps": _table({address: f"{name}/" for address, name in self.boxes.items()}),
            "virtual_uid_maps": f"static:{nobody.pw_uid}",
            "virtual_gid_maps": f"static:{nobody.pw_gid}",
            "transport_maps": _table(self.transports),
            "recipient_delimiter": "+",
            "smtpd_reject_unlisted_recipient": "no",  # taken first, and bounced by mail
            "smtpd_recipient_restrictions": "permit_mynetworks, reject",
            "minimal_backoff_time": "1s",
            "maximal_backoff_time": "1s",
            "queue_run_delay": "1s",
            "delay_warning_time": "1s",
        }
        if self.forgets:
            (self.conf / "header_checks").write_text("/^Message-ID:/ IGNORE\n")
            settings["header_checks"] = f"regexp:{self.conf / 'header_checks'}"
        lines = [f"127.0.0.1:{self.port} inet n - n - - smtpd", SERVICES.strip()]
        for name, command in self.agents.items():
            settings[f"{name}_destination_recipient_limit"] = "1"
            lines.append(f"{name} unix - n n - - pipe flags=DORhu user=nobody argv={command}")
        (self.conf / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
        (self.conf / "master.cf").write_text("\n".join(lines) + "\n")

    def answers(self) -> bool:
        """Say whether it greets."""
        try:
            with smtplib.SMTP("127.0.0.1", self.port, local_hostname="localhost", timeout=2) as client:
                return client.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def last_words(self, lines: int = 25) -> str:
        """Return the end of its own log, and of what it said before it had one."""
        log = self.folder / "maillog"
        own = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
        return "\n".join([super().last_words(lines), *own])

    @property
    def url(self) -> str:
        """Return the address for mail."""
        return f"smtp://127.0.0.1:{self.port}"


def _table(rows: Mapping[str, str]) -> str:
    """A lookup table that needs no file."""
    return f"inline:{{ {', '.join(f'{{ {key}={value} }}' for key, value in rows.items())} }}" if rows else ""


def place_script(folder: Path, name: str, text: str) -> Path:
    """Write a delivery agent that the account nobody may run."""
    folder.mkdir(mode=0o755, exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def python() -> str:
    """Return an interpreter that any account may run; ours may lie in a private home."""
    found = shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin")
    if found is None:
        raise RuntimeError("no python3 in /usr/bin or /usr/local/bin, which a delivery agent needs")
    return found
