"""T12: everything is away for 36 hours, then comes back: what is stale is left out, the rest leaves at the pace."""

from __future__ import annotations

import smtplib
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import text

from tests.core.protocols import rewritten
from tests.faults.runs import people, senders
from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.hostile import Hostile, started_hostile
from tests.faults.runs.places import database
from tests.storage.stores import opened
from trial.core.links import make_message_id
from trial.mail.smtp import SmtpMailer
from trial.services.delivery import PACED, Sender
from trial.storage.work import Store
from workers.timetable import send_due

FOLDER = rewritten(
    ("days: [14]", "days: [1]"),
    ("after: 3 days, message: questionnaire_reminder}", "after: 12 hours, message: questionnaire_reminder}, "
     "{after: 1 day, message: questionnaire_reminder}"),
    ("{id: questionnaire, stream: questionnaires, latest: 2 days}",
     "{id: questionnaire, stream: questionnaires, latest: 3 days}"),
)  # fmt: skip
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Asia/Kolkata", "America/Los_Angeles",
)  # fmt: skip
OUTAGE = timedelta(hours=36)
BEGINS = people.START + timedelta(hours=9)
ENDS = BEGINS + OUTAGE
STEP, AFTERWARDS = timedelta(minutes=30), timedelta(hours=14)
DOMAIN = senders.FROM.partition("@")[2]


def zone_of(number: int) -> str:
    return ZONES[number % len(ZONES)]


@dataclass
class Steps:
    """Which moment of the trial each moment of the machine belonged to; and how much the pace's clock was moved."""

    began: list[float] = field(default_factory=list)
    pretend: list[datetime] = field(default_factory=list)
    moved: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])

    def at(self, moment: float) -> datetime:
        return self.pretend[bisect_right(self.began, moment) - 1]

    def machine(self, moment: float) -> float:
        """The moment on the pace's clock."""
        return moment + self.moved[bisect_right([one for one, _ in self.moved], moment) - 1][1]

    def begin(self, store: Store, moment: datetime) -> None:
        people.move(store, moment)
        self.began.append(time.monotonic())
        self.pretend.append(moment)


def do(given: SimpleNamespace, watch: Watch) -> Result:
    with database(watch, given.database) as url, opened(url) as store:
        people.gather(store, FOLDER, given.people, zone_of=zone_of)
        watch.say(f"{given.people} people are gathered; 36 hours go by")
        steps = Steps()
        steps.begin(store, ENDS)
        planned = _planned(store)
        late = [one for one in planned.values() if one.due_at <= ENDS]
        control = _control(watch, late)
        began = time.monotonic()
        with started_hostile(watch.folder) as hostile:
            drained = _send(given, store, url, hostile.url, steps, watch)
            found = Found(planned, _planned(store), hostile, steps)
        seconds = round(time.monotonic() - began, 1)
    peak = found.peak()
    bounds = {
        "lost 0": not found.lost(),
        "doubled 0": found.doubled() == 0,
        "past its latest useful time: skipped_late and not sent": found.stale_are_skipped(),
        "in quiet hours 0": found.at_night() == 0,
        "never two about the same at once": found.heaps() == 0,
        # between its leave to send and the witness a batch is in a sender's hands, and may take long there
        "peak of any minute at most the cap, and a batch in each sender's hands": peak
        <= given.per_minute + given.workers * PACED,
        "the naive control breaks each of these": all(
            (control["stale"], control["at_night"], control["heaps"], control["peak"] > given.per_minute)
        ),
    }
    states = Counter(f"{one.state} {one.reason or ''}".strip() for one in found.after.values())
    sent_at_once = sum(1 for one in found.kept if found.steps.at(one["at"]) == ENDS)
    words = (
        f"{len(late)} mails were due when it ended: {sent_at_once} left, the peak of any minute was {peak} where "
        f"{given.per_minute} were allowed; {states['skipped_late past_latest_useful_time']} were too late, "
        f"{states['skipped_late quiet_hours']} of no use after the night, "
        f"{states['skipped_late overtaken']} overtaken. At night 0. A naive queue sent {control['sent']} at once: "
        f"{control['stale']} stale, {control['at_night']} at night, {control['heaps']} people with a heap."
    )
    return Result(
        f"{given.people} people in {len(ZONES)} zones, {given.workers} senders, {_named(given.database)}.",
        {"outage of 36 hours": 1}, bounds, words, lost=len(found.lost()), doubled=found.doubled(), unknown=0,
        drain_s=drained,
        more={"due_at_the_end": len(late), "peak_per_minute": peak, "states": dict(states), "control": control,
              "seconds": seconds},
    )  # fmt: skip


def _named(kind: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]


def _send(given: SimpleNamespace, store: Store, url: str, smtp: str, steps: Steps, watch: Watch) -> float:
    """The recovery, then half an hour after half an hour; how long the recovery took."""
    began = time.monotonic()
    with ExitStack() as stack:
        if given.workers == 1:
            mailer = stack.enter_context(closing(SmtpMailer(smtp, timeout=5)))
            sender = Sender(mailer, senders.FROM, "alone", account="relay", per_minute=given.per_minute)

            def work() -> None:
                while senders.busy(store):
                    send_due(store.open_work, sender, lambda seconds: _earlier(store, seconds, steps))
        else:
            options = {"per_minute": given.per_minute}
            stack.enter_context(senders.senders(url, smtp, given.workers, processes=True, **options))

            def work() -> None:
                senders.until_idle(store)

        work()
        drained = time.monotonic() - began
        watch.say(f"what was due is done after {drained:.0f} s")
        moment = ENDS
        while moment < ENDS + AFTERWARDS:
            moment += STEP
            steps.begin(store, moment)
            senders.let_machine_time_pass(store)
            work()
    return round(drained, 1)


def _earlier(store: Store, seconds: float, steps: Steps) -> None:
    """As if so many seconds had gone by on the clock that the pace is counted by."""
    ago = {
        "sqlite": f"strftime('%Y-%m-%d %H:%M:%f', at, '-{seconds} seconds')",
        "postgresql": f"at - interval '{seconds} seconds'",
    }
    with store.engine.begin() as rows:
        rows.execute(text(f"update send_pace set at = {ago[store.engine.dialect.name]}"))
    steps.moved.append((time.monotonic(), steps.moved[-1][1] + seconds))


@dataclass(frozen=True)
class Row:
    """One planned mail."""

    id: int
    number: int
    address: str
    zone: str
    occasion_id: int | None
    due_at: datetime
    not_after: datetime
    state: str
    reason: str | None


def _planned(store: Store) -> dict[str, Row]:
    """Every planned mail, by its Message-ID."""
    query = text(
        "select d.id, d.participant_id, p.zone, d.occasion_id, d.due_at, d.not_after, d.state, d.reason "
        "from delivery d join participant p on p.id = d.participant_id order by d.id"
    )
    with senders.look(store) as rows:
        found = rows.execute(query).all()
    first = min(one.participant_id for one in found)
    return {
        make_message_id(store.keys.link, one.id, DOMAIN): Row(
            one.id, one.participant_id - first, people.address(one.participant_id - first), one.zone, one.occasion_id,
            _moment(one.due_at), _moment(one.not_after), one.state, one.reason,
        )
        for one in found
    }  # fmt: skip


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def at_night(moment: datetime, zone: str) -> bool:
    """From ten in the evening to seven in the morning, by the calendar's usual hours."""
    hour = moment.astimezone(ZoneInfo(zone)).hour
    return hour >= 22 or hour < 7


def peak_of(moments: Sequence[float]) -> int:
    """The most within any sixty seconds."""
    ordered, most, first = sorted(moments), 0, 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= 60:
            first += 1
        most = max(most, last - first + 1)
    return most


class Found:
    """What came of it: the plan before, the ledger after, and what the witness saw."""

    def __init__(self, before: dict[str, Row], after: dict[str, Row], hostile: Hostile, steps: Steps) -> None:
        self.before, self.after, self.steps = before, after, steps
        self.kept = hostile.events("kept")
        self.copies = Counter(one["id"] for one in self.kept)
        self.due = {one: row for one, row in before.items() if row.due_at <= ENDS + AFTERWARDS}

    def lost(self) -> list[str]:
        """Neither at the witness nor ended for a reason."""
        return [
            one for one in self.due
            if not self.copies[one] and self.after[one].state not in ("skipped_late", "suppressed", "retry")
        ] + [one for one in self.copies if one not in self.before]  # fmt: skip

    def doubled(self) -> int:
        return sum(number - 1 for number in self.copies.values())

    def stale_are_skipped(self) -> bool:
        stale = [one for one, row in self.before.items() if row.not_after < ENDS]
        return bool(stale) and all(
            self.after[one].state in ("skipped_late", "suppressed") and not self.copies[one] for one in stale
        )

    def at_night(self) -> int:
        return sum(at_night(self.steps.at(one["at"]), self.before[one["id"]].zone) for one in self.kept)

    def heaps(self) -> int:
        about = Counter((self.before[one["id"]].occasion_id, self.steps.at(one["at"])) for one in self.kept)
        return sum(number > 1 for number in about.values())

    def peak(self) -> int:
        return peak_of([self.steps.machine(one["at"]) for one in self.kept])


def _control(watch: Watch, late: Sequence[Row]) -> dict[str, int]:
    """A queue that kept everything and hands it out when it is back."""
    with started_hostile(watch.folder, "control") as hostile:
        server = urlsplit(hostile.url)
        with smtplib.SMTP(server.hostname or "", server.port or 0, "[127.0.0.1]") as connection:
            for row in late:
                connection.sendmail("naive@x.example", [row.address], f"Message-ID: <{row.id}@naive>\r\n\r\nHello\r\n")
        kept = hostile.events("kept")
    sent = {f"<{row.id}@naive>": row for row in late}
    rows = [sent[one["id"]] for one in kept]
    about: defaultdict[int, set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        about[row.occasion_id or -number].add(row.id)
    heaps = {row.address for row in rows if len(about.get(row.occasion_id or 0, ())) > 1}
    return {
        "sent": len(rows),
        "stale": sum(row.not_after < ENDS for row in rows),
        "at_night": sum(at_night(ENDS, row.zone) for row in rows),
        "heaps": len(heaps),
        "peak": peak_of([one["at"] for one in kept]),
    }


RUN = Run(
    "T12",
    "After 36 hours without anything, what is past its latest useful time is skipped, the rest leaves at the account's "
    "pace, nobody is written to at night, and nobody gets two mails about the same at once.",
    {
        "short": {"people": 28, "database": "sqlite", "workers": 1, "per_minute": 30},
        "postgresql": {"people": 1500, "database": "postgresql", "workers": 3, "per_minute": 600},
    },
    do,
)
