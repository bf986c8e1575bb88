"""Looking ahead at an amendment: who would stay on which version, and what would become of mails not yet sent.

Nothing is written. Applying an amendment is a step of its own: `amending.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trial.core import access
from trial.core.access import Verb
from trial.core.amendment import Amendment, ChangeClass, Version, compare
from trial.core.amendment.plans import (
    Effects,
    arms_alike,
    as_it_stands,
    as_settled,
    effects,
    plan,
    standing,
    waiting_for,
)
from trial.core.events import Event, EventRecord
from trial.core.local_time import local_day
from trial.core.participant import Participant, ParticipantState, StopLevel
from trial.core.replanning import Fate, Settled, Whose, settled
from trial.core.schedule import Draw
from trial.core.trial import TrialState
from trial.protocol_files import ProtocolFolder
from trial.services.designs import Epoch, ahead
from trial.services.planning import draw_from
from trial.services.replanning import first_days
from trial.storage import events, plans, trials
from trial.storage.plans import PersonPlan
from trial.storage.work import Work

S = ParticipantState
_CONSENTED = (S.CONSENTED, S.RANDOMIZED)
# what stands in a mail
_EVERY_MAIL = ("messages.*.words", "title", "administrative.contact_email")


@dataclass(frozen=True, slots=True)
class Preview:
    """What applying an amendment now would do, pooled over the arms.

    `consented` counts people who take part by the version they consented to; `on_the_way` have not consented yet;
    `left` stopped everything or were turned away. `mails` is None where the changes differ between arms and the actor
    may not read the allocation: the count would tell how many are in each. `epoch` is what chance would go by, where
    that changes.
    """

    trial: str
    state: TrialState
    now: datetime
    amendment: Amendment
    consented: dict[str, int]
    on_the_way: int
    left: int
    randomized: int
    people_with_other_mails: int | None
    mails: Effects | None
    epoch: Epoch | None = None

    @property
    def replans_at_once(self) -> bool:
        """Whether mails move for everybody at once, and not for each person when they have consented again."""
        return not self.amendment.waits("timepoints", "messages", "calendar", "activities", "arms")

    @property
    def keeps_at_once(self) -> bool:
        """The same for mails that stay worth sending for another while."""
        return not self.amendment.waits("messages.*.latest")

    @property
    def rewords_at_once(self) -> bool:
        """The same for mails that only read differently."""
        return not self.amendment.waits(*_EVERY_MAIL)


def version_of(folder: ProtocolFolder) -> Version:
    """A folder as the comparison takes it."""
    return Version(folder.protocol, folder.instruments, folder.texts, folder.resources)


def preview(work: Work, slug: str, new: ProtocolFolder, *, raised: ChangeClass | None = None) -> Preview:
    """The amendment from what a trial runs to a new folder, and what it would do now."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    running = trials.folder_of(work, trial.protocol_id)
    # who may freeze could read the arms in the dataset, once there is one; who only looks ahead may not
    count = _Count(
        work, new, trials.code_key(work, trial.id), work.by.may(Verb.READ_ALLOCATION), _changes(work, trial.id)
    )
    waited_for = {point.after for point in new.protocol.timepoints if point.after}
    baseline = running.protocol.baseline.id
    for chunk in plans.in_chunks(work, trial.id, done=waited_for, baseline=baseline, windows=True):
        for one in chunk:
            count.add(one)
    return Preview(
        trial=trial.slug,
        state=trial.state,
        now=work.now,
        amendment=compare(version_of(running), version_of(new), raised=raised),
        consented=dict(sorted(count.consented.items())),
        on_the_way=count.on_the_way,
        left=count.left,
        randomized=count.randomized,
        people_with_other_mails=None if count.hidden else count.others,
        mails=None if count.hidden else count.mails,
        epoch=ahead(work, trial, running.protocol, new.protocol),
    )


def _changes(work: Work, trial_id: int) -> Mapping[int, list[EventRecord]]:
    """Of each person, how their preferences changed: somebody who moved was somewhere else when days began to count."""
    found: dict[int, list[EventRecord]] = defaultdict(list)
    for one in events.of_kind(work, trial_id, Event.PREFERENCES_CHANGED):
        if one.participant_id is not None:
            found[one.participant_id].append(one)
    return found


@dataclass(slots=True)
class _Count:
    """Running totals over everyone; `hidden` once the total would tell arms apart."""

    work: Work
    new: ProtocolFolder
    key: bytes
    sees_arms: bool
    changes: Mapping[int, list[EventRecord]]
    consented: Counter[str] = field(default_factory=Counter)
    on_the_way: int = 0
    left: int = 0
    randomized: int = 0
    others: int = 0
    mails: Effects = field(default_factory=Effects)
    hidden: bool = False
    _folders: dict[int, ProtocolFolder] = field(default_factory=dict)
    _reworded: dict[int, frozenset[str]] = field(default_factory=dict)
    _alike: set[tuple[int, object, str, str | None]] = field(default_factory=set)

    def add(self, one: PersonPlan) -> None:
        person = one.person
        if person.stopped is StopLevel.EVERYTHING or person.state in (S.DECLINED, S.RECRUITMENT_CLOSED, S.REFUSED):
            self.left += 1
        elif person.state in _CONSENTED:
            self.consented[self._folder(person.protocol_id).protocol.version] += 1
        else:
            self.on_the_way += 1
        if one.arm is not None and person.randomized_at is not None:
            self.randomized += 1
            if not self.hidden:
                self._add_mails(one, one.arm, person.randomized_at)

    def _add_mails(self, one: PersonPlan, arm: str, randomized_at: datetime) -> None:
        person, protocol = one.person, self.new.protocol
        reworded = self._reworded_since(person.protocol_id)
        if not self.sees_arms and not self._tells_nothing(person, randomized_at, reworded):
            self.hidden = True
            return
        if arm not in {each.id for each in protocol.arms}:
            return  # an arm that the new version does not have goes on by the old one
        later = waiting_for(protocol, one.done)
        draw, hour = draw_from(lambda: self.key, person), person.chosen_hour
        before, planned = (
            plan(each, arm, randomized_at, person.zone, done=one.done, draw=draw, hour=hour)
            for each in (self._folder(person.protocol_id).protocol, protocol)
        )
        planned = as_it_stands(planned, before, one.rows)
        windows = [each for each in self._settled(one, arm, draw) if each.standing.timepoint not in later]
        found = effects(
            person,
            one.rows,
            as_settled(planned, one.rows, windows),
            later=later,
            reworded=reworded,
            now=self.work.now,
            passed_by={each.standing.day for each in windows if each.fate in (Fate.STAYS, Fate.PASSED)},
        )
        self.mails += found
        self.others += found.replans or found.reworded > 0

    def _settled(self, one: PersonPlan, arm: str, draw: Draw) -> list[Settled]:
        """What becomes of each window of a timepoint that changes; what a further stage brought about is not looked at
        ahead."""
        person, new = one.person, self.new.protocol
        days = first_days(new, person, one.done, {}, self.changes.get(person.id, ()))
        whose = Whose(person.zone, draw, person.chosen_hour, (arm,), days)
        old, now = self._folder(person.protocol_id).protocol, self.work.now
        return settled(old, new, standing(one.windows, one.rows, now), whose, now)

    def _folder(self, protocol_id: int) -> ProtocolFolder:
        """Asked for once: there are few versions and many people."""
        if protocol_id not in self._folders:
            self._folders[protocol_id] = trials.folder_of(self.work, protocol_id)
        return self._folders[protocol_id]

    def _reworded_since(self, protocol_id: int) -> frozenset[str]:
        if protocol_id not in self._reworded:
            self._reworded[protocol_id] = reworded(self._folder(protocol_id), self.new)
        return self._reworded[protocol_id]

    def _tells_nothing(self, person: Participant, randomized_at: datetime, reworded: frozenset[str]) -> bool:
        """Asked once for each version, day, zone and hour: two people of one day are planned alike."""
        key = (person.protocol_id, local_day(randomized_at, person.zone), person.zone, person.chosen_hour)
        if key not in self._alike:
            old, hour = self._folder(person.protocol_id).protocol, person.chosen_hour
            if not arms_alike(old, self.new.protocol, randomized_at, person.zone, reworded, hour=hour):
                return False
            self._alike.add(key)
        return True


def reworded(old: ProtocolFolder, new: ProtocolFolder) -> frozenset[str]:
    """The messages that would read differently: their own words, or the trial's title and address in every mail."""
    one, two = old.protocol, new.protocol
    ids = {message.id for message in one.messages} & {message.id for message in two.messages}
    if one.title != two.title or one.administrative.contact_email != two.administrative.contact_email:
        return frozenset(ids)
    return frozenset(each for each in ids if old.texts[f"messages/{each}"] != new.texts[f"messages/{each}"])
