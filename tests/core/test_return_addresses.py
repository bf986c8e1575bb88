"""Each mail has a return address of its own, which names it to us and to nobody else."""

from __future__ import annotations

from email.utils import parseaddr

import pytest

from trial.core.links import make_mark, make_message_id
from trial.core.return_addresses import LONGEST_NAME, Found, address_for, fits, mail_named, without_mark

KEY, OTHER = b"k" * 32, b"o" * 32
BOUNCES = "bounces@trial.example.org"
HERS = address_for(KEY, BOUNCES, 17)


def named(*addresses: str, bounces: str = BOUNCES) -> Found:
    return mail_named(KEY, bounces, addresses)


def test_an_address_names_its_mail_and_each_mail_has_its_own() -> None:
    made = {row: address_for(KEY, BOUNCES, row) for row in (1, 2, 17, 20_000_000, 2**40)}
    assert {row: named(one).delivery_id for row, one in made.items()} == {row: row for row in made}
    assert len(set(made.values())) == len(made)


@pytest.mark.parametrize("change", [str.upper, str.title, str.swapcase, lambda one: f"SRS{one}"[3:]])
def test_a_server_that_changes_the_case_changes_nothing(change) -> None:
    assert named(change(HERS)) == Found(17)


def test_it_tells_no_number_and_is_no_other_mark_of_ours() -> None:
    mark = HERS.partition("+")[2].partition("@")[0]
    assert mark != make_mark(KEY, 17) and mark not in make_message_id(KEY, 17, "trial.example.org")
    close = address_for(KEY, BOUNCES, 18).partition("+")[2]
    assert sum(one == other for one, other in zip(mark, close, strict=False)) < 12


@pytest.mark.parametrize("bounces", [BOUNCES, f"{'b' * LONGEST_NAME}@{'d' * 60}.example"])
def test_it_is_an_address_that_every_server_takes(bounces: str) -> None:
    made = address_for(KEY, bounces, 2**62)
    assert fits(bounces)
    assert len(made.rpartition("@")[0]) <= 64 and len(made) <= 254
    assert parseaddr(f"Somebody <{made}>")[1] == made


@pytest.mark.parametrize(
    "bounces",
    [
        f"{'b' * (LONGEST_NAME + 1)}@trial.example", "a+b@trial.example", "trial.example", "@trial.example", "a@",
        "a b@trial.example", "ü@trial.example", "a@trial.example\n", "a@b@trial.example", "<a@trial.example>",
    ],
)  # fmt: skip
def test_what_no_address_can_be_made_from_is_said_at_once(bounces: str) -> None:
    assert not fits(bounces)


MARK = HERS.partition("+")[2].partition("@")[0]
HOSTILE = [
    address_for(OTHER, BOUNCES, 17),
    f"bounces+{make_mark(KEY, 17)}@trial.example.org",  # the mark of its Message-ID, which everybody who got it knows
    f"bounces+{MARK[:-1]}{'0' if MARK[-1] != '0' else '1'}@trial.example.org",
    f"bounces+{MARK[:-1]}@trial.example.org",
    f"bounces+{MARK}0@trial.example.org",
    f"bounces+{MARK}+{MARK}@trial.example.org",
    f"bounces+{MARK[::-1]}@trial.example.org",
    f"bounces+{'0' * 32}@trial.example.org",
    f"bounces+{MARK} @trial.example.org",
    f"bounces+{MARK}' or 1=1 --@trial.example.org",
    "bounces+17@trial.example.org",
    "bounces+@trial.example.org",
    f"bounces+{'٣' * 32}@trial.example.org",
    f"bounces+{'f' * 5000}@trial.example.org",
]


@pytest.mark.parametrize("address", HOSTILE, ids=range(len(HOSTILE)))
def test_one_that_was_made_up_names_nothing(address: str) -> None:
    assert named(address) == Found(made_up=True)


@pytest.mark.parametrize(
    "address", [f"bounces+{MARK}@elsewhere.example", f"other+{MARK}@trial.example.org", BOUNCES, "her@mailbox.example"]
)
def test_other_addresses_are_none_of_ours(address: str) -> None:
    assert named(address) == Found()


def test_a_genuine_one_counts_whatever_stands_beside_it_and_the_first_of_two() -> None:
    other = address_for(KEY, BOUNCES, 18)
    assert named("her@mailbox.example", HOSTILE[0], HERS, other) == Found(17)


def test_without_the_setting_nothing_is_looked_at() -> None:
    assert named(HERS, HOSTILE[0], bounces="") == Found()


def test_what_comes_to_any_of_them_is_picked_up_where_the_plain_one_is() -> None:
    assert without_mark(HERS) == BOUNCES
    assert without_mark("her@mailbox.example") == "her@mailbox.example"
