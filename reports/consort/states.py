"""Whether a report has what an item of a checklist asks for: one small question each, over results and protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reports.labels import Labels
from reports.methods import listed
from reports.numbers import count, percent
from reports.plan_history import in_short
from reports.protocol_document.gaps import to_write
from trial.core.protocol import Intervention

Kind = Literal["filled", "waits", "person", "not_applicable", "not_recorded"]


@dataclass(frozen=True, slots=True)
class State:
    """`filled`; `waits` for a key of the protocol; `person`: nobody else can write it; or it does not apply; or the
    record does not hold it. `note` says which key, what to write, why not."""

    kind: Kind
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the questions are asked of."""

    results: Mapping[str, Any]
    labels: Labels

    @property
    def protocol(self) -> Any:
        return self.labels.folder.protocol

    @property
    def outside(self) -> bool:
        return bool(self.results["trial"]["kind"] == "outside")


Question = Callable[[Facts], State]
FILLED = State("filled")
OUTSIDE = State("not_recorded", "The data were collected elsewhere, and the file does not hold it.")
ALIKE = "Mails have the same subjects, sender and times wherever the arms share a timepoint"
NOBODY_DELIVERS = "Nobody delivers it: mails and pages come from the software."


def filled(_: Facts) -> State:
    """Every report has it."""
    return FILLED


def recorded(facts: Facts) -> State:
    """Every report of a trial that was run here has it."""
    return OUTSIDE if facts.outside else FILLED


def person(hint: str) -> Question:
    """Only a person can write it."""
    return lambda _: State("person", hint)


def stated(key: str) -> Question:
    """There once the protocol says it under `administrative` or at its top, as in `administrative.funder`."""

    def ask(facts: Facts) -> State:
        value = facts.protocol
        for part in key.split("."):
            value = getattr(value, part)
        return waiting(f"{key} in the protocol", value) if to_write(value) else FILLED

    return ask


def waiting(where: str, value: object) -> State:
    """What is still to be written: all of it, or what a note to the team asks for."""
    return State("waits", f"{where}, in the place of a note to the team" if value else where)


def objectives(facts: Facts) -> State:
    """What the trial is to find out; of data from elsewhere, a person says which harms were feared."""
    if facts.outside:
        return State("person", "What the analysis is to find out stands there; say which harms were looked for.")
    return FILLED


def title(facts: Facts) -> State:
    """Whether the title itself says that chance decided."""
    if "random" in facts.results["trial"]["title"].lower():
        return FILLED
    return State("filled", "The line under the title says it; let the title of the paper say it too.")


def interests(facts: Facts) -> State:
    """Everybody with a part in the trial has made a statement."""
    people = facts.protocol.administrative.people
    silent = [one.name for one in people if not one.interests]
    if not people:
        return State("waits", "administrative.people, with the key interests of each")
    return State("waits", f"interests of {listed(silent)}, in administrative.people") if silent else FILLED


def changes(facts: Facts) -> State:
    """Amendments and deviations came with the frozen record."""
    if facts.outside:
        return OUTSIDE
    if facts.results.get("conduct") is None:
        return State("not_recorded", "The record was frozen by a version that kept no list of amendments.")
    return dated(facts)


def dated(facts: Facts) -> State:
    """What was analysed, with what amendments did to the plan, and when, as far as the record tells."""
    return FILLED if facts.outside else State("filled", in_short(facts.results))


def guided(facts: Facts) -> bool:
    """Whether a person has a hand in delivering any arm."""
    return any(arm.guided for arm in facts.protocol.arms)


def run_here(facts: Facts) -> bool:
    """Whether this software ran the trial, online and with what people say of themselves."""
    return not facts.outside


def deliverers(facts: Facts) -> State:
    """Who delivers, where anybody does."""
    if facts.outside and not guided(facts):
        return OUTSIDE
    if not guided(facts):
        return State("not_applicable", NOBODY_DELIVERS)
    silent = [
        arm.id
        for arm in facts.protocol.arms
        if arm.guided and to_write((arm.intervention or Intervention()).provided_by)
    ]
    return State("waits", f"arms: intervention (provided_by) of {listed(silent)}") if silent else FILLED


def of_guides(hint: str) -> Question:
    """For a person to write where somebody delivers."""

    def ask(facts: Facts) -> State:
        if guided(facts):
            return State("person", hint)
        return OUTSIDE if facts.outside else State("not_applicable", NOBODY_DELIVERS)

    return ask


def alike(facts: Facts) -> State:
    """How alike the arms looked: what the software kept alike stands in the hint, where it ran the trial."""
    if facts.outside:
        return State("person", "Say who was kept from knowing, by what means, and how alike the arms looked to people.")
    return State("person", f"{ALIKE}; say how alike the exercises look to people.")


def described(*keys: str) -> Question:
    """Every arm's `intervention` says these."""

    def ask(facts: Facts) -> State:
        missing = [
            arm.id
            for arm in facts.protocol.arms
            if any(to_write(getattr(arm.intervention or Intervention(), key)) for key in keys)
        ]
        return State("waits", f"arms: intervention ({listed(list(keys))}) of {listed(missing)}") if missing else FILLED

    return ask


def assumptions(facts: Facts) -> State:
    """The sample size, and whether its assumptions stand as numbers."""
    if facts.protocol.sample_size.assumptions is None:
        return State("filled", "In words; sample_size.assumptions would print each as a number.")
    return FILLED


def ended(facts: Facts) -> State:
    """Why recruitment ended explains itself where everybody sought was found, and in a rehearsal."""
    found = facts.results["recruitment"]
    if found is None:
        return OUTSIDE
    if facts.results.get("rehearsal"):
        return State("filled", "A rehearsal ends when the pretend people asked for have come.")
    if found["randomised"] >= found["target"]:
        return FILLED
    sought = f"{count(found['randomised'])} of {count(found['target'])} people were found"
    return State("person", f"{sought}: say why recruitment ended.")


def other_help(facts: Facts) -> State:
    """A questionnaire asked for other help."""
    if facts.outside:
        return OUTSIDE
    if facts.results.get("other_help"):
        return FILLED
    return State("waits", "a yes-or-no item named other_help in a questionnaire after randomisation")


def important(facts: Facts) -> State:
    """The primary outcome has a difference that matters."""
    primary = facts.protocol.outcome(facts.protocol.analysis.primary.outcome)
    return FILLED if primary.important_difference else State("waits", f"outcomes, {primary.id}, important_difference")


def cut_offs(facts: Facts) -> State:
    """Who counts as having responded, where any outcome is a proportion."""
    shares = [one for one in facts.protocol.outcomes if one.aggregation == "proportion"]
    return FILLED if shares else State("not_applicable", "No outcome is cut in two.")


def clustered(facts: Facts) -> State:
    """What was randomised, where it was not each person."""
    whole = facts.protocol.allocation.cluster is not None
    return FILLED if whole else State("not_applicable", "Each person was randomised.")


def of_users(facts: Facts) -> bool:
    """Whether the plan has an analysis of those alone who did enough, or who do what they are offered."""
    every = [*facts.results["estimates"], *facts.results["sensitivity"]]
    return any(one["method"] in ("per_protocol", "complier_effect") for one in every)


def by_use(facts: Facts) -> State:
    """Results of everybody beside those of users."""
    return FILLED if of_users(facts) else State("waits", "analysis.sensitivity, as method: per_protocol")


def users_alone(facts: Facts) -> State:
    """What is said of users alone, where anything is."""
    return FILLED if of_users(facts) else State("not_applicable", "No analysis of users alone was planned.")


def limitations(facts: Facts) -> State:
    """What a person writes, with the figures that bear on it."""
    primary = facts.results["estimates"][0]
    arms = primary["arms"]
    lost = []
    for arm, its in arms.items():
        missing = its["n_randomised"] - its["n_with_data"]
        lost.append(f"{facts.labels.arm(arm)} {percent(missing, its['n_randomised'])}")
    analyses = len(facts.results["estimates"]) + len(facts.results["subgroups"])
    return State(
        "person",
        f"Bias, imprecision, whom the results hold for. Without the primary outcome: {', '.join(lost)}. "
        f"{'' if facts.outside else 'People report on themselves. '}The plan has {count(analyses)} "
        f"{'analysis' if analyses == 1 else 'analyses'}.",
    )
