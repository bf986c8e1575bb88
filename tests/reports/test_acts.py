"""The report says what took two people while the trial ran, and what was done by one alone."""

from __future__ import annotations

import pytest

from reports.acts import in_words


def one(act: str, done: int, solo: int = 0) -> dict[str, object]:
    return {"act": act, "done": done, "solo": solo}


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        (None, []),
        ([], ["While the trial ran, no member of the team was told anybody's arm by the desk."]),
        (
            [one("unblinding", 1)],
            ["Once somebody's arm was told to a member of the team in an emergency."],
        ),
        (
            [one("unblinding", 3, 1), one("lock", 2, 2), one("unlock", 1)],
            [
                "3 times somebody's arm was told to a member of the team in an emergency, once by one person alone.",
                "Twice the data were locked, on the decision of one person alone.",
                "Once locked data were unlocked.",
            ],
        ),
        (
            [one("release", 1)],
            [
                "While the trial ran, no member of the team was told anybody's arm by the desk.",
                "Once sending was released after a stop.",
            ],
        ),
    ],
)
def test_acts_are_said_one_by_one(acts: list[dict[str, object]] | None, said: list[str]) -> None:
    assert in_words(acts) == said
