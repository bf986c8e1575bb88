"""The policy table: each part of a protocol, its chapter, the class of a change to it, and what that change means.

Every field of every model stands here by its path, `*` for any entry of a list; `.words` is the Markdown text that a
field names. A test walks the models: a field without a row fails. Where a rule looks at more than the path, it stands
below the rows (SPELLING, STOPPED, ORDER_COUNTS).
"""

from __future__ import annotations

from dataclasses import dataclass

from trial.core.amendment import rows_conduct, rows_joining, rows_trial
from trial.core.amendment.changes import ChangeClass, Chapter
from trial.core.amendment.rows import Group


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    pattern: str
    chapter: Chapter
    change_class: ChangeClass
    meaning: str


GROUPS: tuple[Group, ...] = (*rows_trial.GROUPS, *rows_joining.GROUPS, *rows_conduct.GROUPS)
POLICY: dict[str, Rule] = {
    pattern: Rule(pattern, group.chapter, change_class, meaning)
    for group in GROUPS
    for change_class, patterns, meaning in group.patterns()
    for pattern in patterns
}

# words that differ by a slip of the pen alone, or by layout, are a correction wherever they stand
SPELLING = "Only the spelling, the punctuation or the layout of the words changes."
# an exercise that is taken out reaches everyone at once
STOPPED = "An exercise is stopped: nobody is asked to do it any more, and everybody is told."
# elsewhere the order of a list changes nothing but the file
ORDER_COUNTS = frozenset({
    "arms", "allocation.strata", "allocation.strata.*.levels",
    "stages.*.arms", "stages.*.allocation.strata", "stages.*.allocation.strata.*.levels",
    "activities.*.prompts", "activities.*.cards", "activities.*.voices", "activities.*.items",
    "instrument.items", "instrument.items.*.choices",
    "instrument.response.choices", "instrument.responses.*.choices",
})  # fmt: skip
ORDER = "The entries stand in another order; what they say stays as it is."


def table() -> list[str]:
    """The whole policy as lines of Markdown, chapter by chapter, as the guide prints it."""
    lines: list[str] = []
    for chapter in Chapter:
        lines += ["", f"### {chapter.value}", "", "| part | class | what a change means |", "|---|---|---|"]
        for group in GROUPS:
            if group.chapter is chapter:
                lines += [
                    f"| {', '.join(f'`{one}`' for one in patterns)} | {change_class.words} | {meaning} |"
                    for change_class, patterns, meaning in group.patterns()
                ]
    return lines[1:]
