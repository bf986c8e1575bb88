"""Official wording laid beside an instrument's key: every item once, in order, on answers that run the same way.

The key scores by item, so wording that is one line out spoils a trial without anybody noticing. Whatever does not fit
is a mistake at a place; nothing is guessed and nothing half taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

from trial.core.instruments import Choice, Instrument, Item
from trial.core.texts import say

LONGEST = 1000


class Option(NamedTuple):
    """One answer as the file has it: the number that is stored and its words."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Written:
    """One question of a file: `mark` is its number or name in the scale, `place` a line or an id to find it by."""

    text: str
    mark: str | None = None
    line: int | None = None
    place: str = ""
    options: tuple[Option, ...] = ()


class Misfit(NamedTuple):
    """What does not fit the key, at a line of the file (or nowhere in it), and how to mend it."""

    line: int | None
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """Wording by item id, and the words of the answers by value where the file has them."""

    words: dict[int | str, str]
    answers: dict[int, str]


def fit(written: list[Written], instrument: Instrument) -> tuple[Fitted | None, list[Misfit]]:
    """(wording, misfits): wording only where nothing at all is wrong."""
    places, misfits = _places(written, instrument)
    misfits += chain(
        _texts(written),
        _twice(written, places, instrument),
        _only_topics(written, places, instrument),
        _answers(written, places, instrument),
    )
    if misfits:
        return None, misfits
    items = [instrument.items[place] for place in places]
    words: dict[int | str, str] = {item.id: one.text for item, one in zip(items, written, strict=True)}
    return Fitted(words, _labels(written, instrument)), []


def _places(written: list[Written], instrument: Instrument) -> tuple[list[int], list[Misfit]]:
    """The place in the key of each question, where all can be told."""
    count, have = len(instrument.items), len(written)
    marked = [one for one in written if one.mark is not None]
    if not written:
        return [], [Misfit(None, "no item was found in it.", "See docs/guide-instruments.md for what is read.")]
    if not marked and have == count:
        return list(range(count)), []
    if not marked:
        what = f"it holds {have} items, the key has {count}."
        return [], [Misfit(written[-1].line, what, "Give each its number: that shows which is missing or too many.")]
    if len(marked) < have:
        return [], [
            Misfit(one.line, f"{_name(one)} has no number, and others have one.", "Number every item, or none.")
            for one in written
            if one.mark is None
        ]
    return _by_number(written, instrument)


def _by_number(written: list[Written], instrument: Instrument) -> tuple[list[int], list[Misfit]]:
    known = {str(item.id): place for place, item in enumerate(instrument.items)}
    if not any(isinstance(item.id, int) for item in instrument.items):
        known |= {str(place + 1): place for place in range(len(instrument.items))}
    places: list[int] = []
    first: dict[int, Written] = {}
    misfits: list[Misfit] = []
    for one in written:
        place = known.get(str(one.mark))
        if place is None:
            what = f"the key has no item {str(one.mark)[:40]!r}; it has {len(instrument.items)} items."
            misfits.append(Misfit(one.line, what, "Take it out, or mend its number."))
        elif place in first:
            what = f"item {one.mark} stands here a second time; the first is {_at(first[place])}."
            misfits.append(Misfit(one.line, what, "Keep one of the two."))
        else:
            first[place] = one
            places.append(place)
    for place, item in enumerate(instrument.items):
        if place not in first:
            topic = next(iter(item.topic.values()))
            misfits.append(
                Misfit(None, f"item {item.id} ({topic}) is missing.", "Add it: a key fits whole scales only.")
            )
    for before, after in pairwise(places):
        if after < before:
            items = instrument.items
            what = f"item {items[after].id} stands after item {items[before].id}."
            misfits.append(Misfit(first[after].line, what, "Put the items in the printed order; answers depend on it."))
            break
    return places, misfits


def _texts(written: list[Written]) -> Iterator[Misfit]:
    for one in written:
        if not one.text.strip():
            yield Misfit(one.line, f"{_name(one)} has no words.", "Write its official wording.")
        elif len(one.text) > LONGEST:
            yield Misfit(one.line, f"{_name(one)} is longer than {LONGEST} characters.", "Keep the item alone.")


def _twice(written: list[Written], places: list[int], instrument: Instrument) -> Iterator[Misfit]:
    """Two items share their words only where they share their topic, as follow-up questions do."""
    seen: dict[str, tuple[Written, Item]] = {}
    for one, place in zip(written, places, strict=False) if len(places) == len(written) else ():
        item = instrument.items[place]
        plain = " ".join(one.text.casefold().split())
        before, other = seen.setdefault(plain, (one, item))
        if plain and before is not one and other.topic != item.topic:
            yield Misfit(one.line, f"{_name(one)} has the words of {_name(before)}.", "Give each item its own.")


def _only_topics(written: list[Written], places: list[int], instrument: Instrument) -> Iterator[Misfit]:
    """The short labels of the key are no wording, however often somebody copies them."""
    if len(places) != len(written):
        return
    same = [
        one for one, place in zip(written, places, strict=True) if one.text in instrument.items[place].topic.values()
    ]
    if same and 2 * len(same) > len(written):
        what = "these are the short topics of the key, not the official wording."
        yield Misfit(same[0].line, what, "Get the scale from its source, which `instruments show` names.")


def _answers(written: list[Written], places: list[int], instrument: Instrument) -> Iterator[Misfit]:
    """Answers on another range, the other way round, or turned for single items: the key would score them wrongly."""
    if len(places) != len(written):
        return
    first: dict[str, Written] = {}
    for one, place in zip(written, places, strict=True):
        item = instrument.items[place]
        response = instrument.response_of(item)
        if not one.options or response is None:
            continue
        found = _range(one, response.choices) or _turned(one, response.choices, first.get(item.response or ""))
        if found:
            yield found
        first.setdefault(item.response or "", one)


def _range(one: Written, choices: list[Choice]) -> Misfit | None:
    asked = [str(choice.value) for choice in choices]
    given = [option.value for option in one.options]
    if sorted(asked) == sorted(given):
        return None
    what = f"{_name(one)} has the answers {', '.join(given)[:60]}; the key has {', '.join(asked)}."
    return Misfit(one.line, what, "Number the answers as the key does, or give the items alone.")


def _turned(one: Written, choices: list[Choice], first: Written | None) -> Misfit | None:
    by_value = {option.value: option.label for option in one.options}
    if first is not None and by_value != (other := {option.value: option.label for option in first.options}):
        if list(_in_order(by_value)) == list(_in_order(other))[::-1]:
            what = f"the answers of {_name(one)} run the other way than those of {_name(first)}."
            return Misfit(one.line, what, "The key reverses this item itself: number its answers like the others'.")
        return Misfit(one.line, f"{_name(one)} has other answers than {_name(first)}.", "A scale shares its answers.")
    lowest, highest = str(choices[0].value), str(choices[-1].value)
    key = _direction(say(choices[0].label, "en"), say(choices[-1].label, "en"))
    if key and (given := _direction(by_value[lowest], by_value[highest])) and given != key:
        what = f"the answers run the other way: {lowest} is {by_value[lowest][:40]!r} here."
        mend = f"In the key {lowest} is {say(choices[0].label, 'en')!r}. Number the answers as the key does."
        return Misfit(one.line, what, mend)
    return None


def _in_order(by_value: dict[str, str]) -> Iterator[str]:
    return (by_value[value] for value in sorted(by_value, key=lambda one: (len(one.lstrip("-")), one)))


_LOW = re.compile(r"\b(no|not|never|none|rarely|hardly|seldom|disagree|untrue|least|little|false)\b", re.IGNORECASE)
_HIGH = re.compile(
    r"\b(always|often|agree|very|extremely|every|most|completely|entirely|fully|true|all|definitely)\b", re.IGNORECASE
)


def _direction(lowest: str, highest: str) -> int:
    """1 where the number grows with the meaning, -1 where it falls, 0 where the words do not tell."""
    low, high = _end(lowest), _end(highest)
    return high if low * high < 0 else 0


def _end(label: str) -> int:
    return -1 if _LOW.search(label) else 1 if _HIGH.search(label) else 0


def _labels(written: list[Written], instrument: Instrument) -> dict[int, str]:
    """The words of the answers, where the scale has one response scale and the file has words for it."""
    options = next((one.options for one in written if one.options), ())
    if instrument.response is None or instrument.responses or not all(option.label for option in options):
        return {}
    return {int(option.value): option.label for option in options if option.value.lstrip("-").isdigit()}


def _name(one: Written) -> str:
    return one.place or (f"item {one.mark}" if one.mark is not None else f"{one.text[:30]!r}")


def _at(one: Written) -> str:
    return f"on line {one.line}" if one.line is not None else _name(one)
