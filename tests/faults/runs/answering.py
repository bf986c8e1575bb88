"""People who send in a questionnaire over HTTP while faults happen, and what was acknowledged to them."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape

import httpx
import sqlalchemy as sa

from tests.faults.runs import load
from trial.core.links import make_token
from trial.core.trial import Trial
from trial.storage.tables import answer_sheet, occasion
from trial.storage.tables_delivery import delivery
from trial.storage.work import Store

TIMEPOINT = "month_1"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"')
_RADIO = re.compile(r'<input type="radio" name="([^"]+)" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's questionnaire: its occasion and the token of its mail."""

    occasion: int
    token: str


def prepare(store: Store, trial: Trial, people: int, *, first: int) -> list[Visit]:
    """So many people more, whose questionnaire after a month is open now; none of their mails is due."""
    visits: list[Visit] = []
    for number in range(first, first + people):
        with store.open_work(load.OPERATOR) as work:
            person = load.enrol(work, trial, number)
            mine = occasion.c.participant_id == person.id, occasion.c.timepoint == TIMEPOINT
            open_now = {"opens_at": work.now - timedelta(minutes=1), "closes_at": work.now + timedelta(days=1)}
            work.rows.execute(sa.update(occasion).where(*mine).values(open_now))
            query = sa.select(delivery.c.id, delivery.c.occasion_id).join(occasion)
            row = work.rows.execute(query.where(*mine, delivery.c.reminder == 0)).one()
            visits.append(Visit(row.occasion_id, make_token(work.keys, row.id, 1)))
    return visits


class _Unexpected(Exception):
    """Another status than a person would go on from."""


@dataclass(slots=True)
class People:
    """Several at once, each visit tried again from its link until the answers were acknowledged."""

    address: str
    visits: list[Visit]
    pause: float
    acknowledged: list[int] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, at_once: int) -> None:
        shares = [self.visits[number::at_once] for number in range(at_once)]
        self._threads = [threading.Thread(target=self._all, args=(share,)) for share in shares]
        for one in self._threads:
            one.start()

    def join(self, seconds: float) -> None:
        """Wait until everybody is through."""
        deadline = time.monotonic() + seconds
        for one in self._threads:
            one.join(max(deadline - time.monotonic(), 0))
        self._ended.set()
        for one in self._threads:
            one.join()

    def _all(self, share: list[Visit]) -> None:
        for visit in share:
            while not self._ended.is_set():
                began = self._answered(visit)
                self._ended.wait(self.pause)
                if began:
                    break

    def _answered(self, visit: Visit) -> bool:
        """True when the application said that it has the answers."""
        try:
            with httpx.Client(base_url=self.address, timeout=30) as client:
                landing = self._ask(client, "GET", f"/go/{visit.token}", 200)
                self._ask(client, "POST", f"/go/{visit.token}", 303, _hidden(landing))
                page = self._ask(client, "GET", "/now", 200)
                self._ask(client, "POST", "/now", 303, _hidden(page) | dict(_RADIO.findall(page)))
        except httpx.HTTPError as error:
            self.met[type(error).__name__] += 1
            return False
        except _Unexpected as error:
            self.met[str(error)] += 1
            return False
        self.acknowledged.append(visit.occasion)
        return True

    def _ask(
        self, client: httpx.Client, method: str, path: str, expected: int, data: dict[str, str] | None = None
    ) -> str:
        found = client.request(method, path, data=data)
        if found.status_code != expected:
            raise _Unexpected(str(found.status_code))
        return found.text


def _hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _HIDDEN.findall(page)} | {"go_on": "yes"}


def kept(store: Store, occasions: list[int]) -> Counter[int]:
    """How many answer sheets there are of each of these occasions that count as done."""
    query = (
        sa.select(answer_sheet.c.occasion_id, sa.func.count().label("number"))
        .join(occasion, occasion.c.id == answer_sheet.c.occasion_id)
        .where(occasion.c.id.in_(occasions), occasion.c.done_at.is_not(None))
        .group_by(answer_sheet.c.occasion_id)
    )
    with store.engine.begin() as rows:
        return Counter({row.occasion_id: row.number for row in rows.execute(query)})
