"""What should have been sent to whom and when, worked out anew from the protocol's file and what people did."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.system.evidence import Evidence, Row

LAST_MAIL = "own:study_over"
Key = tuple[str, str, str, int, int]  # message, stream, timepoint, occurrence, reminder


@dataclass(frozen=True, slots=True)
class Planned:
    """When a mail is due, until when it is worth sending, and the window that it speaks of."""

    due: datetime
    latest: datetime
    opens: datetime
    closes: datetime


def at_the_clock(day: date, clock: str, zone: str) -> datetime:
    """The instant of a wall-clock time on a local day (no clock change falls on these hours of the evening)."""
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def after(moment: datetime, length: str, zone: str) -> datetime:
    """`3 days`: the same wall clock three dates later. `2 hours`: so much time later."""
    number, unit = length.split()
    if unit.startswith("day"):
        local = moment.astimezone(ZoneInfo(zone))
        return at_the_clock(local.date() + timedelta(days=int(number)), f"{local:%H:%M}", zone)
    assert unit.startswith("hour"), length
    return moment + timedelta(hours=int(number))


def for_arm(protocol: dict[str, Any], point: dict[str, Any], arm: str) -> list[str]:
    """The activities of an arm at a timepoint."""
    activities = {one["id"]: one for one in protocol["activities"]}
    return [one for one in point["activities"] if arm in activities[one].get("arms", [arm])]


def schedule(protocol: dict[str, Any], randomized_at: datetime, zone: str, arm: str) -> dict[Key, Planned]:
    """Every mail after randomisation that the protocol promises to one person."""
    messages = {one["id"]: one for one in protocol["messages"]}
    first = randomized_at.astimezone(ZoneInfo(zone)).date()
    planned: dict[Key, Planned] = {}
    for point in protocol["timepoints"]:
        if point.get("anchor") == "consent" or not for_arm(protocol, point, arm):
            continue
        for occurrence, day in enumerate(sorted(point["days"]), start=1):
            opens = at_the_clock(first + timedelta(days=day), point["time"], zone)
            closes = after(opens, point["closes_after"], zone)
            mails = [(point["invitation"], opens)]
            mails += [(one["message"], after(opens, one["after"], zone)) for one in point.get("reminders", [])]
            for reminder, (name, due) in enumerate(mails):
                key = (name, messages[name]["stream"], point["id"], occurrence, reminder)
                planned[key] = Planned(due, after(due, messages[name]["latest"], zone), opens, closes)
    return planned


def end_of_the_study(protocol: dict[str, Any], randomized_at: datetime, zone: str) -> datetime:
    """When the last mail is due: at ten in the morning where the person lives, two days after the last window's day."""
    points = [one for one in protocol["timepoints"] if one.get("anchor") != "consent"]
    days = [max(one["days"]) + int(one["closes_after"].split()[0]) for one in points if "day" in one["closes_after"]]
    first = randomized_at.astimezone(ZoneInfo(zone)).date()
    return at_the_clock(first + timedelta(days=max(days) + 2), "10:00", zone)


def key_of(row: Row) -> Key:
    """The same key for a row of the ledger."""
    return row["message"], row["stream"], row["timepoint"], row["occurrence"], row["reminder"]


def message_id(evidence: Evidence, row: Row) -> str:
    """The Message-ID that a ledger row gives its mail: its id and eight zeros, mixed four times under the link key."""
    left, right = row["id"], 0
    for number in "1234":
        text = b"message|" + number.encode() + b"|" + right.to_bytes(8, "big")
        mac = hmac.new(evidence.key("link"), text, hashlib.sha256).digest()
        left, right = right, left ^ int.from_bytes(mac[:8], "big")
    return f"<{left:016x}{right:016x}@equipoise.example>"


def expected_end(evidence: Evidence, row: Row) -> tuple[str, str | None]:
    """How a mail must have ended: state and reason, from what its person had done before it fell due."""
    person, due = evidence.people[row["participant_id"]], row["due_at"]
    if row["message"] == LAST_MAIL and person["stopped"] == "everything":
        return "suppressed", "stopped"
    if row["stream"] != "service" and _stopped_before(evidence, row["participant_id"], row["stream"], due):
        return "suppressed", "stopped"
    if _answered_before(evidence, row, due):
        return "suppressed", "already_answered"
    if person["bounced_at"] is not None and person["bounced_at"] <= due:
        return ("bounced", "address_refused") if person["bounced_at"] == due else ("suppressed", "address_bounced")
    return "accepted", None


def _stopped_before(evidence: Evidence, participant: int, stream: str, moment: datetime) -> bool:
    """At one instant mails come first, then what people do. Somebody may stop one stream, and later everything."""
    return any(
        one["event"] in ("stopped_everything", f"stopped_{stream}") and one["at"] < moment
        for one in evidence.stops.get(participant, ())
    )


def _answered_before(evidence: Evidence, row: Row, moment: datetime) -> bool:
    if row["occasion_id"] is None:
        return False
    done_at = evidence.windows[row["occasion_id"]]["done_at"]
    return done_at is not None and done_at < moment


def digest_of_token(token: str) -> str:
    """What the ledger keeps of a personal link."""
    return hashlib.sha256(token.encode()).hexdigest()
