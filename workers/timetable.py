"""What to do on a tick: calls to the team, what people asked for, what is over, mails, mail that came in.

No Celery here.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from trial.services import clearing, drafts, sending_alarm, stages
from trial.services.calling import call_due
from trial.services.delivery import BATCH, PACED, Sender, allowed, anything_due, not_used, run_batch
from trial.services.incentives import give_due
from trial.services.replies import Postman
from trial.services.withdrawal import carry_out_due
from trial.storage.work import OpenWork

MOST_BATCHES = 500
# seconds of waiting in one tick
LONGEST_WAIT = 60.0
# so long it takes until somebody who waits hears that this process is to end
LONGEST_NAP = 2.0


def tick(open_work: OpenWork, sender: Sender, postman: Postman | None = None) -> int:
    """Returns how many contacts were handled; a tick with nothing due takes eight looks and no lock.

    Calls come first: what is urgent does not wait for a day's mails. Mail that came in is looked for at the postman's
    own rhythm; what cannot be reached there holds up no sending.
    """
    call_due(open_work, sender)
    carry_out_due(open_work)
    stages.decide_due(open_work)
    drafts.sweep(open_work)
    clearing.sweep(open_work)
    give_due(open_work)
    sending_alarm.look(open_work)
    sent = send_due(open_work, sender) if anything_due(open_work) else 0
    if postman is not None:
        postman.look(open_work)
    return sent


def send_due(open_work: OpenWork, sender: Sender, wait: Callable[[float], object] = time.sleep) -> int:
    """Send batch after batch until a batch is not full; returns how many contacts were handled.

    Where the account's pace is reached, it waits for its turn, for no longer than until the next tick may come. Told to
    end, it takes no further batch.
    """
    handled, patience = 0, LONGEST_WAIT
    for _ in range(MOST_BATCHES):
        if sender.ending():
            break
        may, seconds = allowed(open_work, sender, PACED if sender.per_minute else BATCH)
        if not may:
            if seconds > patience or not anything_due(open_work):
                break
            patience -= seconds
            _wait(sender, seconds, wait)
            continue
        taken, offered = run_batch(open_work, sender, limit=may)
        not_used(open_work, sender, may - offered)
        handled += taken
        if taken < may:
            break
    return handled


def _wait(sender: Sender, seconds: float, wait: Callable[[float], object]) -> None:
    while seconds > 0 and not sender.ending():
        wait(min(seconds, LONGEST_NAP))
        seconds -= LONGEST_NAP
