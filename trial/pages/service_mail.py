"""Mails in our own words: what the trial must say whatever its protocol says. Neutral, without arm or condition.

A protocol's message has an id; these have `own:` before their name, in the same ledger.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from trial.core.texts import PLACEHOLDERS
from trial.pages.environment import environment
from trial.pages.translations import translations

OWN = "own:"
OwnMail = Literal[
    "code", "new_link", "confirm_address", "address_changed", "withdrawal", "erasure",
    "released", "refused", "no_place", "ready", "consent_copy", "study_over", "results", "changed", "address_back",
    "answer", "sent_again", "voucher", "payee", "explained",
]  # fmt: skip
OWN_MAILS: tuple[OwnMail, ...] = OwnMail.__args__  # type: ignore[attr-defined]


def own_message(name: OwnMail) -> str:
    """The message id in the ledger."""
    return OWN + name


def is_own(message: str) -> bool:
    """Whether a message id is one of ours."""
    return message.startswith(OWN)


@lru_cache(maxsize=256)
def template(message: str, language: str) -> str:
    """Subject and Markdown of one of our mails, with placeholders as in a protocol's messages; each says at its end
    who reads an answer, and when."""
    left = {name: f"{{{{ {name} }}}}" for name in PLACEHOLDERS}
    words = environment(language).get_template(f"mails/{message.removeprefix(OWN)}.html").render(left)
    reads = translations(language).gettext(
        "A person in the research team reads what you write to us, but not around the clock."
    )
    return f"Subject: {words.rstrip()}\n\n{reads}\n"


def sender_name(language: str) -> str:
    """Who our own mails come from: no name of a trial, which may tell what it is about."""
    return translations(language).gettext("Research study")


def footer(language: str, link: str, *, stop: bool) -> tuple[tuple[str, str], ...]:
    """What stands at the foot of a mail: the person's own page, and stopping where there is something to stop."""
    say = translations(language).gettext
    mine = (say("My study page"), f"{link}?to=me")
    return ((say("Stop or change"), f"{link}?to=stop"), mine) if stop else (mine,)


@lru_cache(maxsize=32)
def subjects(languages: tuple[str, ...]) -> frozenset[str]:
    """The subject of each of our mails, in each of these languages."""
    return frozenset(
        template(name, language).split("\n", 1)[0].removeprefix("Subject:").strip()
        for name in OWN_MAILS
        for language in languages
    )
