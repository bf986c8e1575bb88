"""Amendments of the design: each rule that chance goes by from a number on, with the digest that was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from trial.storage.tables import protocol_version
from trial.storage.tables_design import design_amendment as table
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class DesignAmendment:
    """One amendment: the protocol's version, the digest of its rule, and how many were allocated before it."""

    protocol_id: int
    version: str
    configuration: str
    rule_version: str
    allocated_before: int
    published_at: datetime


def add(
    work: Work, trial_id: int, protocol_id: int, *, configuration: str, rule_version: str, allocated_before: int
) -> None:
    """Keep one; the caller holds the trial's row."""
    values = {"trial_id": trial_id, "protocol_id": protocol_id, "configuration": configuration}
    values |= {"rule_version": rule_version, "allocated_before": allocated_before, "published_at": work.now}
    work.rows.execute(insert(table).values(values))


def of_trial(work: Work, trial_id: int) -> list[DesignAmendment]:
    """Every amendment of a trial's design, in order."""
    columns = [table.c[name] for name in DesignAmendment.__slots__ if name != "version"]
    query = select(*columns, protocol_version.c.version).join(
        protocol_version, protocol_version.c.id == table.c.protocol_id
    )
    rows = work.rows.execute(query.where(table.c.trial_id == trial_id).order_by(table.c.id))
    return [DesignAmendment(**row._mapping) for row in rows]
