"""Clusters that were allocated: each once, with its decision record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, literal, select

from trial.core.randomization import CLUSTERS, Decision, Last, record_of
from trial.core.replay import Recorded
from trial.storage import allocations
from trial.storage.tables import cluster_allocation
from trial.storage.work import Work


def arm_of(work: Work, trial_id: int, cluster: str) -> str | None:
    """The arm of one cluster; None before its first person is ready. The caller holds the trial's row."""
    at = cluster_allocation.c
    query = select(at.arm).where(at.trial_id == trial_id, at.cluster == cluster)
    return work.rows.execute(query).scalar_one_or_none()


def last(work: Work, trial_id: int) -> Last | None:
    """The last cluster's allocation."""
    at = cluster_allocation.c
    query = select(at.sequence, at.record).where(at.trial_id == trial_id).order_by(at.sequence.desc())
    found = work.rows.execute(query.limit(1)).one_or_none()
    return Last(found.sequence, found.record["epoch"], found.record["configuration"]) if found else None


def add(work: Work, trial_id: int, cluster: str, decision: Decision, configuration: str, *, sequence: int) -> None:
    """Keep the decision and the next state under its key, together."""
    values: dict[str, Any] = {"trial_id": trial_id, "cluster": cluster, "sequence": sequence}
    values |= {"stratum": decision.stratum, "number": decision.number, "arm": decision.arm}
    values |= {"record": record_of(decision, configuration), "allocated_at": work.now}
    work.rows.execute(insert(cluster_allocation).values(**values))
    allocations.keep_state(work, trial_id, decision, configuration)


def recorded(work: Work, trial_id: int) -> Iterator[Recorded]:
    """Every cluster with its decision record, in order."""
    at = cluster_allocation.c
    columns = (at.sequence, at.stratum, at.number, at.arm, at.record)
    said = (at.cluster.label("participant"), literal(0).label("participant_id"), literal(CLUSTERS).label("stage"))
    query = select(*said, *columns).where(at.trial_id == trial_id).order_by(at.sequence)
    for row in work.rows.execute(query):
        yield Recorded(**row._mapping)
