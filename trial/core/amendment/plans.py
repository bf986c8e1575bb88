"""What a new version would do to the mails of one person: planned again, compared with the ledger, nothing sent twice.

A mail is known by its slot: timepoint, occurrence, reminder. What left a slot is past for good, whatever the mail was
called and whenever the new version would send it; what the new version plans for a time that has passed is not sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from trial.core.participant import Occasion, Participant
from trial.core.protocol import TrialProtocol
from trial.core.replanning import Fate, Settled, Standing
from trial.core.schedule import Draw, PlannedContact, PlannedOccasion, middle, plan_arm, plan_completion

Slot = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A mail of one person as the ledger has it; `unsent` may still leave, `answered` has nothing to ask any more."""

    slot: Slot
    message: str
    stream: str
    due_at: datetime
    not_after: datetime
    unsent: bool
    answered: bool


@dataclass(frozen=True, slots=True)
class Effects:
    """Counts of mails. Unsent ones: `moved`, `stay` (their new day has passed), `other_mail` in the same slot,
    `other_latest` useful time, `vanish`, `reworded`, `unchanged`. New ones: `appear`, and `past`, which are not sent.
    `left_alone` left already or will not leave.
    """

    moved: int = 0
    stay: int = 0
    other_mail: int = 0
    other_latest: int = 0
    vanish: int = 0
    appear: int = 0
    past: int = 0
    reworded: int = 0
    unchanged: int = 0
    left_alone: int = 0

    def __add__(self, other: Effects) -> Effects:
        return Effects(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Effects)))

    @property
    def replans(self) -> bool:
        """Whether the plan of any mail changes, not its words alone."""
        return any((self.moved, self.other_mail, self.other_latest, self.vanish, self.appear))


def plan(
    protocol: TrialProtocol,
    arm: str,
    randomized_at: datetime,
    zone: str,
    *,
    done: Mapping[str, datetime],
    draw: Draw = middle,
    hour: str | None = None,
) -> dict[Slot, PlannedContact]:
    """Every mail that a version plans for one person, by slot; `done` is when each activity was finished first.

    `hour` is the person's own, where a timepoint lets people choose.
    """
    planned = plan_arm(protocol, arm, randomized_at, zone, draw, hour=hour)
    for activity in dict.fromkeys(point.after for point in protocol.timepoints if point.after in done):
        assert activity is not None
        planned += plan_completion(protocol, arm, activity, done[activity], zone, draw, hour=hour)
    return {
        (one.timepoint, one.occurrence, contact.reminder): contact for one in planned for contact in one.contacts
    }  # fmt: skip


def standing(person_windows: Iterable[Occasion], rows: Sequence[LedgerRow], now: datetime) -> list[Standing]:
    """The windows that one person has, and which of them have begun."""
    gone = {row.slot[:2] for row in rows if not row.unsent}
    return [
        Standing(
            PlannedOccasion(one.timepoint, one.occurrence, one.activity, one.opens_at, one.closes_at),
            begun=one.opens_at <= now or one.done_at is not None or (one.timepoint, one.occurrence) in gone,
            done=one.done_at is not None,
        )
        for one in person_windows
    ]


def as_it_stands(
    planned: Mapping[Slot, PlannedContact], before: Mapping[Slot, PlannedContact], rows: Sequence[LedgerRow]
) -> dict[Slot, PlannedContact]:
    """The plan of a version, where what the version before plans alike stays as it is: a mail that an earlier amendment
    left on its day among it, and a day that had passed when it was added."""
    kept = {row.slot: row for row in rows}
    plan = {slot: contact for slot, contact in planned.items() if _timing(before.get(slot)) != _timing(contact)}
    for slot in (planned.keys() - plan.keys()) & kept.keys():
        plan[slot] = replace(planned[slot], due_at=kept[slot].due_at, not_after=kept[slot].not_after)
    return plan


def as_settled(
    planned: Mapping[Slot, PlannedContact], rows: Sequence[LedgerRow], found: Sequence[Settled]
) -> dict[Slot, PlannedContact]:
    """The plan of a version, with the mails about each window as they will be for somebody who is in already."""
    about = {one.standing.day for one in found}
    kept = {row.slot: row for row in rows}
    plan = {slot: contact for slot, contact in planned.items() if slot[:2] not in about or slot not in kept}
    for one in found:
        if one.fate is Fate.TAKEN_OUT:
            continue
        moving = {contact.reminder: contact for contact in one.after.contacts}
        for slot, row in kept.items():
            if slot[:2] == one.standing.day:
                plan[slot] = PlannedContact(row.message, row.stream, slot[2], "", row.due_at, row.not_after)
        for reminder, contact in moving.items():
            plan[*one.standing.day, reminder] = contact
    return plan


def waiting_for(protocol: TrialProtocol, done: Mapping[str, datetime]) -> frozenset[str]:
    """Timepoints that a version plans once something is done that is not done yet, or once chance has allocated again.

    What a further stage brought about stays as it was planned at that allocation.
    """
    options = {one.id for stage in protocol.stages for one in stage.arms}
    return frozenset(
        point.id
        for point in protocol.timepoints
        if point.stage is not None
        or (
            point.anchor == "completion"
            and (point.after not in done or any(options & set(protocol.activity(a).arms) for a in point.activities))
        )
    )


def effects(
    person: Participant,
    rows: Sequence[LedgerRow],
    planned: Mapping[Slot, PlannedContact],
    *,
    later: frozenset[str],
    reworded: frozenset[str],
    now: datetime,
    passed_by: Collection[tuple[str, int]] = (),
) -> Effects:
    """The effects on one person's mails.

    `planned` is the new version's plan; `later` its timepoints that wait for something to be done, whose mails are left
    as they are; `reworded` the messages that read differently; `passed_by` the windows whose day in that version
    has passed, those that the person has and those that would be new.
    """
    rows = [row for row in rows if row.slot[0] not in later]
    total = Effects()
    for row in rows:
        total += _of_row(person, row, planned.get(row.slot), reworded, row.slot[:2] in passed_by)
    known, done = {row.slot for row in rows}, {row.slot[:2] for row in rows if row.answered}
    for slot, contact in planned.items():
        if slot not in known and slot[:2] not in done and _wanted(person, contact.stream):
            passed = contact.due_at <= now or slot[:2] in passed_by
            total += Effects(past=1) if passed else Effects(appear=1)
    return total


def _wanted(person: Participant, stream: str) -> bool:
    return person.bounced_at is None and person.takes(exercise=stream == "exercises")


def _of_row(
    person: Participant, row: LedgerRow, new: PlannedContact | None, reworded: frozenset[str], stays: bool
) -> Effects:
    if not row.unsent or row.answered or not _wanted(person, row.stream):
        return Effects(left_alone=1)
    if new is None:
        return Effects(vanish=1)
    moved, other = new.due_at != row.due_at, new.message != row.message
    latest = not (moved or other) and new.not_after != row.not_after
    words = not other and row.message in reworded
    stays = stays and not (moved or other)
    return Effects(
        moved=int(moved),
        stay=int(stays),
        other_mail=int(other),
        other_latest=int(latest),
        reworded=int(words),
        unchanged=int(not (moved or other or latest or words or stays)),
    )


# two shares of the hours between which a mail is drawn: what is the same at both is the same at any
_SHARES = (0.0, 0.73)


def arms_alike(
    old: TrialProtocol,
    new: TrialProtocol,
    randomized_at: datetime,
    zone: str,
    reworded: frozenset[str],
    *,
    hour: str | None = None,
) -> bool:
    """Whether a new version does the same to the mails of every arm, so that a count over all tells nothing of arms."""
    arms = {arm.id for arm in new.arms}
    if any(arm.id not in arms for arm in old.arms):
        return False
    found = {_signature(old, new, arm.id, randomized_at, zone, reworded, hour) for arm in old.arms}
    return len(found) == 1


def _signature(
    old: TrialProtocol,
    new: TrialProtocol,
    arm: str,
    randomized_at: datetime,
    zone: str,
    reworded: frozenset[str],
    hour: str | None,
) -> frozenset[tuple[float, Slot, object, object]]:
    """What differs between the two plans of one arm if all of it is done, and which of its mails read differently."""
    return frozenset(
        (share, slot, _timing(one.get(slot)), _timing(two.get(slot)))
        for share in _SHARES
        for one, two in [tuple(_whole(version, arm, randomized_at, zone, share, hour) for version in (old, new))]
        for slot in one.keys() | two.keys()
        if _timing(one.get(slot)) != _timing(two.get(slot)) or (slot in one and one[slot].message in reworded)
    )


def _whole(
    protocol: TrialProtocol, arm: str, randomized_at: datetime, zone: str, share: float, hour: str | None
) -> dict[Slot, PlannedContact]:
    done = {one.id: randomized_at for one in protocol.activities if not one.arms or arm in one.arms}
    return plan(protocol, arm, randomized_at, zone, done=done, draw=lambda timepoint, occurrence: share, hour=hour)


def _timing(contact: PlannedContact | None) -> tuple[object, ...] | None:
    return None if contact is None else (contact.message, contact.stream, contact.due_at, contact.not_after)
