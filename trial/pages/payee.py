"""Where something that was earned is to be sent to: asked on a page of the person's own, never needed to take part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trial.core.durations import Length
from trial.core.payee import FIELDS, LONGEST, Fault, Way
from trial.pages.environment import render
from trial.pages.frame import Frame


@dataclass(frozen=True, slots=True)
class Earned:
    """One thing in words: `state` is asks, told, or given on a day."""

    what: str
    way: Way
    state: str
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PayeePage:
    """`way` is that of the form that came back with `faults` by field, and `typed` what stood in it.

    `keep`: how long what is said for a way is kept after it was used. `not_ticked` names the way whose box was
    left empty.
    """

    zone: str
    earned: tuple[Earned, ...]
    keep: Mapping[Way, Length]
    way: str = ""
    faults: Mapping[str, Fault] | None = None
    typed: Mapping[str, str] | None = None
    not_ticked: str = ""

    @property
    def forms(self) -> tuple[tuple[Way, tuple[str, ...], bool], ...]:
        """(way, its fields, whether something was said already) of each way in which something waits to be sent."""
        waiting = [one for one in self.earned if one.state != "given"]
        ways = list(dict.fromkeys(one.way for one in waiting))
        return tuple((way, FIELDS[way], any(o.state == "told" for o in waiting if o.way == way)) for way in ways)

    @property
    def longest(self) -> Mapping[str, int]:
        return LONGEST


def payee_page(frame: Frame, view: PayeePage) -> str:
    """What was earned, and a form for each way of sending it."""
    return render("me/payee.html", frame, view)
