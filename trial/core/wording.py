"""Whose words a trial's questions are in: which scales still show topics, and in which languages the others are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trial.core import languages
from trial.core.findings import Finding, walk
from trial.core.instruments import Instrument


def find(tree: Any, instruments: Mapping[str, Any]) -> Iterator[Finding]:
    """Every scale whose official wording is not written in every language of the protocol."""
    declared = languages.of(tree)
    for path, code in walk(tree, "instruments.*"):
        instrument = instruments.get(code) if isinstance(code, str) else None
        if not isinstance(instrument, Mapping) or instrument.get("wording") != "official":
            continue
        texts = [words for _, words in walk(instrument, "items.*.words") if isinstance(words, Mapping)]
        written = {str(language) for words in texts for language in words}
        for language in declared:
            if language not in written:
                what = f"the official wording of {code!r} is not written in {language!r}."
                yield Finding(path, what, f"Fill it in: {fill_command(str(code), language)}")


def topics_only(instruments: Mapping[str, Instrument]) -> list[str]:
    """The codes of the scales that show short topics in place of their official wording."""
    return sorted(code for code, one in instruments.items() if one.wording == "topics")


def fill_command(code: str, language: str | None = None) -> str:
    """How to mend it, as a person types it."""
    more = f" --language {language}" if language else ""
    return f"equipoise instruments fill {code} --from FILE --protocol DIR{more}"


def mends(codes: list[str], instruments: Mapping[str, Instrument]) -> list[str]:
    """A line for each scale and one for its command."""
    return [line for code in codes for line in (f"  {instruments[code].name}", f"    {fill_command(code)}")]
