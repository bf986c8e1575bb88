"""Assumptions that the design cannot have are told where they stand, with a mend."""

from __future__ import annotations

from typing import Any

import pytest

from trial.core.planned_size import find


def tree(assumed: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {
        "outcomes": [{"id": "mood", "aggregation": "mean"}, {"id": "well", "aggregation": "proportion"}],
        "analysis": {"primary": {"outcome": "mood"}},
        "sample_size": {"assumptions": {"difference": 0.3, **assumed}},
    } | parts


WELL = {"analysis": {"primary": {"outcome": "well"}}}
MARGIN = {"design": {"framework": "non_inferiority", "margin": 2}}
BY_TEAM = {"allocation": {"unit": "cluster"}}


@pytest.mark.parametrize(
    ("assumed", "parts", "what"),
    [
        ({"difference": 0}, {}, "no difference to be found"),
        ({"difference": -0.3}, {}, "no difference to be found"),
        ({"clusters": {"size": 10, "icc": 0.1}}, {}, "allocated one by one"),
        ({"in_units_of": "share"}, WELL, "belong together"),
        ({"reference_share": 0.3}, WELL, "belong together"),
        ({"in_units_of": "share", "reference_share": 0.3}, {}, "is a mean, which has no share"),
    ],
)
def test_an_assumption_that_does_not_fit_is_told(assumed: dict[str, Any], parts: dict[str, Any], what: str) -> None:
    (found,) = find(tree(assumed, **parts))
    assert what in found.what and found.mend and found.path[:2] == ("sample_size", "assumptions")


@pytest.mark.parametrize(
    ("assumed", "parts"),
    [
        ({}, {}),
        ({"difference": 0}, MARGIN),
        ({"difference": -0.5}, MARGIN),
        ({"clusters": {"size": 10, "icc": 0.1}}, BY_TEAM),
        ({"in_units_of": "share", "reference_share": 0.3}, WELL),
        ({"clusters": None, "reference_share": None}, {}),
    ],
)
def test_assumptions_that_fit_are_left_alone(assumed: dict[str, Any], parts: dict[str, Any]) -> None:
    assert list(find(tree(assumed, **parts))) == []


def test_a_tree_that_is_no_protocol_yet_is_no_trouble() -> None:
    for odd in (
        {},
        {"sample_size": 3},
        {"sample_size": {"assumptions": "many"}},
        {"sample_size": {"assumptions": None}},
    ):
        assert list(find(odd)) == []
