"""Due and sent drift apart: whoever looks after a trial is told by mail, not more often than every six hours.

The mail leaves by the same server as all others: where that is away it comes when the server does. What watches from
outside asks for the metrics.
"""

from __future__ import annotations

from datetime import timedelta

from trial.core.access import SYSTEM, Role
from trial.core.trial import Trial, TrialKind
from trial.services.call_letters import MAILS_LATE
from trial.storage import calls, deliveries, members, sending, trials
from trial.storage.work import OpenWork, Work

LATE_AFTER = timedelta(minutes=30)
AGAIN_AFTER = timedelta(hours=6)
TOLD = (Role.OWNER, Role.COORDINATOR)


def look(open_work: OpenWork) -> int:
    """Plan the mails of an alarm; how many. Where nothing is late it costs one look at an index and no lock."""
    with open_work(SYSTEM, write=False) as work:
        since = sending.late(work, most=1).since
        if since is None or work.now - since < LATE_AFTER:
            return 0
    planned = 0
    with open_work(SYSTEM) as work:
        for one in trials.all_trials(work):
            if one.sends and one.kind is not TrialKind.REHEARSAL:
                planned += _tell(work, trials.by_id(work, one.id, lock=True))
    return planned


def _tell(work: Work, trial: Trial) -> int:
    since = deliveries.oldest_due(work, trial.id)
    if since is None or work.now - since < LATE_AFTER:
        return 0
    last = max((one.due_at for one in calls.of_purpose(work, trial.id, MAILS_LATE)), default=None)
    if last is not None and work.now - last < AGAIN_AFTER:
        return 0
    people = {one.member_id for one in members.of_trial(work, trial.id) if one.role in TOLD}
    for member_id in sorted(people):
        calls.plan_for(work, trial.id, MAILS_LATE, member_id=member_id)
    return len(people)
