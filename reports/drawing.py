"""Boxes, lines and arrows as SVG, and text broken to fit them.

The drawing takes the colour of the text around it, so that it is right on light, dark and printed pages alike.
Widths of text are those of a wide sans-serif, so that no font that a reader has makes it leave its box.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

FONT = "\ue000"  # stands for the font family until a drawing is put on a page; no text of a protocol holds it
SIZE = 13.0
LEADING = 17.0
PAD = 10.0
TAG = 26.0
TAG_LETTER = 8.5  # of the name of a stage, written upwards: a stage is no shorter than its name
# ems in DejaVu Sans, rounded up; any letter not listed is 0.64
_EMS = (("ijl.,:;'|! \u00a0", 0.33), ("tfr()[]-", 0.42), ("szckvxy", 0.6), ("mwMW@%", 0.98), ("=+<>", 0.84))
_WIDTH = {letter: width for letters, width in _EMS for letter in letters}
_LINE = 'fill="none" stroke="currentColor" stroke-width="1.2"'


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a box; reasons are indented."""

    text: str
    indent: float = 0.0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as SVG text without a prologue, and its words for those who do not see it."""

    svg: str
    title: str
    description: str
    width: float
    height: float


@dataclass(slots=True)
class Canvas:
    """Pieces of a drawing, in the order in which they are drawn."""

    parts: list[str] = field(default_factory=list)

    def box(self, x: float, y: float, width: float, height: float, lines: Sequence[Line]) -> None:
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="3" {_LINE}/>')
        for row, line in enumerate(lines):
            weight = ' font-weight="bold"' if line.bold else ""
            left, base = x + PAD + line.indent, y + PAD + SIZE - 1 + row * LEADING
            self.parts.append(f'<text x="{left:.1f}" y="{base:.1f}"{weight}>{escape(line.text)}</text>')

    def path(self, *points: tuple[float, float]) -> None:
        steps = " ".join(f"{'M' if at == 0 else 'L'}{x:.1f} {y:.1f}" for at, (x, y) in enumerate(points))
        self.parts.append(f'<path d="{steps}" {_LINE}/>')

    def arrow(self, *points: tuple[float, float]) -> None:
        """A line with a head at its last point, going down or to the right."""
        self.path(*points)
        x, y = points[-1]
        down = x == points[-2][0]
        a, b = ((x - 4, y - 8), (x + 4, y - 8)) if down else ((x - 8, y - 4), (x - 8, y + 4))
        corners = " L".join(f"{across:.1f} {below:.1f}" for across, below in ((x, y), a, b))
        self.parts.append(f'<path d="M{corners} Z" fill="currentColor"/>')

    def tag(self, y: float, height: float, text: str) -> None:
        """The name of a stage, written upwards along the left edge."""
        x, middle = f"{TAG / 2 + 4.5:.1f}", f"{y + height / 2:.1f}"
        self.parts.append(
            f'<rect x="0" y="{y:.1f}" width="{TAG:g}" height="{height:.1f}" rx="3" fill="currentColor" '
            f'fill-opacity="0.1"/><text x="{x}" y="{middle}" text-anchor="middle" font-weight="bold" '
            f'transform="rotate(-90 {x} {middle})">{escape(text)}</text>'
        )


def wrap(lines: Sequence[Line], width: float) -> list[Line]:
    """Lines broken at spaces, but not at non-breaking ones, to fit a box."""
    return [piece for line in lines for piece in _broken(line, width - 2 * PAD - line.indent)]


def _broken(line: Line, room: float) -> Iterator[Line]:
    current = ""
    for word in line.text.split(" "):
        longer = f"{current} {word}".strip()
        if current and _text_width(longer, line.bold) > room:
            yield Line(current, line.indent, line.bold)
            current = word
        else:
            current = longer
    yield Line(current, line.indent, line.bold)


def _text_width(text: str, bold: bool) -> float:
    """Width in a wide sans-serif: a bound, not a measure."""
    ems = sum(_WIDTH.get(letter, 0.75 if letter.isupper() else 0.64) for letter in text)
    return ems * SIZE * (1.12 if bold else 1.0)


def height_of(lines: Sequence[Line]) -> float:
    """The height of a box with these lines."""
    return 2 * PAD + len(lines) * LEADING - (LEADING - SIZE)
