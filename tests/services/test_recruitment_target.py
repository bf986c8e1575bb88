"""Recruitment closes at the target exactly, however many people finish their baseline at the same moment.

Each test has a control: the same load on a naive version, which must go wrong, or the test would prove nothing.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from tests.services.at_once import at_once
from tests.services.scene import MOODS, Scene
from tests.services.test_randomization import replayed
from tests.storage.stores import ON_POSTGRESQL, content, run
from trial.core.access import SYSTEM
from trial.core.participant import ParticipantState
from trial.core.trial import Trial, TrialState
from trial.storage import allocations, trials
from trial.storage.work import Store, Work

PEOPLE, TARGET = 20, 9


@pytest.fixture
def waiting(store: Store) -> tuple[Scene, list[tuple[int, int]]]:
    """Twenty people who consented and have their baseline before them, for nine places."""
    scene = Scene(store, target=TARGET)
    return scene, [scene.to_baseline() for _ in range(PEOPLE)]


def finish(scene: Scene, one: tuple[int, int]) -> str:
    person, occasion = one
    done = scene.submit(person, occasion, MOODS[person % 2])
    return "allocated" if done.allocated else done.state


def test_exactly_the_target_is_randomized_when_all_finish_at_once(waiting: tuple[Scene, list[tuple[int, int]]]) -> None:
    scene, people = waiting
    outcomes = Counter(at_once(lambda one: finish(scene, one), people))
    assert outcomes == {"allocated": TARGET, "closed": PEOPLE - TARGET}
    rows = content(scene.store)
    assert sorted(one["sequence"] for one in rows["allocation"]) == list(range(1, TARGET + 1))
    assert len({one["participant_id"] for one in rows["allocation"]}) == TARGET
    assert Counter(one["state"] for one in rows["participant"]) == {
        ParticipantState.RANDOMIZED.value: TARGET,
        ParticipantState.RECRUITMENT_CLOSED.value: PEOPLE - TARGET,
    }
    assert scene.trial.state is TrialState.CLOSED
    assert scene.events().count("recruitment_closed") == 1
    # nobody's answers are lost, also not of those who came too late
    assert len(rows["answer_sheet"]) == PEOPLE
    assert replayed(scene)


def test_each_stratums_numbers_run_without_gap_or_double(waiting: tuple[Scene, list[tuple[int, int]]]) -> None:
    scene, people = waiting
    at_once(lambda one: finish(scene, one), people)
    numbers: dict[str, list[int]] = {}
    for one in content(scene.store)["allocation"]:
        numbers.setdefault(one["stratum"], []).append(one["number"])
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())


def test_only_those_who_are_in_are_written_to(waiting: tuple[Scene, list[tuple[int, int]]]) -> None:
    scene, people = waiting
    at_once(lambda one: finish(scene, one), people)
    planned = {one.participant_id for one in scene.contacts(message="evening")}
    assert planned == {one["participant_id"] for one in content(scene.store)["allocation"]}


def test_no_place_beyond_the_target_is_given_even_in_a_trial_that_still_calls_itself_open(store: Store) -> None:
    """Closing and counting are two guards, each of which holds alone."""
    scene = Scene(store, target=2)
    late, occasion = scene.to_baseline()
    for _ in range(2):
        scene.enrol()
    run(store, "update trial set state = 'open'")
    assert scene.trial.recruits
    assert scene.submit(late, occasion, MOODS[0]).state == "closed"
    assert len(content(store)["allocation"]) == 2


# --- the controls ----------------------------------------------------------------------------------------------

PAUSE = 0.05
_naive = Table("naive_allocation", MetaData(), Column("id", Integer, primary_key=True), Column("number", Integer))


@pytest.fixture
def naive_table(store: Store) -> Iterator[Table]:
    """A table that promises nothing, as many have been built."""
    with store.engine.begin() as rows:
        _naive.create(rows)
    yield _naive
    with store.engine.begin() as rows:
        _naive.drop(rows)


def naive_place(store: Store, table: Table) -> bool:
    """Count, look whether there is room, take the next number: without a lock between looking and taking."""
    with store.open_work(SYSTEM, write=False) as work:
        taken = work.rows.execute(select(func.count()).select_from(table)).scalar_one()
    time.sleep(PAUSE)
    if taken >= TARGET:
        return False
    with store.open_work(SYSTEM) as work:
        work.rows.execute(insert(table).values(number=taken + 1))
    return True


def test_control_the_same_load_overshoots_and_doubles_where_nobody_holds_a_lock(
    store: Store, naive_table: Table
) -> None:
    taken = at_once(lambda _: naive_place(store, naive_table), range(PEOPLE))
    with store.open_work(SYSTEM, write=False) as work:
        numbers = list(work.rows.execute(select(naive_table.c.number)).scalars())
    assert sum(taken) > TARGET
    assert len(numbers) > TARGET
    assert len(set(numbers)) < len(numbers)


def _without_lock(work: Work, trial_id: int, *, lock: bool = False) -> Trial:
    return trials_by_id(work, trial_id)


def _slow_count(work: Work, trial_id: int) -> int:
    found = counted(work, trial_id)
    time.sleep(PAUSE)
    return found


trials_by_id, counted = trials.by_id, allocations.count


@ON_POSTGRESQL
def test_control_without_the_lock_the_database_itself_still_gives_no_place_twice(
    waiting: tuple[Scene, list[tuple[int, int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is what makes everyone's turn come; the UNIQUE constraints are what holds if it is ever lost."""
    scene, people = waiting
    monkeypatch.setattr(trials, "by_id", _without_lock)
    monkeypatch.setattr(allocations, "count", _slow_count)

    def attempt(one: tuple[int, int]) -> str:
        try:
            return finish(scene, one)
        except Exception as error:
            return type(error).__name__

    outcomes = Counter(at_once(attempt, people))
    rows = content(scene.store)["allocation"]
    assert outcomes["IntegrityError"] > 0
    assert outcomes["allocated"] == len(rows) <= TARGET
    assert len({one["sequence"] for one in rows}) == len(rows)
    assert len({(one["stratum"], one["number"]) for one in rows}) == len(rows)


def test_the_barrier_lets_everyone_go_at_once() -> None:
    """Were the threads to run one after the other, no control could fail."""
    inside, most, lock = 0, 0, threading.Lock()

    def act(_: int) -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(PAUSE)
        with lock:
            inside -= 1

    at_once(act, range(PEOPLE))
    assert most > PEOPLE // 2
