"""Whether the question which arm people think they are in can be counted: its item, its answers, its arms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trial.core.findings import Finding, Path, shown, texts_at, unknown, walk

_AT: Path = ("analysis", "allocation_guess")


def find(tree: Any, instruments: Mapping[str, Any]) -> Iterator[Finding]:
    """Every mistake of `analysis.allocation_guess`; ids of instruments and arms are checked with all others."""
    for path, guess in walk(tree, "analysis.allocation_guess"):
        if not isinstance(guess, Mapping):
            continue
        if len(list(walk(tree, "arms.*"))) == 1:
            yield Finding(path, "in a single arm there is nothing to guess.", "Take it out.")
        yield from _right_twice(guess)
        code = guess.get("instrument")
        instrument = instruments.get(code) if isinstance(code, str) else None
        if instrument is not None:
            yield from _asked_later(tree, str(code))
            yield from _item(guess, instrument)


def _asked_later(tree: Any, code: str) -> Iterator[Finding]:
    """It has to be asked after randomisation: before it there is no arm to guess."""
    holding = {
        str(one.get("id"))
        for _, one in walk(tree, "activities.*")
        if isinstance(one, Mapping) and code in texts_at(one, "instruments.*")
    }
    later = [
        one for _, one in walk(tree, "timepoints.*") if isinstance(one, Mapping) and one.get("anchor") != "consent"
    ]
    if not any(holding & set(texts_at(one, "activities.*")) for one in later):
        what = f"{shown(code)} is never asked after randomisation."
        yield Finding((*_AT, "instrument"), what, "Add it to a questionnaire before the primary outcome.")


def _right_twice(guess: Mapping[str, Any]) -> Iterator[Finding]:
    seen: dict[str, Any] = {}
    for path, arm in walk(guess, "right.*.arms.*"):
        if isinstance(arm, str) and seen.setdefault(arm, path[:2]) != path[:2]:
            what = f"two answers are right for {shown(arm)}, and so none can be wrong."
            yield Finding((*_AT, *path), what, "Name each arm under one answer.")


def _item(guess: Mapping[str, Any], instrument: Any) -> Iterator[Finding]:
    items = {one["id"]: one for _, one in walk(instrument, "items.*") if isinstance(one, Mapping) and "id" in one}
    name = guess.get("item")
    if not isinstance(name, str | int) or name not in items:
        known = (str(each) for each in items)
        yield unknown((*_AT, "item"), name, known, f"item of {guess.get('instrument')!r}")
        return
    if items[name].get("type") != "choice":
        yield Finding((*_AT, "item"), f"{shown(name)} is no item of type `choice`.", "Ask for one of several answers.")
        return
    answers = [value for _, value in walk(items[name], "choices.*.value")]
    for path, answer in walk(guess, "right.*.answer"):
        if answer not in answers:
            yield unknown((*_AT, *path), answer, map(str, answers), f"answer of {shown(name)}")
