"""Whatever people and the team do on the way, the mails that the oracle expects are those that left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.core.protocols import FOLDER
from tests.services.scene import MOODS, OPERATOR, Scene
from trial.core.access import SYSTEM
from trial.core.links import make_token
from trial.core.participant import Occasion, StopLevel
from trial.mail.mailer import Envelope, Reply
from trial.protocol_files import ProtocolFolder, read_files
from trial.rehearsal.dice import Dice
from trial.rehearsal.oracle.reading import read_record
from trial.rehearsal.oracle.recount import Recount, recount
from trial.services import links, passing_over, preferences, record, rehearsing, suspending, trials, withdrawal
from trial.services.delivery import Sender, run_once
from trial.storage import deliveries, occasions, participants, wishes
from trial.storage import trials as stored_trials
from trial.storage.work import Store


def _changed(*replacements: tuple[str, str]) -> ProtocolFolder:
    """The small trial with hours to choose from, a rule for a reminder, and a second one."""
    text = FOLDER.files["protocol.yaml"]
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    later = {
        name.replace("_reminder.", "_later."): words
        for name, words in FOLDER.files.items()
        if name.startswith("messages/evening_reminder.")
    }
    return read_files({**FOLDER.files, **later, "protocol.yaml": text})


CHOICE = _changed(
    ("timepoints:\n", "withdrawal: {data_until_then: erased_on_request}\ntimepoints:\n"),
    ("    time: '19:00'\n", "    time: '19:00'\n    chosen_from: ['08:00', '19:00', '20:30']\n"),
    (
        "reminders: [{after: 2 hours, message: evening_reminder}]",
        "reminders: [{after: 1 hour, message: evening_reminder}, {after: 2 hours, message: evening_later}]",
    ),
    (
        "  - {id: evening_reminder, stream: exercises, latest: 2 hours}",
        "  - {id: evening_reminder, stream: exercises, latest: 2 hours, only_if: exercises_done < 2}\n"
        "  - {id: evening_later, stream: exercises, latest: 3 hours}",
    ),
)
ZONES = ("Europe/Berlin", "America/St_Johns", "Asia/Tokyo", "Australia/Adelaide", "America/Vancouver")
DAYS, PEOPLE = 40, 3


class Server:
    """Takes every mail, but for addresses that do not exist any more."""

    def __init__(self) -> None:
        self.gone: set[str] = set()

    def send(self, envelope: Envelope, content: Callable[[], bytes | None]) -> Reply:
        if envelope.recipient in self.gone:
            return Reply("refused", 550, "5.1.1 no such mailbox")
        return Reply("withdrawn" if content() is None else "accepted", 250, "taken")

    def check(self) -> None:
        pass

    def close(self) -> None:
        pass


class World:
    """A trial, its server, and the hours that go by."""

    def __init__(self, store: Store) -> None:
        self.scene, self.server = Scene(store, folder=CHOICE), Server()
        self.sender = Sender(self.server, "study@trial.example", "worker")

    def deliver(self) -> None:
        while run_once(self.scene.store.open_work, self.sender):
            pass

    def live(self, **length: float) -> None:
        """Time passes; every mail leaves in its own minute."""
        until = self.scene.now + timedelta(**length)
        self.deliver()
        while True:
            with self.scene.work(write=False) as work:
                due = rehearsing.next_due(work)
            if due is None or due > until:
                break
            self.scene.move_to(max(due, self.scene.now))
            self.deliver()
        self.scene.move_to(until)

    def windows(self, person: int) -> list[Occasion]:
        with self.scene.work(write=False) as work:
            return occasions.of_participant(work, person)

    def recounted(self) -> Recount:
        with self.scene.work(OPERATOR, write=False) as work:
            trial = stored_trials.by_id(work, self.scene.id)
            files = record.files_of(work, trial, CHOICE, record.people_of(work, trial, CHOICE))
            return recount(read_record(work, trial.slug, None, files))


# what SQL says on either database is for the tests of the services
pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


Act = Callable[[World, int, Dice], None]


def _change(world: World, person: int, **wanted: Any) -> None:
    whom = world.scene.person(person)
    now = {
        "zone": whom.zone,
        "language": whom.language,
        "hour": whom.chosen_hour,
        "fewer_reminders": whom.fewer_reminders,
    }
    with world.scene.work() as work:
        preferences.change_mails(work, person, **(now | wanted))


def answers(world: World, person: int, dice: Dice) -> None:
    """Whatever is open, in order; some fill in only the first."""
    for one in world.windows(person)[: 2 if dice.happens(0.5, "few") else 99]:
        if one.is_open(world.scene.now):
            form = MOODS[0] if one.activity in ("before", "later") else {"writing": "A kind letter to myself."}
            world.scene.submit(person, one.id, form)


def moves_to_another_zone(world: World, person: int, dice: Dice) -> None:
    _change(world, person, zone=dice.choice(ZONES, "zone"))


def chooses_another_hour(world: World, person: int, dice: Dice) -> None:
    _change(world, person, hour=dice.choice(["08:00", "19:00", "20:30", None], "hour"))


def wants_fewer_reminders(world: World, person: int, dice: Dice) -> None:
    _change(world, person, fewer_reminders=not world.scene.person(person).fewer_reminders)


def pauses(world: World, person: int, dice: Dice) -> None:
    with world.scene.work() as work:
        preferences.pause(work, person, work.now + timedelta(hours=dice.between(5, 300, "pause")))


def ends_the_pause(world: World, person: int, _: Dice) -> None:
    with world.scene.work() as work:
        preferences.end_pause(work, person)


def says_not_today(world: World, person: int, _: Dice) -> None:
    for one in world.windows(person):
        with world.scene.work() as work:
            passing_over.pass_over(work, person, one.id)


def says_never_again_and_has_it_back_at_times(world: World, person: int, dice: Dice) -> None:
    evening = world.scene.occasions(person)[0]
    with world.scene.work() as work:
        if not passing_over.mute(work, person, evening.id) and dice.happens(0.7, "back"):
            passing_over.have_back(work, person, evening.activity)


def stops_something(world: World, person: int, dice: Dice) -> None:
    world.scene.stop(
        person, dice.choice([StopLevel.EXERCISES, StopLevel.QUESTIONNAIRES, StopLevel.EVERYTHING], "level")
    )


def takes_it_up_again(world: World, person: int, _: Dice) -> None:
    with world.scene.work() as work:
        preferences.take_up_again(work, person)


def writes_stop_and_is_asked_what_was_meant(world: World, person: int, dice: Dice) -> None:
    with world.scene.work() as work:
        suspending.suspend(work, participants.by_id(work, person, lock=True))
    world.live(hours=dice.between(1, 60, "asked"))
    with world.scene.work() as work:
        suspending.lift(work, participants.by_id(work, person, lock=True))


def wants_the_data_back_and_changes_their_mind(world: World, person: int, dice: Dice) -> None:
    if world.scene.person(person).data_withdrawn_at is not None:
        return
    with world.scene.work() as work:
        withdrawal.ask(work, person, "withdraw_data")
    world.live(hours=dice.between(1, 100, "mind"))
    with world.scene.work() as work:
        waiting = wishes.waiting(work, person)
    if waiting and dice.happens(0.7, "undone"):
        with world.scene.work() as work:
            withdrawal.undo(work, person, waiting[0].id)
    else:
        world.live(days=7)
        withdrawal.carry_out_due(world.scene.store.open_work)


def asks_for_a_link(world: World, person: int, _: Dice) -> None:
    with world.scene.work(SYSTEM) as work:
        first = deliveries.of_participant(work, person)[0]
        links.ask_for_another(work, make_token(work.keys, first.id, first.generation))


def loses_the_mailbox(world: World, person: int, _: Dice) -> None:
    world.server.gone.add(f"person{person}@mailbox.example")


def the_trial_is_paused(world: World, _: int, dice: Dice) -> None:
    with world.scene.work(OPERATOR) as work:
        trials.pause(work, world.scene.slug)
    world.live(hours=dice.between(1, 80, "pause"))
    with world.scene.work(OPERATOR) as work:
        trials.resume(work, world.scene.slug)


ACTS: tuple[Act, ...] = (
    answers,
    moves_to_another_zone,
    chooses_another_hour,
    wants_fewer_reminders,
    pauses,
    ends_the_pause,
    says_not_today,
    says_never_again_and_has_it_back_at_times,
    stops_something,
    takes_it_up_again,
    writes_stop_and_is_asked_what_was_meant,
    wants_the_data_back_and_changes_their_mind,
    asks_for_a_link,
    loses_the_mailbox,
    the_trial_is_paused,
)


def _agrees(world: World) -> Recount:
    found = world.recounted()
    assert [one.sentence for one in found.differences] == []
    return found


@pytest.mark.parametrize("act", ACTS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("hours", [20, 353])
def test_one_act_on_the_way(world: World, act: Act, hours: int) -> None:
    """Before the first evening, and while a questionnaire waits."""
    people = [world.scene.enrol() for _ in range(2)]
    world.live(hours=hours)
    act(world, people[0], Dice(hours, people[0]))
    world.live(days=DAYS)
    found = _agrees(world)
    assert found.compared["mails"] > 25


@pytest.mark.parametrize("seed", range(12))
def test_many_acts_one_after_the_other(world: World, seed: int) -> None:
    people = [world.scene.enrol(zone=ZONES[(seed + number) % len(ZONES)]) for number in range(PEOPLE)]
    for step in range(22):
        dice = Dice(seed, step)
        world.live(hours=dice.between(2, 40, "wait"))
        act = answers if dice.happens(0.3, "answers") else dice.choice(ACTS, "act")
        act(world, dice.choice(people, "who"), dice)
        world.deliver()
    world.live(days=DAYS)
    assert _agrees(world).compared["mails"] >= 13 * PEOPLE
