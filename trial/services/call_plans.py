"""When somebody is called about a matter: what is urgent at once, all else once it has waited past its clock."""

from __future__ import annotations

from datetime import timedelta

from trial.core.matters import Matter, MatterKind
from trial.core.on_call import SERIOUS_WITHIN, Chain
from trial.core.trial import TrialKind
from trial.storage import calls, trials
from trial.storage.work import Work

MATTER = "matter"
LEAST_FOR_HARMS = timedelta(hours=1)


def begin(work: Work, matter: Matter) -> None:
    """Plan the first call about a matter that was just opened. Pretend people call nobody."""
    if not matter.urgent and matter.act_by is None:
        return
    if trials.by_id(work, matter.trial_id).kind is not TrialKind.REHEARSAL:
        due_at = chain_of(matter).due_at(0)
        calls.plan(work, matter.trial_id, MATTER, matter_id=matter.id, step=0, due_at=due_at)


def chain_of(matter: Matter) -> Chain:
    """The calls about a matter, one after the other, for as long as nobody has it."""
    if matter.urgent or matter.act_by is None:
        return Chain(matter.opened_at, within(matter))
    return Chain(matter.act_by, within(matter), hourly=True)


def within(matter: Matter) -> timedelta:
    """The time that was promised when the matter was opened: how long one person has before the next is called.

    What the team learned of late leaves less of its day, but never so little that everybody is called in a rush.
    """
    promised = matter.act_by - matter.opened_at if matter.act_by else SERIOUS_WITHIN
    return max(promised, LEAST_FOR_HARMS) if matter.kind is MatterKind.ADVERSE_EVENT else promised
