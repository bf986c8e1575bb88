"""Numbers as a journal prints them: few digits, a real minus sign, never `p = 0.000`, never `-0.0`.

The one place where a report rounds. A number that has its key in results.json (`reports.keys`) takes it along.
"""

from __future__ import annotations

import math

from reports.keys import plain, said

NONE = "–"  # a cell with nothing to say
_MINUS = "\u2212"
_SMALLEST_P = 0.001
_ALMOST_ONE = 0.995
_ALPHA = 0.05


def decimals_for(sd: float | None) -> int:
    """Decimals that suit a spread: one for 9.6, two for 0.71, three for 0.083; one where it is not known."""
    if sd is None or sd <= 0 or not math.isfinite(sd):
        return 1
    return min(4, max(1, 1 - math.floor(math.log10(sd / 3))))


def number(value: float | None, decimals: int) -> str:
    """A number rounded half away from zero on its decimal text, or a dash for none."""
    if value is None:
        return NONE
    text = f"{abs(plain(value)):,.{decimals}f}"
    negative = value < 0 and any(digit in "123456789" for digit in text)
    return said((_MINUS if negative else "") + text, value)


def never_none(value: float, decimals: int) -> str:
    """A number of what is there: too small for its decimals it is below the least that they show, and not 0."""
    least = 10.0**-decimals
    return f"< {said(f'{least:g}', value)}" if decimals and value < least / 2 else number(value, decimals)


def declared(value: float) -> str:
    """A number that a protocol declares, as it does: `0.05`, `97.5`, `2`; six digits at most, and a real minus sign."""
    return said(f"{plain(value):g}".replace("-", _MINUS), value)


def interval(ends: list[float] | tuple[float, float] | None, decimals: int) -> str:
    """`-5.9 to -0.5`."""
    return NONE if ends is None else f"{number(ends[0], decimals)} to {number(ends[1], decimals)}"


def distance(estimate: float, decimals: int) -> str:
    """`3.2 points lower`."""
    return f"{number(abs(estimate), decimals)} points {'lower' if estimate < 0 else 'higher'}"


def mean_sd(mean: float | None, sd: float | None, decimals: int) -> str:
    """`12.3 (4.5)`."""
    return NONE if mean is None else f"{number(mean, decimals)} ({number(sd, decimals)})"


def enough_decimals(decimals: int, *values: float) -> int:
    """One decimal more where an end of an interval would print as zero and is not."""
    hidden = any(value != 0 and number(plain(value), decimals).strip("0.,") == "" for value in values)
    return decimals + 1 if hidden else decimals


def p_value(p: float | None) -> str:
    """`< 0.001`, `0.004`, `0.03`, `0.62`, `> 0.99`; more decimals where fewer would hide a side of 0.05."""
    return NONE if p is None else said(_p(plain(p)), p)


def _p(p: float) -> str:
    if p < _SMALLEST_P:
        return "< 0.001"
    if p >= _ALMOST_ONE:
        return "> 0.99"
    fewest = 3 if p < 0.01 else 2
    decimals = next((places for places in range(fewest, 5) if round(p, places) != _ALPHA), fewest)
    return f"{p:.{decimals}f}"


def p_phrase(p: float | None) -> str:
    """`p = 0.03`, `p < 0.001`, in one piece."""
    text = NONE if p is None else _p(plain(p))
    return said((f"p {text}" if text[0] in "<>" else f"p = {text}").replace(" ", "\u00a0"), p)


def count(n: int | None) -> str:
    """A whole number, with commas."""
    return NONE if n is None else said(f"{plain(n):,}", n)


def size(n: int | None) -> str:
    """`(n = 39)`, in one piece."""
    return f"(n\u00a0=\u00a0{count(n)})"


def percent(n: int, of: int) -> str:
    """A whole percentage; few is never shown as none, nearly all never as all."""
    return NONE if of == 0 else said(_percent(plain(n), plain(of)), n, of)


def _percent(n: int, of: int) -> str:
    if 0 < n < of * 0.005:
        return "< 1%"
    if of * 0.995 <= n < of:
        return "> 99%"
    return f"{(200 * n + of) // (2 * of)}%"  # halves away from zero, as a reader rounds: 1 of 8 is 13%


def share(n: int | None, of: int) -> str:
    """`31 (78%)`."""
    if n is None:
        return NONE
    return f"{count(n)} ({percent(n, of)})" if of else count(n)
