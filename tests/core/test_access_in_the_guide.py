"""What the guide says about roles is what the policy table says."""

from __future__ import annotations

from tests.roles_in_the_guide import MARK, table
from tests.tables_in_the_guide import shown


def test_the_guide_shows_the_policy_as_it_is() -> None:
    assert shown(MARK) == table(), "write it anew: python -m tests.roles_in_the_guide"
