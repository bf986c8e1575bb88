"""A trial that is ready to open, and the facts of a gate that is all green."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.core.linting.planted import MAIN, QUIET, part
from trial.core.access import Role
from trial.core.gate import Facts, OnCall, Seen
from trial.core.linting import lint
from trial.protocol_files import ProtocolFolder, read_files
from trial.protocol_files.linting import subject

NOW = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
_FILLED = (
    # a domain that nobody has, and that is none of the reserved ones
    ("contact_email: team@trial.local", "contact_email: team@trial.equipoise"),
    ("number: T-1", "number: T-1, date: '2026-10-20'"),
    ("administrative:\n", "administrative:\n  countries: [NL]\n"
     "  clinician: {name: A. Tester, role: psychotherapist, reviewed_on: '2026-10-02'}\n"),
)  # fmt: skip

WAIVED = "\nwaivers:\n  - {code: P110, reason: The analyses that vary the assumptions are planned apart.}\n"


def ready_files(*replacements: tuple[str, str]) -> dict[str, str]:
    """The quiet trial with everything filled in, without incentives, and with one finding waived."""
    text = QUIET[MAIN].replace(part("incentives"), "")
    before, _, rest = text.partition("  sensitivity:\n")
    lines = rest.splitlines(keepends=True)
    while lines and lines[0].startswith("    "):
        lines.pop(0)
    text = before + "".join(lines) + WAIVED
    for old, new in (*_FILLED, *replacements):
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {MAIN}"
        text = text.replace(old, new)
    return {**QUIET, MAIN: text}


READY = read_files(ready_files())


def facts(folder: ProtocolFolder = READY, **parts: Any) -> Facts:
    """Facts that leave nothing to be asked, but for what is named."""
    seen = {
        line: Seen(NOW, folder.digest, {"keys": "k", "from": "study@trial.equipoise", "digest": folder.digest})
        for line in ("keys", "backup", "mail", "mail_reply", "rehearsal")
    }
    green = Facts(
        now=NOW,
        slug="evenings",
        protocol=folder.protocol,
        instruments=folder.instruments,
        resources=folder.resources,
        verdicts=lint(subject(folder)),
        digest=folder.digest,
        base_url="https://trial.example.org",
        keys="k",
        mail_from="study@trial.equipoise",
        evidence=seen,
        on_call=(OnCall("A. Tester", NOW), OnCall("B. Tester", NOW)),
        ready=frozenset({Role.OWNER, Role.STATISTICIAN, Role.SAFETY_CONTACT}),
    )
    return replace(green, **parts)
