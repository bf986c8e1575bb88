"""What every kind of finding reads: the lived trial by person, by mail and by window, and places in the protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from trial.core.delivery import Contact
from trial.core.findings import Path
from trial.core.local_time import later
from trial.core.participant import Occasion
from trial.core.protocol import TrialProtocol
from trial.core.rehearsed import Assumption, Finding, Place
from trial.core.texts import say
from trial.pages import service_mail
from trial.protocol_files import ProtocolFolder, yaml_text
from trial.protocol_files.folder import protocol_tree
from trial.rehearsal.findings.assumptions import assumptions
from trial.rehearsal.profile_file import ProfileFile
from trial.services.lived_through import LivedThrough
from trial.services.record import Person
from trial.storage.answer_sheets import AnswerSheet

PROTOCOL = "protocol.yaml"
_HOURS = 3600
ENOUGH = 10  # people, before a share of them or what it would be at the planned size says anything


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail of the protocol that left, and when on the clock where its person lives."""

    mail: Contact
    person: Person
    at: datetime
    local: datetime

    @property
    def day(self) -> date:
        return self.local.date()


@dataclass(frozen=True, slots=True)
class Window:
    """A window after randomisation and what was done in it."""

    occasion: Occasion
    person: Person
    sheet: AnswerSheet | None


class Facts:
    """A lived trial; what several findings need is worked out once."""

    def __init__(self, lived: LivedThrough, profile: ProfileFile, pace: int) -> None:
        self.lived = lived
        self.profile = profile
        self.pace = pace

    @property
    def folder(self) -> ProtocolFolder:
        return self.lived.folder

    @property
    def protocol(self) -> TrialProtocol:
        return self.lived.folder.protocol

    @property
    def weeks(self) -> int:
        """Within how many weeks people join in this profile, however many they are."""
        return self.profile.habits.weeks_of_recruitment.value

    @cached_property
    def people(self) -> dict[int, Person]:
        return {one.record.id: one for one in self.lived.people}

    @cached_property
    def randomized(self) -> list[Person]:
        return [one for one in self.lived.people if one.allocation is not None]

    @cached_property
    def arm_of(self) -> dict[int, str]:
        return {one.record.id: one.allocation.arm for one in self.lived.people if one.allocation is not None}

    def of_arm(self, arm: str) -> list[Person]:
        return [one for one in self.randomized if self.arm_of[one.record.id] == arm]

    @cached_property
    def mails(self) -> list[Contact]:
        """Mails of timepoints, whatever became of them; codes and those in our own words follow from what people do."""
        return [one for one in self.lived.mails if one.timepoint and not service_mail.is_own(one.message)]

    @cached_property
    def sent(self) -> list[Sent]:
        """Those of them that left, in order."""
        found = []
        for one in self.mails:
            at = self.lived.sent_at.get(one.id)
            if at is not None:
                person = self.people[one.participant_id]
                found.append(Sent(one, person, at, at.astimezone(ZoneInfo(self.zone_at(person, at)))))
        return sorted(found, key=lambda one: (one.at, one.mail.id))

    def zone_at(self, person: Person, moment: datetime) -> str:
        """The zone that a person had then: whoever moved later got this mail by the clock of where they were."""
        for changed, before in self.lived.moved.get(person.record.id, ()):
            if moment < changed:
                return before
        return person.record.zone

    @cached_property
    def _occasions(self) -> dict[int, Occasion]:
        return {occasion.id: occasion for one in self.lived.people for occasion in one.occasions}

    def zone_when_opened(self, mail: Contact) -> str:
        """The zone that a person had when the window of this mail opened."""
        occasion = self._occasions.get(mail.occasion_id or 0)
        return self.zone_at(self.people[mail.participant_id], mail.due_at if occasion is None else occasion.opens_at)

    def planned_at(self, mail: Contact) -> datetime:
        """When a mail was to leave by the protocol: what waited for a morning has another time in the ledger."""
        occasion = self._occasions.get(mail.occasion_id or 0)
        if occasion is None or not mail.reminder:
            return mail.due_at if occasion is None else occasion.opens_at
        reminder = self.protocol.timepoint(mail.timepoint).reminders[mail.reminder - 1]
        return later(occasion.opens_at, reminder.after, self.zone_at(self.people[mail.participant_id], mail.due_at))

    @cached_property
    def windows(self) -> list[Window]:
        """Every window of everybody who was randomised, the baseline's left out."""
        found = []
        for person in self.randomized:
            sheets = {one.occasion_id: one for one in person.sheets}
            found += [
                Window(one, person, sheets.get(one.id))
                for one in person.occasions
                if one.timepoint != self.protocol.baseline.id
            ]
        return found

    @cached_property
    def end(self) -> datetime:
        """The last moment at which anything happened."""
        moments = [self.lived.trial.opened_at, *self.lived.sent_at.values()]
        moments += [sheet.submitted_at for person in self.lived.people for sheet in person.sheets]
        return max(moments)

    def label(self, text: Any) -> str:
        """A text of the protocol, in its first language."""
        return say(text, self.protocol.languages[0])

    def point(self, timepoint: str) -> str:
        return self.label(self.protocol.timepoint(timepoint).label)

    # --- places ---------------------------------------------------------------------------------------------------

    @cached_property
    def _tree(self) -> Any:
        return protocol_tree(self.folder.files[PROTOCOL], PROTOCOL)[0]

    def place(self, *path: str | int) -> Place:
        """Where a path stands in protocol.yaml, with the ids of what it goes through."""
        line, _ = yaml_text.place(self._tree, path)
        return Place(PROTOCOL, line or 1, ".".join(_named(self._tree, path)))

    def at(self, timepoint: str, *rest: str | int) -> Place:
        """A place in a timepoint."""
        number = next(place for place, one in enumerate(self.protocol.timepoints) if one.id == timepoint)
        return self.place("timepoints", number, *rest)

    def assume(self, *names: str) -> tuple[Assumption, ...]:
        """Numbers of the profile that a finding hangs on."""
        return assumptions(self.profile, names)


def _named(tree: Any, path: Path) -> Iterator[str]:
    """A path with ids where it has positions: `timepoints.week_1.reminders.0`."""
    node = tree
    for key in path:
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            node = None
        yield str(node["id"]) if isinstance(key, int) and isinstance(node, dict) and "id" in node else str(key)


def hours(later: datetime, earlier: datetime) -> float:
    """How many hours lie between two moments."""
    return (later - earlier).total_seconds() / _HOURS


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies: one of the values."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names one after the other, in quotation marks, the last few left out where there are many."""
    shown = ", ".join(f"“{one}”" for one in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def people(number: int) -> str:
    """`1 person`, `5 people`."""
    return f"{number} {'person' if number == 1 else 'people'}"


def many(number: int, noun: str) -> str:
    """`1 mail`, `5 mails`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Like:
    """A finding that others may be like: in a list of them `where` names it, and the larger `much` the worse it is."""

    finding: Finding
    where: str
    much: float


def as_one(alike: Sequence[Like]) -> Iterator[Finding]:
    """Findings of one kind and mend as a single one: the worst in its own words, then where else, by line."""
    if not alike:
        return
    worst, *others = sorted(alike, key=lambda one: -one.much)
    each = [f"{one.where} ({one.finding.place})" if one.finding.place else one.where for one in others]
    more = f" So it is with {len(others)} more, the worst first: {'; '.join(each)}." if others else ""
    yield replace(worst.finding, what=worst.finding.what + more)
