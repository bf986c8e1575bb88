"""Samples of how mails go: a trial with an outage, one with nothing yet, and a person's mails that went every way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from tests.web.desk_place import Team
from tests.web.place import SLUG, Reply
from trial.core import contact_words
from trial.core.access import Role
from trial.core.delivery import IN_DOUBT, LINK_USED, RESTORED, ContactState
from trial.services import delivery_status, delivery_story
from trial.services.delivery_status import HourLine, Sending
from trial.services.delivery_story import Story, Told
from trial.storage.sending import Late
from trial.storage.work import Work

S = ContactState
NOW = datetime(2026, 3, 5, 18, 20, tzinfo=UTC)
SENT = ((S.ACCEPTED, None), (S.ACCEPTED, LINK_USED), (S.SUPPRESSED, "already_answered"), (S.RETRY, "deferred"),
        (S.BOUNCED, "address_refused"), (S.FAILED, "refused"), (S.UNKNOWN, IN_DOUBT), (S.HELD, RESTORED),
        (S.SKIPPED_LATE, "past_latest_useful_time"), (S.PLANNED, None))  # fmt: skip


def _lines() -> tuple[HourLine, ...]:
    """Two days of evenings and mornings; on the last evening the worker stood still."""
    lines = []
    for hour in range(-48, 25):
        at = NOW.replace(minute=0) + timedelta(hours=hour)
        if at.hour in (16, 17, 18):
            usual = {"sent": 40, "not wanted": 6, "came back": 1}
            outage = {"sent": 12, "due": 28, "in doubt": 2, "failed": 1, "held": 3}
            said = {"planned": 44} if hour > 0 else outage if hour in (-1, 0) else usual
            lines.append(HourLine(at, "evening", said))
        if at.hour in (7, 8):
            lines.append(
                HourLine(at, "questionnaire_reminder", {"planned": 9} if hour > 0 else {"sent": 7, "too late": 2})
            )
        if at.hour % 5 == 0 and hour <= 0:
            lines.append(HourLine(at, "A code that the person asked for", {"sent": 1}))
    return tuple(lines)


def outage(team: Team) -> Reply:
    """Nobody has sent for an hour and a half."""
    late = Late(NOW - timedelta(hours=1, minutes=20), 56, 0)

    def found(work: Work, slug: str, **hours: int) -> Sending:
        return replace(
            _real(work, slug, **hours), now=NOW, lines=_lines(), late=late, held=6, in_doubt=4, worker_lives=False,
            looked=timedelta(hours=1, minutes=31), leaves_out=True,
        )  # fmt: skip

    with patch.object(delivery_status, "sending_of", found):
        return Paced(team).get(Role.COORDINATOR)


class Paced:
    """A desk whose mail account has a pace."""

    def __init__(self, team: Team) -> None:
        self.team = team

    def get(self, role: Role) -> Reply:
        browser = self.team.visitor(role)
        app, self.team.app = self.team.app, self.team.application(per_minute=600)
        try:
            other = self.team.stranger()
            other.cookies.update(browser.cookies)
            return other.get(f"/{SLUG}/delivery")
        finally:
            self.team.app = app


_real = delivery_status.sending_of


def nothing(team: Team) -> Reply:
    """Nothing was planned, nobody looked yet."""

    def found(work: Work, slug: str, **hours: int) -> Sending:
        return replace(_real(work, slug, **hours), lines=(), late=Late(None, 0, 0), looked=None, worker_lives=False)

    with patch.object(delivery_status, "sending_of", found):
        return team.visitor(Role.STATISTICIAN).get(f"/{SLUG}/delivery")


def every_way(team: Team) -> Reply:
    """A person's mails, one in each state."""
    told = []
    for number, (state, reason) in enumerate(SENT):
        due = NOW + timedelta(days=number - 8)
        ended = due + timedelta(minutes=number * 7) if state not in (S.PLANNED, S.RETRY) else None
        said = (
            "250 2.0.0 Ok: queued as 4X" if state is S.ACCEPTED else "450 4.2.0 Greylisted" if state is S.RETRY else ""
        )
        why = contact_words.REASONS.get(reason or "", "")
        told.append(Told(f"Evening {number + 1}", f"day {number + 1}, 18:00", due, ended, contact_words.STATES[state],
                         why, 1 + number % 3, said, timedelta(minutes=14) if state is S.RETRY else None))  # fmt: skip

    def found(work: Work, slug: str, code: str) -> Story:
        return Story(code, "Europe/Berlin", NOW, tuple(told), leaves_out=True)

    with patch.object(delivery_story, "explain", found):
        return team.visitor(Role.COORDINATOR).get(f"/{SLUG}/participants/EQ-7H3K-9M/mails")


SAMPLES: dict[str, Callable[[Team], Reply]] = {
    "desk-delivery-outage": outage,
    "desk-delivery-nothing": nothing,
    "desk-participants-story": every_way,
}
