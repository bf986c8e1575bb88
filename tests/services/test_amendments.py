"""Looking ahead at an amendment: counted right, no mail issued twice, no arm told, nothing written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from tests.core.protocols import FOLDER, rewritten
from tests.services.post import Post
from tests.services.scene import MOODS, OPERATOR, Scene
from tests.storage.stores import content
from trial.core.access import MAY, SYSTEM, Actor, Role, Verb, participant_actor
from trial.core.amendment import ChangeClass
from trial.core.amendment.plans import Effects, LedgerRow, Slot, effects, plan
from trial.core.errors import NotAllowed, NotFound
from trial.core.participant import Participant, StopLevel
from trial.core.schedule import PlannedContact
from trial.protocol_files import ProtocolFolder, read_files
from trial.services.amendments import Preview, preview
from trial.storage import claims, plans
from trial.storage import trials as stored
from trial.storage.work import Store

PEOPLE = 3
# each person: three evenings and one questionnaire, each an invitation and a reminder
EACH = 8
SEES_ARMS = Actor("member:5", Role.UNBLINDED_STATISTICIAN)
LATER = ("    days: [14]", "    days: [21]")
LATER_IN_THE_EVENING = ("    time: '19:00'", "    time: '20:00'")
SECOND_REMINDER = (
    "reminders: [{after: 2 hours, message: evening_reminder}]",
    "reminders: [{after: 2 hours, message: evening_reminder}, {after: 3 hours, message: evening_reminder}]",
)
# one arm alone is asked for its last evening
LETTERS_ONLY = (
    "  - id: week_2\n",
    "  - {id: more, label: {en: More}, days: [5], time: '19:00', activities: [letter], closes_after: 20 hours, "
    "invitation: evening}\n  - id: week_2\n",
)


@pytest.fixture
def scene(store: Store, post: Post) -> Scene:
    """Three people on the morning of their second day: the first evening's two mails have left."""
    scene = Scene(store)
    people = [scene.enrol() for _ in range(PEOPLE)]
    for contact in scene.contacts(people[0], "evening")[:1] + scene.contacts(people[0], "evening_reminder")[:1]:
        scene.move_to(contact.due_at)
        post.deliver(scene)
    scene.move(hours=14)
    return scene


def look(scene: Scene, new: ProtocolFolder, by: Actor = OPERATOR, raised: ChangeClass | None = None) -> Preview:
    with scene.work(by, write=False) as work:
        return preview(work, scene.slug, new, raised=raised)


def mails(scene: Scene, *changes: tuple[str, str], file: str = "protocol.yaml", by: Actor = OPERATOR) -> Effects:
    found = look(scene, rewritten(*changes, file=file), by).mails
    assert found is not None
    return found


def test_the_same_protocol_changes_no_mail(scene: Scene) -> None:
    found = look(scene, FOLDER)
    assert found.amendment.changes == () and found.people_with_other_mails == 0
    assert found.mails == Effects(unchanged=6 * PEOPLE, left_alone=2 * PEOPLE)


def test_a_later_questionnaire_moves_its_mails_and_no_others(scene: Scene) -> None:
    found = look(scene, rewritten(LATER))
    assert found.mails == Effects(moved=2 * PEOPLE, unchanged=4 * PEOPLE, left_alone=2 * PEOPLE)
    assert found.people_with_other_mails == found.randomized == PEOPLE
    assert not found.replans_at_once


def test_a_later_hour_moves_the_evenings_to_come_and_leaves_the_first_one_alone(scene: Scene) -> None:
    assert mails(scene, LATER_IN_THE_EVENING) == Effects(
        moved=4 * PEOPLE, unchanged=2 * PEOPLE, left_alone=2 * PEOPLE
    )  # fmt: skip


def test_an_evening_less_takes_its_mails_away(scene: Scene) -> None:
    found = mails(scene, ("    days: [1, 2, 3]", "    days: [1, 2]"))
    assert found == Effects(vanish=2 * PEOPLE, unchanged=4 * PEOPLE, left_alone=2 * PEOPLE)


def test_another_reminder_comes_for_the_evenings_ahead_and_not_for_the_one_that_has_passed(scene: Scene) -> None:
    found = mails(scene, SECOND_REMINDER)
    assert found == Effects(appear=2 * PEOPLE, past=PEOPLE, unchanged=6 * PEOPLE, left_alone=2 * PEOPLE)


def test_mails_whose_new_day_has_passed_are_said_to_stay_on_theirs(scene: Scene) -> None:
    found = mails(scene, ("    days: [14]\n    time: '18:00'", "    days: [1]\n    time: '18:00'"))
    # its reminder, three days later, would still be ahead, and stays with its invitation
    assert found == Effects(stay=2 * PEOPLE, unchanged=4 * PEOPLE, left_alone=2 * PEOPLE)


def test_a_longer_useful_time_is_no_move(scene: Scene) -> None:
    found = mails(scene, ("stream: exercises, latest: 4 hours", "stream: exercises, latest: 5 hours"))
    assert found == Effects(other_latest=2 * PEOPLE, unchanged=4 * PEOPLE, left_alone=2 * PEOPLE)


def test_a_mail_under_another_name_does_not_reach_those_who_had_it(scene: Scene) -> None:
    text = FOLDER.files["protocol.yaml"].replace("invitation: evening\n", "invitation: note\n")
    text = text.replace("{id: evening, stream", "{id: note, stream")
    files = {**FOLDER.files, "protocol.yaml": text, "messages/note.en.md": FOLDER.files["messages/evening.en.md"]}
    found = look(scene, read_files(files)).mails
    assert found == Effects(other_mail=2 * PEOPLE, unchanged=4 * PEOPLE, left_alone=2 * PEOPLE)


def test_other_words_reach_the_mails_to_come_at_once(scene: Scene) -> None:
    folder = rewritten(("Subject: ", "Subject: Now: "), file="messages/evening.en.md")
    found = look(scene, folder)
    assert found.mails == Effects(reworded=2 * PEOPLE, unchanged=4 * PEOPLE, left_alone=2 * PEOPLE)
    assert found.rewords_at_once and found.replans_at_once
    assert not look(scene, folder, raised=ChangeClass.SUBSTANTIAL).rewords_at_once


def test_another_address_of_the_team_stands_in_every_mail_to_come(scene: Scene) -> None:
    found = mails(scene, ("contact_email: team@trial.example", "contact_email: new@trial.example"))
    assert found == Effects(reworded=6 * PEOPLE, left_alone=2 * PEOPLE)


def test_an_urgent_measure_does_not_wait_for_consent(scene: Scene) -> None:
    assert look(scene, rewritten(LATER), raised=ChangeClass.URGENT_SAFETY).replans_at_once


# --- no mail is issued twice -----------------------------------------------------------------------------------------

Counting = Callable[[Participant, Sequence[LedgerRow], Mapping[Slot, PlannedContact], datetime], Effects]


def careful(
    person: Participant, rows: Sequence[LedgerRow], planned: Mapping[Slot, PlannedContact], now: datetime
) -> Effects:
    return effects(person, rows, planned, later=frozenset(), reworded=frozenset(), now=now)


def naive(
    person: Participant, rows: Sequence[LedgerRow], planned: Mapping[Slot, PlannedContact], now: datetime
) -> Effects:
    """What a first thought does: whatever the new plan has and no waiting row stands for, is new."""
    waiting = [row for row in rows if row.unsent]
    return effects(
        person, waiting, planned, later=frozenset(), reworded=frozenset(), now=datetime.min.replace(tzinfo=now.tzinfo)
    )


def assert_nothing_twice(scene: Scene, counting: Counting) -> None:
    """No version that shifts the evenings makes a mail new that its people had."""
    for change in (LATER, LATER_IN_THE_EVENING, ("    time: '19:00'", "    time: '09:30'")):
        protocol = rewritten(change).protocol
        with scene.work(write=False) as work:
            (chunk,) = plans.in_chunks(work, scene.id)
            now = work.now
        for one in chunk:
            assert one.arm is not None and one.person.randomized_at is not None
            planned = plan(protocol, one.arm, one.person.randomized_at, one.person.zone, done={})
            found = counting(one.person, one.rows, planned, now)
            assert (found.appear, found.left_alone) == (0, 2)


def test_no_mail_that_left_is_new_again(scene: Scene) -> None:
    assert_nothing_twice(scene, careful)


def test_a_count_that_forgets_the_past_would_be_caught(scene: Scene) -> None:
    with pytest.raises(AssertionError):
        assert_nothing_twice(scene, naive)


def test_what_is_in_a_senders_hands_is_left_alone_and_what_a_pause_holds_back_is_not(scene: Scene, post: Post) -> None:
    from trial.services import trials

    scene.move_to(scene.contacts(message="evening")[PEOPLE].due_at)
    with scene.work() as work:
        assert len(claims.claim(work, owner="worker", limit=1)) == 1
    assert mails(scene, LATER_IN_THE_EVENING).moved == 4 * PEOPLE - 1
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    post.deliver(scene)
    assert {one.state.value for one in scene.contacts(message="evening")} >= {"held", "claimed"}
    assert mails(scene, LATER_IN_THE_EVENING).moved == 4 * PEOPLE - 1


def test_a_reminder_of_what_is_answered_is_left_alone_and_no_other_comes(scene: Scene) -> None:
    contact = scene.contacts(message="evening")[PEOPLE]
    scene.move_to(contact.due_at)
    assert contact.occasion_id is not None
    scene.submit(contact.participant_id, contact.occasion_id, {"writing": "Some words."})
    before = mails(scene, SECOND_REMINDER)
    # two people with two evenings, one with one; the answered evening's two mails are nobody's any more
    assert (before.appear, before.left_alone) == (2 * PEOPLE - 1, 2 * PEOPLE + 2)


# --- who -------------------------------------------------------------------------------------------------------------


def test_everybody_is_counted_once_by_where_they_stand(scene: Scene) -> None:
    scene.to_code()
    scene.to_consent()
    scene.to_baseline()
    scene.stop(scene.enrol(), StopLevel.EVERYTHING)
    found = look(scene, rewritten(LATER))
    assert found.consented == {"1.0": PEOPLE + 1}
    assert (found.on_the_way, found.left, found.randomized) == (2, 1, PEOPLE + 1)


def test_who_stopped_gets_no_other_mails_whatever_the_version(scene: Scene) -> None:
    people = [one["id"] for one in content(scene.store)["participant"]]
    scene.stop(people[0], StopLevel.EVERYTHING)
    scene.stop(people[1], StopLevel.EXERCISES)
    found = look(scene, rewritten(LATER_IN_THE_EVENING, LATER, SECOND_REMINDER))
    assert found.mails == Effects(moved=2 + 6, appear=2, past=1, left_alone=EACH + 6 + 2)
    assert found.people_with_other_mails == 2


def test_people_on_different_versions_are_told_apart(scene: Scene) -> None:
    newer = rewritten(("version: '1.0'\nlanguages", "version: '1.1'\nlanguages"), LATER)
    with scene.work(OPERATOR) as work:
        stored.add_protocol(work, scene.id, newer)
    scene.enrol()
    found = look(scene, rewritten(("version: '1.0'\nlanguages", "version: '1.2'\nlanguages"), LATER))
    assert found.consented == {"1.0": PEOPLE, "1.1": 1}
    assert found.amendment.old_version == "1.1"
    assert found.mails == Effects(moved=2 * PEOPLE, unchanged=4 * PEOPLE + EACH, left_alone=2 * PEOPLE)


# --- no arm is told --------------------------------------------------------------------------------------------------


def test_a_count_that_would_tell_how_many_are_in_an_arm_is_not_given_to_who_may_not_read_it(scene: Scene) -> None:
    found = look(scene, rewritten(LETTERS_ONLY))
    assert found.mails is None and found.people_with_other_mails is None
    assert found.randomized == PEOPLE
    letters = sum(one["arm"] == "letter" for one in content(scene.store)["allocation"])
    assert mails(scene, LETTERS_ONLY, by=SEES_ARMS).appear == letters


def test_words_that_one_arm_alone_would_read_tell_no_more(scene: Scene) -> None:
    text = FOLDER.files["protocol.yaml"]
    for old, new in (
        LETTERS_ONLY,
        (
            "{id: evening, stream: exercises",
            "{id: more, stream: exercises, latest: 4 hours}\n  - {id: evening, stream: exercises",
        ),
    ):
        text = text.replace(old, new.replace("invitation: evening}", "invitation: more}"))
    files = {**FOLDER.files, "protocol.yaml": text, "messages/more.en.md": "Subject: More\n\nOne more.\n"}
    other = Scene(scene.store, folder=read_files(files), slug="more-letters")
    other.enrol()
    words = read_files({**files, "messages/more.en.md": "Subject: More\n\nAnother one.\n"})
    assert look(other, words).mails is None
    assert look(other, words, SEES_ARMS).mails is not None


def test_an_arm_that_goes_hides_the_count_and_its_people_keep_their_mails(scene: Scene) -> None:
    text = FOLDER.files["protocol.yaml"].replace(
        "  - id: letter\n    label: {en: A letter}", "  - id: note\n    label: {en: A letter}"
    )
    text = text.replace("contrast: [letter,", "contrast: [note,").replace("arms: [letter]", "arms: [note]")
    folder = read_files({**FOLDER.files, "protocol.yaml": text})
    assert look(scene, folder).mails is None
    kept = sum(one["arm"] == "list" for one in content(scene.store)["allocation"])
    assert look(scene, folder, SEES_ARMS).mails == Effects(unchanged=6 * kept, left_alone=2 * kept)


def test_what_a_preview_holds_names_no_arm_and_nobody(scene: Scene) -> None:
    found = asdict(look(scene, rewritten(LATER, LETTERS_ONLY)))
    del found["amendment"]
    told = str(found)
    assert not any(arm.id in told for arm in FOLDER.protocol.arms)
    assert not any(one["code"] in told for one in content(scene.store)["participant"])


def test_only_roles_that_may_read_the_status_look_ahead(scene: Scene) -> None:
    for role in Role:
        assert Verb.READ_STATUS in MAY[role]
        assert look(scene, FOLDER, Actor("member:4", role)).randomized == PEOPLE
    for actor in (SYSTEM, participant_actor(1), Actor("member:3")):
        with pytest.raises(NotAllowed):
            look(scene, FOLDER, actor)


# --- nothing is written, and many people are no trouble --------------------------------------------------------------


def test_looking_ahead_writes_nothing(scene: Scene) -> None:
    before = content(scene.store)
    for change in (LATER, LATER_IN_THE_EVENING, SECOND_REMINDER, LETTERS_ONLY):
        look(scene, rewritten(change))
        with scene.work(OPERATOR) as work:  # also where writing would be possible
            preview(work, scene.slug, rewritten(change))
    assert content(scene.store) == before


def test_a_trial_that_is_not_there_is_named(scene: Scene) -> None:
    with pytest.raises(NotFound, match="nowhere"), scene.work(OPERATOR) as work:
        preview(work, "nowhere", FOLDER)


WAITS = (
    "  - id: week_2\n",
    "  - {{id: after, label: {{en: After}}, anchor: completion, after: later, days: [{day}], time: '18:00', "
    "activities: [later], closes_after: 5 days, invitation: questionnaire}}\n  - id: week_2\n",
)


def waits(day: int) -> tuple[str, str]:
    """A questionnaire so many days after the one of the second week was finished."""
    return WAITS[0], WAITS[1].format(day=day)


def test_what_waits_for_something_done_moves_for_those_who_did_it(store: Store) -> None:
    scene = Scene(store, folder=rewritten(waits(9)))
    people = [scene.enrol(), scene.enrol()]
    occasion = scene.occasions(people[0], "week_2")[0]
    scene.move_to(occasion.opens_at)
    form = {"feeling_1": "0", "feeling_2": "1", "feeling_3": "0", "after_worse": "no"}
    assert scene.submit(people[0], occasion.id, form).state == "kept"
    assert [one.timepoint for one in scene.contacts(people[0]) if one.timepoint][-1] == "after"
    assert mails(scene, waits(9)).moved == 0
    assert mails(scene, waits(10)).moved == 1
    # without the timepoint its mail goes; with it, who has not answered yet gets none
    assert (mails(scene).vanish, mails(scene, waits(10)).appear) == (1, 0)


def test_hours_drawn_for_each_person_are_drawn_again_the_same(store: Store) -> None:
    drawn = ("    time: '19:00'", "    between: ['17:00', '21:00']")
    scene = Scene(store, folder=rewritten(drawn))
    for _ in range(PEOPLE):
        scene.enrol()
    assert len({one.due_at for one in scene.contacts(message="evening")}) > PEOPLE
    assert mails(scene, drawn) == Effects(unchanged=EACH * PEOPLE)
    assert mails(scene).moved >= 5 * PEOPLE


@contextmanager
def asked(store: Store) -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile."""
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_more_people_cost_no_more_queries(scene: Scene) -> None:
    with asked(scene.store) as few:
        look(scene, rewritten(LATER))
    for _ in range(5):
        scene.enrol()
    with asked(scene.store) as many:
        look(scene, rewritten(LATER))
    assert len(many) == len(few) < 15


def test_people_come_in_chunks_whole_and_in_order_with_two_queries_for_each(scene: Scene) -> None:
    other = Scene(scene.store, slug="other-trial")
    other.enrol()
    scene.to_baseline()
    scene.enrol(mood=len(MOODS) - 1)
    with scene.work(write=False) as work:
        with asked(scene.store) as queries:
            (whole,) = plans.in_chunks(work, scene.id)
        assert len(queries) == 3  # the chunk's two, and the one that finds nobody further
        small = [one for chunk in plans.in_chunks(work, scene.id, size=2) for one in chunk]
    assert small == whole
    assert [one.person.number for one in whole] == [1, 2, 3, 4, 5]
    assert [len(one.rows) for one in whole] == [EACH, EACH, EACH, 0, EACH]
    assert [one.arm is None for one in whole] == [False, False, False, True, False]
