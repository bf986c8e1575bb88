"""What codes are called in a report: the protocol's own labels, and words for the codes of the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.variables import LANGUAGE, variable
from trial.core.protocol.design import ArmKind
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder

STAGES = {
    "not_eligible": "Not meeting the criteria",
    "declined": "Declined to take part",
    "address_not_confirmed": "E-mail address never confirmed",
    "consent_not_given": "Consent page not answered",
    "baseline_not_finished": "Baseline not finished",
    "held": "Still held for a person to look at",
    "refused": "Held, looked at and refused",
    "recruitment_closed": "Came after the last place was taken",
}
REASONS = {
    "withdrew": "withdrew from the trial",
    "address_bounced": "e-mail address bounced",
    "no_answer": "did not answer",
    "data_withdrawn": "took their answers back",
    "score_incomplete": "too few items answered for a score",
    "no_row": "no row in the data file",
    "no_value": "no value in the data file",
    "stopped": "stopped before doing enough",
    "too_few_done": "did too few exercises",
    "answered_late": "answered after the window",
    "model_impossible": "model could not be fitted",
    "no_time": "no time",
    "too_long": "took too long",
    "upset_me": "found it upsetting",
    "not_helping": "not helping",
    "did_not_arrive": "mails did not arrive",
    "other": "another reason",
    "not_said": "reason not given",
    "unsubscribed": "ended the mails by the button of the mail program",
}
STATES = {
    "accepted": "Accepted by the mail server",
    "bounced": "Bounced",
    "failed": "Failed after every attempt",
    "unknown": "Outcome unknown",
    "skipped_late": "Skipped: too late to be useful",
    "suppressed": "Not needed any more",
    "held": "Held while the trial paused",
}
WAITING = "Not sent when the data were frozen"
SUPPRESSED = {
    "already_answered": "already answered",
    "stopped": "participant had stopped",
    "window_closed": "window had closed",
    "trial_over": "trial was over",
    "paused": "participant had paused",
    "trial_paused": "trial was paused",
    "address_bounced": "address had bounced",
}
STREAMS = {"exercises": "Exercises", "questionnaires": "Questionnaires", "service": "Service"}
KINDS: dict[ArmKind, str] = {
    "experimental": "experimental",
    "active": "active comparator",
    "attention_control": "attention control",
    "waitlist": "waiting list",
    "no_treatment": "no treatment",
}


# a label of a timepoint that begins so needs no "at" before it
_PREPOSITIONS = frozenset({"after", "before", "at", "on", "in", "during", "within", "since", "until"})
# how the flow diagram says that somebody got, or did not get, what the arm of its kind gets
RECEIVED = {
    "waitlist": ("Waited, as allocated", "Did not wait"),
    "no_treatment": ("Got no exercises, as allocated", "Otherwise than allocated"),
}
SIGNALS = {
    "no_proof": "no proof of work",
    "honeypot": "filled in a hidden field",
    "fast": "faster than reading",
    "burst": "came in a crowd",
    "disposable_domain": "throw-away address",
    "inconsistent": "answers that do not agree",
    "seen_before": "tried before",
}


def signals(code: str) -> str:
    """Everything that looked odd about one person: `no_proof+fast`."""
    return ", ".join(SIGNALS.get(one, plain(one)) for one in code.split("+"))


def plain(code: str) -> str:
    """A code that nothing names, as words."""
    return code.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Labels:
    """The protocol's words, in the language of reports."""

    folder: ProtocolFolder

    @property
    def arms(self) -> list[str]:
        return [arm.id for arm in self.folder.protocol.arms]

    def arm(self, arm: str) -> str:
        if arm == "not_randomised":
            return f"Not {self.joined}"
        return say(self.folder.protocol.arm(arm).label, LANGUAGE)

    def received(self, arm: str) -> tuple[str, str]:
        """Having got what is allocated to an arm, and not having got it."""
        kind = self.folder.protocol.arm(arm).kind
        return RECEIVED.get(kind, ("Received the exercises", "Did not receive them"))

    @property
    def some_without_exercises(self) -> bool:
        """Whether an arm waits or gets nothing."""
        return any(arm.kind in RECEIVED for arm in self.folder.protocol.arms)

    def outcome(self, outcome: str) -> str:
        return say(self.folder.protocol.outcome(outcome).label, LANGUAGE)

    def timepoint(self, timepoint: str) -> str:
        return say(self.folder.protocol.timepoint(timepoint).label, LANGUAGE)

    def at(self, timepoint: str) -> str:
        """`at 1 month`; `after thirty practices` where the label says so by itself; `at “Last questions”` of a name."""
        label = self.timepoint(timepoint)
        first, _, rest = label.partition(" ")
        if rest and first.lower() in _PREPOSITIONS:
            return f"{first.lower()} {rest}"
        return f"at {label}" if any(letter.isdigit() for letter in label) else f"at “{label}”"

    def measured(self, name: str) -> str:
        """A variable as the head of a row, with its unit: `Age (years)` for the question that asks for it."""
        found = variable(self.folder, name)
        label = "Age" if self._is_age(name) else self.variable(name)
        return f"{label} ({found.unit})" if found and found.unit else label

    def covariate(self, name: str) -> str:
        """A variable within a sentence: `age`, and the question that asks for it in quotation marks."""
        label = "age" if self._is_age(name) else self.variable(name)
        return f"“{label}”" if label.endswith("?") else label

    def _is_age(self, name: str) -> bool:
        asked, found = self.folder.protocol.eligibility.age, variable(self.folder, name)
        return bool(asked and asked.question == name and found and found.kind == "number")

    def day(self, timepoint: str) -> int | None:
        """The timepoint's first day after randomisation; None for the baseline."""
        point = self.folder.protocol.timepoint(timepoint)
        return None if point.anchor == "consent" else min(point.days)

    def in_time(self, timepoints: set[str]) -> list[str]:
        return [point.id for point in self.folder.protocol.in_time if point.id in timepoints]

    def in_order(self, estimates: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Estimates by contrast as the plan has them first, the primary before all, then by outcome and in time.

        Where analyses wait for one another the order of the plan is their rule, and stays.
        """
        found, protocol = list(estimates), self.folder.protocol
        contrasts = list(dict.fromkeys(self.compared(one) for one in found))
        family = protocol.analysis.secondary
        if family is not None and family.multiplicity in ("fixed_sequence", "graph"):
            return sorted(found, key=lambda one: contrasts.index(self.compared(one)))
        outcomes, times = ([one.id for one in its] for its in (protocol.outcomes, protocol.in_time))

        def place(one: Mapping[str, Any]) -> tuple[int, bool, int, int]:
            at = (outcomes.index(one["outcome"]), times.index(one["timepoint"]))
            return contrasts.index(self.compared(one)), one["analysis"] != "primary", *at

        return sorted(found, key=place)

    def criterion(self, criterion: str) -> str:
        for one in self.folder.protocol.eligibility.criteria:
            if one.id == criterion:
                return say(one.reason, LANGUAGE)
        return plain(criterion) or REASONS["not_said"]

    def variable(self, name: str) -> str:
        found = variable(self.folder, name)
        return found.label if found else plain(name)

    def levels(self, name: str) -> list[str]:
        """The levels of a variable, in the order of the protocol."""
        found = variable(self.folder, name)
        return [level for level, _ in found.levels] if found else []

    def level(self, name: str, level: str) -> str:
        found = variable(self.folder, name)
        return dict(found.levels).get(level, level) if found else level

    def contrast(self, contrast: list[str]) -> str:
        return self.compared({"contrast": contrast})

    def compared(self, one: Mapping[str, Any], than: str = "minus") -> str:
        """What an analysis compares: arms, the levels of a factor, or the effects of one at both levels of another."""
        names = one.get("factors")
        if not names and len(one["contrast"]) > 1:
            return f" {than} ".join(self.arm(arm) for arm in one["contrast"])
        if not names:
            return f"{self.arm(one['contrast'][0])}: change since the start"
        if len(names) > 1:
            return f"Interaction: {' × '.join(self.factor(name) for name in names)}"
        level, reference = self._levels(one)
        return f"{self.factor(names[0])}: {level} {than} {reference}"

    def pair(self, one: Mapping[str, Any]) -> tuple[str, str]:
        """What stands on both sides of a comparison of two."""
        if not one.get("factors"):
            return self.arm(one["contrast"][0]), self.arm(one["contrast"][1])
        factor = self.factor(one["factors"][0])
        level, reference = self._levels(one)
        return f"“{factor}: {level}”", f"“{factor}: {reference}”"

    def factor(self, factor: str) -> str:
        """The label of a factor of the design."""
        return next(say(one.label, LANGUAGE) for one in self.folder.protocol.design.factors if one.id == factor)

    def _levels(self, one: Mapping[str, Any]) -> tuple[str, str]:
        first, second = (self.folder.protocol.arm(arm).factors[one["factors"][0]] for arm in one["contrast"])
        return plain(first), plain(second)

    @property
    def single(self) -> bool:
        """Whether there is one arm only: nobody was randomised, and nothing is compared."""
        return self.folder.protocol.design.type == "single_arm"

    @property
    def joined(self) -> str:
        """What happened to those who are in."""
        return "enrolled" if self.single else "randomised"


def reason(code: str) -> str:
    """Why somebody was lost, stopped or left out."""
    return REASONS.get(code) or plain(code)


def sentence(text: str) -> str:
    """The text with a capital."""
    return text[:1].upper() + text[1:]
