"""The Markdown texts of a folder: what a mail must hold, and the placeholders that may stand in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trial.core.errors import Problem
from trial.core.findings import texts_at
from trial.core.texts import PLACEHOLDERS

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_STRAY = re.compile(r"\{\{|\}\}|\{%|\{#")
LONGEST_SUBJECT = 120


# where a protocol names a text that is shown as a page
_PAGES = (
    "trial_page", "eligibility.notice", "consent.information", "debrief", "results", "activities.*.exercise",
    "safety.resources", "eligibility.age.guardian.consent", "eligibility.age.guardian.assent",
)  # fmt: skip


def check(texts: Mapping[str, Mapping[str, str]], tree: Any, folder: str) -> list[Problem]:
    """Every mistake in the texts that the plain tree of a protocol names as mails or pages; others are left alone."""
    mails = {f"messages/{one}" for one in texts_at(tree, "messages.*.id")}
    pages = {name for pattern in _PAGES for name in texts_at(tree, pattern)}
    problems: list[Problem] = []
    for name in sorted((mails | pages) & texts.keys()):
        for language, text in texts[name].items():
            file = str(Path(folder) / f"{name}.{language}.md")
            if not text.strip():
                problems.append(Problem(file, 1, 1, "the text is empty.", "Write it."))
            elif name in mails:
                problems += [*_subject(text, file), *_placeholders(text, file, name)]
            else:
                problems += _page(text, file)
    return problems


def _subject(text: str, file: str) -> Iterator[Problem]:
    lines = text.splitlines()
    subject = lines[0].removeprefix("Subject:").strip()
    if not lines[0].startswith("Subject:") or not subject:
        yield Problem(file, 1, 1, "a mail starts with its subject.", "Write `Subject: …` on the first line.")
    elif len(subject) > LONGEST_SUBJECT:
        yield Problem(file, 1, 1, "the subject is too long.", f"Keep it under {LONGEST_SUBJECT} characters.")
    if len(lines) > 1 and lines[1].strip():
        yield Problem(file, 2, 1, "the subject runs into the text.", "Leave the second line empty.")


def _placeholders(text: str, file: str, name: str) -> Iterator[Problem]:
    known = ", ".join(sorted(PLACEHOLDERS))
    for number, line in enumerate(text.splitlines(), start=1):
        for found in _PLACEHOLDER.finditer(line):
            if found[1] not in PLACEHOLDERS:
                what = f"{{{{ {found[1][:40]} }}}} is not a placeholder."
                yield Problem(file, number, found.start() + 1, what, f"Known: {known}.")
        if stray := _STRAY.search(_PLACEHOLDER.sub("", line)):
            what = f"{stray[0]} belongs to no complete placeholder."
            yield Problem(file, number, 1, what, "Write it like {{ link }}, on one line.")
    if name == "messages/code" and "code" not in _PLACEHOLDER.findall(text):
        yield Problem(file, 1, 1, "the mail does not hold the code.", "Write {{ code }} where the code belongs.")


def _page(text: str, file: str) -> Iterator[Problem]:
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _PLACEHOLDER.search(line):
            mend = "Write the words themselves: placeholders are filled in mails only."
            yield Problem(file, number, found.start() + 1, f"{found[0][:50]} stands in a text that is no mail.", mend)
