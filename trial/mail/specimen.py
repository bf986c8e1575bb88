"""A mail, or the text of a page, drawn before anybody sees it: in a process of its own, within time and memory.

    python -m trial.mail.specimen

reads one specimen a line (JSON) and answers each with one line: what was drawn, or why it cannot be. What a text costs
is only known when it is drawn, so one that never ends, or fills the memory, ends this process and no other.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import cast

from trial.mail.compose import Mail, Stream, compose, fill
from trial.pages.markdown import to_html

MEMORY = 1 << 30
SECONDS = 2


@dataclass(frozen=True, slots=True)
class Specimen:
    """One message in one language with the values that it is drawn with; `name` as `messages/invitation`."""

    name: str
    language: str
    template: str
    values: Mapping[str, str]
    stream: Stream
    sender_name: str
    reply_to: str
    recipient: str
    footer_links: tuple[tuple[str, str], ...]
    leave_link: str | None
    marked: str


@dataclass(frozen=True, slots=True)
class PageText:
    """The Markdown of a page in one language; `name` as `exercises/letter`."""

    name: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of it: the parts, and the size of the HTML in bytes; or why not, in `problem`. A page has HTML only."""

    name: str
    language: str
    subject: str = ""
    text: str = ""
    html: str = ""
    size: int = 0
    problem: str = ""


def draw(one: Specimen | PageText) -> Drawn:
    """The mail or page as a person would have it."""
    if isinstance(one, PageText):
        page = str(to_html(one.text))
        return Drawn(one.name, one.language, html=page, size=len(page.encode()))
    try:
        subject, body = fill(one.template, one.values)
        raw = compose(
            Mail(
                sender_name=one.sender_name,
                sender_email="study@trial.example.org",
                reply_to=one.reply_to,
                recipient=one.recipient,
                subject=subject,
                body_markdown=body,
                language=one.language,
                message_id=f"<{'0' * 32}@trial.example.org>",
                stream=one.stream,
                date=datetime(2026, 1, 1, tzinfo=UTC),
                footer_links=one.footer_links,
                marked=one.marked,
                leave_link=one.leave_link,
            )
        )
    except ValueError as error:
        return Drawn(one.name, one.language, problem=str(error))
    mail = message_from_bytes(raw, policy=policy.default)
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    words, page = (part.get_content().replace("\r\n", "\n") for part in (text, html))
    return Drawn(one.name, one.language, subject, words, page, len(page.encode()))


def read(line: str) -> Specimen | PageText:
    """A specimen from its line."""
    given = json.loads(line)
    if "text" in given:
        return PageText(**given)
    footer = tuple((str(label), str(link)) for label, link in given.pop("footer_links"))
    return Specimen(**given | {"footer_links": footer, "stream": cast(Stream, given["stream"])})


def main() -> None:
    """Answer every line; the kernel ends this process where a mail takes too long, and too much memory is an error."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        used = resource.getrusage(resource.RUSAGE_SELF)
        until = int(used.ru_utime + used.ru_stime) + 1 + SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        sys.stdout.write(json.dumps(asdict(draw(read(line)))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
