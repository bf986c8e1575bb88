"""An amendment of the days: windows that have not opened move with their mails, what has begun stays, none is lost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from tests.core.staged import CROSS_OVER, SECOND, STAGED, tree_of
from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import MOODS, OPERATOR, Scene
from tests.services.staged_scene import LOW, answer, options_of
from tests.services.test_amended_hours import EVENINGS, local, second_day
from tests.services.test_amending import FORM, VERSION, again, amended, apply
from tests.services.test_amendments import look
from trial.core.amendment import ChangeClass
from trial.core.amendment.plans import Effects
from trial.core.contact_words import reason_of
from trial.core.delivery import TAKEN_OUT, ContactState
from trial.core.local_time import later
from trial.core.schedule import last_window, plan_end
from trial.protocol_files import ProtocolFolder, read_files
from trial.services import ending, freeze, preferences, trials
from trial.services.delivery import Sender, run_once
from trial.storage import stage_entries
from trial.storage.tables_delivery import delivery
from trial.storage.work import Store

S = ContactState
URGENT = ChangeClass.URGENT_SAFETY
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def evenings(*days: int) -> ProtocolFolder:
    """The small trial with its evenings on other days."""
    return amended(VERSION, FORM, ("protocol.yaml", "days: [1, 2, 3]", f"days: {list(days)}"))


def once_more(folder: ProtocolFolder, *changes: tuple[str, str]) -> ProtocolFolder:
    """The version after that one."""
    numbers = (("\nversion: '1.1'", "\nversion: '1.2'"), ("\n  version: '2.0'", "\n  version: '3.0'"))
    return amended(*(("protocol.yaml", old, new) for old, new in (*numbers, *changes)), of=folder)


def follow_up(day: int, *more: tuple[str, str, str]) -> ProtocolFolder:
    return amended(VERSION, FORM, ("protocol.yaml", "days: [14]", f"days: [{day}]"), *more)


def through(scene: Scene, post: Post) -> None:
    """Through every day, each mail at its time."""
    while True:
        due = [one.due_at for one in scene.contacts() if one.state in (S.PLANNED, S.DUE, S.RETRY)]
        if not due:
            return
        scene.move_to(max(scene.now, min(due)))
        post.deliver(scene)


def sent(scene: Scene, person: int, message: str) -> list[str]:
    return local([one for one in scene.contacts(person, message) if one.state is S.ACCEPTED])


# --- the same number of days -----------------------------------------------------------------------------------------


def test_who_consents_again_is_asked_on_the_new_day_and_who_does_not_on_the_old_one(scene: Scene, post: Post) -> None:
    person, other = scene.enrol(), scene.enrol()
    before, others = scene.contacts(person), scene.contacts(other)
    new = follow_up(21)
    apply(scene, new)
    assert scene.contacts(person) == before
    again(scene, person, seen=new.digest)
    assert local(scene.contacts(person, "questionnaire")) == ["25 18:00"]
    assert local(scene.contacts(person, "questionnaire_reminder")) == ["28 18:00"]
    assert local(scene.occasions(person, "week_2")) == ["25 18:00"]
    assert scene.contacts(person, "evening") == [one for one in before if one.message == "evening"]
    assert {one.id for one in scene.contacts(person)} == {one.id for one in before}
    assert scene.contacts(other) == others
    through(scene, post)
    assert (sent(scene, person, "questionnaire"), sent(scene, other, "questionnaire")) == (["25 18:00"], ["18 18:00"])
    assert len({one.headers["message-id"] for one in post.mails()}) == len(post.mails())


def test_evenings_that_were_sent_stay_and_the_others_come_on_their_new_days(scene: Scene, post: Post) -> None:
    person = second_day(scene, post)
    before = scene.contacts(person, "evening")[0], scene.occasions(person)[0]
    apply(scene, evenings(2, 4, 6), raised=URGENT)
    assert (scene.contacts(person, "evening")[0], scene.occasions(person)[0]) == before
    assert local(scene.contacts(person, "evening")) == ["05 19:00", "08 19:00", "10 19:00"]
    assert local(scene.contacts(person, "evening_reminder")) == ["05 21:00", "08 21:00", "10 21:00"]
    through(scene, post)
    assert sent(scene, person, "evening") == ["05 19:00", "08 19:00", "10 19:00"]


def test_an_occasion_whose_new_day_has_passed_stays_on_its_day(scene: Scene, post: Post) -> None:
    person = scene.enrol()
    scene.move(days=10)
    post.deliver(scene)
    assert look(scene, follow_up(7)).mails == Effects(stay=2, left_alone=6)
    window = scene.occasions(person, "week_2")
    apply(scene, follow_up(7), raised=URGENT)
    assert scene.occasions(person, "week_2") == window
    assert local(scene.contacts(person, "questionnaire_reminder")) == ["21 18:00"]
    through(scene, post)
    assert sent(scene, person, "questionnaire") == ["18 18:00"]
    late = scene.enrol()
    assert local(scene.contacts(late, "questionnaire"))[0] == f"{scene.now.astimezone(BERLIN) + timedelta(7):%d} 18:00"


@pytest.mark.parametrize(
    ("days", "then"),
    [([1, 2, 5], ["05", "09", "13"]), ([1, 2, 8], ["05", "09", "12"]), ([1, 4, 6], ["05", "08", "10"])],
    ids=["the third would meet the second", "the third comes after it", "none has passed"],
)
def test_what_comes_after_an_occasion_that_stays_comes_after_it_still(
    store: Store, days: list[int], then: list[str]
) -> None:
    scene = Scene(store, folder=amended(("protocol.yaml", "days: [1, 2, 3]", "days: [1, 5, 9]")))
    person = scene.enrol()
    scene.move(days=3)
    apply(scene, evenings(*days), raised=URGENT)
    assert local(scene.occasions(person)) == [f"{day} 19:00" for day in then]
    assert local(scene.contacts(person, "evening")) == [f"{day} 19:00" for day in then]


def test_a_window_that_is_open_closes_as_it_was_announced_and_those_to_come_as_the_version_says(scene: Scene) -> None:
    person = scene.enrol()
    scene.move_to(scene.occasions(person)[0].opens_at + timedelta(hours=1))
    apply(
        scene,
        amended(VERSION, FORM, ("protocol.yaml", "closes_after: 20 hours", "closes_after: 22 hours")),
        raised=URGENT,
    )
    lengths = [(one.closes_at - one.opens_at) / timedelta(hours=1) for one in scene.occasions(person)]
    assert lengths == [20, 22, 22]


def test_what_was_answered_stays_where_it_was(scene: Scene, post: Post) -> None:
    person = second_day(scene, post)
    evening = scene.occasions(person)[1]
    scene.move_to(evening.opens_at)
    scene.submit(person, evening.id, {"writing": "Some words."})
    apply(scene, evenings(1, 4, 6), raised=URGENT)
    assert local(scene.occasions(person)) == ["05 19:00", "06 19:00", "10 19:00"]


def test_somebody_who_crossed_the_date_line_counts_from_the_day_that_it_was_for_them(scene: Scene) -> None:
    """Allocated at nine in the morning of the fourth in Berlin, when it was still the third in Honolulu."""
    person = scene.enrol()
    with scene.work() as work:
        preferences.change_mails(work, person, zone="Pacific/Honolulu", language="en", hour=None, fewer_reminders=False)
    apply(scene, evenings(1, 2, 4), raised=URGENT)
    assert local(scene.occasions(person), "Pacific/Honolulu") == ["05 19:00", "06 19:00", "08 19:00"]


# --- more days and fewer, and days left alone ------------------------------------------------------------------------


def test_an_evening_more_is_asked_of_whom_it_is_still_to_come_for(scene: Scene) -> None:
    early = scene.enrol()
    scene.move(days=5)
    late, new = scene.enrol(), evenings(1, 2, 3, 4)
    found = look(scene, new, raised=URGENT).mails
    assert found is not None
    assert (found.appear, found.past, found.moved, found.vanish) == (2, 2, 0, 0)
    apply(scene, new, raised=URGENT)
    assert local(scene.occasions(early)) == ["05 19:00", "06 19:00", "07 19:00"]
    assert local(scene.occasions(late)) == ["10 19:00", "11 19:00", "12 19:00", "13 19:00"]
    assert local(scene.contacts(late, "evening_reminder"))[-1] == "13 21:00"
    assert scene.occasions(late)[-1].activity == scene.occasions(late)[0].activity


def test_an_evening_less_is_taken_out_with_its_mails_and_comes_once_if_it_is_put_back(scene: Scene, post: Post) -> None:
    person = second_day(scene, post)
    two = evenings(1, 2)
    assert look(scene, two).mails == Effects(vanish=2, unchanged=4, left_alone=2)
    apply(scene, two, raised=URGENT)
    assert local(scene.occasions(person)) == ["05 19:00", "06 19:00"]
    gone = [one for one in scene.contacts(person) if one.reason == TAKEN_OUT]
    assert {(one.state, one.occurrence, one.message) for one in gone} == {(S.SUPPRESSED, 3, one) for one in EVENINGS}
    assert {reason_of(one) for one in gone} == {"An amendment took this day out before it came."}
    again_three = once_more(two, ("days: [1, 2]", "days: [1, 2, 5]"))
    assert look(scene, again_three).mails == Effects(appear=2, unchanged=4, left_alone=2)
    apply(scene, again_three, raised=URGENT)
    assert {one.id for one in scene.contacts(person, "evening")} >= {one.id for one in gone if one.message == "evening"}
    through(scene, post)
    assert sent(scene, person, "evening") == ["05 19:00", "06 19:00", "09 19:00"]
    assert len({one.headers["message-id"] for one in post.mails()}) == len(post.mails())


def test_an_evening_that_was_asked_is_never_taken_out(scene: Scene, post: Post) -> None:
    person = second_day(scene, post)
    scene.move(days=1)
    post.deliver(scene)
    apply(scene, evenings(1), raised=URGENT)
    assert local(scene.occasions(person)) == ["05 19:00", "06 19:00"]
    assert [one.occurrence for one in scene.contacts(person, "evening") if one.reason == TAKEN_OUT] == [3]


@pytest.mark.parametrize(
    ("rule", "then"), [("move", ["05 19:00", "08 19:00"]), ("skip", ["05 19:00"])], ids=["moved", "left out"]
)
def test_days_that_are_left_alone_from_now_on_are_left_alone(scene: Scene, rule: str, then: list[str]) -> None:
    person = scene.enrol()
    blackout = f"calendar: {{blackout: [{{first: 03-06, last: 03-07, rule: {rule}}}]}}\ntimepoints:\n"
    apply(scene, amended(VERSION, FORM, ("protocol.yaml", "timepoints:\n", blackout)), raised=URGENT)
    assert local(scene.occasions(person)) == then


def test_a_weekly_pattern_takes_the_place_of_days(scene: Scene) -> None:
    person = scene.enrol()
    weekly = amended(VERSION, FORM, ("protocol.yaml", "    days: [1, 2, 3]\n", "    weekly: {on: [thu], weeks: 3}\n"))
    apply(scene, weekly, raised=URGENT)
    assert [f"{one.opens_at.astimezone(BERLIN):%a %d}" for one in scene.occasions(person)] == [
        "Thu 07",
        "Thu 14",
        "Thu 21",
    ]
    longer = once_more(weekly, ("weekly: {on: [thu], weeks: 3}", "weekly: {on: [fri], weeks: 4, from_day: 8}"))
    apply(scene, longer, raised=URGENT)
    assert [f"{one.opens_at.astimezone(BERLIN):%a %d}" for one in scene.occasions(person)] == [
        "Fri 15", "Fri 22", "Fri 29", "Fri 05",
    ]  # fmt: skip


# --- what hangs on it ------------------------------------------------------------------------------------------------


def test_what_waits_for_something_done_counts_from_the_day_on_which_it_was_done(store: Store) -> None:
    waits = (
        "  - id: week_2\n",
        "  - {{id: after, label: {{en: After}}, anchor: completion, after: later, days: [{day}], time: '18:00', "
        "activities: [later], closes_after: 5 days, invitation: questionnaire}}\n  - id: week_2\n",
    )
    first = amended(("protocol.yaml", waits[0], waits[1].format(day=9)))
    scene = Scene(store, folder=first)
    person, other = scene.enrol(), scene.enrol()
    scene.move_to(scene.occasions(person, "week_2")[0].opens_at)
    scene.submit(person, scene.occasions(person, "week_2")[0].id, MOODS[0] | {"after_worse": "no"})
    new = amended(VERSION, FORM, ("protocol.yaml", "days: [9]", "days: [4]"), of=first)
    apply(scene, new, raised=URGENT)
    assert local(scene.occasions(person, "after")) == ["22 18:00"]
    scene.move(days=1)
    scene.submit(other, scene.occasions(other, "week_2")[0].id, MOODS[0] | {"after_worse": "no"})
    assert local(scene.occasions(other, "after")) == ["23 18:00"]


def test_a_further_stage_is_decided_when_the_window_that_moved_is_over_and_what_it_brought_moves(store: Store) -> None:
    scene = Scene(store, folder=STAGED)
    people = [scene.enrol() for _ in range(2)]
    answer(scene, people[0], LOW)
    tree = tree_of(SECOND, CROSS_OVER)
    tree["version"], tree["consent"]["version"] = "1.1", "2.0"
    for one in tree["timepoints"]:
        if one["id"].startswith("evenings_"):
            one["days"] = [2, 5]
    apply(scene, read_files({**STAGED.files, "protocol.yaml": json.dumps(tree)}), raised=URGENT)
    first = scene.now.astimezone(BERLIN).date()
    for stage in ("second", "cross_over"):
        found = scene.occasions(people[0], f"evenings_{stage}")
        assert [(one.opens_at.astimezone(BERLIN).date() - first).days for one in found] in ([2, 5], [])
    assert options_of(scene, people[0])


def test_who_is_to_answer_later_is_allocated_later(store: Store) -> None:
    scene = Scene(store, folder=STAGED)
    person = scene.enrol()
    tree = tree_of(SECOND, CROSS_OVER)
    tree["version"], tree["consent"]["version"] = "1.1", "2.0"
    next(one for one in tree["timepoints"] if one["id"] == "week_2")["days"] = [10]
    apply(scene, read_files({**STAGED.files, "protocol.yaml": json.dumps(tree)}), raised=URGENT)
    (window,) = scene.occasions(person, "week_2")
    with scene.work(write=False) as work:
        assert {one.due_at for one in stage_entries.waiting(work, person)} == {window.closes_at}


def test_the_mail_that_ends_the_study_comes_after_the_last_window_of_the_new_version(scene: Scene) -> None:
    person = scene.enrol()
    for new in (follow_up(40), once_more(follow_up(40), ("days: [40]", "days: [20]"))):
        apply(scene, new, raised=URGENT)
        (last,) = scene.contacts(person, ending.STUDY_OVER)
        first = scene.person(person).randomized_at
        assert first is not None
        assert (
            last.due_at == plan_end(new.protocol, ending.STUDY_OVER, first.astimezone(BERLIN).date(), BERLIN.key).due_at
        )
        assert last.due_at > later(first, last_window(new.protocol), BERLIN.key) - timedelta(days=1)


def test_an_answer_is_late_by_the_window_that_its_person_was_told(store: Store) -> None:
    """Both answer nine days after the opening; for one of them the window was open when it was made longer."""
    longer = follow_up(14, ("protocol.yaml", "    closes_after: 7 days\n    invitation: questionnaire",
                            "    closes_after: 10 days\n    invitation: questionnaire"))  # fmt: skip
    grace = ("protocol.yaml", "    invitation: questionnaire\n", "    invitation: questionnaire\n    grace: 4 days\n")
    scene = Scene(store, folder=amended(grace))
    told_seven = scene.enrol()
    scene.move(days=10)
    told_ten = scene.enrol()
    scene.move_to(scene.occasions(told_seven, "week_2")[0].opens_at)
    apply(scene, amended(grace, of=longer), raised=URGENT)
    for person in (told_seven, told_ten):
        scene.move_to(scene.occasions(person, "week_2")[0].opens_at + timedelta(days=9))
        form = MOODS[0] | {"after_worse": "no"}
        assert scene.submit(person, scene.occasions(person, "week_2")[0].id, form).state == "kept"
    codes = {scene.person(one).code: one for one in (told_seven, told_ten)}
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        files = freeze.freeze(work, scene.slug)
    found = csv.DictReader(io.StringIO(files["dataset.csv"]))
    late = {codes[one["participant"]]: one["late"] for one in found if one["timepoint"] == "week_2"}
    assert late == {told_seven: "yes", told_ten: "no"}


# --- while mails leave -----------------------------------------------------------------------------------------------


def test_a_window_whose_mail_is_in_a_senders_hands_stays(scene: Scene) -> None:
    """The amendment read its clock a moment before the mail fell due, and waited for the worker that took it."""
    person = scene.enrol()
    first = delivery.c.id == scene.contacts(person, "evening")[0].id
    with scene.work() as work:
        work.rows.execute(update(delivery).where(first).values(state=S.CLAIMED.value, owner="worker", attempt=1))
    taken = scene.contacts(person, "evening")[0]
    apply(scene, evenings(4, 5, 6), raised=URGENT)
    assert scene.contacts(person, "evening")[0] == taken
    assert local(scene.occasions(person)) == ["05 19:00", "09 19:00", "10 19:00"]


def test_days_are_amended_while_mails_leave_and_each_leaves_once(scene: Scene, post: Post) -> None:
    people = [scene.enrol() for _ in range(12)]
    scene.move_to(scene.contacts(people[0], "evening")[0].due_at)
    senders = [post.sender() for _ in range(2)]

    def drain(sender: Sender) -> None:
        while run_once(scene.store.open_work, sender, limit=2):
            pass

    acts: list[Callable[[], object]] = [lambda: apply(scene, evenings(3, 4, 5), raised=URGENT)]
    acts += [lambda one=one: drain(one) for one in senders]  # type: ignore[misc]
    at_once(lambda act: act(), acts)
    post.deliver(scene)
    for person in people:
        assert local(scene.occasions(person)) == ["05 19:00", "08 19:00", "09 19:00"]
        assert scene.contacts(person, "evening")[0].state is S.ACCEPTED
    leaving = [one.headers["message-id"] for one in post.mails()]
    assert len(leaving) == len(set(leaving))
