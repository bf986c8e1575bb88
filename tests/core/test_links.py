"""Personal links, codes and study codes: made from a key, told apart by what they are for, and giving nothing away."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import pairwise

import pytest
from scipy.stats import chisquare

from trial.core.links import TOKEN, hash_token, make_code, make_message_id, make_study_code, make_token
from trial.mail.headers import message_id

KEY, OTHER = b"k" * 32, b"o" * 32


def test_a_link_is_the_same_each_time_it_is_made() -> None:
    assert make_token(KEY, 17, 1) == make_token(KEY, 17, 1)


def test_a_link_changes_with_key_delivery_and_generation() -> None:
    made = [make_token(key, row, generation) for key in (KEY, OTHER) for row in (1, 11) for generation in (1, 11)]
    # 1 and 11 with 11 and 1 must not run into each other
    made += [make_token(KEY, 111, 1), make_token(KEY, 1, 111)]
    assert len(set(made)) == len(made)


def test_a_link_has_256_bits_in_43_plain_letters() -> None:
    assert all(TOKEN.fullmatch(make_token(KEY, row, 1)) for row in range(200))


@pytest.mark.parametrize(
    "token", ["", "x" * 42, "x" * 44, "x" * 42 + "=", "x" * 42 + "/", "x" * 42 + "é", "x" * 43 + " "]
)
def test_what_cannot_be_a_link_is_seen_at_once(token: str) -> None:
    assert not TOKEN.match(token)


def test_what_is_kept_of_a_link_does_not_give_it_back() -> None:
    token = make_token(KEY, 17, 1)
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
    assert hashlib.sha256(make_token(KEY, 17, 1).encode()).hexdigest()[:32] not in make_message_id(KEY, 17, "a.example")
    assert make_token(KEY, 17, 1)[:8] not in make_message_id(KEY, 17, "a.example")


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
