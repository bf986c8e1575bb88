"""What to do on a tick: calls to the team, what people asked for, what is over, mails, mail that came in.

No Celery here.
"""

from __future__ import annotations

from trial.services import clearing, drafts, stages
from trial.services.calling import call_due
from trial.services.delivery import BATCH, Sender, anything_due, run_once
from trial.services.incentives import give_due
from trial.services.replies import Postman
from trial.services.withdrawal import carry_out_due
from trial.storage.work import OpenWork

MOST_BATCHES = 500


def tick(open_work: OpenWork, sender: Sender, postman: Postman | None = None) -> int:
    """Returns how many contacts were handled; a tick with nothing due takes seven looks and no lock.

    Calls come first: what is urgent does not wait for a day's mails. Mail that came in is looked for at the postman's
    own rhythm; what cannot be reached there holds up no sending.
    """
    call_due(open_work, sender)
    carry_out_due(open_work)
    stages.decide_due(open_work)
    drafts.sweep(open_work)
    clearing.sweep(open_work)
    give_due(open_work)
    sent = send_due(open_work, sender) if anything_due(open_work) else 0
    if postman is not None:
        postman.look(open_work)
    return sent


def send_due(open_work: OpenWork, sender: Sender) -> int:
    """Send batch after batch until a batch is not full; returns how many contacts were handled."""
    handled = 0
    for _ in range(MOST_BATCHES):
        taken = run_once(open_work, sender)
        handled += taken
        if taken < BATCH:
            break
    return handled
