"""The privacy notice: what the protocol says about data protection, in the order in which people ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trial.core.durations import Length
from trial.core.protocol import DataProtection, Incentive
from trial.core.texts import say
from trial.pages.environment import render
from trial.pages.frame import Frame

# what is kept, in the order of the notice; logs are kept from the day they are written
KEPT = ("identity", "consent_proof", "answers", "writing", "logs")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets to hold data, as what, and where; no country: it is not said."""

    name: str
    role: str
    country: str


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """The team's words in one language; `kept` says how long each kind of data is kept.

    `payee`: how long where to send something is kept after it was sent; None where nothing is sent but by mail.
    """

    controller: str
    contact: str
    lawful_basis: str
    special_category_condition: str
    recipients: tuple[Recipient, ...]
    transfers: str
    kept: tuple[tuple[str, Length], ...]
    rights: str
    limits: str
    payee: Length | None = None


def notice_of(data: DataProtection, language: str, incentives: Iterable[Incentive]) -> PrivacyPage:
    """What the page shows of a protocol's part on data protection."""
    return PrivacyPage(
        controller=data.controller,
        contact=data.contact,
        lawful_basis=say(data.lawful_basis, language),
        special_category_condition=say(data.special_category_condition, language),
        recipients=tuple(Recipient(one.name, one.role, one.country or "") for one in data.recipients),
        transfers=say(data.transfers, language),
        kept=tuple((kind, getattr(data.retention, kind)) for kind in KEPT),
        rights=say(data.rights, language),
        limits=say(data.limits, language),
        payee=max((one.keep_payee for one in incentives if one.given_by != "code"), default=None, key=_length),
    )


def _length(one: Length) -> tuple[int, int]:
    return one.days, one.minutes


def privacy_page(frame: Frame, view: PrivacyPage) -> str:
    """The notice, for anyone."""
    return render("privacy.html", frame, view)
