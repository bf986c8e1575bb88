"""What a pretend person can tell from a mail's subject: which message it is, and so what it asks for.

The protocol's messages are matched by their subjects; an invitation is the next thing of its stream, a reminder
speaks of the latest. Nothing else of a particular trial is known to pretend people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trial.core.protocol import Timepoint, TrialProtocol
from trial.protocol_files import ProtocolFolder


@dataclass(frozen=True, slots=True)
class Mailing:
    """What a mail is: the code, an invitation (reminder 0) or a reminder, and its stream."""

    message: str
    stream: str
    reminder: int


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that is asked: the n-th of its stream, with its timepoint and its day after randomisation; `last` is
    the stream's last."""

    stream: str
    number: int
    timepoint: Timepoint
    day: int
    last: bool

    @property
    def reminders(self) -> int:
        return len(self.timepoint.reminders)


class Calendar:
    """A protocol's messages and things, by stream."""

    def __init__(self, folder: ProtocolFolder) -> None:
        protocol = folder.protocol
        points = [one for one in protocol.timepoints if one.anchor != "consent"]
        reminders = {rem.message: n for one in points for n, rem in enumerate(one.reminders, start=1)}
        self._subjects = [
            (_pattern(text), Mailing(message.id, message.stream, reminders.get(message.id, 0)))
            for message in protocol.messages
            for text in folder.texts[f"messages/{message.id}"].values()
        ]
        asked = [
            (_first_day(protocol, point) + day, point) for point in points for _, day in protocol.occurrences(point)
        ]
        self._points: dict[str, list[tuple[int, Timepoint]]] = {}
        for day, point in sorted(asked, key=lambda one: one[0]):
            self._points.setdefault(_stream(protocol, point), []).append((day, point))
        self.at_once = [
            Thing(stream, number, point, max(day, 1), number == len(these))
            for stream, these in self._points.items()
            for number, (day, point) in enumerate(these, start=1)
            if point.time == "at_once"
        ]
        self.at_once.sort(key=lambda one: protocol.timepoints.index(one.timepoint))

    def mailing(self, subject: str) -> Mailing | None:
        """Which message has this subject."""
        return next((mailing for pattern, mailing in self._subjects if pattern.fullmatch(subject)), None)

    def thing(self, stream: str, number: int) -> Thing | None:
        """The n-th thing of a stream, from 1."""
        points = self._points.get(stream, [])
        if number > len(points):
            return None
        day, point = points[number - 1]
        return Thing(stream, number, point, max(day, 1), number == len(points))

    def next_of(self, mailing: Mailing, number: int) -> int:
        """Which thing of its stream an invitation is about, after the last one: some may have been left out."""
        later = self._points.get(mailing.stream, [])[number:]
        fits = (place for place, (_, one) in enumerate(later, start=1) if one.invitation == mailing.message)
        return number + next(fits, 1)

    @property
    def things(self) -> int:
        """How many things all streams will ask."""
        return sum(map(len, self._points.values()))

    def count(self, stream: str) -> int:
        """How many things a stream will ask."""
        return len(self._points.get(stream, []))


def _first_day(protocol: TrialProtocol, point: Timepoint) -> int:
    """The day on which counting starts: of randomisation, of a further stage, or of the activity that is waited for."""
    if point.stage is not None:
        before = protocol.timepoint(protocol.stage(point.stage).timepoint)
        return _first_day(protocol, before) + min(before.days)
    if point.anchor != "completion":
        return 0
    return min((min(one.days) for one in protocol.timepoints if point.after in one.activities), default=0)


def _stream(protocol: TrialProtocol, point: Timepoint) -> str:
    """The stream of a timepoint's invitation; without one, by what is asked."""
    if point.invitation is not None:
        return protocol.message(point.invitation).stream
    return "exercises" if any(protocol.is_exercise(one) for one in point.activities) else "questionnaires"


def _pattern(text: str) -> re.Pattern[str]:
    subject = text.splitlines()[0].removeprefix("Subject:").strip()
    parts = re.split(r"\{\{\s*\w+\s*\}\}", subject)
    return re.compile(".+?".join(re.escape(part) for part in parts))
