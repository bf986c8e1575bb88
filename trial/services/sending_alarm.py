"""Due and sent drift apart, or a mail server refuses us: whoever looks after a trial is told by mail, throttled.

The mail leaves by the same server as all others: where that is away it comes when the server does. So the operator is
told in the worker's log as well, and what watches from outside asks for the metrics.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from trial.core.access import SYSTEM, Role
from trial.core.trial import Trial, TrialKind
from trial.services import troubles
from trial.services.call_letters import MAILS_LATE, MAILS_REFUSED
from trial.storage import calls, members, sending, trials
from trial.storage.work import OpenWork, Work

LATE_AFTER = timedelta(minutes=30)
AGAIN_AFTER = timedelta(hours=6)
TOLD = (Role.OWNER, Role.COORDINATOR)


log = logging.getLogger(__name__)


def look(open_work: OpenWork) -> int:
    """Plan the mails of an alarm; how many. Where nothing is wrong it costs two looks and no lock."""
    with open_work(SYSTEM, write=False) as work:
        since = sending.late(work, most=1).since
        late = since is not None and work.now - since >= LATE_AFTER
        refused = bool(troubles.untold(work))
    if not (late or refused):
        return 0
    planned = 0
    with open_work(SYSTEM) as work:
        sends = [one for one in trials.all_trials(work) if one.sends and one.kind is not TrialKind.REHEARSAL]
        held = [trials.by_id(work, one.id, lock=True) for one in sends]
        if late:
            planned += sum(_tell(work, one) for one in held)
        if refused:
            planned += _tell_of_refusals(work, held)
    return planned


def _tell_of_refusals(work: Work, sending_trials: list[Trial]) -> int:
    """One alarm, however many mails were refused and by however many accounts; held back where nobody sends."""
    found = troubles.untold(work)  # once more: another worker may have told it since
    if not found or not sending_trials:
        return 0
    for one in found:
        troubles.told(work, one)
        log.error("a mail server refuses mails (%s, %d so far): %s", one.kind.value, one.refused, one.said)
    planned = 0
    for trial in sending_trials:
        for member_id in _people(work, trial):
            calls.plan_for(work, trial.id, MAILS_REFUSED, member_id=member_id)
            planned += 1
    return planned


def _tell(work: Work, trial: Trial) -> int:
    if not sending.drifts(work, trial.id, work.now - LATE_AFTER):
        return 0
    last = max((one.due_at for one in calls.of_purpose(work, trial.id, MAILS_LATE)), default=None)
    if last is not None and work.now - last < AGAIN_AFTER:
        return 0
    people = _people(work, trial)
    for member_id in people:
        calls.plan_for(work, trial.id, MAILS_LATE, member_id=member_id)
    return len(people)


def _people(work: Work, trial: Trial) -> list[int]:
    return sorted({one.member_id for one in members.of_trial(work, trial.id) if one.role in TOLD})
