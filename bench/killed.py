"""What others lose and double when they are killed: the ways of bench.throughput under the kills of fault run T1.

    python -m bench.killed [--mails 4000] [--every 2] [--kills 15]

- two scripts: one of the two is killed once, in the middle of its half, and nobody knows what it had sent
- django-post-office, tuned and as it comes: `send_queued_mail --processes 2` is killed with its processes and started
  again, as a supervisor does, every so many seconds

The mailbox is the witness: copies of each mail by its recipient. Ours is `python -m tests.faults T1`, one Celery task
per mail is `T2`; their rows stand in docs/reliability.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from bench import office
from bench.classic import Parts, parts_of
from bench.delivery import specimen_mail
from bench.saying import say
from bench.throughput import script
from tests.servers.postgres import PostgresServer
from trial.mail.mailbox import MailboxServer, started_mailbox

PATIENCE = 120.0
_TO = re.compile(rb"(?im)^to:.*?p(\d{5})@")


@dataclass(frozen=True, slots=True)
class Kills:
    """How often, and after how many seconds each."""

    number: int
    every: float


def main() -> None:
    """Each way by itself, its mailbox counted at the end."""
    parser = argparse.ArgumentParser(prog="python -m bench.killed", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mails", type=int, default=4000)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two kills")
    parser.add_argument("--kills", type=int, default=15)
    given = parser.parse_args()
    kills = Kills(given.kills, given.every)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        with specimen_mail() as specimen:
            parts = parts_of(specimen)
        _say("two scripts", given.mails, *_counted(folder / "scripts", lambda box: _scripts(parts, given.mails, box)))
        post = office.installed(folder / "post_office")
        if post is None:
            return
        database = stack.enter_context(PostgresServer(durable=True))
        for name, settings in {"as_it_comes": {}, "tuned": office.TUNED}.items():
            url = database.create_database(name)

            def act(box: MailboxServer, url: str = url, settings: dict[str, int] = settings) -> int:
                queue, sends = post.words(folder, url, box.url, parts, settings)
                office.run([*queue, str(given.mails)])
                return _again_and_again(sends, box, given.mails, kills)

            _say(f"{post.name}, {name.replace('_', ' ')}", given.mails, *_counted(folder / name, act))


def _counted(folder: Path, act: Callable[[MailboxServer], int]) -> tuple[int, Counter[int]]:
    """(kills, copies of each mail)."""
    with started_mailbox(folder) as box:
        kills = act(box)
        found = (_TO.search(path.read_bytes()) for path in box.directory.glob("*.eml"))
        return kills, Counter(int(one[1]) for one in found if one)


def _arrived(box: MailboxServer) -> int:
    return sum(1 for _ in box.directory.glob("*.eml"))


def _scripts(parts: Parts, mails: int, box: MailboxServer) -> int:
    halves = (range(mails // 2), range(mails // 2, mails))
    processes = [multiprocessing.Process(target=script, args=(parts, half, box.url)) for half in halves]
    for one in processes:
        one.start()
    while _arrived(box) < mails // 2:
        time.sleep(0.02)
    processes[0].kill()
    for one in processes:
        one.join()
    return 1


def _again_and_again(words: list[str], box: MailboxServer, mails: int, kills: Kills) -> int:
    """Killed with everything that it started, and started again; then left alone until nothing more comes."""
    done = 0
    while done < kills.number and _arrived(box) < mails:
        with subprocess.Popen(
            words, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as one:
            with suppress(subprocess.TimeoutExpired):
                one.wait(kills.every)
            if one.returncode is None:
                os.killpg(one.pid, signal.SIGKILL)
                done += 1
    subprocess.run(words, capture_output=True, timeout=PATIENCE, check=False)
    return done


def _say(way: str, mails: int, kills: int, copies: Counter[int]) -> None:
    lost, doubled = mails - len(copies), sum(copies.values()) - len(copies)
    most = max(copies.values(), default=0)
    figures = {"way": way, "mails": mails, "kills": kills, "lost": lost, "doubled": doubled, "most": most}
    each = f"{doubled / kills:.1f}" if kills else "none"
    told = f"{lost} lost, {doubled} doubled ({each} for each kill, at most {most} copies)"
    say("killed", figures, f"{way}, {mails} mails, killed {kills} times: {told}.")


if __name__ == "__main__":
    main()
