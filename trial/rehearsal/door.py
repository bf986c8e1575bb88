"""What a pretend person needs of the world: a door to the trial, and a post box.

There are two of each. `browser.Web` and `post.MailboxFolder` are the whole path: pages over HTTP, mail over SMTP.
`direct.Services` and `post.HandedOver` call the services themselves. A person cannot tell which they have: their
decisions are the same code, and what the trial keeps of them is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from trial.core import proof
from trial.mail.mailbox_files import StoredMail
from trial.rehearsal.forms import Form, Page


class Door(Protocol):
    """One person's way to the trial, from one device: addresses are opened, forms are sent. `page` is what they see."""

    @property
    def page(self) -> Page | None: ...

    def prefer(self, language: str) -> None:
        """Ask for pages in this language from now on."""
        ...

    def get(self, url: str) -> Page:
        """Open an address."""
        ...

    def post(self, form: Form, values: Mapping[str, str]) -> Page:
        """Send a form with what it held and what was typed."""
        ...


class Doors(Protocol):
    """The trial as pretend people reach it."""

    def browser(self, owner: int = 0) -> Door:
        """A fresh one of this person, or of somebody who is none of them: it remembers nothing, and its owner has set
        no language."""
        ...

    def act(self) -> AbstractContextManager[None]:
        """All that one person does in one go, until it ends."""
        ...

    def close(self) -> None: ...


class PostBox(Protocol):
    """Where the mails of all pretend people arrive."""

    def arrived(self) -> Sequence[StoredMail]:
        """The mails that came since it was last asked."""
        ...

    def refuse(self, address: str) -> None:
        """From now on mail to this address is refused."""
        ...


def proof_of(form: Form) -> dict[str, str]:
    """The sum that the page's script does in a browser with JavaScript."""
    asked = form.fields.get(proof.CHALLENGE)
    return {proof.PROOF: proof.solve(proof.asked_by(asked.value))} if asked else {}
