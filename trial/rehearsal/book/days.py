"""Day by day: what each arm is asked, with the sheets of its mails and pages."""

from __future__ import annotations

from collections.abc import Iterator

from reports.book.values import Asked, Day
from reports.protocol_document import timetable
from reports.protocol_document.names import Names
from trial.rehearsal.book.mails import Mailing, Mails
from trial.rehearsal.book.material import Material
from trial.rehearsal.book.pages import Pages


def days(material: Material, mails: Mails, pages: Pages) -> tuple[Day, ...]:
    """One row for each day on which any arm is asked something."""
    rows: dict[tuple[bool, int, str], dict[str, list[Asked]]] = {}
    for arm in material.arms:
        for ask in timetable.asks(material.protocol, arm):
            label = timetable.one_day(material.protocol, ask)
            row = rows.setdefault((ask.day is not None, ask.day or 0, label), {})
            row.setdefault(arm, []).extend(_asked(material, mails, pages, ask, arm))
    return tuple(
        Day(label, tuple(tuple(row.get(arm, ())) for arm in material.arms))
        for (_, _, label), row in sorted(rows.items(), key=lambda one: one[0])
    )


def _asked(material: Material, mails: Mails, pages: Pages, ask: timetable.Ask, arm: str) -> Iterator[Asked]:
    """The invitation, the activity, and each reminder."""
    names, point, languages = Names(material.folder), ask.point, material.protocol.languages
    activity = names.activity(ask.activity)
    for reminder, notice in enumerate(timetable.notices(point), start=0 if point.invitation else 1):
        kinds = {one: Mailing(notice.message, point.id, reminder, ask.occurrence, arm, one) for one in languages}
        found = tuple((one, id) for one, kind in kinds.items() if (id := mails.of(kind)))
        said = f"{timetable.hour(point)}: mail" if notice.after is None else f"reminder after {notice.after}"
        yield Asked(f"{said}: {notice.message}", found)
        if notice.after is None:
            yield _activity(pages, ask, arm, activity, languages)
    if not point.invitation:
        yield _activity(pages, ask, arm, activity, languages)


def _activity(pages: Pages, ask: timetable.Ask, arm: str, name: str, languages: list[str]) -> Asked:
    at = (ask.activity.id, ask.point.id, ask.occurrence, arm)
    return Asked(name, tuple((one, id) for one in languages if (id := pages.of(*at, one))))
