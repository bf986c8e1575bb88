"""The page of a rehearsal: findings worst first, the flow, a calendar for each arm, and plots; one file, no script."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from reports.document import Document, Figure, Paragraph, Section, numbered
from reports.html import page_templates
from reports.numbers import count
from reports.rehearsal_calendar import calendar
from reports.rehearsal_figures import plots
from trial.core.rehearsed import WORST_FIRST, Finding, Rehearsed, Weight

NAME = "index.html"


def rehearsal_page(rehearsed: Rehearsed, flow: Figure | None) -> str:
    """The whole page as HTML; every text of the protocol is escaped."""
    sections = _sections(rehearsed, flow)
    names = numbered(Document(rehearsed.title, "", "", "en", sections))
    groups = [(weight, [one for one in rehearsed.findings if one.weight is weight]) for weight in WORST_FIRST]
    environment = page_templates(names)
    environment.filters["coded"] = coded
    return environment.get_template("rehearsal.html").render(
        rehearsed=rehearsed, sections=sections, names=names, groups=groups, summary=summary_of(rehearsed)
    )


def coded(text: str) -> Markup:
    """A sentence in which what stands between two backticks is code; every piece is escaped."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(one) if at % 2 else escape(one) for at, one in enumerate(pieces)
    )


def summary_of(rehearsed: Rehearsed) -> list[str]:
    """The rehearsal in plain sentences: how large it was, and how many findings of which weight."""
    n = rehearsed.counts
    lived = (
        f"{count(n['people'])} pretend people came, {count(n['randomised'])} of them were randomised. The trial ran "
        f"for {count(n['days'])} days and sent {count(n['mails'])} mails."
    )
    return [lived, weighed(rehearsed.findings)]


def weighed(findings: Sequence[Finding]) -> str:
    """`2 findings must be mended, 1 should be looked at, 14 are good to know.`"""
    n = {weight: sum(one.weight is weight for one in findings) for weight in Weight}
    verb = "is" if n[Weight.KNOW] == 1 else "are"
    return (
        f"{count(n[Weight.MEND])} {'finding' if n[Weight.MEND] == 1 else 'findings'} must be mended, "
        f"{count(n[Weight.LOOK])} should be looked at, {count(n[Weight.KNOW])} {verb} good to know."
    )


def _sections(rehearsed: Rehearsed, flow: Figure | None) -> tuple[Section, ...]:
    calendars = tuple(
        block for number, arm in enumerate(rehearsed.calendars, start=1) for block in calendar(arm, number)
    )
    said = Paragraph(
        "Each picture is the protocol's own calendar. The numbers under the signs are the mails that left (of what is "
        "asked without a mail, the people it was open to), over everybody in the arm."
    )
    found = [
        Section("flow", "The flow", (flow,)) if flow else None,
        Section("calendars", "Calendars", (said, *calendars)) if calendars else None,
        Section("plots", "Plots", tuple(plots(rehearsed.course))),
    ]
    return tuple(one for one in found if one is not None and one.blocks)
