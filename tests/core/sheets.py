"""Any answer sheet of any shipped instrument, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from trial.core.instruments import Instrument, Item
from trial.protocol_files import shipped_instruments

LIBRARY = shipped_instruments()
Sheet = dict[int | str, float | None]


def scored() -> list[Instrument]:
    return [one for one in LIBRARY.values() if one.scores]


def answers_to(instrument: Instrument, item: Item) -> list[float]:
    """The numbers that a person can answer with; none for words and for choices that are no numbers."""
    if item.type == "yes_no":
        return [0.0, 1.0]
    if item.type == "number":
        return [float(item.minimum or 0), float(item.maximum or 100)]
    return [float(one.value) for one in instrument.choices_of(item)] if item.type == "scale" else []


@st.composite
def sheets(draw: st.DrawFn, gaps: bool = True) -> tuple[Instrument, Sheet]:
    """A shipped instrument and one sheet of it; where there are gaps, there are few or many."""
    instrument = draw(st.sampled_from(scored()))
    left_out = draw(st.sampled_from([0.0, 0.05, 0.5])) if gaps else 0.0
    answers: Sheet = {}
    for item in instrument.items:
        values = answers_to(instrument, item)
        gap = not values or draw(st.floats(0, 1)) < left_out
        answers[item.id] = None if gap else draw(st.sampled_from(values))
    return instrument, answers
