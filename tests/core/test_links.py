"""Personal links, codes and study codes: made from a key, told apart by what they are for, and giving nothing away."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import pytest
from scipy.stats import chisquare

from trial.core.links import TOKEN, delivery_linked, hash_token, make_code, make_message_id, make_study_code, make_token
from trial.mail.headers import message_id

KEY, OTHER = b"k" * 32, b"o" * 32


class Pair(NamedTuple):
    """The two keys that a link is made with."""

    index: bytes
    link: bytes


KEYS = Pair(OTHER, KEY)
ALL_KEYS = (KEYS, Pair(KEY, KEY), Pair(OTHER, OTHER), Pair(KEY, OTHER))


def test_a_link_is_the_same_each_time_it_is_made() -> None:
    assert make_token(KEYS, 17, 1) == make_token(KEYS, 17, 1)


def test_a_link_changes_with_key_delivery_and_generation() -> None:
    made = [make_token(keys, row, generation) for keys in ALL_KEYS for row in (1, 11) for generation in (1, 11)]
    # 1 and 11 with 11 and 1 must not run into each other
    made += [make_token(KEYS, 111, 1), make_token(KEYS, 1, 111)]
    assert len(set(made)) == len(made)


def test_a_link_has_256_bits_in_43_plain_letters() -> None:
    assert all(TOKEN.fullmatch(make_token(KEYS, row, 1)) for row in range(200))


@pytest.mark.parametrize(
    "token", ["", "x" * 42, "x" * 44, "x" * 42 + "=", "x" * 42 + "/", "x" * 42 + "é", "x" * 43 + " "]
)
def test_what_cannot_be_a_link_is_seen_at_once(token: str) -> None:
    assert not TOKEN.match(token)


def test_a_link_tells_its_row_to_whoever_has_the_key_and_to_nobody_else() -> None:
    for row in (1, 17, 2**31, 2**60):
        token = make_token(KEYS, row, 3)
        assert delivery_linked(KEYS, token) == row
        assert delivery_linked(Pair(OTHER, b"n" * 32), token) == row, "a new key for links is given at a restore"
        assert delivery_linked(Pair(b"n" * 32, KEY), token) is None
    assert all(delivery_linked(KEYS, one) is None for one in ("", "x" * 43, "x" * 42, "\ud800" * 43, token + "\n"))


def test_two_generations_of_a_link_share_their_row_and_no_proof() -> None:
    one, other = (make_token(KEYS, 17, generation) for generation in (1, 2))
    assert one[:21] == other[:21] and one[22:] != other[22:]


def test_what_is_kept_of_a_link_does_not_give_it_back() -> None:
    token = make_token(KEYS, 17, 1)
    assert hash_token(token) == hashlib.sha256(token.encode()).hexdigest()
    assert token not in hash_token(token)


def test_a_code_is_six_digits_also_where_it_starts_with_zeros() -> None:
    codes = [make_code(KEY, person, 1) for person in range(3000)]
    assert all(len(one) == 6 and one.isdigit() for one in codes)
    assert any(one.startswith("00") for one in codes)


def test_codes_favour_no_digit_in_any_place() -> None:
    codes = [make_code(KEY, person, 1) for person in range(5000)]
    for place in range(6):
        assert chisquare(list(Counter(one[place] for one in codes).values())).pvalue > 0.0005


def test_a_new_generation_is_a_new_code() -> None:
    assert len({make_code(KEY, 17, generation) for generation in range(1, 7)}) == 6


def test_a_message_id_stays_the_same_over_attempts_and_may_stand_in_a_header() -> None:
    made = make_message_id(KEY, 17, "trial.example")
    assert message_id(made) == made == make_message_id(KEY, 17, "trial.example")
    assert made.endswith("@trial.example>")
    assert made != make_message_id(KEY, 18, "trial.example")


def test_a_message_id_gives_no_part_of_the_link_away() -> None:
    token, made = make_token(KEYS, 17, 1), make_message_id(KEY, 17, "a.example")
    assert hash_token(token)[:32] not in made
    assert token[:8] not in made
    assert base64.urlsafe_b64decode(token + "=")[:16].hex() not in made


def test_study_codes_are_unique_and_hold_no_letters_that_look_alike() -> None:
    codes = [make_study_code(KEY, 1, number) for number in range(1, 20_001)]
    assert len(set(codes)) == len(codes)
    assert set("".join(codes)) == set("23456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert not set("01ILOU") & set("".join(codes))


def test_study_codes_do_not_show_the_order_of_arrival() -> None:
    """About as many neighbours rise as fall: their sign is a fair coin's, within four standard errors."""
    codes = [make_study_code(KEY, 1, number) for number in range(1, 4001)]
    rises = sum(one < following for one, following in pairwise(codes))
    # the number of rises in a random order of n has mean (n - 1) / 2 and variance (n + 1) / 12
    assert abs(rises - 3999 / 2) < 4 * (4001 / 12) ** 0.5


def test_the_same_number_has_another_code_in_another_trial() -> None:
    assert make_study_code(KEY, 1, 5) != make_study_code(KEY, 2, 5)
    assert make_study_code(KEY, 1, 5) != make_study_code(OTHER, 1, 5)
