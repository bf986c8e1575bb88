"""What the parts of a protocol are called in its document."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from reports.labels import Labels, plain
from reports.methods import listed
from reports.protocol_document import rules
from reports.variables import LANGUAGE, score
from trial.core.protocol import Activity, Arm, Timepoint
from trial.core.safety import WORSE
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder

KINDS = {
    "questionnaire": "questions",
    "writing": "writing",
    "reading": "reading",
    "recall": "fill-in cards",
    "timed_practice": "practice with a clock",
    "dialogue": "dialogue in writing",
    "checklist": "checklist",
}
COUNTS = {
    "exercises_done": "exercises done",
    "questionnaires_done": "questionnaires done",
    "cards_due": "cards due",
}
_LONGEST_NAME = 60
_ABOUT = re.compile(r"\s*\((?:our own|not validated)[^)]*\)|,\s*\d+ items$")


@dataclass(frozen=True, slots=True)
class Names:
    """The protocol's words, in the language of documents.

    `outside`: the data were collected elsewhere, so nothing is said of what this software would have done.
    """

    folder: ProtocolFolder
    outside: bool = False

    @property
    def labels(self) -> Labels:
        return Labels(self.folder)

    def point(self, point: Timepoint) -> str:
        return say(point.label, LANGUAGE)

    def arm(self, arm: Arm) -> str:
        return say(arm.label, LANGUAGE)

    def activity(self, activity: Activity) -> str:
        return say(activity.title, LANGUAGE)

    def kind(self, activity: Activity) -> str:
        return KINDS[activity.type]

    def instrument(self, code: str) -> str:
        """The instrument's name without what stands beside it."""
        name = _ABOUT.sub("", self.folder.instruments[code].name)
        return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"

    def some_arms(self, arms: Collection[str]) -> str:
        """`Letter and Memory`; `every arm` where none is missing or none is named."""
        every = self.folder.protocol.arms
        if not arms or len(set(arms)) == len(every):
            return "every arm" if len(every) > 1 else "everyone"
        return listed([self.arm(one) for one in every if one.id in arms])

    def rule(self, rule: str) -> str:
        """A rule in words."""
        return rules.in_words(rule, self._named)

    def _named(self, name: str) -> str:
        if name in COUNTS:
            return COUNTS[name]
        scored = name.removesuffix(WORSE)
        if scored != name and score(self.folder, scored):  # an item may be called `worse` too
            return f"reliable worsening of {self.labels.variable(scored)}"
        return f"“{self.labels.variable(name)}”" if self.labels.variable(name) != plain(name) else plain(name)
