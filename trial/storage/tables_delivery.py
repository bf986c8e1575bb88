"""The ledger of mails, the pace of the accounts that they leave by, and when a worker last looked."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Table, Text, TextClause, UniqueConstraint, text

from trial.core.delivery import IN_HAND, WAITING, ContactState
from trial.storage.columns import metadata, one_of, operational, participant_id, row_id, trial_id
from trial.storage.types import MachineTime, TrialTime

delivery = Table(
    "delivery",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    operational("message", String(40)),
    operational("stream", String(20)),
    operational("timepoint", String(40)),
    operational("occurrence", Integer),
    operational("reminder", Integer),
    operational("occasion_id", Integer, ForeignKey("occasion.id"), nullable=True),
    operational("local_rule", String(200)),
    operational("due_at", TrialTime),
    operational("not_after", TrialTime),
    operational("state", String(20)),
    operational("reason", String(60), nullable=True),
    operational("attempt", Integer, server_default="0"),
    operational("owner", String(60), nullable=True),
    operational("lease_until", MachineTime, nullable=True),
    operational("retry_from", MachineTime, nullable=True),
    operational("generation", Integer, server_default="1"),
    operational("doubts", Integer, server_default="0"),
    operational("deferrals", Integer, server_default="0"),
    operational("token_hash", String(64), nullable=True),
    operational("message_id", String(200), nullable=True),
    operational("reply", Text, nullable=True),
    operational("ended_at", TrialTime, nullable=True),
    UniqueConstraint("participant_id", "message", "timepoint", "occurrence", "reminder"),
    one_of("state", ContactState),
)


# written out, not bound: only a query that says the same words is sure to use the partial index
def _among(states: Sequence[ContactState]) -> TextClause:
    return text(f"state in ({', '.join(repr(state.value) for state in states)})")


IS_WAITING = _among(WAITING)
IS_WAITING_SERVICE = text(f"{IS_WAITING} and stream = 'service'")
IS_IN_HAND = _among(IN_HAND)
IS_ASIDE = _among((ContactState.HELD, ContactState.UNKNOWN))
Index("ix_delivery_waiting", delivery.c.due_at, sqlite_where=IS_WAITING, postgresql_where=IS_WAITING)
Index(
    "ix_delivery_waiting_service",
    delivery.c.due_at,
    sqlite_where=IS_WAITING_SERVICE,
    postgresql_where=IS_WAITING_SERVICE,
)
Index("ix_delivery_trial_due", delivery.c.trial_id, delivery.c.due_at)
Index("ix_delivery_in_hand", delivery.c.lease_until, sqlite_where=IS_IN_HAND, postgresql_where=IS_IN_HAND)
Index("ix_delivery_aside", delivery.c.trial_id, delivery.c.state, sqlite_where=IS_ASIDE, postgresql_where=IS_ASIDE)

# what an account of a mail server runs into: since when it refuses us, in which words, until when it is left alone
send_trouble = Table(
    "send_trouble",
    metadata,
    operational("account", String(200), primary_key=True),
    operational("kind", String(20)),
    operational("since", MachineTime),
    operational("last_at", MachineTime),
    operational("in_a_row", Integer),
    operational("refused", Integer),
    operational("said", Text),
    operational("paused_until", MachineTime, nullable=True),
    operational("pauses", Integer),
    operational("told_at", MachineTime, nullable=True),
)

# what came in and was refused, counted for the installation: it belongs to nobody
mail_count = Table(
    "mail_count",
    metadata,
    operational("name", String(40), primary_key=True),
    operational("number", Integer),
    operational("last_at", MachineTime),
)

# mails that were handed over with a signature: each signature is good once, and forgotten when it is too old anyway
handed_over = Table(
    "handed_over",
    metadata,
    operational("signature", String(64), primary_key=True),
    operational("at", MachineTime, index=True),
)

# how many mails the account of a mail server may take now; `at` says when that was counted
send_pace = Table(
    "send_pace",
    metadata,
    operational("account", String(200), primary_key=True),
    operational("left", Float),
    operational("at", MachineTime),
)

# when each kind of process last did its round
heartbeat = Table(
    "heartbeat",
    metadata,
    operational("name", String(40), primary_key=True),
    operational("at", MachineTime),
)
