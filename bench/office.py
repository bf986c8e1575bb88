"""django-post-office in an environment of its own, for the benchmarks that stand beside it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from bench.classic import Parts

PACKAGES = ("django-post-office", "psycopg[binary]")
# its own words for: more at once, one thread each, no log in the database
TUNED = {"BATCH_SIZE": 5000, "THREADS_PER_PROCESS": 1, "LOG_LEVEL": 0}


@dataclass(frozen=True, slots=True)
class Office:
    """The Python that has the package, and what to call it."""

    python: Path
    name: str

    def words(
        self, folder: Path, database_url: str, sink: str, parts: Parts, settings: dict[str, int]
    ) -> tuple[list[str], list[str]]:
        """(command that queues, without its number; command that sends) for this database and mail server."""
        address, server = make_url(database_url), urlsplit(sink)
        place = {"NAME": address.database, "USER": address.username, "HOST": address.host, "PORT": address.port}
        given = {"database": place, "host": server.hostname, "port": server.port, "parts": parts}
        file = folder / f"{address.database}.json"
        file.write_text(json.dumps(given | {"post_office": settings}), encoding="utf-8")
        script = [str(self.python), str(Path(__file__).with_name("with_post_office.py")), str(file)]
        return [*script, "queue"], [*script, "send"]


def installed(home: Path) -> Office | None:
    """Put it into a fresh environment; None, with the reason on the standard error, where it cannot be had."""
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    done = subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], capture_output=True, text=True)
    if done.returncode:
        print(f"without django-post-office: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    )
    version = re.search(r"django-post[-_]office==(\S+)", listed.stdout, re.IGNORECASE)
    return Office(python, f"django-post-office {version[1] if version else ''}".strip())


def run(words: list[str]) -> None:
    """One of its commands to the end; SystemExit with what it said where it fails."""
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"django-post-office: {done.stderr[-2000:]}")
