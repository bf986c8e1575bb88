"""The names that a report gives to what a protocol writes as a code."""

from __future__ import annotations

from typing import get_args

from reports.labels import KINDS
from trial.core.protocol.design import ArmKind


def test_every_kind_of_arm_has_a_name() -> None:
    assert set(KINDS) == set(get_args(ArmKind))
    assert KINDS["no_treatment"] == "no treatment"
