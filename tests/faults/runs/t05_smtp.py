"""T5: a mail server that drops, defers, refuses, hangs and breaks its encryption, in the middle of a wave of mails."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text

from tests.faults.runs import certificates, people, senders
from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.hostile import FATES, Hostile, started_hostile
from tests.faults.runs.places import database
from tests.storage.stores import opened
from trial.mail.bounces import pause_before
from trial.storage.work import Store

SHARES = {
    "dropped_kept": 0.01,
    "dropped_lost": 0.01,
    "deferred": 0.05,
    "refused": 0.01,
    "hung_up": 0.01,
    "tarpit": 0.002,
}
DROPPED = ("dropped_kept", "dropped_lost")
MOST_PASSES = 12
WAVES = {"evening": "hold", "evening_reminder": "send_once_more"}
TRIES_OF_THE_CONTROL = 3


def do(given: SimpleNamespace, watch: Watch) -> Result:
    """Half of the mails under `in_doubt: hold`, the other half, two hours later, under `send_once_more`."""
    number = given.mails // 2
    certificate = str(certificates.self_signed(watch.folder))
    shares = {fate: share * given.times for fate, share in SHARES.items()}
    sink = {
        "shares": shares, "tarpit": given.tarpit, "hang": given.connections, "breaks": given.connections,
        "certificate": certificate,
    }  # fmt: skip
    bounds: dict[str, bool] = {}
    more: dict[str, Any] = {}
    faults: Counter[str] = Counter()
    with database(watch, "postgresql") as url, opened(url) as store:
        people.gather(store, people.HELD_OR_ONCE_MORE, number)
        addresses = [people.address(one) for one in range(number)]
        watch.say(f"{number} people are gathered")
        lost = doubled = unknown = 0
        began = time.monotonic()
        for hours, (message, policy) in zip((10, 12), WAVES.items(), strict=True):
            seed = watch.chance.seed * 10 + hours
            with started_hostile(watch.folder, message, seed=seed, **sink) as hostile:
                people.move(store, people.START + timedelta(days=1, hours=hours))
                options = {"timeout": given.patience, "certificate": certificate}
                with senders.senders(url, hostile.url, given.workers, processes=given.processes > 0, **options):
                    off = _to_the_end(store, watch)
                wave = Wave(store, hostile, message, addresses)
                watch.say(f"{policy}: {wave.table}")
                lost, doubled, unknown = lost + len(wave.lost), doubled + wave.doubled, unknown + len(wave.unknown)
                faults += Counter(one["what"] for one in hostile.events("banner_hang", "tls_broken"))
                faults += Counter(wave.fates[one] for one in wave.planned if wave.fates[one] != "usual")
                bounds |= wave.bounds(policy)
                bounds[f"{policy}: a wait is that of the schedule"] = off < timedelta(seconds=given.slack)
                more[policy] = wave.table
        seconds = time.monotonic() - began
    more["control"] = control = _control(watch, sink | {"hang": 0.0}, given.control)
    bounds["lost 0"] = lost == 0
    bounds["the naive control doubles mails"] = control["doubled"] > 0
    words = (
        f"Lost {lost}, doubled {doubled}, unknown {unknown}. A naive sender that tries again after any error doubled "
        f"{control['doubled']} of {control['mails']}. {_as_words(more)}"
    )
    return Result(
        f"{given.mails} mails, {given.workers} senders, PostgreSQL.", dict(faults), bounds, words, lost=lost,
        doubled=doubled, unknown=unknown, drain_s=round(seconds, 1), more=more,
    )  # fmt: skip


def _to_the_end(store: Store, watch: Watch) -> timedelta:
    """Let the senders work, and the machine's time pass, until nothing waits; how far a wait was off its schedule."""
    off = timedelta()
    for _ in range(MOST_PASSES):
        senders.until_idle(store)
        with senders.look(store) as rows:
            waits = rows.execute(
                text("select deferrals, doubts, retry_from - clock_timestamp() from delivery where state = 'retry'")
            ).all()
        for deferrals, doubts, wait in waits:
            due = timedelta(minutes=15) if doubts else pause_before(deferrals)
            off = max(off, due - wait if wait < due else timedelta(days=1))
        if not waits:
            return off
        senders.let_machine_time_pass(store)
    raise AssertionError("mails were still tried again at the end")


class Wave:
    """What became of the mails of one message: the sink's word beside the ledger's."""

    def __init__(self, store: Store, hostile: Hostile, message: str, addresses: Sequence[str]) -> None:
        query = (
            "select participant_id, state, attempt, doubts, reason from delivery where message = :message order by id"
        )
        with senders.look(store) as rows:
            found = rows.execute(text(query + " limit :n"), {"message": message, "n": 10**6}).all()
        first: dict[int, Any] = {}
        for row in found:
            first.setdefault(row.participant_id, row)
        self.rows = dict(zip(addresses, (first[person] for person in sorted(first)), strict=True))
        # whose address is known to be dead from the wave before is not written to
        self.planned = [one for one, row in self.rows.items() if row.reason != "address_bounced"]
        self.fates = {one: hostile.given.fate(one) for one in addresses}
        self.table: dict[str, dict[str, int]] = {}
        for one in self.planned:
            cell = self.table.setdefault(self.fates[one], {})
            cell[self.rows[one].state] = cell.get(self.rows[one].state, 0) + 1
        self.kept = Counter(one["to"] for one in hostile.events("kept", "dropped_kept"))
        self.ids: dict[str, set[str]] = {}
        for one in hostile.events("kept", *DROPPED):
            self.ids.setdefault(one["to"], set()).add(one["id"])
        self.refused = Counter(one["to"] for one in hostile.events("refused"))
        self.unknown = {one for one in self.planned if self.rows[one].state == "unknown"}
        ended = {one for one in self.planned if self.rows[one].state in ("bounced", "unknown")}
        self.lost = [one for one in self.planned if not self.kept[one] and one not in ended]

    @property
    def doubled(self) -> int:
        return sum(number - 1 for number in self.kept.values() if number > 1)

    def of(self, *fates: str) -> set[str]:
        return {one for one in self.planned if self.fates[one] in fates}

    def bounds(self, policy: str) -> dict[str, bool]:
        dropped = self.of(*DROPPED)
        good = self.of("usual", "deferred", "hung_up", "tarpit")
        found = {
            "4xx and 421 all arrive in the end": all(self.kept[one] == 1 for one in good),
            "5xx tried once and bounced": all(
                self.refused[one] == 1 and self.rows[one].state == "bounced" for one in self.of("refused")
            ),
            "each copy of a mail has the same Message-ID": all(len(ids) == 1 for ids in self.ids.values()),
        }
        if policy == "hold":
            found["unknown is exactly the dropped set"] = self.unknown == dropped
            found["doubled 0"] = self.doubled == 0
        else:
            once_more = {one for one in self.planned if self.rows[one].doubts}
            found["in doubt was exactly the dropped set, and nothing is unknown"] = (
                once_more == dropped and not self.unknown
            )
            found["doubled at most the dropped"] = self.doubled <= len(dropped)
        return {f"{policy}: {sentence}": true for sentence, true in found.items()}


def _control(watch: Watch, sink: Mapping[str, Any], mails: int) -> dict[str, int]:
    """What everybody writes first: a mail that raised is tried again."""
    shares = {"dropped_kept": 0.2, "dropped_lost": 0.2}
    with started_hostile(watch.folder, "control", seed=watch.chance.seed, **{**sink, "shares": shares}) as hostile:
        server = urlsplit(hostile.url)
        tls = ssl.create_default_context(cafile=str(sink["certificate"]))
        for number in range(mails):
            for _ in range(TRIES_OF_THE_CONTROL):
                with suppress(OSError, smtplib.SMTPException):
                    with smtplib.SMTP(server.hostname or "", server.port or 0, "[127.0.0.1]", timeout=5) as connection:
                        connection.starttls(context=tls)
                        words = f"Message-ID: <{number}@naive>\r\n\r\nHello\r\n"
                        connection.sendmail("naive@x.example", [people.address(number)], words)
                    break
        kept = Counter(one["id"] for one in hostile.events("kept", "dropped_kept"))
    return {"mails": mails, "doubled": sum(number - 1 for number in kept.values())}


def _as_words(more: Mapping[str, Any]) -> str:
    found = []
    for policy in WAVES.values():
        cells = [
            f"{fate.replace('_', ' ')} → "
            + ", ".join(f"{number} {state}" for state, number in more[policy][fate].items())
            for fate in ("usual", *FATES)
            if fate in more[policy]
        ]
        found.append(f"`{policy}`: {'; '.join(cells)}.")
    return " ".join(found)


RUN = Run(
    "T5",
    "A mail server that breaks off, defers, refuses and hangs loses no mail: deferred ones are tried again by the "
    "schedule, refused ones never, and in doubt is exactly what was cut off in the middle.",
    {
        "short": {
            "mails": 80, "times": 6.0, "workers": 2, "processes": 0, "tarpit": 0.1, "patience": 3.0,
            "connections": 1e-9, "slack": 600.0,
            "control": 20,
        },
        "mixed": {
            "mails": 5000, "times": 1.0, "workers": 4, "processes": 1, "tarpit": 20.0, "patience": 30.0,
            "connections": 0.03, "slack": 900.0,
            "control": 400,
        },
    },
    do,
)  # fmt: skip
