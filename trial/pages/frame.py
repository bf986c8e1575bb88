"""What surrounds every page: language, the trial's mark, whom to ask, and the token that its forms carry."""

from __future__ import annotations

from dataclasses import dataclass

from trial.core.protocol import OnCall


@dataclass(frozen=True, slots=True)
class Frame:
    """`home` is the trial's own page and `personal` says whose page it is: only a participant is offered to stop.

    `mark` is what a test trial or a rehearsal says on top of each page; `again` asks to press the button once more,
    because the form came without a valid token; `read_only` says that nothing can be sent from here. `on_call` is who
    looks after alerts, if anybody does.

    `privacy` says that there is a notice to link to. `languages` are those to change to here, each with its address;
    `newer` says that there is a version of the study that this person was not asked about yet.
    `chosen` is the one that was asked for in so many words, and `carried` what public pages hand on to each other.
    """

    language: str = "en"
    mark: str | None = None
    contact_name: str = ""
    contact_email: str = ""
    home: str = ""
    csrf: str = ""
    personal: bool = False
    again: bool = False
    read_only: bool = False
    on_call: OnCall | None = None
    privacy: bool = False
    languages: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    carried: str = ""
    newer: bool = False

    @property
    def help(self) -> str:
        """Where to find help: in somebody's own visit, or on the pages of a trial, or without either."""
        return "/help" if self.personal or not self.home else f"{self.home}/help"
