"""Items and activities that are asked only of some, answers within the grace, and the short form of a reminder."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.protocols import rewritten
from tests.services.post import Post
from tests.services.scene import MOODS, Scene
from trial.core.access import participant_actor
from trial.core.delivery import ContactState
from trial.core.errors import LinkInvalid
from trial.core.links import make_token
from trial.services import answers, links
from trial.storage import answer_sheets
from trial.storage.work import Store

LATER = "title: {en: Later}, instruments: [feeling, after], minutes: 2"
WINDOW = """    closes_after: 7 days
    invitation: questionnaire
"""
REMINDER = "reminders: [{after: 3 days, message: questionnaire_reminder}]"


def sheet(scene: Scene, person: int) -> Any:
    with scene.work(write=False) as work:
        return answer_sheets.of_participant(work, person)[-1]


def at_week_2(store: Store, *replacements: tuple[str, str]) -> tuple[Scene, int, int]:
    """A trial with some text replaced, and a person whose second questionnaire is open."""
    scene = Scene(store, folder=rewritten(*replacements))
    person = scene.enrol()
    occasion = scene.occasions(person, "week_2")[0]
    scene.move_to(occasion.opens_at)
    return scene, person, occasion.id


def asked(scene: Scene, person: int, occasion: int, form: dict[str, str]) -> set[str]:
    with scene.work(write=False) as work:
        return {one.column for one in answers.show(work, person, occasion, form=form).asked}


WORSE_IF_LOW = (LATER, LATER + ", show_if: {after_worse: feeling_1 >= 2}")


def test_an_item_is_asked_where_its_rule_holds_over_the_answers_so_far(store: Store) -> None:
    scene, person, occasion = at_week_2(store, WORSE_IF_LOW)
    assert "after_worse" not in asked(scene, person, occasion, {})
    assert "after_worse" not in asked(scene, person, occasion, {"feeling_1": "1"})
    assert "after_worse" in asked(scene, person, occasion, {"feeling_1": "3"})


def test_an_item_that_was_not_asked_is_not_asked_rather_than_missing_and_what_a_form_says_of_it_is_nothing(
    store: Store,
) -> None:
    scene, person, occasion = at_week_2(store, WORSE_IF_LOW)
    scene.submit(person, occasion, {"feeling_1": "0", "after_worse": "yes"})
    kept = sheet(scene, person).answers
    assert kept["feeling_1"] == 0 and kept["feeling_2"] is None and "after_worse" not in kept


def test_what_was_answered_another_time_does_not_call_for_an_item_now(store: Store) -> None:
    scene = Scene(store, folder=rewritten(WORSE_IF_LOW))
    person = scene.enrol(mood=1)  # who said 3 at baseline
    occasion = scene.occasions(person, "week_2")[0]
    scene.move_to(occasion.opens_at)
    assert "after_worse" not in asked(scene, person, occasion.id, {})


NEVER = (LATER, LATER + ", only_if: exercises_done >= 1")


def test_an_activity_whose_rule_does_not_hold_is_not_taken_and_its_mails_stay(store: Store, post: Post) -> None:
    scene, person, occasion = at_week_2(store, NEVER)
    assert scene.submit(person, occasion, MOODS[0]).state == "closed"
    post.deliver(scene)
    mail = scene.contacts(person, "questionnaire")[0]
    assert (mail.state, mail.reason) == (ContactState.SUPPRESSED, "condition_not_met")


def test_an_activity_is_asked_from_the_moment_that_its_rule_holds(store: Store, post: Post) -> None:
    scene = Scene(store, folder=rewritten(NEVER))
    person = scene.enrol()
    evening = scene.occasions(person)[0]
    scene.move_to(evening.opens_at)
    scene.submit(person, evening.id, {"writing": "a few words"})
    occasion = scene.occasions(person, "week_2")[0]
    scene.move_to(occasion.opens_at)
    post.deliver(scene)
    assert scene.contacts(person, "questionnaire")[0].state is ContactState.ACCEPTED
    assert scene.submit(person, occasion.id, MOODS[0]).state == "kept"


GRACE = (WINDOW, WINDOW + "    grace: 2 days\n")


@pytest.mark.parametrize(("later", "state"), [({"days": 8}, "kept"), ({"days": 9}, "closed")])
def test_an_answer_within_the_grace_is_taken(store: Store, later: dict[str, float], state: str) -> None:
    scene, person, occasion = at_week_2(store, GRACE)
    scene.move(**later)
    assert scene.submit(person, occasion, MOODS[0]).state == state


def test_without_a_grace_the_window_is_the_window(store: Store) -> None:
    scene, person, occasion = at_week_2(store)
    scene.move(days=7)
    assert scene.submit(person, occasion, MOODS[0]).state == "closed"


def test_a_link_works_within_the_grace_and_lapses_after_it(store: Store) -> None:
    scene, person, _ = at_week_2(store, GRACE)
    mail = scene.contacts(person, "questionnaire")[0]
    token = make_token(scene.store.keys, mail.id, mail.generation)
    scene.move(days=8)
    with scene.work(write=False) as work:
        assert links.follow(work, token).occasion_id == mail.occasion_id
    scene.move(days=1)
    with scene.work(write=False) as work, pytest.raises(LinkInvalid):
        links.follow(work, token)


SHORT = (REMINDER, REMINDER.replace("}]", ", primary_only: true}]"))


def test_the_last_reminder_may_ask_for_the_primary_outcome_alone_and_the_sheet_says_so(store: Store) -> None:
    scene, person, occasion = at_week_2(store, SHORT)
    mails = [scene.contacts(person, name)[0] for name in ("questionnaire", "questionnaire_reminder")]
    tokens = [make_token(scene.store.keys, one.id, one.generation) for one in mails]
    with scene.work(write=False) as work:
        assert [links.follow(work, one).short for one in tokens] == [False, True]
        shown = answers.show(work, person, occasion, short=True)
    assert shown.asked and all(one.column.startswith("feeling_") for one in shown.asked)
    with scene.work(participant_actor(person)) as work:
        answers.submit(work, person, occasion, MOODS[0], submission="s", opened_at=None, short=True)
    kept = sheet(scene, person)
    assert kept.short_path and "after_worse" not in kept.answers


def test_a_questionnaire_that_has_nothing_but_the_primary_outcome_has_no_short_form(store: Store) -> None:
    scene, person, occasion = at_week_2(store, SHORT, (LATER, LATER.replace("[feeling, after]", "[feeling]")))
    with scene.work(write=False) as work:
        assert not answers.show(work, person, occasion, short=True).short
