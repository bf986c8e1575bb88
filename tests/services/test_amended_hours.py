"""An amendment of the hours: mails that were not sent move, each once, and what was sent or is past stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import Scene
from tests.services.test_amending import FORM, VERSION, again, amended, apply
from tests.services.test_amendments import look
from trial.core.amendment import ChangeClass
from trial.core.amendment.plans import Effects
from trial.core.delivery import Contact, ContactState
from trial.core.errors import Refused
from trial.core.participant import Occasion, StopLevel
from trial.protocol_files import ProtocolFolder
from trial.services import preferences
from trial.services.delivery import Sender, run_once
from trial.storage.work import Store

S = ContactState
HOUR = ("protocol.yaml", "    time: '19:00'", "    time: '19:30'")
EARLIER = ("protocol.yaml", "    time: '19:00'", "    time: '08:00'")
REMINDER = (
    "protocol.yaml",
    "{after: 2 hours, message: evening_reminder}",
    "{after: 1 hour, message: evening_reminder}",
)
LATEST = ("protocol.yaml", "{id: evening, stream: exercises, latest: 4 hours}",
          "{id: evening, stream: exercises, latest: 5 hours}")  # fmt: skip
LATER = amended(VERSION, FORM, HOUR)
EVENINGS = ("evening", "evening_reminder")


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def second_day(scene: Scene, post: Post, **options: str) -> int:
    """Somebody on the morning of their second day: both mails of the first evening have left."""
    person = scene.enrol(**options)
    for message in EVENINGS:
        scene.move_to(scene.contacts(person, message)[0].due_at)
        post.deliver(scene)
    scene.move(hours=14)
    return person


def local(found: Sequence[Contact | Occasion], zone: str = "Europe/Berlin") -> list[str]:
    """Day and hour of each where they live."""
    moments = [one.due_at if isinstance(one, Contact) else one.opens_at for one in found]
    return [f"{one.astimezone(ZoneInfo(zone)):%d %H:%M}" for one in moments]


def test_who_consents_again_gets_what_was_not_sent_at_the_new_hour_and_nothing_twice(scene: Scene, post: Post) -> None:
    person, other = second_day(scene, post), scene.enrol()
    before, others = scene.contacts(person), scene.contacts(other)
    apply(scene, LATER)
    assert scene.contacts(person) == before
    again(scene, person, seen=LATER.digest)
    after = scene.contacts(person)
    assert local(scene.contacts(person, "evening")) == ["05 19:00", "06 19:30", "07 19:30"]
    assert local(scene.contacts(person, "evening_reminder")) == ["05 21:00", "06 21:30", "07 21:30"]
    assert local(scene.occasions(person)) == ["05 19:00", "06 19:30", "07 19:30"]
    assert [one.id for one in after] == [one.id for one in before]
    assert [one for one in after if one.message not in EVENINGS] == [
        one for one in before if one.message not in EVENINGS
    ]
    assert scene.contacts(other) == others
    for one in after:
        scene.move_to(max(scene.now, one.due_at))
        post.deliver(scene)
    sent = [one for one in scene.contacts(person) if one.state is S.ACCEPTED and one.message in EVENINGS]
    assert len(sent) == len({(one.message, one.occurrence) for one in sent}) == 6
    assert len({one.headers["message-id"] for one in post.mails()}) == len(post.mails())


def test_windows_keep_their_length_and_mails_the_time_for_which_they_are_of_use(scene: Scene) -> None:
    person = scene.enrol()
    lengths = [one.closes_at - one.opens_at for one in scene.occasions(person)]
    useful = [one.not_after - one.due_at for one in scene.contacts(person, "evening")]
    apply(scene, LATER)
    again(scene, person, seen=LATER.digest)
    assert [one.closes_at - one.opens_at for one in scene.occasions(person)] == lengths
    assert [one.not_after - one.due_at for one in scene.contacts(person, "evening")] == useful


def test_what_an_amendment_moves_is_what_was_foretold(scene: Scene, post: Post) -> None:
    person = second_day(scene, post)
    foretold = look(scene, LATER).mails
    before = {one.id: one.due_at for one in scene.contacts(person)}
    apply(scene, LATER)
    again(scene, person, seen=LATER.digest)
    moved = sum(one.due_at != before[one.id] for one in scene.contacts(person))
    assert foretold == Effects(moved=moved, unchanged=2, left_alone=2)
    assert moved == 4
    assert look(scene, LATER).mails == Effects(unchanged=6, left_alone=2)


def test_a_window_that_is_open_stays_as_it_was_announced_and_only_its_reminder_moves(scene: Scene, post: Post) -> None:
    person = scene.enrol()
    scene.move_to(scene.contacts(person, "evening")[0].due_at)
    post.deliver(scene)
    scene.move(minutes=10)
    opened = scene.occasions(person)[0]
    apply(scene, LATER)
    again(scene, person, seen=LATER.digest)
    assert scene.occasions(person)[0] == opened
    assert local(scene.contacts(person, "evening")) == ["05 19:00", "06 19:30", "07 19:30"]
    assert local(scene.contacts(person, "evening_reminder")) == ["05 21:30", "06 21:30", "07 21:30"]


def test_nothing_moves_into_the_past(scene: Scene) -> None:
    person = scene.enrol()
    scene.move_to(scene.contacts(person, "evening")[0].due_at - timedelta(hours=1))
    earlier = amended(VERSION, FORM, EARLIER)
    apply(scene, earlier)
    again(scene, person, seen=earlier.digest)
    assert local(scene.contacts(person, "evening")) == ["05 19:00", "06 08:00", "07 08:00"]


def test_a_reminder_comes_as_late_as_the_new_version_says(scene: Scene) -> None:
    person = scene.enrol()
    new = amended(VERSION, FORM, REMINDER)
    apply(scene, new)
    again(scene, person, seen=new.digest)
    assert local(scene.contacts(person, "evening")) == ["05 19:00", "06 19:00", "07 19:00"]
    assert local(scene.contacts(person, "evening_reminder")) == ["05 20:00", "06 20:00", "07 20:00"]


def test_a_correction_of_how_long_a_mail_is_of_use_holds_for_everybody_at_once_also_for_what_is_due(
    scene: Scene,
) -> None:
    person = scene.enrol()
    due = scene.contacts(person, "evening")[0].due_at
    scene.move_to(due + timedelta(minutes=10))
    apply(scene, amended(VERSION, LATEST))
    found = scene.contacts(person, "evening")
    assert [one.not_after - one.due_at for one in found] == [timedelta(hours=5)] * 3
    assert found[0].due_at == due


def test_what_is_urgent_moves_everybodys_mails_at_once(scene: Scene) -> None:
    people = [scene.enrol(), scene.enrol()]
    apply(scene, LATER, raised=ChangeClass.URGENT_SAFETY)
    for person in people:
        assert local(scene.contacts(person, "evening")) == ["05 19:30", "06 19:30", "07 19:30"]


def test_who_stays_keeps_the_hours_that_they_agreed_to(scene: Scene, post: Post) -> None:
    person = scene.enrol()
    before = scene.contacts(person)
    apply(scene, LATER)
    scene.stop(person, StopLevel.EXERCISES)
    assert [one.due_at for one in scene.contacts(person)] == [one.due_at for one in before]


def test_an_hour_that_somebody_chose_and_a_zone_that_they_moved_to_stay_theirs(store: Store) -> None:
    offered = ("protocol.yaml", "    time: '19:00'\n", "    time: '19:00'\n    chosen_from: ['08:00', '19:00']\n")
    first = amended(offered)
    later = amended(VERSION, FORM, HOUR, ("protocol.yaml", "    time: '19:30'\n",
                                          "    time: '19:30'\n    chosen_from: ['08:00', '19:00']\n"))  # fmt: skip
    scene = Scene(store, folder=first)
    chose, went = scene.enrol(), scene.enrol()
    with scene.work() as work:
        for person, zone, hour in ((chose, "Europe/Berlin", "08:00"), (went, "America/New_York", None)):
            preferences.change_mails(work, person, zone=zone, language="en", hour=hour, fewer_reminders=False)
    apply(scene, later)
    for person in (chose, went):
        again(scene, person, seen=later.digest)
    assert local(scene.contacts(chose, "evening")) == ["05 08:00", "06 08:00", "07 08:00"]
    assert local(scene.contacts(went, "evening"), "America/New_York") == ["05 19:30", "06 19:30", "07 19:30"]


def test_what_was_answered_is_left_alone(scene: Scene, post: Post) -> None:
    person = second_day(scene, post)
    evening = scene.occasions(person)[1]
    scene.move_to(evening.opens_at)
    scene.submit(person, evening.id, {"writing": "Some words."})
    before = scene.contacts(person)
    apply(scene, LATER)
    again(scene, person, seen=LATER.digest)
    changed = {one.id for one, other in zip(before, scene.contacts(person), strict=True) if one != other}
    assert changed == {one.id for one in before if one.timepoint == "evening" and one.occurrence == 3}


@pytest.mark.parametrize(
    "change",
    [
        ("protocol.yaml", "reminders: [{after: 2 hours, message: evening_reminder}]", "reminders: []"),
        ("protocol.yaml", "    days: [1, 2, 3]\n    time: '19:00'", "    time: at_once"),
    ],
    ids=["a reminder less", "at once"],
)
def test_what_would_plan_other_mails_is_refused_as_before(scene: Scene, change: tuple[str, str, str]) -> None:
    person = scene.enrol()
    before: list[Contact] = scene.contacts(person)
    new: ProtocolFolder = amended(VERSION, FORM, change)
    with pytest.raises(Refused, match="planned or asked"):
        apply(scene, new)
    assert scene.contacts(person) == before


def test_hours_are_amended_while_mails_leave_and_each_leaves_once(scene: Scene, post: Post) -> None:
    people = [scene.enrol() for _ in range(12)]
    scene.move_to(scene.contacts(people[0], "evening")[0].due_at)
    senders = [post.sender() for _ in range(2)]

    def drain(sender: Sender) -> None:
        while run_once(scene.store.open_work, sender, limit=2):
            pass

    acts: list[Callable[[], object]] = [lambda: apply(scene, LATER, raised=ChangeClass.URGENT_SAFETY)]
    acts += [lambda one=one: drain(one) for one in senders]  # type: ignore[misc]
    at_once(lambda act: act(), acts)
    scene.move(hours=1)
    post.deliver(scene)
    sent = [one for person in people for one in scene.contacts(person, "evening")[:1]]
    assert {one.state for one in sent} == {S.ACCEPTED}
    assert set(local(sent)) <= {"05 19:00", "05 19:30"}
    leaving = [one.headers["message-id"] for one in post.mails()]
    assert len(leaving) == len(set(leaving))
