"""The pages of a questionnaire, and the order of its items where the protocol lets it be drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from trial.core.answers import Asked
from trial.core.instruments import Instrument


def pages_of(asked: Sequence[Asked], instruments: Sequence[Instrument], layout: str) -> list[list[Asked]]:
    """The items page by page: all on one, an instrument each, or a question each with the words before it."""
    if layout == "instrument":
        owner = {one.column(item): one.code for one in instruments for item in one.items}
        return [list(items) for _, items in groupby(asked, key=lambda one: owner[one.column])]
    if layout == "item":
        return _one_by_one(asked)
    return [list(asked)] if asked else []


def _one_by_one(asked: Sequence[Asked]) -> list[list[Asked]]:
    pages: list[list[Asked]] = []
    words: list[Asked] = []
    for one in asked:
        words.append(one)
        if one.item.type != "info":
            pages.append(words)
            words = []
    return [*pages, words] if words else pages


def in_drawn_order(asked: Sequence[Asked], draw: Callable[[str], bytes]) -> list[Asked]:
    """The items of one instrument in the order of their draws; words between items keep their places."""
    drawn = iter(sorted((one for one in asked if one.item.type != "info"), key=lambda one: draw(one.column)))
    return [one if one.item.type == "info" else next(drawn) for one in asked]
