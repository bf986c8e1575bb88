"""Texts compared word by word, and values as a person would write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from pydantic import BaseModel

from trial.core.texts import say

NOTHING = "nothing"
# longer texts are said to be rewritten: comparing them word by word could take minutes
MOST_WORDS = 2000
# up to here every word may anchor the comparison; beyond, words that come often do not, which bounds the work
FEW_WORDS = 400
MOST_PLACES = 5
AROUND = 5
SHORT = 14
LONGEST = 400
_PLACEHOLDER = re.compile(r"\{\{[^{}]{0,80}\}\}")
_SIGNS = re.compile(r"[\d@?<>=%{}]|://|\]\(")
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def excerpts(old: str, new: str) -> tuple[str, str]:
    """(before, after): short texts whole, of longer ones the places that differ, «so», with a few words around."""
    one, two = old.split(), new.split()
    if one == two:
        return "(the same words)", "(the same words, laid out in another way)"
    first, last = _same_ends(one, two)
    if len(one) + len(two) - 2 * (first + last) > MOST_WORDS:
        return f"a text of {len(one)} words", f"a text of {len(two)} words, mostly rewritten"
    places = _joined(_places(one, two, first, last))
    more = f" (and {len(places) - MOST_PLACES} more places)" if len(places) > MOST_PLACES else ""
    shown = places[:MOST_PLACES]
    before = " / ".join(_place(one, i1, i2, whole=len(one) <= SHORT) for i1, i2, _, _ in shown)
    after = " / ".join(_place(two, j1, j2, whole=len(two) <= SHORT) for _, _, j1, j2 in shown)
    return before + more, after + more


def _places(one: list[str], two: list[str], first: int, last: int) -> list[tuple[int, int, int, int]]:
    """Where two lists of words differ: (start, end) in the one, (start, end) in the other."""
    left, right = one[first : len(one) - last], two[first : len(two) - last]
    matcher = SequenceMatcher(None, left, right, autojunk=len(left) + len(right) > FEW_WORDS)
    return [
        (i1 + first, i2 + first, j1 + first, j2 + first)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def _same_ends(one: list[str], two: list[str]) -> tuple[int, int]:
    """How many words are the same from the start, and how many of the rest from the end."""
    shorter = min(len(one), len(two))
    first = next((at for at in range(shorter) if one[at] != two[at]), shorter)
    last = next((at for at in range(shorter - first) if one[-1 - at] != two[-1 - at]), shorter - first)
    return first, last


def _joined(places: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Places so near that their surroundings touch, as one."""
    joined: list[tuple[int, int, int, int]] = []
    for i1, i2, j1, j2 in places:
        if joined and i1 - joined[-1][1] <= AROUND:
            joined[-1] = (joined[-1][0], i2, joined[-1][2], j2)
        else:
            joined.append((i1, i2, j1, j2))
    return joined


def _place(words: list[str], start: int, end: int, *, whole: bool) -> str:
    around = len(words) if whole else AROUND
    first, last = max(0, start - around), min(len(words), end + around)
    changed = [f"«{_cut(' '.join(words[start:end]))}»"] if end > start else []
    parts = [*words[first:start], *changed, *words[end:last]]
    return ("… " if first else "") + " ".join(parts) + (" …" if last < len(words) else "")


def is_spelling(old: str, new: str) -> bool:
    """Whether two texts differ by layout, punctuation or slips of the pen alone.

    A slip is one letter more, less, other, or two that changed places, in a word of five letters or more that keeps
    its first letter. Numbers and what stands in {{ }} or in a link are never a slip.
    """
    if _kept(old) != _kept(new):
        return False
    one, two = _WORD.findall(old), _WORD.findall(new)
    return len(one) == len(two) and all(a == b or _slip(a, b) for a, b in zip(one, two, strict=True))


def _kept(text: str) -> list[str]:
    """What must not differ: placeholders, and words with numbers, addresses, links, questions or signs."""
    return _PLACEHOLDER.findall(text) + [word for word in text.split() if _SIGNS.search(word)]


def _slip(a: str, b: str) -> bool:
    if min(len(a), len(b)) < 5 or a[0].casefold() != b[0].casefold():
        return a.casefold() == b.casefold()
    if a.casefold() == b.casefold():
        return True
    first, last = _same_ends(list(a), list(b))
    left, right = a[first : len(a) - last], b[first : len(b) - last]
    return max(len(left), len(right)) == 1 or (len(left) == 2 and left == right[::-1])


def shown(value: Any, *, choice: bool = False) -> str:
    """A value in words; `choice` marks one of a few words, whose underscores are blanks."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, BaseModel):
        return _cut(_described(value))
    if isinstance(value, Mapping):
        return _cut(", ".join(f"{key}: {shown(one)}" for key, one in value.items()) or "none")
    if isinstance(value, list | tuple):
        return _cut(", ".join(shown(one, choice=choice) for one in value) or "none")
    text = " ".join(str(value).split())
    return text.replace("_", " ") if choice else _cut(text)


def _described(part: BaseModel) -> str:
    """What a part says where it says more than its defaults."""
    named: list[str] = []
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if value == field.get_default(call_default_factory=True, validated_data={}) and not field.is_required():
            continue
        text = say(value, "en") if isinstance(value, dict) and value and _is_text(value) else shown(value)
        named.append(f"{name.replace('_', ' ')}: {text}")
    return "; ".join(named)


def _is_text(value: Mapping[Any, Any]) -> bool:
    return all(isinstance(one, str) for one in value.values())


def printable(text: str) -> str:
    """The text without what would move a terminal's cursor or hide a character."""
    return "".join(one if one.isprintable() else "\ufffd" for one in text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + " …"
