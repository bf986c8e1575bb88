"""An outside list that runs out: the team is told in time, and whoever came too late for it is not left waiting.

No stratum is named: who is blinded reads that one has ended, and whoever made the list knows which.
"""

from __future__ import annotations

from dataclasses import replace

from trial.core.access import SYSTEM
from trial.core.deviations import DeviationKind
from trial.core.events import Event
from trial.core.matters import MatterKind
from trial.core.protocol import TrialProtocol
from trial.core.randomization import STAGE
from trial.core.trial import Trial
from trial.services.deviations import LOOK_WITHIN
from trial.storage import deviations, events, matters, outside_lists
from trial.storage.work import Work

# warned once a tenth of a stratum's places is left, or fewer
LEFT = 10
LOW, END = "low", "end"
AT_ITS_END = (
    "The outside list holds no further place in one of its strata. Somebody of it had completed the baseline, was "
    "thanked and was not allocated; so will others of this stratum be. Stop recruiting them, or let allocation go on "
    "by another method in an amendment."
)


def watch(work: Work, trial: Trial, stratum: str, taken: int) -> None:
    """After place `taken` of a stratum was given: note it where few are left."""
    places = outside_lists.places(work, trial.id, STAGE, stratum)
    if (places - taken) * LEFT <= places:
        outside_lists.warn(work, trial.id, STAGE, stratum, LOW)


def end(work: Work, trial: Trial, stratum: str) -> None:
    """Somebody came for whom the list holds no place: an urgent matter, once for each stratum."""
    if not outside_lists.warn(work, trial.id, STAGE, stratum, END):
        return
    kind, found = DeviationKind.ALLOCATION.value, replace(work, by=SYSTEM)
    kept = {"kind": kind, "important": True, "happened_on": work.now.date(), "description": AT_ITS_END}
    row = deviations.add(found, trial.id, participant_id=None, **kept)
    events.write(found, Event.DEVIATION_RECORDED, trial_id=trial.id, detail={"kind": kind, "important": 1})
    matters.open_one(found, trial.id, MatterKind.DEVIATION, row, urgent=True, act_by=work.now + LOOK_WITHIN)


def warned(work: Work, trial: Trial, protocol: TrialProtocol) -> tuple[int, int]:
    """In how many strata few places are left, and in how many none, while allocation goes by a list."""
    if protocol.allocation.method != "listed":
        return 0, 0
    found = outside_lists.warned(work, trial.id, STAGE)
    return found[LOW], found[END]
