"""How mails go: hour by hour and by message, what is late, whether anybody sends; and each mail of one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from fastapi import Response

from trial.core.access import Verb
from trial.services import delivery_status, delivery_story
from trial.services.delivery_status import COLUMNS, Sending
from trial.web.desk.plots import Bar, hours_plot, swatch
from trial.web.desk.visit import DeskPage, Visit

HOURS_BEHIND, HOURS_AHEAD = 48, 24
# what a bar of the plot is made of, from below; what is not named stands in the tables alone
SENT, WAITS, LOOK = ("sent",), ("planned",), ("due", "held", "too late", "came back", "failed", "in doubt")


def bars(found: Sending) -> list[Bar]:
    """One for each hour of the plot, empty ones as well."""
    this_hour = found.now.replace(minute=0, second=0, microsecond=0)
    numbers = found.by_hour
    made = []
    for hour in range(-HOURS_BEHIND, HOURS_AHEAD + 1):
        here = numbers.get(this_hour + timedelta(hours=hour), {})
        sent, waits, look = (_sum(here, names) for names in (SENT, WAITS, LOOK))
        made.append(Bar(hour, sent, waits, look))
    return made


def _sum(numbers: Mapping[str, int], names: Iterable[str] = LOOK) -> int:
    return sum(numbers.get(name, 0) for name in names)


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        found = delivery_status.sending_of(work, visit.slug, behind=HOURS_BEHIND, ahead=HOURS_AHEAD)
    per_minute = visit.site.per_minute
    takes = timedelta(minutes=-(-found.late.number // per_minute)) if per_minute else timedelta()
    names = [name for name in COLUMNS if found.totals[name]]
    return visit.page(
        "delivery.html",
        found=found,
        plot=hours_plot(bars(found)),
        days=found.days(visit.zone),
        to_look_at=_sum,
        names=names,
        per_minute=per_minute,
        takes=takes,
        swatch=swatch,
    )


def _story(visit: Visit) -> Response:
    with visit.reading() as work:
        story = delivery_story.explain(work, visit.slug, str(visit.request.path_params["code"]))
    return visit.page("participant_story.html", story=story)


PAGES = (
    DeskPage("/{slug}/delivery", _show, verb=Verb.READ_STATUS),
    DeskPage("/{slug}/participants/{code}/mails", _story, verb=Verb.EXPLAIN_DELIVERY),
)
