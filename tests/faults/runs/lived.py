"""The end of a trial that was lived under faults: the ledger and the mailbox, mail by mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tests.system import oracle
from tests.system.evidence import Evidence, Row


@dataclass(frozen=True, slots=True)
class Mails:
    """`rows` are those of the ledger by Message-ID, `copies` what the mailbox holds of each; `late` left at a moment
    that their row does not allow."""

    rows: Mapping[str, Row]
    copies: Counter[str]
    unknown: frozenset[str]
    accepted: frozenset[str]
    late: int

    @property
    def lost(self) -> int:
        return sum(not self.copies[one] for one in self.accepted)

    @property
    def doubled(self) -> int:
        return sum(number - 1 for number in self.copies.values())

    def troubles(self) -> Counter[str]:
        """How often each mail came once too often, or ended in doubt: what a fault has to answer for."""
        found = Counter({one: number - 1 for one, number in self.copies.items() if number > 1})
        found.update(self.unknown)
        return found

    @property
    def bounds(self) -> dict[str, bool]:
        """What must be so whatever was done to the trial."""
        return {
            "lost 0": self.lost == 0,
            "copies at most 2": max(self.copies.values(), default=0) <= 2,
            "the mailbox holds no mail that the ledger does not hold as sent": (
                self.copies.keys() <= self.accepted | self.unknown
            ),
            "no mail left before it was due or after it was of use": self.late == 0,
        }

    @property
    def words(self) -> str:
        sent = f"{len(self.rows)} mails planned, {len(self.accepted)} accepted"
        return f"{sent}; {self.lost} lost, {self.doubled} doubled, {len(self.unknown)} unknown."


def mails_of(lived: Evidence) -> Mails:
    """Message-IDs are worked out by code of their own."""
    rows = {oracle.message_id(lived, row): row for row in lived.tables["delivery"]}
    ended = {
        state: frozenset(one for one, row in rows.items() if row["state"] == state) for state in ("unknown", "accepted")
    }
    late = sum(
        not row["due_at"] <= mail.sent <= row["not_after"]
        for mail in lived.mails
        if (row := rows.get(mail.message_id)) is not None
    )
    return Mails(rows, Counter(mail.message_id for mail in lived.mails), ended["unknown"], ended["accepted"], late)
