"""The privacy notice, from what the protocol says about data protection; what is missing is said as missing."""

from __future__ import annotations

from collections.abc import Iterator

from reports.document import Block, Paragraph, Terms
from reports.methods import listed
from reports.variables import LANGUAGE
from trial.core.protocol import DataProtection, Recipient
from trial.core.texts import say

_ROLES = {
    "mail_relay": "sends the mails",
    "host": "hosts the server",
    "analysis": "analyses data",
    "audit": "audits the trial",
    "other": "another part",
}
_KINDS = (
    ("identity", "Name and address"),
    ("consent_proof", "Proof of consent"),
    ("answers", "Answers to questionnaires"),
    ("writing", "What people write in exercises"),
    ("logs", "Technical logs"),
)
_PARTS = (
    "who is responsible (controller)",
    "whom to ask",
    "the lawful basis",
    "the condition for data about health",
    "who else receives data",
    "transfers to other countries",
    "how long each kind of data is kept",
    "people's rights",
    "the limits of these rights",
)


def missing(data: DataProtection | None) -> list[str]:
    """The parts of the notice that nobody has written, in words."""
    if data is None:
        return list(_PARTS)
    roles = {one.role for one in data.recipients}
    found = [] if data.recipients else ["who else receives data"]
    absent = [role for role in ("mail_relay", "host") if role not in roles]
    if data.recipients and absent:
        found.append(f"who {listed([_ROLES[role] for role in absent])}")
    return found


def notice(data: DataProtection | None) -> list[Block]:
    """The notice as pairs of a question and its answer."""
    if data is None:
        said = f"The protocol holds no privacy notice yet. Missing: {listed(list(_PARTS))}."
        return [Paragraph(said, "mark")]
    blocks: list[Block] = [Terms(tuple(_terms(data)))]
    if gaps := missing(data):
        blocks.append(Paragraph(f"Missing from the notice: {listed(gaps)}.", "mark"))
    note = "The legal bases are the team's words. The software prints them and does not check them."
    return [*blocks, Paragraph(note, "note")]


def _terms(data: DataProtection) -> Iterator[tuple[str, str]]:
    yield "Who is responsible", data.controller
    yield "Whom to ask", data.contact
    yield "Why it is lawful", say(data.lawful_basis, LANGUAGE)
    yield "Data about health", say(data.special_category_condition, LANGUAGE)
    yield "Who else receives data", "; ".join(_recipient(one) for one in data.recipients) or "Missing."
    yield "Other countries", say(data.transfers, LANGUAGE)
    for key, words in _KINDS:
        since = "from the day they are written" if key == "logs" else "after the last follow-up"
        yield f"Kept: {words.lower()}", f"{getattr(data.retention, key)} {since}"
    yield "Your rights", say(data.rights, LANGUAGE)
    yield "Limits of these rights", say(data.limits, LANGUAGE)


def _recipient(one: Recipient) -> str:
    where = f", {one.country}" if one.country else ", country not stated"
    return f"{one.name} ({_ROLES[one.role]}{where})"
