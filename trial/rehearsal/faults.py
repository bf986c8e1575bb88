"""A plan of faults from a rehearsal's dice: when a sender is killed, which one, which rings of the bell are lost, and
what the mail server does to a mail. The same seed gives the same plan. Afterwards: what each kind of fault has done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from trial.rehearsal.dice import Dice

# nobody has this number: the dice of what goes wrong are not a person's
NOBODY = 0
# of a hundred mails offered: put off for now; taken, and the connection lost before a word of it; lost with it
PUT_OFF, TAKEN_UNSAID, LOST_UNSAID = 3, 1, 1
RINGS_LOST = 0.2


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """What goes wrong, by the seed; `kills_a_minute` are of machine time."""

    seed: int
    kills_a_minute: float

    @property
    def dice(self) -> Dice:
        return Dice(self.seed, NOBODY)

    def seconds_before_kill(self, number: int) -> float:
        """How long after the kill before it the next one comes: from half to one and a half of the mean."""
        return 60 / self.kills_a_minute * self.dice.between(0.5, 1.5, "kill", number)

    def which(self, number: int, among: int) -> int:
        """Which of the senders is killed."""
        return int(self.dice.uniform("which", number) * among)

    def loses_ring(self, number: int) -> bool:
        """Whether a ring of the bell gets lost on its way through the broker."""
        return self.dice.happens(RINGS_LOST, "ring", number)

    @property
    def mail_server(self) -> str:
        """The same for the mailbox, as it reads it: seed and shares in a hundred."""
        return f"{self.seed}:{PUT_OFF}:{TAKEN_UNSAID}:{LOST_UNSAID}"


@dataclass(frozen=True, slots=True)
class PutDown:
    """Mails that came twice, or ended in doubt, each put down to its own cause."""

    doubled_by_connections: int
    doubled_by_kills: int
    unknown_by_connections: int
    unknown_by_kills: int

    @property
    def by_kills(self) -> int:
        """What no connection explains: a kill leaves at most one mail in doubt, which came twice or stays so."""
        return self.doubled_by_kills + self.unknown_by_kills


def put_down(doubled: Counter[str], unknown: Counter[str], taken: Counter[str], lost: Counter[str]) -> PutDown:
    """All four by mail: copies too many, ends in doubt, and how often the mail server hung up on it once it had it,
    and before it had kept it.

    A mail's own lost connections answer for it first, and never for another mail. Only one that was kept can come
    twice by it. What is left, only a kill can have done.
    """
    twice = doubled & taken
    in_doubt = unknown & (taken + lost - twice)
    return PutDown(
        doubled_by_connections=twice.total(),
        doubled_by_kills=(doubled - twice).total(),
        unknown_by_connections=in_doubt.total(),
        unknown_by_kills=(unknown - in_doubt).total(),
    )
