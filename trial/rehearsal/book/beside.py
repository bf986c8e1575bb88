"""Arms side by side: the mails and pages of one moment that are not the same for every arm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reports.book.values import Beside, Sheet
from reports.protocol_document import timetable
from reports.protocol_document.names import Names
from trial.rehearsal.book.mails import Mailing, Mails
from trial.rehearsal.book.material import Material, slug
from trial.rehearsal.book.pages import Pages

# a moment: its timepoint, the occasion there, and the mail about it or the activity
_Moment = tuple[str, int, str]


def beside(material: Material, mails: Mails, pages: Pages, sheets: Mapping[str, Sheet]) -> tuple[Beside, ...]:
    """Each of them once, with every day on which it is the same few sheets."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    for language in material.protocol.languages:
        days, shown = _moments(material, mails, pages, language)
        for moment, by_arm in shown.items():
            if len(set(by_arm.values())) > 1:
                arms = tuple((label, by_arm[arm]) for arm, label in material.arms.items() if arm in by_arm)
                found.setdefault((language, arms), []).append(days[moment])
    return tuple(
        _beside(number, language, arms, when, sheets)
        for number, ((language, arms), when) in enumerate(found.items(), start=1)
    )


def _moments(
    material: Material, mails: Mails, pages: Pages, language: str
) -> tuple[dict[_Moment, str], dict[_Moment, dict[str, str]]]:
    """(its words, and the sheet of each arm) of each moment."""
    days: dict[_Moment, str] = {}
    shown: dict[_Moment, dict[str, str]] = {}
    for arm in material.arms:
        asked: dict[tuple[str, int], int] = {}
        for ask in timetable.asks(material.protocol, arm):
            key = (ask.point.id, ask.occurrence)
            place = asked[key] = asked.get(key, 0) + 1
            for part, id in _parts(mails, pages, ask, arm, language, place):
                moment = (*key, part)
                point = Names(material.folder).point(ask.point)
                day = timetable.one_day(material.protocol, ask)
                days.setdefault(moment, day if day == point else f"{point}, {day}")
                shown.setdefault(moment, {})[arm] = id
    return days, shown


def _parts(
    mails: Mails, pages: Pages, ask: timetable.Ask, arm: str, language: str, place: int
) -> Iterator[tuple[str, str]]:
    """(what it is, its sheet) of an activity and of the mails about it; of two activities the mails come once."""
    point = ask.point
    for number, notice in enumerate(timetable.notices(point), start=0 if point.invitation else 1):
        id = mails.of(Mailing(notice.message, point.id, number, ask.occurrence, arm, language))
        if place == 1 and id:
            yield f"mail {number}", id
    if id := pages.of(ask.activity.id, point.id, ask.occurrence, arm, language):
        yield f"activity {place}", id


def _beside(
    number: int, language: str, arms: tuple[tuple[str, str], ...], when: list[str], sheets: Mapping[str, Sheet]
) -> Beside:
    titles = list(dict.fromkeys(sheets[id].title for _, id in arms))
    days = list(dict.fromkeys(when))
    several = f" and {len(days) - 1} more days" if len(days) > 2 else f" and {days[1]}" if len(days) == 2 else ""
    id = f"beside-{number:03d}-{slug(titles[0])}-{language}"
    return Beside(id, " · ".join(titles), f"{days[0]}{several}", language, arms)
