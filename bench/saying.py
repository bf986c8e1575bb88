"""How a benchmark says its figures: one JSON line for a machine, one plain sentence for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from statistics import median


def say(name: str, figures: Mapping[str, object], sentence: str) -> None:
    """Print the JSON line, with the sentence in it, and the sentence again as the last line."""
    print(json.dumps({"bench": name, **figures, "sentence": sentence}), flush=True)
    print(sentence, flush=True)


def middle(values: Sequence[float], digits: int = 2) -> float:
    """The median, rounded: one slow run on a shared machine does not move it."""
    return round(median(values), digits)
