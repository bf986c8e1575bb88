"""What may be shown of one person to somebody who must not learn their arm: only what every arm has alike."""

from __future__ import annotations

from trial.core.protocol import TrialProtocol


def is_common(protocol: TrialProtocol, timepoint: str) -> bool:
    """Whether every arm has something at a timepoint, so that a mail or a window there tells no arm."""
    point = next((one for one in protocol.timepoints if one.id == timepoint), None)
    if point is None:
        return False
    if point.stage is not None:  # whoever has it was allocated once more, which may tell the arm they came from
        return False
    return point is protocol.baseline or all(protocol.activities_at(point, arm.id) for arm in protocol.arms)


def is_same(protocol: TrialProtocol, timepoint: str) -> bool:
    """Whether every arm does the very same at a timepoint, so that even how much was answered tells no arm."""
    point = protocol.timepoint(timepoint)
    if point.stage is not None:
        return False
    return point is protocol.baseline or not any(protocol.activity(one).arms for one in point.activities)


def reads_alike(protocol: TrialProtocol, timepoint: str) -> bool:
    """Whether a mail of a timepoint says the same in every arm: it may name how many minutes an activity takes."""
    minutes = {protocol.activity(one).minutes for one in protocol.timepoint(timepoint).activities}
    return is_common(protocol, timepoint) and (is_same(protocol, timepoint) or len(minutes) == 1)


def left_out(protocol: TrialProtocol) -> list[str]:
    """The timepoints that not every arm has. Even their sums tell: on a day that opens one window, whose it was."""
    return [one.id for one in protocol.timepoints if not is_common(protocol, one.id)]


def leaves_out(protocol: TrialProtocol) -> bool:
    """Whether some timepoint is not every arm's: the same for everybody in the trial, whatever their own arm."""
    return bool(left_out(protocol))
