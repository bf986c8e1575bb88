"""A plan of faults from a rehearsal's dice: when a sender is killed, which one, which rings of the bell are lost, and
what the mail server does to a mail. The same seed gives the same plan."""

from __future__ import annotations

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
