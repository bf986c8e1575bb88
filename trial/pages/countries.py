"""Countries by name, in somebody's own language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from trial.pages.translations import locale_of

# two letters that Babel knows and that are no country: unions, currencies' areas, tests and the unknown
_NONE = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AN"})


@lru_cache(maxsize=32)
def names(language: str) -> dict[str, str]:
    """Code to name, in the order of the names."""
    known = locale_of(language).territories
    found = {code: str(name) for code, name in known.items() if len(code) == 2 and code.isalpha() and code not in _NONE}
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))


def named(codes: Iterable[str], language: str) -> tuple[tuple[str, str], ...]:
    """These countries as (code, name), in the order of the names."""
    wanted = set(codes)
    return tuple((code, name) for code, name in names(language).items() if code in wanted)
