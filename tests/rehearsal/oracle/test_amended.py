"""Amendments of hours and days at any moment of a lived trial: what was sent stays, no mail comes twice, nothing that
is owed is lost, and what is to come is what the new version plans for somebody who comes in with it.
"""

from __future__ import annotations

import email
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import pytest

from tests.rehearsal.oracle.test_acts_of_people import (
    CHOICE,
    DAYS,
    ZONES,
    Act,
    Server,
    World,
    answers,
    chooses_another_hour,
    moves_to_another_zone,
    pauses,
    says_not_today,
    stops_something,
    takes_it_up_again,
    the_trial_is_paused,
)
from tests.services.scene import OPERATOR, Scene
from tests.services.test_amending import again, apply
from tests.services.test_amendments import look
from trial.core.access import Actor, Role
from trial.core.amendment import ChangeClass
from trial.core.amendment.plans import Effects
from trial.core.delivery import TAKEN_OUT, Contact, ContactState
from trial.core.events import Event
from trial.core.local_time import instant, local_day
from trial.core.participant import Occasion
from trial.core.protocol import TrialProtocol
from trial.core.schedule import PlannedOccasion, plan_arm, plan_completion
from trial.mail.mailer import Envelope, Reply
from trial.protocol_files import ProtocolFolder, read_files
from trial.rehearsal.dice import Dice
from trial.rehearsal.oracle.reading import read_record
from trial.rehearsal.oracle.recount import Recount, recount
from trial.services import record
from trial.services.delivery import Sender
from trial.services.planning import draw_from
from trial.storage import allocations, events, occasions, trials
from trial.storage.work import Store

S = ContactState
PEOPLE = 4
FORM = {"feeling_1": "0", "feeling_2": "1", "feeling_3": "0", "after_worse": "no"}
SEES_ARMS = Actor("member:5", Role.UNBLINDED_STATISTICIAN)
TREE: dict[str, Any] = json.loads(CHOICE.protocol.model_dump_json(by_alias=True, exclude_unset=True))
MORE = [
    {"id": "mornings", "label": {"en": "Mornings"}, "weekly": {"on": ["mon", "thu"], "weeks": 2, "from_day": 5},
     "between": ["08:00", "10:30"], "activities": ["letter", "list"], "closes_after": "9 hours",
     "invitation": "evening"},
    {"id": "after", "label": {"en": "After"}, "anchor": "completion", "after": "later", "days": [6], "time": "18:00",
     "activities": ["later"], "closes_after": "5 days", "invitation": "questionnaire",
     "reminders": [{"after": "2 days", "message": "questionnaire_reminder"}]},
]  # fmt: skip


def folder_of(tree: dict[str, Any]) -> ProtocolFolder:
    return read_files({**CHOICE.files, "protocol.yaml": json.dumps(tree)})


def begun() -> dict[str, Any]:
    return json.loads(json.dumps(TREE)) | {"timepoints": json.loads(json.dumps([*TREE["timepoints"], *MORE]))}


def amended(tree: dict[str, Any], number: int, dice: Dice) -> dict[str, Any]:
    """Another version, with one to three things at other times."""
    tree = json.loads(json.dumps(tree)) | {"version": f"1.{number}"}
    tree["consent"]["version"] = f"2.{number}"
    points = {one["id"]: one for one in tree["timepoints"]}
    for place in range(dice.choice(range(1, 3 + 1), "changes")):
        change = dice.choice(CHANGES, "change", place)
        change(tree, points, dice)
    return tree


def other_evenings(tree: dict[str, Any], points: dict[str, Any], dice: Dice) -> None:
    """As many on other days, or more, or fewer."""
    count = dice.choice([3, 3, 3, 2, 5], "count")
    found = {dice.choice(range(1, 14 + 1), "day", place) for place in range(count)} | {1}
    points["evening"]["days"] = sorted(found)


def another_follow_up(tree: dict[str, Any], points: dict[str, Any], dice: Dice) -> None:
    points["week_2"]["days"] = [dice.choice(range(6, 24 + 1), "follow up")]
    points["after"]["days"] = [dice.choice(range(1, 9 + 1), "after")]


def other_mornings(tree: dict[str, Any], points: dict[str, Any], dice: Dice) -> None:
    on = dice.choice([["mon", "thu"], ["tue", "fri"], ["wed"], ["mon", "wed", "sat"]], "on")
    weeks, start = dice.choice([2, 2, 1, 3], "weeks"), dice.choice(range(2, 9 + 1), "from")
    points["mornings"]["weekly"] = {"on": on, "weeks": weeks, "from_day": start}


def another_window(tree: dict[str, Any], points: dict[str, Any], dice: Dice) -> None:
    points["evening"]["closes_after"] = dice.choice(["16 hours", "20 hours", "23 hours"], "evening window")
    points["week_2"]["closes_after"] = dice.choice(["5 days", "7 days", "9 days"], "follow-up window")


def another_hour(tree: dict[str, Any], points: dict[str, Any], dice: Dice) -> None:
    points["evening"]["time"] = dice.choice(["08:00", "19:00", "20:30"], "hour")
    points["week_2"]["reminders"][0]["after"] = dice.choice(["2 days", "3 days", "4 days"], "reminder")


def days_left_alone(tree: dict[str, Any], points: dict[str, Any], dice: Dice) -> None:
    first = dice.choice(range(5, 20 + 1), "first")
    blackout = {"first": f"03-{first:02d}", "last": f"03-{first + dice.choice(range(4), 'length'):02d}"}
    tree["calendar"] = {"blackout": [blackout | {"rule": dice.choice(["move", "skip"], "rule")}]}


def nothing_left_alone(tree: dict[str, Any], points: dict[str, Any], dice: Dice) -> None:
    tree["calendar"] = {"blackout": [], "most_mails_a_week": dice.choice(range(10, 20 + 1), "most")}


Changes = Callable[[dict[str, Any], dict[str, Any], Dice], None]
CHANGES: list[Changes] = [
    other_evenings, other_evenings, another_follow_up, another_follow_up, other_mornings, another_window, another_hour,
    days_left_alone, nothing_left_alone,
]  # fmt: skip


class Witness(Server):
    """Takes every mail, and remembers which."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: Counter[str] = Counter()

    def send(self, envelope: Envelope, content: Callable[[], bytes | None]) -> Reply:
        mail = content()
        if mail is None:
            return Reply("withdrawn", 250, "taken")
        self.taken[str(email.message_from_bytes(mail)["Message-ID"])] += 1
        return Reply("accepted", 250, "taken")


class AmendedWorld(World):
    """The same, with a trial whose protocol changes."""

    def __init__(self, store: Store) -> None:
        self.tree, self.number = begun(), 0
        self.witness = Witness()
        self.scene, self.server = Scene(store, folder=folder_of(self.tree)), self.witness
        self.sender = Sender(self.server, "study@trial.example", "worker")

    def recounted(self) -> Recount:
        with self.scene.work(OPERATOR, write=False) as work:
            trial = trials.by_id(work, self.scene.id)
            folder = trials.folder_of(work, trial.protocol_id)
            files = record.files_of(work, trial, folder, record.people_of(work, trial, folder))
            return recount(read_record(work, trial.slug, None, files))

    def amend(self, dice: Dice) -> ProtocolFolder:
        self.number += 1
        self.tree = amended(self.tree, self.number, dice)
        return folder_of(self.tree)


@dataclass(frozen=True)
class Plan:
    """What one person has, and what a version plans for somebody like them."""

    zone: str
    now: datetime
    windows: dict[tuple[str, int, str], Occasion]
    rows: dict[tuple[int | None, int], Contact]
    fresh: dict[tuple[str, int, str], PlannedOccasion]

    def day(self, moment: datetime) -> date:
        return local_day(moment, self.zone)


def at_noon(scene: Scene, person: int, moment: datetime, first_zone: str) -> datetime:
    """Noon where a person lives now, on the day that a moment was where they lived then."""
    zone = first_zone
    with scene.work(write=False) as work:
        for one in events.of_participant(work, person, Event.PREFERENCES_CHANGED):
            zone = str(one.detail["zone"]) if one.at < moment and "zone" in one.detail else zone
    return instant(local_day(moment, zone), "12:00", scene.person(person).zone)


def plan_of(scene: Scene, person: int, protocol: TrialProtocol, first_zone: str) -> Plan:
    whom = scene.person(person)
    with scene.work(write=False) as work:
        mine = occasions.of_participant(work, person)
        arm, now = allocations.arm_of(work, person), work.now
        draw = draw_from(partial(lambda key: key, trials.code_key(work, whom.trial_id)), whom)
    assert arm is not None and whom.randomized_at is not None
    origin = at_noon(scene, person, whom.randomized_at, first_zone)
    fresh = plan_arm(protocol, arm, origin, whom.zone, draw, hour=whom.chosen_hour)
    done = [one.done_at for one in mine if one.activity == "later" and one.done_at]
    if done:
        origin = at_noon(scene, person, min(done), first_zone)
        fresh += plan_completion(protocol, arm, "later", origin, whom.zone, draw, hour=whom.chosen_hour)
    return Plan(
        whom.zone,
        now,
        {(one.timepoint, one.occurrence, one.activity): one for one in mine},
        {(one.occasion_id, one.reminder): one for one in scene.contacts(person) if one.occasion_id},
        {(one.timepoint, one.occurrence, one.activity): one for one in fresh},
    )


def check_fresh(before: Plan, after: Plan) -> Counter[str]:
    """Everything to come is as the new version plans it, but for days that have passed for this person."""
    counted: Counter[str] = Counter()
    for key, window in after.windows.items():
        if window.opens_at <= after.now or window.done_at is not None:
            assert window == before.windows[key]
            counted["begun"] += 1
            continue
        planned = after.fresh[key]
        earlier = [one for one in after.windows.values() if one.timepoint == key[0] and one.occurrence < key[1]]
        if (planned.opens_at, planned.closes_at) == (window.opens_at, window.closes_at):
            counted["as planned"] += 1
            for mail in planned.contacts:
                row = after.rows[window.id, mail.reminder]
                assert (row.state, row.due_at, row.not_after) == (S.PLANNED, mail.due_at, mail.not_after)
            continue
        counted["stays"] += 1
        passed = planned.opens_at <= after.now
        assert passed or after.day(planned.opens_at) <= max(after.day(one.opens_at) for one in earlier)
        assert after.day(window.opens_at) == after.day(before.windows[key].opens_at)
    for key in after.fresh.keys() - after.windows.keys():
        planned = after.fresh[key]
        earlier = [one for one in after.windows.values() if one.timepoint == key[0] and one.occurrence < key[1]]
        last = max((after.day(one.opens_at) for one in earlier), default=date.min)
        assert planned.opens_at <= after.now or after.day(planned.opens_at) <= last
        counted["passed"] += 1
    for key in before.windows.keys() - after.windows.keys():
        assert before.windows[key].opens_at > after.now and before.windows[key].done_at is None
        assert key not in after.fresh
        counted["taken out"] += 1
    return counted


def check_sent(before: list[Contact], after: list[Contact]) -> None:
    """Rows that left or ended or are in somebody's hands are as they were; none is gone, and none stands twice."""
    later = {one.id: one for one in after}
    for one in before:
        if one.state is not S.PLANNED and one.reason != TAKEN_OUT:
            assert later[one.id] == one
    assert len(
        {(one.participant_id, one.message, one.timepoint, one.occurrence, one.reminder) for one in after}
    ) == len(after)
    assert later.keys() >= {one.id for one in before}


def sends_in(world: World, person: int, dice: Dice) -> None:
    """What is open, also the questionnaires to their end."""
    for one in world.windows(person)[: 3 if dice.happens(0.4, "few") else 99]:
        if one.is_open(world.scene.now):
            world.scene.submit(person, one.id, FORM if one.activity == "later" else {"writing": "Some words."})


ACTS: tuple[Act, ...] = (
    sends_in, sends_in, sends_in, answers, says_not_today, pauses, stops_something, takes_it_up_again,
    chooses_another_hour, the_trial_is_paused, moves_to_another_zone,
)  # fmt: skip

# what SQL says on either database is for the tests of the services
pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


def follow(world: AmendedWorld, folder: ProtocolFolder, people: Mapping[int, str], dice: Dice) -> Counter[str]:
    """The amendment reaches everybody at once, or whoever agrees to it; each is held against a fresh plan."""
    scene, counted = world.scene, Counter[str]()
    urgent = dice.happens(0.5, "urgent")
    ledger = scene.contacts()
    earlier = {one: plan_of(scene, one, folder.protocol, zone) for one, zone in people.items()}
    foretold = look(scene, folder, SEES_ARMS, ChangeClass.URGENT_SAFETY if urgent else None).mails
    apply(scene, folder, raised=ChangeClass.URGENT_SAFETY if urgent else None)
    came = [one for one in people if urgent or dice.happens(0.6, "agrees", one)]
    for person in [] if urgent else came:
        again(scene, person, seen=folder.digest)
    came = [one for one in came if _version(scene, one) == folder.protocol.version]
    check_sent(ledger, scene.contacts())
    for person in came:
        counted += check_fresh(earlier[person], plan_of(scene, person, folder.protocol, people[person]))
    if len(came) == len(people):
        counted["foretold"] += _as_foretold(scene, ledger, foretold)
    return counted


def _as_foretold(scene: Scene, before: list[Contact], foretold: Effects | None) -> int:
    """What was counted ahead is what came of it, for who takes such mails; of how many mails that can be said."""
    assert foretold is not None
    if any(one.state in (S.RETRY, S.HELD, S.DUE) for one in before):
        return 0
    was = {one.id: one for one in before if one.timepoint}
    moved = appear = vanish = 0
    for one in scene.contacts():
        if not one.timepoint or not scene.person(one.participant_id).takes(exercise=one.stream == "exercises"):
            continue
        earlier = was.get(one.id)
        if earlier is None or (earlier.reason == TAKEN_OUT and one.reason is None):
            appear += 1
        elif one.reason == TAKEN_OUT:
            vanish += earlier.reason is None
        elif one.due_at != earlier.due_at:
            moved += 1
    assert (foretold.moved, foretold.appear, foretold.vanish) == (moved, appear, vanish)
    return moved + appear + vanish


def _version(scene: Scene, person: int) -> str:
    with scene.work(write=False) as work:
        return trials.folder_of(work, scene.person(person).protocol_id).protocol.version


@pytest.mark.parametrize("seed", [*range(8), 27, 46, 48])
def test_amendments_at_any_moment_move_what_is_to_come_and_nothing_else(store: Store, seed: int) -> None:
    world, counted = AmendedWorld(store), Counter[str]()
    zones = [ZONES[(seed + number) % len(ZONES)] for number in range(PEOPLE)]
    people = {world.scene.enrol(zone=zone): zone for zone in zones}
    for step in range(14):
        dice = Dice(seed, step)
        world.live(hours=dice.between(2, 40, "wait"))
        for person in people:
            if dice.happens(0.7, "acts", person):
                dice.choice(ACTS, "act", person)(world, person, Dice(seed * 100 + step, person))
        world.deliver()
        if step % 3 == 1 or dice.happens(0.3, "amended"):
            counted += follow(world, world.amend(dice), people, dice)
    world.live(days=DAYS)
    found = world.recounted()
    assert [one.sentence for one in found.differences] == []
    assert found.compared["mails"] >= 10 * PEOPLE and found.compared["windows"] >= 6 * PEOPLE
    assert counted["as planned"] > 10 and counted["begun"] > 10
    assert max(world.witness.taken.values()) == 1
    sent = [one for one in world.scene.contacts() if one.state is S.ACCEPTED]
    assert len(sent) == sum(world.witness.taken.values())
