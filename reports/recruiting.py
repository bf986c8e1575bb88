"""Recruitment against its plan: the running total by week since the opening, beside the straight line that was planned.

It is counted over everybody, so that it may stand in a blind report too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from reports.document import Figure, Row, Table
from reports.drawing import Drawing
from reports.figures import INK, MOST_TICKS, drawn, look
from reports.keys import plain
from reports.labels import Labels, sentence
from reports.numbers import NONE, count, declared, number
from trial.core.protocol import TrialProtocol
from trial.core.recruitment import first_day, last_day, planned_by

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 26
Found = Mapping[str, Any]


def by_week(protocol: TrialProtocol, target: int, weeks: Sequence[int] | None, opened: date | None) -> dict[str, Any]:
    """The running total and the plan's at the end of each week since the opening, and the ends of the plan in weeks.

    `weeks`: how many came in each, None or empty where it is not known. There is no plan without planned dates.
    """
    dates = protocol.administrative.dates
    ends = (first_day(dates.recruitment_from), last_day(dates.recruitment_until))
    start, end = ends if opened and all(ends) else (None, None)
    found: dict[str, Any] = {"by_week": [], "plan": None}
    for at, (came, total) in enumerate(zip(weeks or (), accumulate(weeks or ()), strict=True), start=1):
        planned = None
        if opened and start and end:
            planned = planned_by(opened + timedelta(days=7 * at), target, start, end)
        found["by_week"].append({"week": at, "randomised": came, "total": total, "planned": planned})
    if opened and start and end:
        found["plan"] = {"from_week": (start - opened).days / 7, "until_week": (end - opened).days / 7}
    return found


def said(recruitment: Found, labels: Labels) -> str:
    """How many came, and in which week the last of them; recruitment may have stayed open for longer."""
    weeks = recruitment["by_week"]
    last = max((one["week"] for one in weeks if one["randomised"]), key=plain, default=None)
    when = f", within {declared(recruitment['weeks'])} weeks" if recruitment["weeks"] else ""
    when = when if last is None else f", the last of them in week {count(last)} after the opening"
    came, sought = count(recruitment["randomised"]), count(recruitment["target"])
    return f"{came} of the {sought} people sought were {labels.joined}{when}."


def figure(recruitment: Found, labels: Labels) -> list[Figure]:
    """The curve with its numbers; nothing where the weeks are not known."""
    if not recruitment["by_week"]:
        return []
    planned = " and the plan (broken line)" if recruitment["plan"] else ""
    caption = (
        f"People {labels.joined} by the end of each week since the opening, against the number sought (dotted line)"
        f"{planned}."
    )
    return [
        Figure(
            "recruitment-figure",
            caption,
            _drawing(plain(recruitment), sentence(labels.joined)),
            table=_table(recruitment, labels),
        )
    ]


def _drawing(recruitment: Found, came: str) -> Drawing:
    """Totals are known at the ends of weeks, so a straight line joins them."""
    weeks, plan, target = recruitment["by_week"], recruitment["plan"], recruitment["target"]
    totals = [0, *(one["total"] for one in weeks)]
    last = max(float(len(weeks)), plan["until_week"] if plan else 0.0)

    def draw(axes: Axes) -> None:
        colour = look(0)[0]
        marker = "o" if len(weeks) <= MOST_ROWS else ""
        axes.plot(range(len(totals)), totals, color=colour, marker=marker, linewidth=2, label=came, zorder=3)
        if plan:
            corners = ([0.0] if plan["from_week"] > 0 else []), [last]
            x = [*corners[0], plan["from_week"], plan["until_week"], *corners[1]]
            y = [*(0.0 for _ in corners[0]), 0.0, target, *(target for _ in corners[1])]
            axes.plot(x, y, color=INK, linewidth=1.3, dashes=(5, 2.5), label="Planned")
        axes.axhline(target, color=INK, linewidth=0.9, dashes=(1, 2))
        axes.annotate(f"sought: {count(target)}", (0.01, target), xycoords=("axes fraction", "data"),
                      xytext=(0, 3), textcoords="offset points")  # fmt: skip
        axes.set_xlim(min(0.0, plan["from_week"] if plan else 0.0), last * 1.02)
        axes.set_ylim(0, max(target, totals[-1]) * 1.14)
        axes.locator_params(axis="both", nbins=MOST_TICKS // 2, integer=True)
        axes.set_xlabel("Weeks since the opening")
        axes.set_ylabel("People")

    return drawn("recruitment", _title(recruitment), _words(recruitment), draw, (4.7, 2.8), legend=bool(plan))


def _words(recruitment: Found) -> str:
    end, target = recruitment["by_week"][-1], recruitment["target"]
    said = f"{count(end['total'])} of {count(target)} people sought came within {count(end['week'])} weeks."
    if end["planned"] is not None:
        apart = end["total"] - round(end["planned"])
        more = "as many as" if apart == 0 else f"{count(abs(apart))} {'more' if apart > 0 else 'fewer'} than the"
        said += f" That is {more} {count(round(end['planned']))} planned by then."
    busiest = max(recruitment["by_week"], key=lambda one: (one["randomised"], -one["week"]))
    return f"{said} Most came in week {count(busiest['week'])}: {count(busiest['randomised'])}."


def _table(recruitment: Found, labels: Labels) -> Table:
    """A line for each week, or for as many weeks as keep it short."""
    weeks, rows = recruitment["by_week"], []
    every = -(-len(weeks) // MOST_ROWS)
    for start in range(0, len(weeks), every):
        its = weeks[start : start + every]
        end = its[-1]
        name = count(end["week"]) if every == 1 else f"{count(its[0]['week'])} to {count(end['week'])}"
        rows.append(
            Row((name, count(sum(one["randomised"] for one in its)), count(end["total"]),
                 NONE if end["planned"] is None else number(end["planned"], 0)))
        )  # fmt: skip
    columns = ("Week", sentence(labels.joined), "So far", "Planned by its end")
    shown = tuple(rows) if recruitment["plan"] else tuple(Row(one.cells[:-1]) for one in rows)
    heads = columns if recruitment["plan"] else columns[:-1]
    return Table("recruitment-table", f"{_title(recruitment)}, in numbers", heads, shown)


def _title(recruitment: Found) -> str:
    return "Recruitment against plan" if recruitment["plan"] else "Recruitment"
