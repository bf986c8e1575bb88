"""An address that is let through at a glance is one that the library lets through, unchanged."""

from __future__ import annotations

import pytest
from email_validator import validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from trial.mail.headers import _PLAIN, UnsafeHeader, one_address

HARD = ("a..b@x.example", ".a@x.example", "a@-x.example", "a@x--y.example", "a@xn--zzz.example", "a@x.example\n")
MORE = (
    "a@b",
    "a,b@x.example",
    "a@x.invalid",
    "a@x.test",
    "a b@x.example",
    "a@x.example, c@x.example",
    "=?a?=@x.example",
)


def joined(letters: str, marks: str, most: int) -> st.SearchStrategy[str]:
    """Words of these letters with one of these marks between any two."""
    word = st.text(letters, min_size=1, max_size=most)
    more = st.lists(st.tuples(st.sampled_from(marks), word).map("".join), max_size=4)
    return st.builds(lambda first, rest: first + "".join(rest), word, more)


ADDRESSES = st.builds(
    "{}@{}.{}".format,
    joined("azAZ09_+", ".-", 12),
    joined("azmx09", ".-", 30),
    st.sampled_from(["example", "org", "de"]),
)


@given(ADDRESSES.filter(_PLAIN.match))
@example("robin.low-key+1@mail-box.example.org")
def test_what_passes_at_a_glance_passes_the_library_unchanged(address: str) -> None:
    found = validate_email(address, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    assert found.ascii_email == address == one_address("To", address)


def test_whatever_is_not_plain_is_looked_at_with_care() -> None:
    assert not any(_PLAIN.match(one) for one in (*HARD, *MORE))
    for one in ("a@x.example\n", "a@x.example\r\nBcc: b@x.example", "a@x.example, c@x.example", "=?a?=@x.example"):
        with pytest.raises(UnsafeHeader):
            one_address("To", one)
