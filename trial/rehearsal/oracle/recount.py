"""A whole trial recounted by separate code: every mail, every window, every count of the flow, every allocation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from trial.rehearsal.oracle.counts import compare_counts, compare_report
from trial.rehearsal.oracle.facts import Difference, Record
from trial.rehearsal.oracle.mails import Compared, compare_mails


@dataclass(frozen=True, slots=True)
class Recount:
    """How much was compared, what the flow comes to, and everything that differs.

    `doubled` has the copies too many of each mail by its name, `unknown` those that ended in doubt.
    """

    compared: Counter[str]
    flow: Counter[str]
    differences: tuple[Difference, ...]
    doubled: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def sentence(self) -> str:
        """What the command prints: how much was recounted, and how it came out."""
        mails, counts = self.compared["mails"], self.compared["counts"]
        what = f"Recounted by separate code: {mails:,} mails, {counts:,} counts"
        n = len(self.differences)
        return f"{what}, " + ("no difference" if not n else "1 difference" if n == 1 else f"{n:,} differences")

    def as_json(self) -> dict[str, Any]:
        """What oracle.json holds."""
        return {
            "compared": dict(sorted(self.compared.items())),
            "flow": dict(sorted(self.flow.items())),
            "differences": [asdict(one) for one in self.differences],
        }


def recount(record: Record) -> Recount:
    """Everything that the oracle can say of a trial from its record, its ledger, its mailbox and its frozen files."""
    compared = Compared()
    compare_mails(record, compared)
    counted = compare_counts(record, compared)
    return Recount(compared.counts, counted, tuple(compared.differences), compared.doubled, compared.unknown)


def with_report(found: Recount, flow: Mapping[str, Any]) -> Recount:
    """The same, and the flow that the report draws held against the counts."""
    compared = Compared(found.compared.copy(), list(found.differences))
    compare_report(found.flow, flow, compared)
    return replace(found, compared=compared.counts, differences=tuple(compared.differences))
