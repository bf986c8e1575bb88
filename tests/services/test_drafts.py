"""Drafts are kept locked for the person who typed them, go when the form is sent, and are never data."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.services.at_once import at_once
from tests.services.scene import MOODS, OPERATOR, SENSITIVE, Scene
from tests.storage.stores import content, holding
from trial.core.access import participant_actor
from trial.core.errors import NotFound
from trial.core.participant import StopLevel
from trial.services import drafts, trials
from trial.services.drafts import Draft, Saved
from trial.services.freeze import freeze
from trial.storage import drafts as stored
from trial.storage import vault
from trial.storage.work import Store

WORDS = {"writing": SENSITIVE, "csrf": "0" * 64, "submission": "1", "opened": "x"}


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def evening(scene: Scene) -> tuple[int, int]:
    """Somebody on the first evening: (participant, occasion)."""
    person = scene.enrol()
    occasion = scene.occasions(person)[0]
    scene.move_to(occasion.opens_at + timedelta(minutes=5))
    return person, occasion.id


def save(scene: Scene, whose: tuple[int, int], values: Mapping[str, str], **more: Any) -> Saved:
    with scene.work(participant_actor(whose[0])) as work:
        return drafts.save(work, *whose, values, **more)


def draft(scene: Scene, whose: tuple[int, int]) -> Draft | None:
    with scene.work(write=False) as work:
        return drafts.of(work, *whose)


def test_a_draft_holds_the_fields_of_the_activity_alone_and_lies_in_the_vault(
    scene: Scene, evening: tuple[int, int]
) -> None:
    opened = scene.now
    scene.move(minutes=3)
    assert save(scene, evening, WORDS, place=2, active_seconds="95", opened_at=opened) == "saved"
    kept = draft(scene, evening)
    assert kept is not None
    assert dict(kept.values) == {"writing": SENSITIVE}
    assert (kept.opened_at, kept.saved_at, kept.place, kept.active_seconds) == (opened, scene.now, 2, 95)
    assert holding(scene.store, SENSITIVE) == []


def test_a_newer_draft_takes_the_place_of_the_older_and_the_first_opening_stays(
    scene: Scene, evening: tuple[int, int]
) -> None:
    opened = scene.now
    save(scene, evening, {"writing": "one"}, opened_at=opened)
    scene.move(hours=1)
    save(scene, evening, {"writing": "two"}, opened_at=scene.now)
    kept = draft(scene, evening)
    assert kept is not None
    assert (dict(kept.values), kept.opened_at, kept.saved_at) == ({"writing": "two"}, opened, scene.now)
    assert len([one for one in content(scene.store)["words"] if one["kind"] == "draft"]) == 1


@pytest.mark.parametrize("nothing", [{}, {"writing": " \n "}, {"csrf": "0" * 64, "unknown": "x", "writ": "y"}])
def test_a_form_in_which_nothing_was_typed_leaves_no_trace(
    scene: Scene, evening: tuple[int, int], nothing: dict[str, str]
) -> None:
    before = content(scene.store)
    assert save(scene, evening, nothing, emptied=True) == "nothing"
    assert content(scene.store) == before


def test_a_draft_goes_when_it_is_cleared_on_the_page_that_showed_it_and_else_stays(
    scene: Scene, evening: tuple[int, int]
) -> None:
    save(scene, evening, WORDS)
    save(scene, evening, {"writing": ""})
    assert draft(scene, evening) is not None
    save(scene, evening, {"writing": ""}, emptied=True)
    assert draft(scene, evening) is None
    assert [one for one in content(scene.store)["words"] if one["kind"] == "draft"] == []


def test_sending_the_form_removes_the_draft_and_counts_from_the_first_opening(
    scene: Scene, evening: tuple[int, int]
) -> None:
    opened = scene.now
    scene.move(minutes=1)
    save(scene, evening, WORDS, opened_at=opened)
    scene.move(hours=1)
    assert scene.submit(*evening, {"writing": "all of it", "active": "600"}).state == "kept"
    assert draft(scene, evening) is None
    kept = content(scene.store)
    assert kept["draft"] == []
    assert {one["kind"] for one in kept["words"]} == {"signature", "answer"}
    sheet = kept["answer_sheet"][-1]
    assert (sheet["opened_at"], sheet["active_seconds"]) == (opened, 600)


@pytest.mark.parametrize(("said", "counted"), [("", None), ("ten", None), ("-5", None), ("9" * 12, None), ("900", 60)])
def test_a_page_cannot_have_been_in_use_for_longer_than_it_was_open(
    scene: Scene, evening: tuple[int, int], said: str, counted: int | None
) -> None:
    opened = scene.now
    save(scene, evening, WORDS, opened_at=opened)
    scene.move(seconds=60)
    scene.submit(*evening, {"writing": "all of it", "active": said})
    assert content(scene.store)["answer_sheet"][-1]["active_seconds"] == counted


class _RolledBackError(Exception):
    pass


def frozen(scene: Scene) -> dict[str, str]:
    """The files of a freeze at this moment; the freeze itself is rolled back."""
    found: dict[str, str] = {}
    with suppress(_RolledBackError), scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        found |= freeze(work, scene.slug)
        raise _RolledBackError
    return found


def test_a_draft_is_never_data(scene: Scene, evening: tuple[int, int]) -> None:
    scene.submit(*evening, {"writing": "the first evening"})
    scene.move(days=1)
    second = (evening[0], scene.occasions(evening[0])[1].id)
    events, before = len(content(scene.store)["event"]), frozen(scene)
    assert save(scene, second, WORDS, active_seconds="40") == "saved"
    assert len(content(scene.store)["event"]) == events
    assert before
    assert frozen(scene) == before


def test_no_draft_is_kept_of_what_is_done_closed_or_stopped(scene: Scene, evening: tuple[int, int]) -> None:
    person, first = evening
    scene.submit(person, first, {"writing": "sent"})
    assert save(scene, evening, WORDS) == "done"
    second, third = scene.occasions(person)[1:3]
    assert save(scene, (person, third.id), WORDS) == "closed"  # it does not open before its evening
    scene.move_to(second.closes_at)
    assert save(scene, (person, second.id), WORDS) == "closed"
    scene.stop(person, StopLevel.EXERCISES)
    scene.move_to(third.opens_at)
    assert save(scene, (person, third.id), WORDS) == "stopped"
    assert content(scene.store)["draft"] == []


def test_a_draft_may_be_longer_than_what_can_be_sent_but_not_without_end(
    scene: Scene, evening: tuple[int, int]
) -> None:
    assert save(scene, evening, {"writing": "x" * 25_000}) == "saved"
    assert save(scene, evening, {"writing": "x" * 60_001}) == "too_long"


def test_another_browser_does_not_replace_what_it_could_not_see(scene: Scene, evening: tuple[int, int]) -> None:
    save(scene, evening, WORDS, browser="phone")
    assert save(scene, evening, {"writing": "x"}, browser="laptop", emptied=True) == "elsewhere"
    kept = draft(scene, evening)
    assert kept is not None
    assert (kept.values["writing"], kept.browser) == (SENSITIVE, "phone")
    assert save(scene, evening, {"writing": "x"}, browser="laptop", proven=True) == "saved"


def test_a_code_does_not_let_an_older_page_replace_what_was_typed_since(scene: Scene, evening: tuple[int, int]) -> None:
    save(scene, evening, {"writing": "one"}, browser="phone")
    opened = scene.now
    scene.move(minutes=2)
    save(scene, evening, {"writing": "one and two"}, browser="phone")
    assert save(scene, evening, {"writing": "one!"}, browser="laptop", proven=True, opened_at=opened) == "elsewhere"
    kept = draft(scene, evening)
    assert kept is not None and kept.values["writing"] == "one and two"
    assert save(scene, evening, {"writing": "three"}, browser="laptop", proven=True, opened_at=scene.now) == "saved"


def test_a_draft_whose_window_is_over_is_swept_with_its_words_and_no_other_is(
    scene: Scene, evening: tuple[int, int]
) -> None:
    other = scene.enrol()
    tomorrow = scene.occasions(other)[0]
    late = scene.occasions(evening[0])[0].closes_at
    save(scene, evening, WORDS)
    scene.move_to(late - timedelta(seconds=1))
    assert drafts.sweep(scene.store.open_work) == 0
    with scene.work() as work:
        stored.stays(work, evening[1], scene.now)  # a date that is wrong by now is put right and costs no words
    assert drafts.sweep(scene.store.open_work) == 0
    assert draft(scene, evening) is not None
    scene.move_to(max(late, tomorrow.opens_at))
    save(scene, (other, tomorrow.id), WORDS)
    before = content(scene.store)
    assert drafts.sweep(scene.store.open_work) == 1
    after = content(scene.store)
    assert draft(scene, (other, tomorrow.id)) is not None and draft(scene, evening) is None
    assert {name for name in after if after[name] != before[name]} == {"draft", "words"}
    assert len(after["words"]) == len(before["words"]) - 1
    assert drafts.sweep(scene.store.open_work) == 0


def test_workers_that_sweep_at_the_same_moment_do_not_disturb_each_other(
    scene: Scene, evening: tuple[int, int]
) -> None:
    save(scene, evening, WORDS)
    scene.move_to(scene.occasions(evening[0])[0].closes_at + timedelta(days=1))
    assert sum(at_once(lambda _: drafts.sweep(scene.store.open_work), range(4))) >= 1
    assert draft(scene, evening) is None


def test_nobody_saves_a_draft_for_somebody_else(scene: Scene, evening: tuple[int, int]) -> None:
    other = scene.enrol()
    with pytest.raises(NotFound):
        save(scene, (other, evening[1]), WORDS)


def test_the_words_of_an_erased_person_are_no_draft(scene: Scene, evening: tuple[int, int]) -> None:
    save(scene, evening, WORDS)
    with scene.work(OPERATOR) as work:
        vault.destroy(work, evening[0])
    assert draft(scene, evening) is None


def test_a_draft_of_a_questionnaire_keeps_what_was_chosen(scene: Scene) -> None:
    person, baseline = scene.to_baseline()
    assert save(scene, (person, baseline), {"feeling_1": "2", "go_on": "yes"}) == "saved"
    kept = draft(scene, (person, baseline))
    assert kept is not None
    assert dict(kept.values) == {"feeling_1": "2"}
    assert scene.submit(person, baseline, MOODS[0]).allocated


def test_many_savings_at_one_moment_leave_one_draft_and_none_after_the_sending(
    scene: Scene, evening: tuple[int, int]
) -> None:
    at_once(lambda number: save(scene, evening, {"writing": f"text {number}"}), range(6))
    assert len(content(scene.store)["draft"]) == 1

    def act(number: int) -> object:
        if number == 3:
            return scene.submit(*evening, {"writing": "sent"})
        return save(scene, evening, {"writing": f"text {number}"})

    at_once(act, range(6))
    assert draft(scene, evening) is None
    assert content(scene.store)["draft"] == []
