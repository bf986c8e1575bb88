"""The linter's page for researchers, made from the register of its rules."""

from __future__ import annotations

from trial.core.linting import CHAPTERS, RULES, UNUSED, Rule, Severity

INTRODUCTION = """# What the linter finds

<!-- Made from the register of rules: docs/renew.py. -->

`equipoise check` reads a protocol and then asks what goes wrong in trials of this kind. [Checking a
protocol](checking.md) says how to read its lines, how to waive one, and which exit codes there are.

- **error**: no trial opens with it.
- **warning**: mend it, or waive it with the reason.
- **before opening**: only the team can do it; a rehearsal runs without.
"""


def page() -> str:
    """The whole page: one section for each rule, by chapter."""
    parts = [INTRODUCTION]
    for letter, title in CHAPTERS.items():
        parts.append(f"## {letter}: {title}\n")
        parts += [_section(RULES[code]) for code in sorted(RULES) if code[0] == letter]
    return "\n".join(parts)


def _section(rule: Rule) -> str:
    return f"### {rule.code} {rule.title}\n\n*{_kind(rule)}.* {rule.why}\n\nMend: {rule.mend}\n"


def _kind(rule: Rule) -> str:
    words = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.BEFORE_OPENING: "Before opening"}
    by_reader = rule.check is None and rule.code != UNUSED
    return words[rule.severity] + (", told by the reader itself: it cannot be waived" if by_reader else "")
