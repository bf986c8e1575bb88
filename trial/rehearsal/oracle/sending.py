"""Whether a mail was to leave at a moment: the reasons against it, the first one first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trial.rehearsal.oracle import clock, rules
from trial.rehearsal.oracle.planned import LAST, Promise

if TYPE_CHECKING:
    from trial.rehearsal.oracle.life import Life

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def send(life: Life, mail: Promise, now: datetime) -> None:
    """Look at one mail that has fallen due, and write down what was to become of it."""
    mail.looked_at = True
    if reason := _against(life, mail):
        _end(mail, *reason, now)
    elif not _rules_hold(life, mail, now):
        _end(mail, "suppressed", "condition_not_met", now)
    elif life.fewer and mail.key[3] > 0 and not mail.last_reminder and mail.window is not None:
        _end(mail, "suppressed", "fewer_reminders", now)
    elif mail.stream != "service" and life.paused_until is not None and now < life.paused_until:
        _wait_for_the_pause(life, mail, life.paused_until, now)
    else:
        _by_the_clock(life, mail, now)


def _against(life: Life, mail: Promise) -> tuple[str, str] | None:
    """What the person or the trial has decided, or has been done already."""
    last = mail.key[0] == LAST
    window = mail.window
    if life.trial_over and not last:
        return "suppressed", "trial_over"
    if life.trial_paused:
        return "held", "trial_paused"
    if (last and life.stopped == "everything") or not life.takes(mail.stream):
        return "suppressed", "stopped"
    if life.suspended:
        return "held", "asked_to_stop"
    if window is None:
        return None
    if window.done:
        return "suppressed", "already_answered"
    if window.activity in life.muted:
        return "suppressed", "muted"
    return ("suppressed", "passed_over") if window.passed_over else None


def _rules_hold(life: Life, mail: Promise, now: datetime) -> bool:
    if mail.window is None:
        return True
    activity = life.planner.activities[mail.window.activity]
    wanted = [life.planner.messages[mail.key[0]]["only_if"], activity["only_if"]]
    written = [one for one in wanted if one]
    if not written:
        return True
    if any(not one.readable for one in life.sheets):
        mail.unsure = "the answers that its rule speaks of were taken back"
    known = life.known(mail.window.activity, now)
    return all(rules.holds(one, known) for one in written)


def _wait_for_the_pause(life: Life, mail: Promise, until: datetime, now: datetime) -> None:
    """A questionnaire's mail waits where its window is open afterwards, one of them; all others are left out."""
    window = mail.window
    others = [one for one in life.promises if one.window is window and one is not mail]
    waits = any(one.end == "retry" and one.reason == "paused" for one in others)
    if mail.stream != "questionnaires" or window is None or until >= window.closes or waits:
        _end(mail, "suppressed", "paused", now)
        return
    mail.latest = until + (mail.latest - mail.due)
    mail.due, mail.end, mail.reason = until, "retry", "paused"


def _by_the_clock(life: Life, mail: Promise, now: datetime) -> None:
    window = mail.window
    if life.bounced:
        return _end(mail, "suppressed", "address_bounced", now)
    if window is not None and now >= window.closes:
        return _end(mail, "suppressed", "window_closed", now)
    if now > mail.latest:
        return _end(mail, "skipped_late", "past_latest_useful_time", now)
    if window is not None and window.left is not None and window.left >= mail.due:
        return _end(mail, "skipped_late", "overtaken", now)
    quiet = life.planner.protocol["calendar"]
    morning = clock.morning_after_quiet(now, quiet["quiet_from"], quiet["quiet_until"], life.zone)
    if morning is not None and not (mail.at_once and now - mail.due < HOUR):
        if morning > mail.latest:
            return _end(mail, "skipped_late", "quiet_hours", now)
        mail.due, mail.end, mail.reason = morning, "retry", "quiet_hours"
        return None
    if mail.key[0] == LAST and (later := _not_over(life, now)):
        mail.latest = later + (mail.latest - mail.due)
        mail.due, mail.end = later, "planned"
        mail.looked_at = False
        return None
    return _leave(life, mail, now)


def _not_over(life: Life, now: datetime) -> datetime | None:
    """Until when the last mail waits, because something may still come; None where it may leave."""
    if life.stands in ("recruitment_closed", "refused"):
        return None
    if life.stands == "held" and not life.closed and life.stopped != "everything":
        return now + DAY
    over = life.last_window_over(now)
    return over if over is not None and over > now else None


def _leave(life: Life, mail: Promise, now: datetime) -> None:
    if now in life.refused_at:
        _end(mail, "bounced", "address_refused", now)
        return
    _end(mail, "accepted", None, now)
    if mail.window is not None:
        mail.window.left = now


def _end(mail: Promise, end: str, reason: str | None, now: datetime) -> None:
    mail.end, mail.reason, mail.at = end, reason, now
