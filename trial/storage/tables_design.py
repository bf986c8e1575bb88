"""What is only ever added to a trial's allocation: amendments of the design, parts of the seed, enrolments in error."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from trial.storage.columns import metadata, of_allocation, of_trial, operational, participant_id, row_id, trial_id
from trial.storage.types import TrialTime

# the digest of a rule that chance goes by from then on, as it was published, and how many were allocated before
design_amendment = Table(
    "design_amendment",
    metadata,
    row_id(),
    trial_id(),
    operational("protocol_id", Integer, ForeignKey("protocol_version.id")),
    operational("configuration", String(64)),
    operational("rule_version", String(40)),
    operational("allocated_before", Integer),
    operational("published_at", TrialTime),
    UniqueConstraint("trial_id", "protocol_id"),
)

# what the seed is made of, where somebody outside contributes: each part once, and what was told of it at that time
seed_part = Table(
    "seed_part",
    metadata,
    row_id(),
    trial_id(),
    operational("part", String(20)),
    of_allocation("sealed", LargeBinary),
    of_allocation("salt", LargeBinary, nullable=True),
    operational("digest", String(64)),
    operational("given_by", String(200), nullable=True),
    operational("at", TrialTime),
    UniqueConstraint("trial_id", "part"),
)

# the words are in the vault; a correction is one more row
enrolment_error = Table(
    "enrolment_error",
    metadata,
    row_id(),
    trial_id(),
    participant_id(),
    of_trial("reason", String(40)),
    of_trial("recorded_at", TrialTime),
    operational("by", String(80)),
)
Index("ix_enrolment_error_participant_id", enrolment_error.c.participant_id)
Index("ix_enrolment_error_trial_id", enrolment_error.c.trial_id)

# strata of an outside list whose places run out: `low` or `end`, each told once
list_warning = Table(
    "list_warning",
    metadata,
    operational("trial_id", Integer, ForeignKey("trial.id"), primary_key=True),
    of_allocation("stage", String(40), primary_key=True),
    of_allocation("stratum", String(200), primary_key=True),
    operational("what", String(10), primary_key=True),
    operational("warned_at", TrialTime),
)
