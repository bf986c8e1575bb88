"""Identities and free text: unreadable without the keys outside, each in its own place, gone for good once erased."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from itertools import product

import pytest
from cryptography.exceptions import InvalidTag

from tests.services.scene import MOODS, SENSITIVE, Scene
from tests.storage.stores import KEYS, content, holding, run
from trial.core.access import SYSTEM
from trial.core.errors import NotFound
from trial.storage import allocations, answer_sheets, participants, trials, vault
from trial.storage.work import Store

ADDRESS = "Robin.Canary@mailbox.example"
SIGNATURE = "Robin Canary-Signature"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def somebody(scene: Scene, address: str = ADDRESS) -> int:
    """A person who signed and wrote a text of their own."""
    person = scene.to_consent(address)
    baseline = scene.consent(person, signature=SIGNATURE).occasion_id
    assert baseline is not None
    scene.submit(person, baseline, MOODS[0] | {"feeling_else": SENSITIVE})
    return person


def sheet_of(scene: Scene, person: int) -> int:
    with scene.work(write=False) as work:
        return answer_sheets.of_participant(work, person)[0].id


def words(scene: Scene, person: int) -> str:
    with scene.work(write=False) as work:
        return vault.words_of(work, person, "answer", f"{sheet_of(scene, person)}:feeling_else")


def address(scene: Scene, person: int) -> str:
    with scene.work(write=False) as work:
        return vault.address_of(work, person)


def test_what_was_kept_is_read_again_with_the_keys(scene: Scene) -> None:
    person = somebody(scene)
    assert address(scene, person) == ADDRESS
    assert words(scene, person) == SENSITIVE


def test_no_address_signature_or_free_text_can_be_read_in_the_database(scene: Scene) -> None:
    somebody(scene)
    # the same look finds what does lie open
    assert "screening.answers" in holding(scene.store, "north")
    assert holding(scene.store, ADDRESS, "canary", "mailbox.example", SENSITIVE, SENSITIVE[:12]) == []


def test_neither_keys_nor_seed_lie_in_the_database(scene: Scene) -> None:
    somebody(scene)
    secrets = [KEYS.vault, KEYS.index, KEYS.sealing, KEYS.link, KEYS.cookie, b"s" * 32]
    for table, rows in content(scene.store).items():
        for row, secret in product(rows, secrets):
            for value in row.values():
                if isinstance(value, bytes):
                    assert secret not in value, table
                else:
                    assert secret.hex() not in str(value), table


def test_the_same_address_and_the_same_words_never_look_the_same(scene: Scene) -> None:
    somebody(scene)
    somebody(scene, "other@mailbox.example")
    rows = content(scene.store)
    sealed = [row["sealed"] for row in rows["words"]]
    assert len(sealed) == len(set(sealed)) == 4
    nonces = [value[:12] for value in [*sealed, *(row["address"] for row in rows["identity"])]]
    assert len(set(nonces)) == len(nonces)


def copy_identity(scene: Scene, one: int, other: int, column: str) -> None:
    """Overwrite one column of the other's row with what stands in the first's."""
    copied = f"(select {column} from vault.identity as i where i.participant_id = :one)"
    run(
        scene.store,
        f"update vault.identity set {column} = {copied} where participant_id = :other",
        one=one,
        other=other,
    )


@pytest.mark.parametrize("columns", [["address"], ["wrapped_key"], ["address", "wrapped_key"]], ids="+".join)
def test_a_value_moved_to_another_persons_row_does_not_open(scene: Scene, columns: list[str]) -> None:
    one, other = somebody(scene), somebody(scene, "other@mailbox.example")
    for column in columns:
        copy_identity(scene, one, other, column)
    with pytest.raises(InvalidTag):
        address(scene, other)
    assert address(scene, one) == ADDRESS


def test_words_moved_to_another_place_of_the_same_person_do_not_open(scene: Scene) -> None:
    person = somebody(scene)
    run(scene.store, "update vault.words set about = :there where kind = 'answer'", there="999:feeling_else")
    with scene.work(write=False) as work, pytest.raises(InvalidTag):
        vault.words_of(work, person, "answer", "999:feeling_else")


@pytest.mark.parametrize("bit", [0, 7, 8 * 12, -1])
def test_one_flipped_bit_is_noticed(bit: int) -> None:
    key = b"k" * 32
    sealed = bytearray(vault.seal(key, b"her@mailbox.example", "address|1"))
    sealed[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(InvalidTag):
        vault.unseal(key, bytes(sealed), "address|1")


def test_another_installations_key_opens_nothing(scene: Scene) -> None:
    person = somebody(scene)
    stranger = Store(scene.store.engine, replace(KEYS, vault=b"x" * 32))
    with stranger.open_work(SYSTEM, write=False) as work, pytest.raises(InvalidTag):
        vault.address_of(work, person)


SPELLINGS = [
    "Robin.Canary@mailbox.example",
    "robin.canary@mailbox.example",
    "ROBIN.CANARY@MAILBOX.EXAMPLE",
    "  robin.canary@mailbox.example\n",
    "ｒｏｂｉｎ.canary@mailbox.example",
]
OTHERS = ["robincanary@mailbox.example", "robin.canary@mailbox.example.org", "robin@mailbox.example", ""]


def test_an_address_is_found_however_it_is_spelt_and_no_other_is(scene: Scene) -> None:
    person = somebody(scene)
    with scene.work(write=False) as work:
        assert {vault.find(work, scene.id, spelling) for spelling in SPELLINGS} == {person}
        assert {vault.find(work, scene.id, other) for other in OTHERS} == {None}


def test_the_same_address_in_two_trials_cannot_be_matched_without_the_key(scene: Scene) -> None:
    other = Scene(scene.store, slug="other-trial")
    somebody(scene)
    somebody(other)
    first, second = (row["blind_index"] for row in content(scene.store)["identity"])
    assert first != second
    with scene.work(write=False) as work:
        assert vault.find(work, scene.id, ADDRESS) != vault.find(work, other.id, ADDRESS)


def test_erasing_somebody_leaves_allocation_answers_and_counts_and_nothing_to_read(scene: Scene) -> None:
    person, other = somebody(scene), somebody(scene, "other@mailbox.example")
    before = content(scene.store)
    with scene.work() as work:
        vault.destroy(work, person)
    after = content(scene.store)
    assert {table for table in after if after[table] != before[table]} == {"identity"}
    with scene.work(write=False) as work:
        assert allocations.arm_of(work, person) is not None
        assert allocations.count(work, scene.id) == 2
        assert len(participants.of_trial(work, scene.id)) == 2
        assert trials.by_id(work, scene.id).slug == "evenings"
        with pytest.raises(NotFound, match="erased"):
            vault.address_of(work, person)
        with pytest.raises(NotFound, match="erased"):
            vault.words_of(work, person, "answer", f"{sheet_of(scene, person)}:feeling_else")
        with pytest.raises(NotFound, match="erased"):
            vault.keep_words(work, scene.id, person, "answer", "later", "more words")
    assert words(scene, other) == SENSITIVE


def test_what_was_sealed_under_a_destroyed_key_is_lost_to_the_vault_key_as_well(scene: Scene) -> None:
    """No copy of the person's key is left anywhere in the database."""
    person = somebody(scene)
    wrapped = next(row["wrapped_key"] for row in content(scene.store)["identity"])
    with scene.work() as work:
        vault.destroy(work, person)
    for rows in content(scene.store).values():
        for row in rows:
            assert not any(isinstance(value, bytes) and wrapped in value for value in row.values())


def test_somebody_erased_cannot_enter_a_second_time(scene: Scene) -> None:
    """The blind index stays: one person stays one participant."""
    person = somebody(scene)
    with scene.work() as work:
        vault.destroy(work, person)
        assert vault.find(work, scene.id, ADDRESS) == person


def test_closed_answers_lie_sealed_and_are_read_as_they_were_given(scene: Scene) -> None:
    person = somebody(scene)
    (row,) = content(scene.store)["answer_sheet"]
    assert list(row["answers"]) == ["sealed:1"]
    with scene.work(write=False) as work:
        (sheet,) = answer_sheets.of_participant(work, person)
        assert (sheet.answers["feeling_1"], sheet.answers["feeling_sleep"]) == (0, None)
        assert answer_sheets.of_trial(work, scene.id) == [sheet]


def test_answers_taken_back_are_read_by_nobody_and_the_sheet_and_the_address_stay(scene: Scene) -> None:
    person, other = somebody(scene), somebody(scene, "other@mailbox.example")
    before = content(scene.store)
    with scene.work() as work:
        vault.destroy_answers(work, person)
        sheets = answer_sheets.of_trial(work, scene.id)
        assert [bool(one.answers) for one in sheets] == [False, True]
        assert vault.address_of(work, person) == ADDRESS
        with pytest.raises(NotFound):
            vault.words_of(work, person, "answer", f"{sheets[0].id}:feeling_else")
    after = content(scene.store)
    assert {table for table in after if after[table] != before[table]} == {"identity", "words"}
    assert words(scene, other) == SENSITIVE
    wrapped = next(row["wrapped_answers_key"] for row in before["identity"] if row["participant_id"] == person)
    assert not [row for rows in after.values() for row in rows if wrapped in row.values()]


def test_a_sealed_sheet_moved_to_another_submission_or_person_does_not_open(scene: Scene) -> None:
    first, second = somebody(scene), somebody(scene, "other@mailbox.example")
    rows = content(scene.store)["answer_sheet"]
    for person, place in ((second, f"sheet|{first}|{rows[0]['submission']}"), (first, f"sheet|{first}|another")):
        with scene.work() as work, pytest.raises(InvalidTag):
            vault.unseal(vault.answers_key(work, person), b64decode(rows[0]["answers"]["sealed:1"]), place)
