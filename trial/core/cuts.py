"""Cuts of a running trial: which kinds there are, when dummy labels would tell the arms, and their shuffle."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from enum import StrEnum

from trial.core.protocol import Questionnaire, TrialProtocol


class CutKind(StrEnum):
    """What a cut may tell: nothing by arm, dummy labels, the arms, or both reports for a committee."""

    POOLED = "pooled"
    DUMMY = "dummy"
    CLOSED = "closed"
    COMMITTEE = "committee"


TELLS_ARMS = frozenset({CutKind.CLOSED, CutKind.COMMITTEE})


def why_no_labels(
    protocol: TrialProtocol, earlier_ratios: Collection[Mapping[str, int]], sizes: Mapping[str, int]
) -> str | None:
    """Why dummy labels would tell the arms of this trial now; None where they would not.

    `earlier_ratios` are those before an amendment, `sizes` how many are in each arm now.
    """
    if len(protocol.arms) == 1:
        return "There is one arm: a label would name it."
    ratios = [{arm.id: arm.ratio for arm in protocol.arms}, *earlier_ratios]
    if any(len({one.get(arm.id, 0) for arm in protocol.arms}) > 1 for one in ratios):
        return "The arms do not have the same ratio (or did not always): the size of a group would name its arm."
    if not alike(protocol) and len({sizes.get(arm.id, 0) for arm in protocol.arms}) > 1:
        return (
            "The arms differ in when something is sent or asked, and in size at this moment: how many were sent it "
            "would name the group of that size."
        )
    return None


def alike(protocol: TrialProtocol) -> bool:
    """Whether every arm has as many exercises, and the same questionnaires, at every timepoint."""
    for point in protocol.timepoints:
        found = []
        for arm in protocol.arms:
            activities = protocol.activities_at(point, arm.id)
            asked = sorted(one.id for one in activities if isinstance(one, Questionnaire))
            found.append((asked, len(activities) - len(asked)))
        if any(one != found[0] for one in found):
            return False
    return True


def dummy_labels(key: bytes, arms: Collection[str]) -> dict[str, str]:
    """`Group 1`, `Group 2`, … for each arm, by the order of HMAC-SHA256(key, arm): unknown to who has not the key."""
    drawn = sorted(arms, key=lambda arm: hmac.digest(key, b"label\n" + arm.encode(), hashlib.sha256))
    return {arm: f"Group {place}" for place, arm in enumerate(drawn, start=1)}


def salted(key: bytes, digest: str) -> str:
    """The digest of a cut as everybody may know it: without the key, no guess at the rows can be tried on it."""
    return hmac.digest(key, b"digest\n" + digest.encode(), hashlib.sha256).hex()
