"""What a lived rehearsal says about its protocol: one module for each kind of finding, run in this order."""

from __future__ import annotations

from trial.core.rehearsed import Finding, worst_first
from trial.rehearsal.findings import (
    alike,
    answering,
    at_night,
    between_steps,
    burden,
    desk,
    doses,
    dropping_out,
    mails_a_day,
    not_sent,
    pace,
    recruiting,
    reminders,
    silent_rules,
    size,
    unreached,
    waiting,
)
from trial.rehearsal.findings.gathered import Facts

KINDS = (
    unreached, silent_rules, not_sent, mails_a_day, at_night, size, answering, doses, dropping_out, waiting, desk,
    reminders, burden, between_steps, pace, alike, recruiting,
)  # fmt: skip


def findings_of(facts: Facts) -> list[Finding]:
    """Every finding, the worst first."""
    return worst_first([finding for kind in KINDS for finding in kind.find(facts)])
