"""What stands in the head of a trial's pages: each page by what one must be allowed to do; those that are there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from trial.core.access import Verb
from trial.core.matters import MatterKind


@dataclass(frozen=True, slots=True)
class Place:
    """One entry; `end` is what follows the trial's name in the address."""

    end: str
    label: str
    verb: Verb

    @property
    def path(self) -> str:
        return "/{slug}" + (f"/{self.end}" if self.end else "")


PLACES = (
    Place("", "Home", Verb.READ_STATUS),
    Place("alerts", "Alerts", Verb.READ_ALERTS),
    Place("adverse-events", "Adverse events", Verb.READ_ADVERSE_EVENTS),
    Place("harm-counts", "Harm so far", Verb.READ_HARM_COUNTS),
    Place("replies", "Replies", Verb.READ_REPLIES),
    Place("held", "Held enrolments", Verb.READ_HELD),
    Place("delivery", "Delivery", Verb.READ_STATUS),
    Place("mails", "Missing mails", Verb.READ_DELIVERIES),
    Place("deviations", "Deviations", Verb.READ_DEVIATIONS),
    Place("participants", "Participants", Verb.READ_PARTICIPANT),
    Place("incentives", "Incentives", Verb.READ_INCENTIVES),
    Place("sending", "Stop and go on", Verb.PAUSE_TRIAL),
    Place("acts", "Two-person acts", Verb.READ_ACTS),
    Place("roster", "Roster", Verb.READ_ROSTER),
    Place("gate", "Opening gate", Verb.READ_GATE),
    Place("team", "Team", Verb.READ_STATUS),
    Place("test-people", "Test people", Verb.OPEN_TRIAL),
)
# the six lists, by the kind of matter that stands in them: (end of the address, label)
LISTS = {
    MatterKind.ALERT: ("alerts", "Alerts"),
    MatterKind.ADVERSE_EVENT: ("adverse-events", "Adverse events"),
    MatterKind.REPLY: ("replies", "Replies"),
    MatterKind.HELD_ENROLMENT: ("held", "Held enrolments"),
    MatterKind.MISSING_MAIL: ("mails", "Missing mails"),
    MatterKind.DEVIATION: ("deviations", "Deviations"),
}


def places(paths: Collection[str]) -> tuple[Place, ...]:
    """The entries whose pages this version has."""
    return tuple(one for one in PLACES if one.path in paths)
