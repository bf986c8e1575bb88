"""The mail of a script: headers, text and HTML of the trial's own, built with the classic classes of email.mime."""

from __future__ import annotations

from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import TypedDict


class Parts(TypedDict):
    """What the trial's own mail holds: headers, both texts, and the token of its links."""

    heads: list[tuple[str, str]]
    text: str
    html: str
    token: str


def parts_of(specimen: Message) -> Parts:
    """The parts of a mail as the trial sent it, without what a mailbox and the classes add."""
    parts = {part.get_content_type(): _decoded(part) for part in specimen.walk() if not part.is_multipart()}
    added = ("x-envelope", "content-", "mime-")
    heads = [(name, str(value)) for name, value in specimen.items() if not name.lower().startswith(added)]
    text, html = parts["text/plain"], parts["text/html"]
    return {"heads": heads, "text": text, "html": html, "token": text.partition("/go/")[2][:43]}


def build(parts: Parts, number: int) -> tuple[str, bytes]:
    """(address, mail) for one person; base64 parts, as `MIMEText(text, kind, "utf-8")` makes them."""
    address, link = f"p{number:05d}@mailbox.example", f"{number:043d}"
    message = MIMEMultipart("alternative")
    for name, value in parts["heads"]:
        message[name] = address if name == "To" else value
    for kind, text in (("plain", parts["text"]), ("html", parts["html"])):
        message.attach(MIMEText(text.replace(parts["token"], link), kind, "utf-8"))
    return address, message.as_bytes()


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()
