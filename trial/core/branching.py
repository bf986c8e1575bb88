"""Which items of a questionnaire are asked, where some hang on a rule over what else was answered.

Items are gone through in order. A rule sees what was known before and the answers of items that are asked: of items
without a rule all of them, of items with one those before it. What cannot be decided yet is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trial.core.answers import Asked, read
from trial.core.expressions import Value, parse


def asked_now(
    asked: Sequence[Asked], rules: Mapping[str, str], known: Mapping[str, Value], form: Mapping[str, str]
) -> list[Asked]:
    """The items that are asked of somebody whose form stands so; the answer of any other item counts for nothing."""
    own = {column for one in asked for column in one.columns}  # what was answered another time is no answer to these
    facts = {name: value for name, value in known.items() if name not in own}
    facts |= read((one for one in asked if one.column not in rules), form).closed
    shown = []
    for one in asked:
        if one.column in rules:
            if not parse(rules[one.column]).holds(facts):
                continue
            facts |= read([one], form).closed
        shown.append(one)
    return shown
