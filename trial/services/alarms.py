"""Alarms: an answer or a report that asks for a person opens a matter in its own transaction, and calls somebody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from trial.core.matters import MatterKind
from trial.core.on_call import SERIOUS_WITHIN
from trial.core.participant import Occasion
from trial.core.protocol import TrialProtocol
from trial.core.safety import Met
from trial.services import call_plans
from trial.storage import matters
from trial.storage.work import Work


def promised(protocol: TrialProtocol) -> timedelta:
    """The time within which the protocol says that somebody answers; a day where it says nothing."""
    on_call = protocol.safety.on_call if protocol.safety else None
    if on_call is None:
        return SERIOUS_WITHIN
    return timedelta(days=on_call.within.days, minutes=on_call.within.minutes)


def raise_alerts(work: Work, protocol: TrialProtocol, occasion: Occasion, rows: Iterable[tuple[int, Met]]) -> None:
    """One matter for each rule of the tier `alert` that a sheet met, with the row that it is about."""
    for row_id, met in rows:
        if met.tier == "alert":
            number = matters.open_one(
                work,
                occasion.trial_id,
                MatterKind.ALERT,
                row_id,
                participant_id=occasion.participant_id,
                urgent=True,
                act_by=work.now + promised(protocol),
                detail={"rule": met.rule},
            )
            call_plans.begin(work, matters.by_id(work, number))


def report(
    work: Work, protocol: TrialProtocol, trial_id: int, participant_id: int, report_id: int, *, wants_contact: bool
) -> None:
    """A participant says that something is not right; who wants to be written to is not left waiting."""
    number = matters.open_one(
        work,
        trial_id,
        MatterKind.ADVERSE_EVENT,
        report_id,
        participant_id=participant_id,
        urgent=wants_contact,
        act_by=work.now + promised(protocol) if wants_contact else None,
        detail={"from": "participant", "wants_contact": wants_contact},
    )
    if wants_contact:
        call_plans.begin(work, matters.by_id(work, number))
