"""What becomes of mails that a server refuses for what we are: the account pauses, one mail is tried, somebody is told.

The rules stand in core/troubles.py. A batch asks once before it claims; while nothing is wrong that is all it costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from trial.core import access
from trial.core import troubles as rules
from trial.core.access import Verb
from trial.core.troubles import Kind, Trouble
from trial.storage import troubles
from trial.storage.work import Work

# refusals that came back as reports: by which account those mails left, nobody says
REPORTS = "reports"


@dataclass(slots=True)
class Batch:
    """Mails that one worker sends by one account: how many it may take, and until when the account has paused since."""

    account: str
    may: int
    in_trouble: bool = False
    paused_until: datetime | None = None

    def refused(self, work: Work, kind: Kind, said: str) -> Trouble:
        """One was refused."""
        found = troubles.change(
            work, self.account, lambda before: rules.refused(before, self.account, kind, said, work.machine_now)
        )
        self.in_trouble, self.paused_until = True, found.paused_until
        return found

    def taken(self, work: Work) -> None:
        """One was taken; while nothing was wrong there is nothing to write."""
        if self.in_trouble and troubles.of_account(work, self.account) is not None:
            troubles.change(work, self.account, lambda before: rules.taken(before) if before else _never())
        self.in_trouble, self.paused_until = False, None


def begin(work: Work, account: str, wanted: int) -> Batch:
    """How many mails may be taken: all, none while the account pauses, and one where a pause is over."""
    found = troubles.of_account(work, account)
    if found is None or found.paused_until is None:
        return Batch(account, wanted, in_trouble=found is not None and found.in_a_row > 0)
    if found.paused_until > work.machine_now:
        return Batch(account, 0, in_trouble=True)
    may = [0]

    def probing(before: Trouble | None) -> Trouble:
        """Of several workers one tries; if it vanishes, the next may after a while."""
        assert before is not None
        if before.paused_until is None or before.paused_until > work.machine_now:
            return before
        may[0] = min(wanted, 1)
        return replace(before, paused_until=work.machine_now + rules.PROBE)

    troubles.change(work, account, probing)
    return Batch(account, may[0], in_trouble=True)


def _never() -> Trouble:
    raise AssertionError("a row of troubles is never taken away")


def reported(work: Work, said: str) -> None:
    """A mail came back later, refused by policy."""
    troubles.change(work, REPORTS, lambda before: rules.reported(before, REPORTS, said, work.machine_now))


def untold(work: Work) -> list[Trouble]:
    """What somebody is to be told of now."""
    return [one for one in troubles.every(work) if one.wants_telling(work.machine_now)]


def told(work: Work, trouble: Trouble) -> None:
    """It was told."""
    troubles.change(work, trouble.account, lambda before: replace(before or trouble, told_at=work.machine_now))


def any_open(work: Work) -> bool:
    """Whether there is one that is not over."""
    return any(not one.is_over(work.machine_now) for one in troubles.every(work))


def last_said(work: Work) -> str:
    """The last such answer of a mail server."""
    return next((one.said for one in troubles.every(work)), "")


@dataclass(frozen=True, slots=True)
class Standing:
    """A trouble that is not over, as the desk shows it. `said` is for who may explain single mails; `refused`, how
    many, for nobody who is blinded: in a small number it could tell an arm's mails."""

    kind: Kind
    mend: str
    for_long: timedelta
    paused_for: timedelta | None
    by_report: bool
    said: str = ""
    refused: int = 0


def standing(work: Work) -> list[Standing]:
    """What is not over, for whoever may know how the trial goes."""
    access.require(work.by, Verb.READ_STATUS)
    explains, blinded = work.by.may(Verb.EXPLAIN_DELIVERY), access.is_blinded(work.by)
    return [
        Standing(
            one.kind,
            rules.MEND[one.kind],
            work.machine_now - one.since,
            max(one.paused_until - work.machine_now, timedelta()) if one.paused_until else None,
            one.account == REPORTS,
            one.said if explains else "",
            one.refused if explains and not blinded else 0,
        )
        for one in troubles.every(work)
        if not one.is_over(work.machine_now)
    ]
