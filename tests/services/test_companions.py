"""Test people join a test trial beside the live one: nothing of them is anywhere in the live trial."""

from __future__ import annotations

import copy
from itertools import count

import pytest

from tests.core.protocols import FOLDER, rewritten
from tests.services.scene import MOODS, OPERATOR, Scene
from trial.core.access import Actor, Role, member_actor
from trial.core.errors import NotAllowed, NotFound, Refused
from trial.core.matters import MatterKind
from trial.core.trial import Trial, TrialKind, TrialState
from trial.rehearsal.outside_list import pretend_list
from trial.services import companions, freeze, overview, trials
from trial.services.trials import Chance
from trial.storage import allocations, events, matters, members, vault
from trial.storage import deliveries as stored_deliveries
from trial.storage import trials as stored_trials
from trial.storage.work import Store

AMENDED = rewritten(("  criteria:", "  guard: {burst: 3}\n  criteria:"))
OTHER = Chance(b"u" * 32, b"v" * 32, b"w" * 32)


@pytest.fixture
def live(store: Store) -> Scene:
    return Scene(store, kind=TrialKind.LIVE)


def beside(live: Scene, by: Actor = OPERATOR) -> Scene:
    """The companion, as a scene of its own whose people have addresses of the team."""
    with live.work(by) as work:
        opened = companions.open_beside(work, live.slug, chance=OTHER, listed=pretend_list)
    found = copy.copy(live)
    found.id, found.slug, found.numbers = opened.id, opened.slug, count(1001)
    return found


def trial_of(scene: Scene) -> Trial:
    with scene.work(write=False) as work:
        return stored_trials.by_id(work, scene.id)


def frozen(scene: Scene) -> dict[str, str]:
    with scene.work(OPERATOR) as work:
        return freeze.freeze(work, scene.slug)


def locked(scene: Scene) -> None:
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        stored_trials.change_state(work, stored_trials.by_id(work, scene.id), TrialState.LOCKED)


def enrol(scene: Scene, email: str | None = None, *, mood: int = 0) -> int:
    """All the way to the allocation, in the time that a person needs: in a live trial haste is held for a look."""
    person, occasion = scene.to_baseline(email)
    scene.move(minutes=2)
    assert scene.submit(person, occasion, MOODS[mood]).allocated
    return person


def test_a_companion_is_a_test_trial_of_the_very_version_with_a_name_and_a_seed_of_its_own(live: Scene) -> None:
    first, second = trial_of(beside(live)), trial_of(beside(live))
    assert (first.slug, second.slug) == ("evenings-test", "evenings-test-2")
    assert first.kind is TrialKind.TEST and first.mark == "Test trial. Nothing here counts."
    assert first.beside == live.id and trial_of(live).beside is None
    with live.work(write=False) as work:
        assert stored_trials.folder_of(work, first.protocol_id).digest == live.folder.digest
        assert trials.seed_digest(work, first.id) != trials.seed_digest(work, live.id)
        assert stored_trials.code_key(work, first.id) != stored_trials.code_key(work, live.id)


def test_after_a_crowd_in_the_companion_the_live_trials_freeze_is_byte_for_byte_what_it_was(live: Scene) -> None:
    for number in range(4):
        enrol(live, mood=number % 2)
    locked(live)
    before = frozen(live)
    test = beside(live)
    for number in range(9):
        enrol(test, mood=number % 2)
    assert frozen(live) == before
    assert "1001" not in "".join(before.values())


def test_a_crowd_that_comes_at_the_same_time_changes_no_allocation_no_count_and_no_target(live: Scene) -> None:
    """Against the same live trial with nobody beside it: by turns, so that each row of one lies between the other's."""
    alone = [enrol(live, mood=number % 2) for number in range(3)]
    test = beside(live)
    for number in range(6):
        enrol(test, mood=number % 2)
        if number % 2:
            alone.append(enrol(live))
    with live.work(OPERATOR, write=False) as work:
        mine = allocations.of_trial(work, live.id)
        theirs = allocations.of_trial(work, test.id)
        status = trials.status(work, live.slug)
        flow = overview.overview_of(work, live.slug).flow
    assert [one.participant_id for one in mine] == alone
    assert [one.sequence for one in mine] == [1, 2, 3, 4, 5, 6] == [one.sequence for one in theirs]
    assert (status.randomized, status.assessed, flow.randomized) == (6, 6, 6)


def test_an_address_that_is_known_to_one_is_unknown_to_the_other(live: Scene) -> None:
    test = beside(live)
    person = enrol(live, "robin@mailbox.example")
    with live.work(OPERATOR, write=False) as work:
        assert vault.find(work, live.id, "robin@mailbox.example") == person
        assert vault.find(work, test.id, "robin@mailbox.example") is None
        assert vault.blind_index(work, live.id, "a@b.example") != vault.blind_index(work, test.id, "a@b.example")
    again = enrol(test, "robin@mailbox.example")
    assert again != person and test.person(again).trial_id == test.id


def test_the_team_of_one_is_not_the_team_of_the_other_and_reaches_none_of_its_rows(live: Scene) -> None:
    with live.work(OPERATOR) as work:
        anna = members.add(work, live.id, "A. Person", Role.OWNER)
        bert = members.add(work, live.id, "B. Person", Role.COORDINATOR)
    owner = member_actor(anna, frozenset({Role.OWNER}), live.id)
    test = beside(live, owner)
    with live.work(OPERATOR, write=False) as work:
        assert members.roles_of(work, test.id, anna) == {Role.OWNER}
        assert members.roles_of(work, test.id, bert) == frozenset()
    for here, there in ((live, test), (test, live)):
        with here.work(member_actor(anna, frozenset({Role.OWNER}), here.id), write=False) as work:
            assert overview.overview_of(work, here.slug).flow.randomized == 0
            with pytest.raises(NotFound):
                overview.overview_of(work, there.slug)
    with pytest.raises(NotAllowed):
        beside(live, member_actor(bert, frozenset({Role.COORDINATOR}), live.id))


def test_what_happens_to_test_people_is_no_event_and_no_matter_of_the_live_trial(live: Scene) -> None:
    test = beside(live)
    with live.work(OPERATOR, write=False) as work:
        before = events.of_trial(work, live.id)
    for mood in range(len(MOODS)):
        enrol(test, mood=mood)
    with live.work(OPERATOR, write=False) as work:
        assert events.of_trial(work, live.id) == before
        lists = [matters.count_untouched(work, live.id, kind) for kind in MatterKind]
        mails = stored_deliveries.of_trial(work, live.id)
        assert (sum(lists), mails) == (0, [])
        assert len(stored_deliveries.of_trial(work, test.id)) > len(MOODS)


def test_after_an_amendment_the_companion_says_that_it_is_of_an_older_version(live: Scene) -> None:
    test = beside(live)
    with live.work(OPERATOR) as work:
        told = companions.stands_beside(work, trial_of(test))
        assert told is not None and (told.trial.slug, told.is_older) == (live.slug, False)
        assert companions.stands_beside(work, trial_of(live)) is None
        stored_trials.add_protocol(work, live.id, AMENDED)
        told = companions.stands_beside(work, stored_trials.by_id(work, test.id))
        assert told is not None and told.is_older
    with test.work(OPERATOR, write=False) as work:  # it goes on by its own
        assert stored_trials.folder_of(work, trial_of(test).protocol_id).digest == FOLDER.digest


@pytest.mark.parametrize("kind", [TrialKind.TEST, TrialKind.REHEARSAL])
def test_only_a_live_trial_has_a_companion(store: Store, kind: TrialKind) -> None:
    scene = Scene(store, kind=kind)
    with pytest.raises(Refused, match="beside an open live trial only"):
        beside(scene)
