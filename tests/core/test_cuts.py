"""Dummy labels: a shuffle of the key's, and refused where sizes or schedules would name an arm."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.core.protocols import FOLDER
from trial.core.cuts import alike, dummy_labels, salted, why_no_labels
from trial.core.protocol import TrialProtocol
from trial.protocol_files import read_folder, shipped

PROTOCOL = FOLDER.protocol
ARMS = [arm.id for arm in PROTOCOL.arms]


def changed(**update: Any) -> TrialProtocol:
    """The protocol with its first arm changed."""
    first, *others = PROTOCOL.arms
    return PROTOCOL.model_copy(update={"arms": [first.model_copy(update=update), *others]})


def test_labels_come_from_the_key_alone_and_every_order_is_as_likely() -> None:
    key = b"k" * 32
    assert dummy_labels(key, ARMS) == dummy_labels(key, list(reversed(ARMS)))
    assert sorted(dummy_labels(key, ARMS).values()) == [f"Group {n + 1}" for n in range(len(ARMS))]
    drawn = Counter(dummy_labels(bytes([n % 256, n // 256]) * 16, ["a", "b"])["a"] for n in range(2000))
    assert 900 < drawn["Group 1"] < 1100


def test_a_digest_tells_nothing_to_who_has_not_the_key() -> None:
    assert salted(b"1" * 32, "ab") != salted(b"2" * 32, "ab") and len(salted(b"1" * 32, "ab")) == 64


def test_arms_of_one_ratio_and_schedule_can_have_dummy_labels() -> None:
    same = PROTOCOL.model_copy(
        update={"activities": [one.model_copy(update={"arms": []}) for one in PROTOCOL.activities]}
    )
    assert alike(same)
    assert why_no_labels(same, [], {ARMS[0]: 30, ARMS[1]: 31}) is None


@pytest.mark.parametrize("ratio", [0, 2])
def test_unequal_ratios_would_name_an_arm_by_its_size(ratio: int) -> None:
    why = why_no_labels(changed(ratio=ratio), [], {})
    assert why is not None and "ratio" in why


def test_a_ratio_before_an_amendment_counts_as_well() -> None:
    assert "ratio" in str(why_no_labels(PROTOCOL, [{ARMS[0]: 2, ARMS[1]: 1}], {}))


def test_arms_with_schedules_of_their_own_have_labels_only_while_their_sizes_are_equal() -> None:
    first = PROTOCOL.arms[0].id
    exercises = [
        one.model_copy(update={"arms": [first]}) if PROTOCOL.is_exercise(one.id) else one for one in PROTOCOL.activities
    ]
    waiting = PROTOCOL.model_copy(update={"activities": exercises})
    assert not alike(waiting)
    assert why_no_labels(waiting, [], dict.fromkeys(ARMS, 30)) is None
    assert "size" in str(why_no_labels(waiting, [], {ARMS[0]: 30, ARMS[1]: 31}))


def test_one_arm_has_no_label_to_hide_behind() -> None:
    one = read_folder(shipped("dawn-lesson")).protocol
    alone = one.model_copy(update={"arms": one.arms[:1]})
    assert "one arm" in str(why_no_labels(alone, [], {}))
