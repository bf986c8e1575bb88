"""What the guide says about roles is what the policy table says."""

from __future__ import annotations

from tests.roles_in_the_guide import shown, table


def test_the_guide_shows_the_policy_as_it_is() -> None:
    assert shown() == table(), "write it anew: python -m tests.roles_in_the_guide"
