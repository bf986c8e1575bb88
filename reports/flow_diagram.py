"""The CONSORT 2025 flow diagram as vector graphics, for any number of arms.

Arms stand beside each other, four at most; more go into further bands below, reached by a line on the left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reports.drawing import SIZE, TAG, Canvas, Drawing, Line, height_of, wrap
from reports.labels import STAGES, Labels, reason, sentence
from reports.numbers import count

GAP = 22.0
STEP = 34.0  # between one row of boxes and the next
NARROWEST = 640.0
PER_BAND = 4
ARM_WIDTH = 222.0


def flow_diagram(flow: dict[str, Any], labels: Labels) -> Drawing:
    """Draw the counts of `results["flow"]`; a count that is None is left out."""
    bands = _bands(flow["arms"])
    across = max(len(band) for band in bands)
    trunk = GAP if len(bands) > 1 else 0.0
    left = TAG + 12 + trunk
    inner = max(NARROWEST, across * ARM_WIDTH + (across - 1) * GAP)
    canvas = Canvas()
    y = _enrolment(canvas, flow, labels, left, inner)
    bus = y
    for position, band in enumerate(bands):
        start = bus if position == 0 else y + STEP
        if position:
            canvas.path((left - trunk, bus + STEP / 2), (left - trunk, start + STEP / 2))
        y = _band(canvas, band, labels, left, inner, start, from_left=trunk if position else None)
        if position == 0 and trunk:
            canvas.path((left - trunk, bus + STEP / 2), (left + inner / 2, bus + STEP / 2))
    title, description = _words(flow, labels)
    width, height = left + inner + 2, y + 2
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -1 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-labelledby="flow-title flow-desc" font-family="FONT" '
        f'font-size="{SIZE:g}" fill="currentColor"><title id="flow-title">{escape(title)}</title>'
        f'<desc id="flow-desc">{escape(description)}</desc>{"".join(canvas.parts)}</svg>'
    )
    return Drawing(svg, title, description, width, height)


def _bands(arms: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    """As few bands as hold four arms each, of sizes that differ by one at most."""
    rows = -(-len(arms) // PER_BAND)
    size, larger = divmod(len(arms), rows)
    bands, at = [], 0
    for row in range(rows):
        upto = at + size + (row < larger)
        bands.append(arms[at:upto])
        at = upto
    return bands


def _enrolment(canvas: Canvas, flow: dict[str, Any], labels: Labels, left: float, inner: float) -> float:
    """Assessed, excluded, randomised; returns where the arms begin."""
    middle, width = left + inner / 2, 250.0
    y = 0.0
    if flow["assessed"] is not None:
        assessed = [Line(_counted("Assessed for eligibility", flow["assessed"]), bold=True)]
        height = height_of(assessed)
        canvas.box(middle - width / 2, y, width, height, assessed)
        aside = middle + 40
        lines = wrap(_excluded(flow, labels), left + inner - aside)
        tall = height_of(lines)
        top = height + STEP / 2
        canvas.box(aside, top, left + inner - aside, tall, lines)
        y = top + tall + STEP / 2
        canvas.arrow((middle, height), (middle, y))
        canvas.arrow((middle, top + tall / 2), (aside, top + tall / 2))
    randomized = [Line(_counted("Randomised", flow["randomised"]), bold=True)]
    canvas.box(middle - width / 2, y, width, height_of(randomized), randomized)
    end = y + height_of(randomized)
    canvas.tag(0, end, "Enrolment" if flow["assessed"] is not None else "")
    canvas.path((middle, end), (middle, end + STEP / 2))
    return end


def _band(
    canvas: Canvas,
    arms: Sequence[dict[str, Any]],
    labels: Labels,
    left: float,
    inner: float,
    y: float,
    *,
    from_left: float | None,
) -> float:
    """The columns of some arms, from the line that joins them; returns the lowest edge."""
    width = (inner - (len(arms) - 1) * GAP) / len(arms)
    xs = [left + place * (width + GAP) for place in range(len(arms))]
    centres = [x + width / 2 for x in xs]
    bus = y + STEP / 2
    start = left - from_left if from_left is not None else min(centres[0], left + inner / 2)
    canvas.path((start, bus), (max(centres[-1], start), bus))
    above = [bus] * len(arms)
    top = y + STEP
    for name, rows in _stages(labels):
        texts = [wrap(rows(arm), width) for arm in arms]
        height = max(height_of(lines) for lines in texts)
        for x, centre, lines, line_top in zip(xs, centres, texts, above, strict=True):
            canvas.arrow((centre, line_top), (centre, top))
            canvas.box(x, top, width, height, lines)
        canvas.tag(top, height, name)
        above = [top + height] * len(arms)
        top += height + STEP * 0.8
    return above[0]


def _stages(labels: Labels) -> list[tuple[str, Callable[[dict[str, Any]], list[Line]]]]:
    return [("Allocation", lambda arm: _allocation(arm, labels)), ("Follow-up", _follow_up), ("Analysis", _analysis)]


def _counted(what: str, n: int | None) -> str:
    return f"{what} (n = {count(n)})"


def _excluded(flow: dict[str, Any], labels: Labels) -> list[Line]:
    """Not meeting the criteria with each criterion, declined, then every other stage."""
    stages = {one["stage"]: one for one in flow["excluded_by_stage"]}
    lines = [Line(_counted("Excluded", flow["excluded"]), bold=True)]
    for stage in ("not_eligible", "declined"):
        if one := stages.pop(stage, None):
            lines.append(Line(_counted(STAGES[stage], one["n"])))
            lines += [Line(_counted(labels.criterion(each["reason"]), each["n"]), 14) for each in one["reasons"]]
    if stages:
        lines.append(Line(_counted("Other reasons", sum(one["n"] for one in stages.values()))))
        lines += [Line(_counted(STAGES.get(stage, sentence(stage)), one["n"]), 14) for stage, one in stages.items()]
    return lines


def _allocation(arm: dict[str, Any], labels: Labels) -> list[Line]:
    lines = [Line(labels.arm(arm["arm"]), bold=True), Line(_counted("Allocated", arm["allocated"]))]
    if arm["received"] is not None:
        lines.append(Line(_counted("Received the exercises", arm["received"])))
        lines += _with_reasons("Did not receive them", arm["not_received"], arm["not_received_reasons"])
    return lines


def _follow_up(arm: dict[str, Any]) -> list[Line]:
    lines = _with_reasons("Lost to follow-up for the primary outcome", arm["lost"], arm["lost_reasons"])
    if arm["discontinued"] is not None:
        lines += _with_reasons("Discontinued the exercises", arm["discontinued"], arm["discontinued_reasons"])
    return lines


def _analysis(arm: dict[str, Any]) -> list[Line]:
    lines = [Line(_counted("Analysed for the primary outcome", arm["analysed"]), bold=True)]
    reasons = arm["excluded_from_analysis_reasons"]
    return lines + _with_reasons("Excluded from the analysis", arm["excluded_from_analysis"], reasons)


def _with_reasons(what: str, n: int, reasons: Sequence[dict[str, Any]]) -> list[Line]:
    listed = [Line(_counted(sentence(reason(one["reason"])), one["n"]), 14) for one in reasons]
    return [Line(_counted(what, n)), *listed]


def _words(flow: dict[str, Any], labels: Labels) -> tuple[str, str]:
    """Title and description: the same counts, read out."""
    said = []
    if flow["assessed"] is not None:
        said.append(f"{count(flow['assessed'])} people assessed, {count(flow['excluded'])} excluded")
    said.append(f"{count(flow['randomised'])} randomised")
    said += [
        f"{labels.arm(one['arm'])}: {count(one['allocated'])} allocated, {count(one['lost'])} lost to follow-up, "
        f"{count(one['analysed'])} analysed"
        for one in flow["arms"]
    ]
    return "CONSORT flow diagram", ". ".join(said) + ". The counts with every reason follow as a table."
