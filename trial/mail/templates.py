"""Messages as researchers write them: a subject line, Markdown, and a handful of named values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from trial.core.texts import PLACEHOLDERS
from trial.mail.headers import BREAKS

__all__ = ["PLACEHOLDERS", "fill", "placeholders"]

_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|\{#")
_LINK = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\])?[A-Za-z0-9\-._~:/?#@!$&+,;=%]+")

# Between two letters or digits these marks have no meaning in Markdown; everywhere else, and for every other mark,
# a backslash takes the meaning away. Left bare where possible, so that a code also reads well inside `code`.
_MARK = re.compile(r"(?<=[A-Za-z0-9])[-._@+:,](?=[A-Za-z0-9])|([!-/:-@\[-`{-~])")


def placeholders(template: str) -> set[str]:
    """The names between double braces, allowed or not."""
    return {found.strip() for found in _BRACES.findall(template)}


def fill(template_markdown: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Subject and Markdown body of a template with its values, which stay text and cannot become Markdown or HTML.

    ValueError names an unknown placeholder, one without a value, a value with a control character, or a bad first line.
    """
    subject, body, names = _read(template_markdown)
    for name in names:
        if not values.get(name, "").strip():
            raise ValueError(f"no value for the placeholder {{{{ {name} }}}}")
        if BREAKS.search(values[name]):
            raise ValueError(f"the value of {{{{ {name} }}}} holds a control character or a line break")
    subject = _BRACES.sub(lambda found: values[found[1].strip()].strip(), subject)
    return subject, _BRACES.sub(lambda found: _as_text(found[1].strip(), values), body).strip() + "\n"


@lru_cache(maxsize=256)
def _read(template_markdown: str) -> tuple[str, str, list[str]]:
    """Subject, body and the names in both; the mails of an evening have few templates."""
    text = template_markdown.replace("\r\n", "\n")
    names = sorted(placeholders(text))
    for name in names:
        if name not in PLACEHOLDERS:
            raise ValueError(f"unknown placeholder {{{{ {name} }}}}; known are {', '.join(sorted(PLACEHOLDERS))}")
    if _LEFT_OVER.search(_BRACES.sub("", text)):
        raise ValueError("only {{ name }} placeholders are known: no {% … %}, {# … #} or single double braces")
    head, _, body = text.partition("\n")
    if not head.startswith("Subject:") or not head[len("Subject:") :].strip():
        raise ValueError("the first line of a message must be 'Subject: …'")
    if body.split("\n", 1)[0].strip():
        raise ValueError("a blank line must follow the subject")
    return head[len("Subject:") :].strip(), body, names


def as_text(words: str) -> str:
    """Somebody's own words as Markdown that says just them: paragraphs and lines stay, no mark has a meaning."""
    plain = "".join(one for one in words.replace("\r\n", "\n") if one == "\n" or not BREAKS.match(one))
    paragraphs = [[line.strip() for line in part.split("\n") if line.strip()] for part in plain.split("\n\n")]
    return "\n\n".join("\\\n".join(map(_escaped, lines)) for lines in paragraphs if lines)


def _as_text(name: str, values: Mapping[str, str]) -> str:
    value = values[name].strip()
    if name == "link":
        if not _LINK.fullmatch(value):
            raise ValueError("the value of {{ link }} is no http or https address")
        return value
    return _escaped(value)


def _escaped(value: str) -> str:
    return _MARK.sub(lambda found: "\\" + found[1] if found[1] else found[0], value)
