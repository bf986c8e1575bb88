"""The numbers of the profile that a finding hangs on, in words, each with where it is from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trial.core.rehearsed import Assumption
from trial.rehearsal.figures import Sourced
from trial.rehearsal.profile_file import ProfileFile

LOST = "lost"
ANSWERS = "answers"
APART = "apart"


def assumptions(profile: ProfileFile, names: Iterable[str]) -> tuple[Assumption, ...]:
    """Each named habit with its value; `lost` stands for all days by which people are lost, `apart` for how much more
    of the first arm are, where any, `answers` for reliability.

    Names that a profile does not have are left out: they are those of another model of people.
    """
    known = dict(profile.figures)
    return tuple(each for name in names for each in _of(known, name))


def _of(known: dict[str, Sourced], name: str) -> Iterator[Assumption]:
    if name == LOST:
        for key, figure in known.items():
            if key.startswith("lost.by_days."):
                yield _told(key, f"answer nothing any more from day {key.split('.')[2]} on", figure)
    elif name == APART:
        if getattr(known.get("lost.apart"), "value", 0):
            yield _told("lost.apart", "more lost in the first arm of the primary comparison", known["lost.apart"])
    elif name == ANSWERS:
        yield _told("reliability", "reliability of a score", known["reliability"])
    elif f"habits.{name}" in known:
        yield _told(f"habits.{name}", name.replace("_", " "), known[f"habits.{name}"])


def _told(key: str, words: str, figure: Sourced) -> Assumption:
    return Assumption(key, words, _value(figure), figure.tag, figure.source)


def _value(figure: Sourced) -> str:
    value = getattr(figure, "value", None)
    if value is None:
        values = getattr(figure, "values", ())
        return ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in values)
    return f"{100 * value:.3g}%" if isinstance(value, float) else str(value)
