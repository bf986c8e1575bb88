"""The interface through which every mail leaves: one envelope, one reply, and a last look just before DATA."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["accepted", "refused", "deferred", "unknown", "withdrawn"]
Stage = Literal["connect", "mail", "rcpt", "data", "content"]

LONGEST_TEXT = 500

# RFC 5321 Mailbox as we let it through: no white space, no controls, no brackets that would end the command's argument
_MAILBOX = re.compile(r"[^\s<>\x00-\x20\x7f-\x9f]{1,254}")
# servers repeat whom a mail is for; what they say is kept outside the vault, and read by who may not know addresses
_ANY_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]+@[^\s<>()\[\]\"',;:@]+")
HIDDEN = "(address)"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends and who receives, as told to the server; ValueError where an address could end the SMTP command."""

    sender: str
    recipient: str

    def __post_init__(self) -> None:
        for name, address in (("sender", self.sender), ("recipient", self.recipient)):
            if not (_MAILBOX.fullmatch(address) and address.isascii()):
                raise ValueError(f"the envelope's {name} is no mail address")


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one mail; `text` is the server's last answer, at most 500 printable characters, no address in it.

    accepted: the server took it. refused: a final no to this mail. deferred: not taken, surely, and may be tried again.
    unknown: the content was on its way when the connection was lost. withdrawn: the caller said no just before DATA.
    """

    kind: Kind
    code: int | None
    text: str
    stage: Stage | None = None

    def __post_init__(self) -> None:
        printable = "".join(char if char.isprintable() else " " for char in self.text)
        hidden = _ANY_ADDRESS.sub(HIDDEN, " ".join(printable.split()))
        object.__setattr__(self, "text", hidden[:LONGEST_TEXT])


class Mailer(Protocol):
    """Sends mails one after another over one kept connection; an implementation belongs to one thread."""

    def send(self, envelope: Envelope, content: Callable[[], bytes | None]) -> Reply:
        """Offer one mail; `content` is called once the recipient is accepted, just before DATA; None withdraws it."""
        ...

    def check(self) -> None:
        """Raise `errors.Unavailable` where the server does not answer."""
        ...

    def close(self) -> None:
        """Leave politely; the next `send` would connect anew."""
        ...
