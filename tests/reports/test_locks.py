"""The report lists every lock and unlock: when, in whose roles, why, over what, and the digest."""

from __future__ import annotations

from reports.document import Table, Terms
from reports.locks import blocks

LOCKED = {
    "what": "locked",
    "at": "2041-03-04T09:00:00+00:00",
    "asked_by": "owner",
    "decided_by": "custodian",
    "solo": False,
    "reason": "All is in.",
    "digest": "ab" * 32,
    "open": {"held_enrolment": 2},
}


def test_a_trial_that_was_never_locked_has_no_table() -> None:
    assert blocks({"locks": []}) == blocks({"locks": None}) == blocks({}) == []


def test_each_lock_and_unlock_is_a_row() -> None:
    unlocked = {**LOCKED, "what": "unlocked", "solo": True, "digest": None, "open": {}, "reason": "Paper was found."}
    table, digests = blocks({"locks": [LOCKED, unlocked]})
    assert isinstance(table, Table) and isinstance(digests, Terms)
    first, second = (row.cells for row in table.rows)
    assert first[:5] == ("2041-03-04 09:00", "locked", "owner", "custodian", "All is in.")
    assert first[5:] == ("2 held enrolment",)
    assert digests.items == (("Digest of the lock of 2041-03-04 09:00", "ab" * 32),), (
        "no cell of a table holds 64 letters"
    )
    assert second[1] == "unlocked" and "alone" in second[3]
