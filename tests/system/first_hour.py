"""A newcomer's first hour, lived: from a filled-in folder to an open trial whose team handles what its people bring.

Real commands in processes of their own, `equipoise serve` over TLS with the local mailbox, and a browser for each
person. `docs/first-hour.md` tells it; `look` is given each page that it shows.
"""

from __future__ import annotations

from tests.system.first_hour_machine import Hour, Look, first_hour
from tests.system.first_hour_people import open_the_trial, somebody_comes, the_team_handles_it
from tests.system.first_hour_team import fill_in_and_rehearse, gather_the_evidence, gather_the_team

__all__ = ["Look", "first_hour", "live"]


def live(hour: Hour) -> None:
    """The whole hour."""
    fill_in_and_rehearse(hour)
    with hour.serving():
        gather_the_team(hour)
        gather_the_evidence(hour)
        trial = open_the_trial(hour)
        somebody_comes(hour, trial)
        the_team_handles_it(hour)
