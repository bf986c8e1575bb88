"""The CONSORT 2025 flow diagram as vector graphics, for any number of arms.

Arms stand beside each other, four at most; more go into further bands below, reached by a line on the left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any
from xml.sax.saxutils import escape

from reports import reasons
from reports.drawing import FONT, SIZE, TAG, TAG_LETTER, Canvas, Drawing, Line, height_of, wrap
from reports.labels import STAGES, Labels, reason, sentence
from reports.numbers import count, size

GAP = 22.0
STEP = 34.0  # between one row of boxes and the next
Stages = Sequence[tuple[str, Callable[[dict[str, Any]], list[Line]]]]
PER_BAND = 3
PER_PAGE = 6
ARM_WIDTH = 222.0
NARROW = 300.0


def flow_diagram(flow: dict[str, Any], labels: Labels, *, narrow: bool = False) -> Drawing:
    """Draw the counts of `results["flow"]`; a count that is None is left out. `narrow`: one arm below the other."""
    return _finished(flow | {"arms": reasons.alike(flow["arms"])}, labels, narrow=narrow)


def _finished(flow: dict[str, Any], labels: Labels, *, narrow: bool = False) -> Drawing:
    return _drawn(flow, labels, _stages(labels), _words(flow, labels), narrow=narrow)


def diagram_so_far(flow: dict[str, Any], primary: dict[str, Any], labels: Labels, *, narrow: bool = False) -> Drawing:
    """The same over everybody while the trial runs: no arms, and of the primary outcome what is known so far."""
    said, found = _enrolled_words(flow, labels), primary["known"]
    said.append(f"The primary outcome is known for {count(found)} of the {count(primary['due'])} for whom it was due")
    words = ("Flow diagram over everybody, so far", ". ".join(said) + ". The counts follow as tables.")
    return _drawn(flow | {"arms": [primary]}, labels, [("Follow-up", _so_far)], words, narrow=narrow)


def _drawn(flow: dict[str, Any], labels: Labels, stages: Stages, words: tuple[str, str], *, narrow: bool) -> Drawing:
    bands = _bands(flow["arms"], 1 if narrow else PER_BAND)
    trunk = GAP if len(bands) > 1 else 0.0
    left = TAG + 12 + trunk
    inner = NARROW if narrow else PER_BAND * ARM_WIDTH + (PER_BAND - 1) * GAP
    canvas = Canvas()
    bus = y = _enrolment(canvas, flow, labels, left, inner, narrow=narrow)
    for position, band in enumerate(bands):
        start = y + STEP if position else bus
        y = _band(canvas, band, stages, left, inner, start, from_left=trunk if position else None)
        if trunk:
            middle = left + inner / 2 if position == 0 else left - trunk
            canvas.path((left - trunk, bus + STEP / 2), (middle, start + STEP / 2))
    title, description = words
    width, height = left + inner + 2, ceil(y) + 2  # never less than the lowest edge
    name = "flow-narrow" if narrow else "flow-wide"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -1 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-labelledby="{name}-title {name}-desc" font-family="{FONT}" '
        f'font-size="{SIZE:g}" fill="currentColor"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{"".join(canvas.parts)}</svg>'
    )
    return Drawing(svg, title, description, width, height)


def flow_pages(flow: dict[str, Any], labels: Labels) -> tuple[Drawing, ...]:
    """The same for paper: six arms to a page, each page after the first starting at the randomisation."""
    arms = reasons.alike(flow["arms"])
    later = [flow | {"assessed": None, "arms": arms[at : at + PER_PAGE]} for at in range(PER_PAGE, len(arms), PER_PAGE)]
    return tuple(_finished(one, labels) for one in (flow | {"arms": arms[:PER_PAGE]}, *later))


def _bands(arms: Sequence[dict[str, Any]], most: int) -> list[Sequence[dict[str, Any]]]:
    """As few bands as hold `most` arms each, of sizes that differ by one at most."""
    rows = -(-len(arms) // most)
    size, larger = divmod(len(arms), rows)
    bands, at = [], 0
    for row in range(rows):
        upto = at + size + (row < larger)
        bands.append(arms[at:upto])
        at = upto
    return bands


def _enrolment(
    canvas: Canvas, flow: dict[str, Any], labels: Labels, left: float, inner: float, *, narrow: bool
) -> float:
    """Assessed, excluded, randomised; returns where the arms begin."""
    middle = left + inner / 2
    down, width = (left + 16, inner) if narrow else (middle, 290.0)
    y = 0.0
    if flow["assessed"] is not None:
        first = Line(_counted("Assessed for eligibility", flow["assessed"]), bold=True)
        assessed = wrap([first, *_above(flow)], width)
        height = height_of(assessed)
        canvas.box(middle - width / 2, y, width, height, assessed)
        aside = down + 34
        lines = wrap(_excluded(flow, labels), left + inner - aside)
        tall = height_of(lines)
        top = height + STEP / 2
        canvas.box(aside, top, left + inner - aside, tall, lines)
        y = top + tall + STEP / 2
        canvas.arrow((down, height), (down, y))
        canvas.arrow((down, top + tall / 2), (aside, top + tall / 2))
    randomized = wrap([Line(_counted(sentence(labels.joined), flow["randomised"]), bold=True)], width)
    canvas.box(middle - width / 2, y, width, height_of(randomized), randomized)
    end = y + height_of(randomized)
    if flow["assessed"] is not None:
        canvas.tag(0, end, "Enrolment")
    canvas.path((middle, end), (middle, end + STEP / 2))
    return end


def _band(
    canvas: Canvas,
    arms: Sequence[dict[str, Any]],
    stages: Stages,
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
    for name, rows in stages:
        texts = [wrap(rows(arm), width) for arm in arms]
        height = max(TAG_LETTER * len(name), *(height_of(lines) for lines in texts))
        for x, centre, lines, line_top in zip(xs, centres, texts, above, strict=True):
            canvas.arrow((centre, line_top), (centre, top))
            canvas.box(x, top, width, height, lines)
        canvas.tag(top, height, name)
        above = [top + height] * len(arms)
        top += height + STEP * 0.8
    return above[0]


def _stages(labels: Labels) -> Stages:
    first = "Exercises" if labels.single else "Allocation"
    return [(first, lambda arm: _allocation(arm, labels)), ("Follow-up", _follow_up), ("Analysis", _analysis)]


def _counted(what: str, n: int | None) -> str:
    return f"{what} {size(n)}"


def _above(flow: dict[str, Any]) -> list[Line]:
    """How many screenings these people made, and how many were flagged; nothing where there is nothing to say."""
    lines = []
    if flow.get("repeated"):
        lines.append(Line(f"Screenings {size(flow['screenings'])}, repeated tries {size(flow['repeated'])}"))
    if flow.get("flagged"):
        lines.append(Line(_counted("Flagged by automatic checks", flow["flagged"])))
    return lines


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
    lines = [Line(labels.arm(arm["arm"]), bold=True)]
    lines += [] if labels.single else [Line(_counted("Allocated", arm["allocated"]))]
    if arm["received"] is not None:
        got, missed = labels.received(arm["arm"])
        lines.append(Line(_counted(got, arm["received"])))
        lines += _with_reasons(missed, arm["not_received"], arm["not_received_reasons"])
    return lines


def _follow_up(arm: dict[str, Any]) -> list[Line]:
    lines = _with_reasons("Lost to follow-up for the primary outcome", arm["lost"], arm["lost_reasons"])
    if arm.get("lost_analysed"):
        lines.append(Line(_counted("Of these, analysed by their other answers", arm["lost_analysed"]), 14))
    if arm["discontinued"] is not None:
        lines += _with_reasons("Discontinued the exercises", arm["discontinued"], arm["discontinued_reasons"])
    return lines


def _so_far(everybody: dict[str, Any]) -> list[Line]:
    lost = everybody["lost_reasons"]
    whys = [{"reason": code, "n": lost[code]} for code in reasons.in_order([lost])]
    return [
        Line(_counted("Due for the primary outcome", everybody["due"])),
        Line(_counted("Primary outcome known", everybody["known"]), bold=True),
        *_with_reasons("Lost to follow-up for the primary outcome", everybody["lost"], whys),
        Line(_counted("Not due yet", everybody["randomised"] - everybody["due"])),
    ]


def _analysis(arm: dict[str, Any]) -> list[Line]:
    lines = [Line(_counted("Analysed for the primary outcome", arm["analysed"]), bold=True)]
    whys = arm["excluded_from_analysis_reasons"]
    return lines + _with_reasons("Excluded from the analysis", arm["excluded_from_analysis"], whys)


def _with_reasons(what: str, n: int, whys: Sequence[dict[str, Any]]) -> list[Line]:
    listed = [Line(_counted(sentence(reason(one["reason"])), one["n"]), 14) for one in whys]
    return [Line(_counted(what, n)), *listed]


def _words(flow: dict[str, Any], labels: Labels) -> tuple[str, str]:
    """Title and description: the same counts, read out."""
    said = _enrolled_words(flow, labels)
    said += [
        f"{labels.arm(one['arm'])}: {count(one['allocated'])} {'in it' if labels.single else 'allocated'}, "
        f"{count(one['lost'])} lost to follow-up, {count(one['analysed'])} analysed"
        for one in flow["arms"]
    ]
    name = "Flow diagram" if labels.single else "CONSORT flow diagram"
    return name, ". ".join(said) + ". The counts with every reason follow as a table."


def _enrolled_words(flow: dict[str, Any], labels: Labels) -> list[str]:
    said = []
    if flow["assessed"] is not None:
        said.append(f"{count(flow['assessed'])} people assessed, {count(flow['excluded'])} excluded")
    return [*said, f"{count(flow['randomised'])} {labels.joined}"]
