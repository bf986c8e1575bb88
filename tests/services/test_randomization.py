"""The baseline's last answer allocates: once, in its own transaction, and open to a check with the seed."""

from __future__ import annotations

import traceback
from collections import Counter

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy.exc import IntegrityError

from tests.core.protocols import rewritten
from tests.core.sequences import decisions
from tests.services.at_once import at_once
from tests.services.scene import CHANCE, MOODS, SENSITIVE, START, Scene
from tests.storage.stores import content, dialect, holding, run
from trial.core.access import participant_actor
from trial.core.errors import EquipoiseError
from trial.core.participant import ParticipantState
from trial.core.randomization import Entries, commitment, configuration_digest, record_of, rule_of
from trial.protocol_files import ProtocolFolder
from trial.services import answers, randomization
from trial.storage import answer_sheets, participants, trials, vault
from trial.storage.work import Store


def two_questionnaires() -> ProtocolFolder:
    """The trial with a baseline of two questionnaires."""
    folder = rewritten(
        ("anchor: consent, activities: [before]", "anchor: consent, activities: [before, first]"),
        (
            "  - {id: later, type: questionnaire",
            "  - {id: first, type: questionnaire, title: {en: First}, instruments: [after], minutes: 1}\n"
            "  - {id: later, type: questionnaire",
        ),
    )
    assert [one.id for one in folder.protocol.activities_at(folder.protocol.baseline, None)] == ["before", "first"]
    return folder


def opened_seed(scene: Scene) -> bytes:
    with scene.work(write=False) as work:
        seal = trials.seal_of(work, scene.id)
        return vault.unseal(work.keys.sealing, seal["sealed_seed"], f"seed|{scene.id}")


def replayed(scene: Scene, entries: Entries | None = None) -> bool:
    """Whether the opened seed, the order and the levels alone give every allocation on record."""
    kept = content(scene.store)["allocation"]
    kept.sort(key=lambda one: one["sequence"])
    protocol = scene.folder.protocol
    levels = [one["record"]["levels"] for one in kept]
    drawn = decisions(rule_of(protocol, entries=entries), opened_seed(scene), levels, scene.slug)
    return bool(kept) and [
        (one.stratum, one.number, one.arm, record_of(one, configuration_digest(protocol))) for one in drawn
    ] == [(one["stratum"], one["number"], one["arm"], one["record"]) for one in kept]


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def test_the_baseline_allocates_and_plans_all_that_follows(scene: Scene) -> None:
    person = scene.enrol()
    assert scene.person(person).state is ParticipantState.RANDOMIZED
    assert scene.person(person).randomized_at == START
    assert [one.occurrence for one in scene.occasions(person)] == [1, 2, 3]
    assert Counter(one.message for one in scene.contacts(person)) == {
        "code": 1, "evening": 3, "evening_reminder": 3, "questionnaire": 1, "questionnaire_reminder": 1,
        "own:study_over": 1,
    }  # fmt: skip
    assert scene.events(person)[-2:] == ["questionnaire_done", "randomized"]


@pytest.mark.parametrize(("mood", "stratum"), [(0, "good"), (1, "low")])
def test_the_stratum_comes_from_the_baseline_score(scene: Scene, mood: int, stratum: str) -> None:
    scene.enrol(mood=mood)
    assert content(scene.store)["allocation"][0]["stratum"] == stratum


def test_an_error_after_the_allocation_leaves_no_trace_of_it(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    before = content(scene.store)

    def interrupted() -> None:
        with scene.work(participant_actor(person)) as work:
            done = answers.submit(work, person, occasion, MOODS[0], submission="form", opened_at=None)
            assert done.allocated
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert content(scene.store) == before
    # and the place that was not given is the next person's
    scene.enrol()
    assert content(scene.store)["allocation"][0]["sequence"] == 1
    assert replayed(scene)


def test_the_words_of_a_database_that_refuses_an_allocation_hold_none_of_its_values(scene: Scene) -> None:
    """They may come to stand in a log, or before a member who gives a command."""
    person, occasion = scene.to_baseline()
    if dialect(scene.store) == "sqlite":
        refusal = "create trigger refusal before insert on allocation begin select raise(abort, 'refused'); end"
    else:
        refusal = "alter table allocation add constraint refusal check (arm = 'nobody')"
    run(scene.store, refusal)
    try:
        with pytest.raises(IntegrityError) as met:
            scene.submit(person, occasion, MOODS[1])
    finally:
        undo = {"sqlite": "drop trigger refusal", "postgresql": "alter table allocation drop constraint refusal"}
        run(scene.store, undo[dialect(scene.store)])
    said = "".join(traceback.format_exception(met.value))
    assert "IntegrityError" in said and "INSERT INTO allocation" in said and "refus" in said
    assert not [one for one in ("letter", "list", "'low'", " low,", "left", "permuted") if one in said], said


def test_every_allocation_is_replayed_from_the_opened_seed(scene: Scene) -> None:
    for number in range(14):
        scene.enrol(mood=number % 3 % 2)
    assert replayed(scene)
    assert (
        commitment(opened_seed(scene), CHANCE.salt, scene.folder.protocol) == content(scene.store)["seal"][0]["digest"]
    )


def test_the_seed_cannot_be_read_in_the_database_nor_opened_in_another_trial(scene: Scene) -> None:
    sealed = content(scene.store)["seal"][0]["sealed_seed"]
    assert CHANCE.seed not in sealed
    with scene.work(write=False) as work, pytest.raises(InvalidTag):
        vault.unseal(work.keys.sealing, sealed, f"seed|{scene.id + 1}")


@pytest.mark.parametrize("missing", ["feeling_1", "feeling_2", "feeling_3"])
def test_a_missing_item_that_the_stratum_needs_is_asked_for_again_and_nothing_is_lost(
    scene: Scene, missing: str
) -> None:
    person, occasion = scene.to_baseline()
    before = content(scene.store)
    full = {"feeling_1": "1", "feeling_2": "1", "feeling_3": "1"}
    asked = scene.submit(person, occasion, {name: value for name, value in full.items() if name != missing})
    assert (asked.state, asked.faults) == ("faults", {missing: "needed"})
    assert content(scene.store) == before
    assert scene.submit(person, occasion, full).allocated


def test_what_the_stratum_does_not_need_may_be_left_out(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    assert scene.submit(person, occasion, MOODS[0]).allocated
    with scene.work(write=False) as work:
        assert answer_sheets.of_participant(work, person)[0].answers["feeling_sleep"] is None


def test_twenty_presses_of_one_button_keep_one_sheet_and_allocate_once(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    done = at_once(lambda _: scene.submit(person, occasion, MOODS[0], submission="the one form"), range(20))
    assert Counter(one.state for one in done) == {"kept": 1, "already": 19}
    assert sum(one.allocated for one in done) == 1
    rows = content(scene.store)
    assert (len(rows["answer_sheet"]), len(rows["allocation"]), len(rows["occasion"])) == (1, 1, 1 + 4)
    assert scene.events(person).count("randomized") == 1


def test_twenty_different_forms_for_one_evening_keep_the_first_and_no_words_of_the_others(scene: Scene) -> None:
    person = scene.enrol()
    evening = scene.occasions(person)[0]
    scene.move_to(evening.opens_at)
    done = at_once(
        lambda number: scene.submit(
            person, evening.id, {"writing": f"{SENSITIVE} {number}"}, submission=f"tab-{number}"
        ),
        range(20),
    )
    assert Counter(one.state for one in done) == {"kept": 1, "already": 19}
    rows = content(scene.store)
    assert len([one for one in rows["answer_sheet"] if one["occasion_id"] == evening.id]) == 1
    assert len([one for one in rows["words"] if one["kind"] == "answer"]) == 1
    assert holding(scene.store, SENSITIVE) == []
    assert scene.events(person).count("exercise_done") == 1


def test_two_questionnaires_of_one_baseline_sent_at_the_same_moment_still_allocate(store: Store) -> None:
    """Each must see the other's answer: if neither does, the person is left with nothing to do, for ever."""
    scene = Scene(store, folder=two_questionnaires())
    for _ in range(5):
        person, _ = scene.to_baseline()
        forms = [
            (one.id, MOODS[0] if one.activity == "before" else {"after_worse": "no"})
            for one in scene.occasions(person, "baseline")
        ]
        done = at_once(lambda one: scene.submit(person, one[0], one[1]), forms)  # noqa: B023
        assert sum(one.allocated for one in done) == 1
        assert scene.person(person).state is ParticipantState.RANDOMIZED


def test_the_first_of_two_questionnaires_leads_to_the_second(store: Store) -> None:
    scene = Scene(store, folder=two_questionnaires())
    person, first = scene.to_baseline()
    second = scene.submit(person, first, MOODS[0]).next_occasion_id
    assert second in {one.id for one in scene.occasions(person, "baseline")} - {first}
    assert content(store)["allocation"] == []
    assert scene.submit(person, first, MOODS[0]).next_occasion_id == second
    assert scene.submit(person, second or 0, {"after_worse": "no"}).allocated


def test_nobody_is_allocated_twice(scene: Scene) -> None:
    person = scene.enrol()
    before = content(scene.store)
    with pytest.raises((EquipoiseError, IntegrityError)), scene.work() as work:
        randomization.randomize(work, participants.by_id(work, person), {"low_mood": 1})
    assert content(scene.store) == before


def test_somebody_elses_occasion_is_not_there(scene: Scene) -> None:
    mine, _ = scene.to_baseline()
    _, others = scene.to_baseline()
    before = content(scene.store)
    with pytest.raises(EquipoiseError, match="no such occasion"):
        scene.submit(mine, others, MOODS[0])
    assert content(scene.store) == before


def test_a_baseline_that_comes_after_its_window_is_not_kept(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    scene.move(days=7)
    before = content(scene.store)
    assert scene.submit(person, occasion, MOODS[0]).state == "closed"
    assert content(scene.store) == before


def test_an_evening_cannot_be_answered_before_it_opens(scene: Scene) -> None:
    person = scene.enrol()
    evening = scene.occasions(person)[0]
    assert scene.submit(person, evening.id, {"writing": "too early"}).state == "closed"


def test_an_empty_writing_is_asked_for_again(scene: Scene) -> None:
    person = scene.enrol()
    evening = scene.occasions(person)[0]
    scene.move_to(evening.opens_at)
    assert scene.submit(person, evening.id, {"writing": "  "}).faults == {"writing": "needed"}
    assert scene.submit(person, evening.id, {"writing": "Ω" * 7}).state == "kept"
    assert content(scene.store)["answer_sheet"][-1]["length"] == 7
