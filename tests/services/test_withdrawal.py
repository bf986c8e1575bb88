"""Taking back one's answers and being erased: a week to change one's mind, then for good; every count still holds."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from tests.core.protocols import FOLDER, rewritten
from tests.services.post import Post
from tests.services.scene import OPERATOR, SENSITIVE, Scene
from tests.storage.stores import content, holding
from trial.core.delivery import ContactState
from trial.core.errors import NotFound, Refused
from trial.core.participant import StopLevel
from trial.protocol_files import ProtocolFolder
from trial.services import freeze, trials, withdrawal
from trial.storage import answer_sheets, vault, wishes
from trial.storage.wishes import WishKind
from trial.storage.work import Store
from workers.timetable import tick

HER, SIGNATURE = "her@mailbox.example", "R. Example"
NAME = "protocol.yaml"


def on_request() -> ProtocolFolder:
    """The small trial, in which people may take their answers back."""
    text = FOLDER.files[NAME]
    assert "withdrawal:" not in text
    return rewritten(("timepoints:\n", "withdrawal: {data_until_then: erased_on_request}\ntimepoints:\n"))


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store, folder=on_request())


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    """Somebody randomised who wrote on the first evening."""
    person = scene.enrol(HER)
    evening = scene.occasions(person)[0]
    post.deliver(scene)
    scene.move_to(evening.opens_at)
    scene.submit(person, evening.id, {"writing": SENSITIVE})
    post.deliver(scene)
    return person


def ask(scene: Scene, person: int, kind: WishKind, *, soon: bool = True) -> None:
    with scene.work() as work:
        withdrawal.ask(work, person, kind, soon=soon)


def let_pass(scene: Scene, post: Post, days: int = 7) -> None:
    post.deliver(scene)
    scene.move(days=days)
    tick(scene.store.open_work, post.sender())


def answers(scene: Scene, person: int) -> list[dict[str, object]]:
    with scene.work(write=False) as work:
        return [dict(one.answers) for one in answer_sheets.of_participant(work, person)]


def frozen(scene: Scene) -> dict[str, list[dict[str, str]]]:
    with scene.work(OPERATOR) as work:
        if trials.find(work, scene.slug).state == "open":
            trials.close(work, scene.slug)
    with scene.work(OPERATOR) as work:
        files = freeze.freeze(work, scene.slug)
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in files.items() if name.endswith(".csv")}


def test_after_a_week_answers_and_writing_can_be_read_by_nobody_and_the_rest_stays(
    scene: Scene, post: Post, her: int
) -> None:
    other = scene.enrol("other@mailbox.example")
    before = content(scene.store)
    ask(scene, her, "withdraw_data")
    let_pass(scene, post)
    after = content(scene.store)
    assert answers(scene, her) == [{}, {}]
    assert answers(scene, other)[0]
    for table in ("allocation", "answer_sheet", "consent"):
        assert before[table] == after[table]
    assert {row["kind"] for row in after["words"] if row["participant_id"] == her} == {"signature"}
    assert next(row["answers"] for row in after["screening"]) is None
    assert scene.person(her).stopped is StopLevel.EVERYTHING
    assert scene.events(her)[-3:] == ["withdrawal_asked", "stopped_everything", "data_withdrawn"]
    assert scene.person(her).data_withdrawn_at == scene.now


def test_until_then_only_our_own_mail_is_sent_and_all_can_be_undone(scene: Scene, post: Post, her: int) -> None:
    sent = len(post.mails(HER))
    ask(scene, her, "withdraw_data")
    ask(scene, her, "withdraw_data")  # pressed twice
    let_pass(scene, post, days=6)
    assert post.subjects(HER)[sent:] == ["What you asked for"]
    with scene.work(write=False) as work:
        (wish,) = wishes.waiting(work, her)
    with scene.work() as work:
        withdrawal.undo(work, her, wish.id)
    let_pass(scene, post, days=30)
    assert answers(scene, her)[0]
    assert scene.person(her).data_withdrawn_at is None
    assert scene.person(her).stopped is None
    assert "wish_undone" in scene.events(her)


def test_a_wish_carried_out_cannot_be_undone_and_is_carried_out_once(scene: Scene, post: Post, her: int) -> None:
    ask(scene, her, "withdraw_data")
    with scene.work(write=False) as work:
        (wish,) = wishes.waiting(work, her)
    let_pass(scene, post)
    before = content(scene.store)
    with scene.work() as work:
        withdrawal.undo(work, her, wish.id)
    assert withdrawal.carry_out_due(scene.store.open_work) == 0
    assert content(scene.store) == before


def test_somebody_who_took_answers_back_is_counted_and_has_no_answer_in_the_record(
    scene: Scene, post: Post, her: int
) -> None:
    scene.enrol("other@mailbox.example")
    code = scene.person(her).code
    ask(scene, her, "withdraw_data")
    let_pass(scene, post)
    files = frozen(scene)
    (row,) = [one for one in files["disposition.csv"] if one["participant"] == code]
    assert (row["stage"], row["reason"], row["exercises_done"]) == ("randomized", "data_withdrawn", "1")
    assert row["arm"]
    assert code not in {one["participant"] for name in ("dataset.csv", "items.csv") for one in files[name]}
    assert files["items.csv"]


def test_who_asked_before_the_freeze_is_not_in_it_even_if_the_week_is_not_over(
    scene: Scene, post: Post, her: int
) -> None:
    ask(scene, her, "withdraw_data")
    code = scene.person(her).code
    assert code not in {one["participant"] for one in frozen(scene)["items.csv"]}
    assert answers(scene, her) == [{}, {}]


def test_after_the_freeze_answers_cannot_be_taken_back(scene: Scene, her: int) -> None:
    frozen(scene)
    with pytest.raises(Refused):
        ask(scene, her, "withdraw_data")


def test_where_the_protocol_keeps_answers_they_cannot_be_taken_back(store: Store) -> None:
    scene = Scene(store)
    her = scene.enrol(HER)
    with pytest.raises(Refused):
        ask(scene, her, "withdraw_data")


def test_erased_means_no_address_no_word_no_mail_and_the_signature_is_kept_as_proof(
    scene: Scene, post: Post, her: int
) -> None:
    ask(scene, her, "erase")
    let_pass(scene, post)
    sent = len(post.mails(HER))
    assert "What you asked for" in post.subjects(HER)
    assert answers(scene, her) == [{}, {}]
    with scene.work(write=False) as work:
        with pytest.raises(NotFound):
            vault.address_of(work, her)
        with pytest.raises(NotFound):
            vault.words_of(work, her, vault.SIGNATURE, "consent:1")
        assert vault.proof_of(work, her, "consent:1") == SIGNATURE
    let_pass(scene, post, days=60)
    post.deliver(scene)
    assert len(post.mails(HER)) == sent
    waiting = [one for one in scene.contacts(her) if one.state in (ContactState.PLANNED, ContactState.DUE)]
    assert not waiting
    assert scene.events(her)[-1] == "erased"
    assert holding(scene.store, HER, SIGNATURE, SENSITIVE) == []
    with scene.work(write=False) as work:
        assert len(content(scene.store)["allocation"]) == 1


def test_erased_where_answers_are_kept_the_ticked_answers_stay_without_a_way_back(store: Store, post: Post) -> None:
    scene = Scene(store)
    her = scene.enrol(HER)
    ask(scene, her, "erase")
    let_pass(scene, post)
    assert answers(scene, her)[0]["feeling_1"] == 0
    assert scene.person(her).erased_at is not None
    assert {row["kind"] for row in content(scene.store)["words"]} == {"proof"}


def test_who_waits_for_what_they_are_owed_keeps_their_mails_until_then(scene: Scene, post: Post, her: int) -> None:
    ask(scene, her, "erase", soon=False)
    let_pass(scene, post, days=8)
    assert scene.person(her).erased_at is None
    assert scene.person(her).paused_until is None
    with scene.work(write=False) as work:
        (wish,) = wishes.waiting(work, her)
    assert wish.takes_effect_at > scene.occasions(her, "week_2")[0].closes_at + timedelta(days=14)


def test_a_tick_without_wishes_changes_nothing(scene: Scene, her: int) -> None:
    before = content(scene.store)
    assert withdrawal.carry_out_due(scene.store.open_work) == 0
    assert content(scene.store) == before
