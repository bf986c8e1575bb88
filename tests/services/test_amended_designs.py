"""An amendment of the design: another rule runs from a number on, nobody is allocated again, and a replay follows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from tests.core.protocols import FOLDER
from tests.core.published import laid_down, script
from tests.services.scene import MOODS, OPERATOR, Scene
from tests.services.test_amending import FORM, INFORMATION, VERSION, amended, apply, version
from tests.storage.stores import kept_store
from trial.core.access import Actor, Role
from trial.core.errors import Refused
from trial.core.published_list import LIST, SEAL
from trial.core.randomization import configuration_digest
from trial.core.replay import Recorded
from trial.protocol_files import ProtocolFolder, read_files
from trial.services import amendments, designs, freeze, randomization, trials, verifying
from trial.storage import allocations
from trial.storage import trials as stored
from trial.storage.tables import allocation, event
from trial.storage.tables_design import design_amendment
from trial.storage.work import Store, Work

STATISTICIAN = Actor("member:1", Role.UNBLINDED_STATISTICIAN)
CHECK = script()
# three arms in two strata, so that one can be closed
THIRD = """  - id: walk
    label: {en: A walk}
    kind: attention_control
    description: {en: A walk.}
    received: exercises_done >= 1
    minimum_dose: exercises_done >= 2
allocation:
"""
THREE = read_files(
    FOLDER.files
    | {
        "protocol.yaml": FOLDER.files["protocol.yaml"]
        .replace("allocation:\n", THIRD)
        .replace("block_sizes: [2, 4]", "block_sizes: [3, 6]")
        .replace("arms: [list]", "arms: [list, walk]")
    }
)


def ratio(arm: str, number: int) -> tuple[str, str, str]:
    return ("protocol.yaml", f"  - id: {arm}\n    label", f"  - id: {arm}\n    ratio: {number}\n    label")


BLOCKS = ("protocol.yaml", "block_sizes: [2, 4]", "block_sizes: [6]")
UNEQUAL = amended(VERSION, ratio("letter", 2), ("protocol.yaml", "block_sizes: [2, 4]", "block_sizes: [3]"))
SIMPLE = ("protocol.yaml", "method: permuted_blocks\n  block_sizes: [2, 4]", "method: simple")
CLOSED = amended(VERSION, ratio("walk", 0), ("protocol.yaml", "[3, 6]", "[4]"), of=THREE)


def again(of: ProtocolFolder, number: int, *changes: tuple[str, str, str]) -> ProtocolFolder:
    return amended(
        ("protocol.yaml", f"\nversion: '{of.protocol.version}'", f"\nversion: '1.{number}'"), *changes, of=of
    )


def list_of(scene: Scene) -> list[Recorded]:
    with scene.work(write=False) as work:
        return list(allocations.recorded(work, scene.id))


def part(scene: Scene, name: str) -> list[Any]:
    return [one.record[name] for one in list_of(scene)]


def verdict(scene: Scene) -> verifying.Verdict:
    with scene.work(STATISTICIAN, write=False) as work:
        return verifying.verify(work, scene.slug)


def published(scene: Scene, tmp_path: Path) -> Path:
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
        files = freeze.freeze(work, scene.slug)
    names = (LIST, SEAL, "disposition.csv", "stages.csv", "freeze.json")
    return laid_down(tmp_path, {name: files[name] for name in names if name in files})


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def test_another_ratio_runs_from_the_next_number_on_and_nobody_is_allocated_again(scene: Scene) -> None:
    before = [scene.enrol(mood=n % 2) for n in range(5)]
    arms = [one.arm for one in list_of(scene)]
    done = apply(scene, UNEQUAL)
    digest = configuration_digest(UNEQUAL.protocol)
    assert done.epoch is not None
    assert (done.epoch.number, done.epoch.first, done.epoch.configuration) == (2, 6, digest)
    assert (done.moved, done.asked) == (5, 0)
    for _ in range(6):
        scene.enrol(mood=1)
    found = list_of(scene)
    assert [one.arm for one in found[:5]] == arms and [version(scene, one) for one in before] == ["1.1"] * 5
    assert part(scene, "epoch") == [1] * 5 + [2] * 6
    assert [one.arm for one in found[5:]].count("letter") == 4  # two blocks of three, two to one
    assert [one.number for one in found if one.stratum == "low"] == list(range(1, 9))
    with scene.work(write=False) as work:
        assert [(one.version, one.allocated_before) for one in designs.published(work, scene.id)] == [("1.1", 5)]
    verified = verdict(scene)
    assert verified.holds and (verified.allocations, verified.epochs) == (11, 2)


def test_the_digest_of_the_new_rule_is_out_before_anybody_is_allocated_by_it(scene: Scene) -> None:
    scene.enrol()
    apply(scene, UNEQUAL)
    assert scene.events()[-1] == "design_amended"
    with scene.work(OPERATOR, write=False) as work:
        (told,) = trials.status(work, scene.slug).designs
        assert (told.configuration, told.allocated_before) == (configuration_digest(UNEQUAL.protocol), 1)
        assert trials.status(work, scene.slug).randomized == 1


def test_what_an_amendment_of_the_design_would_do_is_said_before(scene: Scene) -> None:
    scene.enrol()
    with scene.work(OPERATOR, write=False) as work:
        epoch = amendments.preview(work, scene.slug, UNEQUAL).epoch
        assert epoch is not None and (epoch.number, epoch.first, epoch.begins) == (2, 2, True)
        assert amendments.preview(work, scene.slug, amended(VERSION)).epoch is None
    assert "design_amended" not in scene.events()


def test_going_back_to_the_first_rule_begins_a_third_epoch_in_every_stratum(scene: Scene, tmp_path: Path) -> None:
    for n in range(3):
        scene.enrol(mood=n % 2)
    other = again(FOLDER, 1, BLOCKS)
    apply(scene, other)
    for _ in range(3):
        scene.enrol(mood=1)  # nobody of the other stratum while the second rule runs
    apply(scene, again(other, 2, ("protocol.yaml", "block_sizes: [6]", "block_sizes: [4, 2]")))
    for n in range(4):
        scene.enrol(mood=n % 2)
    assert part(scene, "epoch") == [1] * 3 + [2] * 3 + [3] * 4
    assert len(set(part(scene, "configuration"))) == 2
    verified = verdict(scene)
    assert verified.holds and verified.epochs == 3
    assert "All 10 allocations" in CHECK.verify(published(scene, tmp_path))
    told = json.loads((tmp_path / "freeze.json").read_text(encoding="utf-8"))["randomization"]["epochs"]
    assert [(one["epoch"], one["first"], one["people"], one["version"]) for one in told] == [
        (1, 1, 3, "1.0"), (2, 4, 3, "1.1"), (3, 7, 4, "1.2"),
    ]  # fmt: skip
    assert [one["allocation"]["block_sizes"] for one in told] == [[2, 4], [6], [2, 4]]


def test_an_amendment_that_is_taken_back_before_anybody_came_ends_no_epoch(scene: Scene) -> None:
    scene.enrol()
    other = again(FOLDER, 1, BLOCKS)
    apply(scene, other)
    back = again(other, 2, ("protocol.yaml", "block_sizes: [6]", "block_sizes: [2, 4]"))
    done = apply(scene, back)
    assert done.epoch is not None and (done.epoch.number, done.epoch.begins) == (1, False)
    scene.enrol()
    assert part(scene, "epoch") == [1, 1] and verdict(scene).holds


def test_a_closed_arm_takes_nobody_more_and_who_is_in_it_goes_on(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, folder=THREE)
    people = [scene.enrol() for _ in range(3)]
    inside = next(one.participant_id for one in list_of(scene) if one.arm == "walk")
    mails = scene.contacts(inside)
    done = apply(scene, CLOSED)
    assert done.epoch is not None and (done.epoch.closed, done.epoch.opened) == (("walk",), ())
    for _ in range(8):
        scene.enrol()
    assert {one.arm for one in list_of(scene)[3:]} == {"letter", "list"}
    assert set(part(scene, "probabilities")[-1]) == {"letter", "list"}
    assert inside in people and scene.contacts(inside) == mails and version(scene, inside) == "1.1"
    opened = again(CLOSED, 2, ("protocol.yaml", "    ratio: 0\n", ""), ("protocol.yaml", "[4]", "[3]"))
    back = apply(scene, opened)
    assert back.epoch is not None and (back.epoch.number, back.epoch.opened) == (3, ("walk",))
    for _ in range(3):
        scene.enrol()
    assert {one.arm for one in list_of(scene)[11:]} == {"letter", "list", "walk"}
    assert verdict(scene).holds
    assert "All 14 allocations" in CHECK.verify(published(scene, tmp_path))


def test_other_strata_keep_their_own_states_and_numbers_go_on(scene: Scene, tmp_path: Path) -> None:
    scene.enrol()
    scene.enrol(mood=1)
    young = (
        ("protocol.yaml", "- id: mood_level", "- id: age_band"),
        ("protocol.yaml", "{id: low, label: {en: 5 or more}, when: low_mood >= 5}",
         "{id: low, label: {en: Under 40}, when: age < 40}"),
        ("protocol.yaml", "low_mood, mood_level]", "low_mood]"),
    )  # fmt: skip
    new = amended(VERSION, *young)
    apply(scene, new)
    scene.enrol()
    found = list_of(scene)
    # a stratum of the same name: the state is not taken over, the numbers are
    assert [(one.stratum, one.number) for one in found] == [("good", 1), ("low", 1), ("low", 2)]
    assert found[2].record["state_seen"] == {"block": 0, "left": []}
    assert verdict(scene).holds
    assert "All 3" in CHECK.verify(published(scene, tmp_path))


def some_stay(scene: Scene) -> int:
    """Before an amendment that asks for consent again, one is allocated, and one is in the middle of the baseline."""
    scene.enrol()
    staying, baseline = scene.to_baseline()
    done = apply(scene, amended(VERSION, FORM, INFORMATION, SIMPLE))
    assert (done.moved, done.asked) == (0, 2)
    scene.enrol()
    scene.submit(staying, baseline, MOODS[0])
    scene.enrol()
    return staying


def test_who_stays_on_an_earlier_version_is_allocated_by_the_rule_that_runs(scene: Scene) -> None:
    staying = some_stay(scene)
    assert version(scene, staying) == "1.0"
    assert part(scene, "epoch") == [1, 2, 2, 2]
    assert len(scene.contacts(staying, "evening")) == 3
    assert verdict(scene).holds


def test_were_each_allocated_by_their_own_version_epochs_would_take_turns_and_a_replay_would_say_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(
        randomization, "ruling", lambda work, trial, person: stored.folder_of(work, person.protocol_id).protocol
    )
    some_stay(scene)
    assert part(scene, "epoch") == [1, 2, 3, 4]
    found = verdict(scene).difference
    assert found is not None and (found.what, found.sequence) == ("configuration", 3)


# a question that only people who come from now on are asked
NEW_QUESTION = (
    "protocol.yaml",
    "    - id: region\n",
    "    - {id: rested, type: yes_no, topic: {en: Rested}}\n    - id: region\n",
)
NEW_STRATA = ("protocol.yaml", "when: low_mood >= 5", "when: rested == true")
LISTED = (
    "protocol.yaml",
    "method: permuted_blocks\n  block_sizes: [2, 4]",
    "method: listed\n  outside_list: {made_by: An office elsewhere., how: By lot.}",
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((VERSION, FORM, NEW_QUESTION, NEW_STRATA), "The strata stand on rested"),
        ((VERSION, LISTED), "outside list is sealed when a trial opens"),
        ((VERSION, ("protocol.yaml", "  - id: list\n    label: {en: A list}\n    kind: attention_control",
                    "  - id: list\n    label: {en: A list}\n    kind: active")), "changes of the arms"),
    ],
)  # fmt: skip
def test_a_rule_that_could_not_allocate_everybody_is_refused(
    scene: Scene, changes: tuple[tuple[str, str, str], ...], words: str
) -> None:
    scene.enrol()
    before = scene.events()
    with pytest.raises(Refused, match=words):
        apply(scene, amended(*changes))
    assert scene.events() == before


# --- what somebody could do to the rows ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Two epochs in one database whose guards are off; each test throws its transaction away."""
    with kept_store(request, "sqlite", tmp_path_factory.mktemp("amended")) as store:
        found = Scene(store)
        for n in range(3):
            found.enrol(mood=n % 2)
        apply(found, again(FOLDER, 1, BLOCKS))
        for n in range(3):
            found.enrol(mood=n % 2)
        with store.engine.begin() as rows:
            for name in rows.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all():
                rows.execute(text(f"drop trigger {name}"))
        yield found


class Undone(Exception):
    """Leaves a transaction without keeping what was done in it."""


def after(scene: Scene, harm: Callable[[Work], object]) -> verifying.Verdict:
    found: list[verifying.Verdict] = []
    with suppress(Undone), scene.work(STATISTICIAN) as work:
        harm(work)
        found.append(verifying.verify(work, scene.slug))
        raise Undone
    return found[0]


def _record(sequence: int, **parts: Any) -> Callable[[Work], object]:
    def harm(work: Work) -> None:
        one = next(each for each in allocations.recorded(work, 1) if each.sequence == sequence)
        changed = dict(one.record) | parts
        work.rows.execute(update(allocation).where(allocation.c.sequence == sequence).values(record=changed))

    return harm


FIRST, SECOND = configuration_digest(FOLDER.protocol), configuration_digest(again(FOLDER, 1, BLOCKS).protocol)
_NUMBER = event.c.event == "design_amended"
HARM: dict[str, tuple[Callable[[Work], object], str, int | None]] = {
    "the new rule too early": (_record(3, configuration=SECOND, epoch=2), "configuration", 3),
    "the old rule too late": (_record(4, configuration=FIRST, epoch=1), "configuration", 4),
    "an epoch left out": (_record(4, epoch=3), "epoch", 4),
    "the state of the epoch before": (_record(4, state_seen={"block": 1, "left": [0, 1]}), "state seen", 4),
    "the amendment earlier": (
        lambda work: work.rows.execute(update(design_amendment).values(allocated_before=2)), "record of acts", None),
    "another digest": (
        lambda work: work.rows.execute(update(design_amendment).values(configuration=FIRST)), "record of acts", None),
    "no amendment": (lambda work: work.rows.execute(design_amendment.delete()), "record of acts", None),
    "both records earlier": (
        lambda work: (work.rows.execute(update(design_amendment).values(allocated_before=2)),
                      work.rows.execute(update(event).where(_NUMBER).values(
                          detail={"configuration": SECOND, "allocated_before": 2}))), "configuration", 3),
}  # fmt: skip


def test_the_two_epochs_hold_as_they_are(lived: Scene) -> None:
    assert verdict(lived).holds
    assert part(lived, "configuration") == [FIRST] * 3 + [SECOND] * 3


@pytest.mark.parametrize("what", HARM)
def test_what_is_changed_across_epochs_is_found(lived: Scene, what: str) -> None:
    harm, words, sequence = HARM[what]
    found = after(lived, harm).difference
    assert found is not None and words in found.what and found.sequence == sequence
