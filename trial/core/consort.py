"""The flow of participants as counts, and the sums that must hold before any report is built.

Each count is taken from the rows on its own, none by subtracting others, so that `prove` can catch a wrong one.
A count that the data cannot tell (who was assessed, in a file that starts at randomisation) is None.
Boxes after the CONSORT 2025 flow diagram; whoever has no primary outcome is lost to follow-up, and allocated =
analysed + lost + excluded from the analysis. A model of repeated outcomes learns from people who are lost to the
primary outcome too: they are counted as lost, as analysed, and as both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from trial.core.adherence import beyond_the_dose
from trial.core.dataset import TOOK_BACK, Disposition, Stage
from trial.core.errors import EquipoiseError
from trial.core.protocol import Timepoint, TrialProtocol

# why somebody who answered is not in the analysis
ANSWERED_LATE = "answered_late"
STAGES: tuple[str, ...] = get_args(Stage)


class CountsDisagree(EquipoiseError):
    """Counts that must add up do not: no report is built from them."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many for one code."""

    code: str
    n: int


@dataclass(frozen=True, slots=True)
class StageFlow:
    """People excluded at one stage before randomisation; reasons where the stage keeps one."""

    stage: str
    n: int
    reasons: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFlow:
    """People who came from one place."""

    source: str
    assessed: int
    randomized: int


@dataclass(frozen=True, slots=True)
class ArmFlow:
    """One arm from allocation to analysis; reasons add up to the count that they explain.

    `lost_analysed` of those lost to the primary outcome are in its model by their other answers.
    """

    arm: str
    allocated: int
    received: int | None
    not_received: int | None
    not_received_reasons: tuple[Tally, ...]
    discontinued: int | None
    discontinued_reasons: tuple[Tally, ...]
    lost: int
    lost_reasons: tuple[Tally, ...]
    analysed: int
    excluded: int
    excluded_reasons: tuple[Tally, ...]
    lost_analysed: int = 0


@dataclass(frozen=True, slots=True)
class FlowCounts:
    """The whole diagram. Above it: screenings, those that were somebody's second or later one, and people flagged.

    Each flagged person stands in `flags` once, under everything that looked odd about them: `no_proof+fast`.
    """

    assessed: int | None
    excluded: int | None
    stages: tuple[StageFlow, ...]
    sources: tuple[SourceFlow, ...]
    randomized: int
    arms: tuple[ArmFlow, ...]
    tries: int | None = None
    repeated: int | None = None
    flagged: int | None = None
    flags: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowRules:
    """What the protocol fixes: arms in order, and the last days for exercises and for the primary outcome."""

    arms: tuple[str, ...]
    exercises_close: Mapping[str, int]
    primary_closes: int


@dataclass(frozen=True, slots=True)
class PrimaryOutcome:
    """Participants who answered at the primary timepoint, who have the outcome, and who are in the model.

    `late` answered after the window and have no outcome for it: the plan leaves such answers out. `by_others` are in
    the model without the outcome, by their answers at other timepoints.
    """

    answered: Collection[str]
    with_outcome: Collection[str]
    analysed: Collection[str]
    late: Collection[str] = frozenset()
    by_others: Collection[str] = frozenset()


def rules_of(protocol: TrialProtocol) -> FlowRules:
    """The rules that a protocol gives; an arm without exercises closes them on day -1."""
    closes = {}
    for arm in protocol.arms:
        beyond = beyond_the_dose(protocol, arm.id)
        days = [
            closing_day(point)
            for point in protocol.timepoints
            if point.id not in beyond
            and any(protocol.is_exercise(one.id) for one in protocol.activities_at(point, arm.id))
        ]
        closes[arm.id] = max(days, default=-1)
    primary = closing_day(protocol.timepoint(protocol.analysis.primary.timepoint))
    return FlowRules(tuple(arm.id for arm in protocol.arms), closes, primary)


def closing_day(point: Timepoint) -> int:
    """The last day, from randomisation, on which something of this timepoint can be done."""
    return max(point.days) + point.closes_after.days + -(-point.closes_after.minutes // 1440)


def count_flow(dispositions: Sequence[Disposition], rules: FlowRules, primary: PrimaryOutcome) -> FlowCounts:
    """Count everyone assessed. Raises CountsDisagree for a person counted twice or analysed without randomisation."""
    codes = Counter(one.participant for one in dispositions)
    _refuse("is in the disposition twice", (code for code, n in codes.items() if n > 1))
    randomized = [one for one in dispositions if one.stage == "randomized"]
    _refuse_strangers(primary, {one.participant for one in randomized})
    by_arm: dict[str, list[Disposition]] = {arm: [] for arm in rules.arms}
    for one in randomized:
        by_arm.setdefault(one.arm, []).append(one)
    _refuse("is not an arm of the protocol", by_arm.keys() - set(rules.arms))
    return FlowCounts(
        assessed=len(dispositions),
        excluded=sum(one.stage != "randomized" for one in dispositions),
        stages=_stages(dispositions),
        sources=_sources(dispositions),
        randomized=len(randomized),
        arms=tuple(_arm(arm, people, rules, primary) for arm, people in by_arm.items()),
        tries=sum(one.tries for one in dispositions),
        repeated=sum(one.tries - 1 for one in dispositions),
        flagged=sum(bool(one.flags) for one in dispositions),
        flags=_tally(one.flags for one in dispositions if one.flags),
    )


def count_outside_flow(arm_of: Mapping[str, str], arms: Sequence[str], primary: PrimaryOutcome) -> FlowCounts:
    """The flow of data collected elsewhere, where everyone in the file counts as randomised."""
    _refuse_strangers(primary, arm_of.keys())
    _refuse("is not an arm of the protocol", set(arm_of.values()) - set(arms))
    flows = []
    for arm in arms:
        people = [person for person, its in arm_of.items() if its == arm]
        lost = [_why_without_outcome(person, primary) for person in people if _is_lost(person, primary)]
        ends = (len(lost), _tally(lost), *_analysis(people, primary), _lost_analysed(people, primary))
        flows.append(ArmFlow(arm, len(people), None, None, (), None, (), *ends))
    return FlowCounts(None, None, (), (), len(arm_of), tuple(flows))


def prove(flow: FlowCounts) -> None:
    """Raise CountsDisagree, naming every sum of the diagram that does not hold."""
    wrong = [
        f"{what}: {left} is not {right}"
        for what, left, right in (*_trial_sums(flow), *(s for one in flow.arms for s in _arm_sums(one)))
        if left is not None and right is not None and left != right
    ]
    wrong += [f"{what} is below zero: {n}" for what, n in _every_count(flow) if n < 0]
    wrong += [
        f"arm {one.arm}: discontinued ({one.discontinued}) exceeds allocated ({one.allocated})"
        for one in flow.arms
        if one.discontinued is not None and one.discontinued > one.allocated
    ]
    if wrong:
        raise CountsDisagree("The flow of participants does not add up. " + "; ".join(wrong) + ".")


def lost_reason(one: Disposition, closes: int, *, answered: bool) -> str:
    """Why someone randomised has no outcome at a timepoint that closed on day `closes`: the first reason to hold."""
    if one.reason == TOOK_BACK:
        return TOOK_BACK
    if answered:
        return "score_incomplete"
    if one.stopped in ("questionnaires", "everything") and _by(one.stopped_day, closes):
        return "withdrew"
    if one.bounced_day is not None and one.bounced_day <= closes:
        return "address_bounced"
    return "no_answer"


def _by(day: int | None, closes: int) -> bool:
    return day is None or day <= closes


def _refuse(what: str, codes: Iterable[str]) -> None:
    listed = ", ".join(repr(code) for code in sorted(codes))
    if listed:
        raise CountsDisagree(f"{listed} {what}.")


def _refuse_strangers(primary: PrimaryOutcome, randomized: Collection[str]) -> None:
    seen = {*primary.answered, *primary.with_outcome, *primary.analysed, *primary.late, *primary.by_others}
    _refuse("is in the data but was never randomised", seen - set(randomized))
    _refuse("is analysed without a primary outcome", set(primary.analysed) - set(primary.with_outcome))
    _refuse(
        "is analysed by other answers and has the primary outcome", set(primary.by_others) & set(primary.with_outcome)
    )
    _refuse("is left out as late and has the primary outcome", set(primary.late) & set(primary.with_outcome))


def _stages(dispositions: Sequence[Disposition]) -> tuple[StageFlow, ...]:
    found = []
    for stage in STAGES:
        people = [one for one in dispositions if one.stage == stage]
        if people and stage != "randomized":
            reasons = [one.reason for one in people]
            found.append(StageFlow(stage, len(people), _tally(reasons) if any(reasons) else ()))
    return tuple(found)


def _sources(dispositions: Sequence[Disposition]) -> tuple[SourceFlow, ...]:
    assessed = Counter(one.source for one in dispositions)
    randomized = Counter(one.source for one in dispositions if one.stage == "randomized")
    return tuple(SourceFlow(source, assessed[source], randomized[source]) for source in sorted(assessed))


def _arm(arm: str, people: Sequence[Disposition], rules: FlowRules, primary: PrimaryOutcome) -> ArmFlow:
    closes = rules.exercises_close.get(arm, -1)
    missed = [one for one in people if one.received is False]
    stopped = [one for one in people if _discontinued(one, closes)]
    lost = [
        lost_reason(one, rules.primary_closes, answered=one.participant in primary.answered)
        for one in people
        if _is_lost(one.participant, primary)
    ]
    return ArmFlow(
        arm,
        len(people),
        sum(one.received is True for one in people),
        len(missed),
        _tally(_why_not_received(one, closes) for one in missed),
        len(stopped),
        _tally(one.stop_reason or "not_said" for one in stopped),
        len(lost),
        _tally(lost),
        *_analysis([one.participant for one in people], primary),
        _lost_analysed([one.participant for one in people], primary),
    )


def _discontinued(one: Disposition, closes: int) -> bool:
    """Whether the exercises were stopped while there were any: who stops the questionnaires goes on with them."""
    return one.stopped in ("exercises", "everything") and _by(one.stopped_day, closes)


def _why_not_received(one: Disposition, closes: int) -> str:
    if _discontinued(one, closes):
        return "stopped"
    if one.bounced_day is not None and one.bounced_day <= closes:
        return "address_bounced"
    return "too_few_done"


def _is_lost(person: str, primary: PrimaryOutcome) -> bool:
    """Without the outcome; whose answer came too late was not lost, but is left out of the analysis."""
    return person not in primary.with_outcome and person not in primary.late


def _why_without_outcome(person: str, primary: PrimaryOutcome) -> str:
    return "no_value" if person in primary.answered else "no_row"


def _lost_analysed(people: Iterable[str], primary: PrimaryOutcome) -> int:
    return sum(_is_lost(person, primary) and person in primary.by_others for person in people)


def _analysis(people: Iterable[str], primary: PrimaryOutcome) -> tuple[int, int, tuple[Tally, ...]]:
    everyone = list(people)
    seen = [person for person in everyone if person in primary.with_outcome]
    left_out = ["model_impossible" for person in seen if person not in primary.analysed]
    others = sum(person in primary.by_others for person in everyone)
    too_late = [ANSWERED_LATE for person in everyone if person in primary.late and person not in primary.by_others]
    return len(seen) - len(left_out) + others, len(left_out) + len(too_late), _tally([*left_out, *too_late])


def _tally(codes: Iterable[str]) -> tuple[Tally, ...]:
    """Most frequent first, then by code, so that the order does not hang on that of the rows."""
    counted = Counter(codes)
    return tuple(Tally(code, counted[code]) for code in sorted(counted, key=lambda code: (-counted[code], code)))


Sum = tuple[str, int | None, int | None]


def _trial_sums(flow: FlowCounts) -> Iterator[Sum]:
    if flow.assessed is not None and flow.excluded is not None:
        yield "assessed = excluded + randomised", flow.assessed, flow.excluded + flow.randomized
        yield "excluded = sum over stages", flow.excluded, sum(stage.n for stage in flow.stages)
        yield "assessed = sum over sources", flow.assessed, sum(one.assessed for one in flow.sources)
        yield "randomised = sum over sources", flow.randomized, sum(one.randomized for one in flow.sources)
    if flow.tries is not None and flow.assessed is not None and flow.repeated is not None:
        yield "screenings = assessed + repeated tries", flow.tries, flow.assessed + flow.repeated
    if flow.flagged is not None:
        yield "flagged = sum over what was odd", flow.flagged, _total(flow.flags)
    yield "randomised = sum of allocated", flow.randomized, sum(one.allocated for one in flow.arms)
    for stage in flow.stages:
        if stage.reasons:
            yield f"{stage.stage} = sum of its reasons", stage.n, _total(stage.reasons)


def _arm_sums(one: ArmFlow) -> Iterator[Sum]:
    arm = f"arm {one.arm}: "
    if one.received is not None and one.not_received is not None:
        yield f"{arm}allocated = received + not received", one.allocated, one.received + one.not_received
        yield f"{arm}not received = sum of its reasons", one.not_received, _total(one.not_received_reasons)
    if one.discontinued is not None:
        yield f"{arm}discontinued = sum of its reasons", one.discontinued, _total(one.discontinued_reasons)
    ends = one.analysed + one.lost - one.lost_analysed + one.excluded
    yield f"{arm}allocated = analysed + lost + excluded from the analysis", one.allocated, ends
    yield f"{arm}lost = sum of its reasons", one.lost, _total(one.lost_reasons)
    yield f"{arm}excluded from the analysis = sum of its reasons", one.excluded, _total(one.excluded_reasons)


def _total(tallies: Iterable[Tally]) -> int:
    return sum(tally.n for tally in tallies)


def _every_count(flow: FlowCounts) -> Iterator[tuple[str, int]]:
    yield "randomised", flow.randomized
    yield from (
        (what, n) for what, n in (("repeated tries", flow.repeated), ("flagged", flow.flagged)) if n is not None
    )
    yield from ((f"flagged {code}", n) for code, n in _pairs(flow.flags))
    for stage in flow.stages:
        yield from ((f"{stage.stage} {code}", n) for code, n in [("", stage.n), *_pairs(stage.reasons)])
    for source in flow.sources:
        yield f"assessed from {source.source!r}", source.assessed
        yield f"randomised from {source.source!r}", source.randomized
    for one in flow.arms:
        counts = (one.allocated, one.received, one.not_received, one.discontinued, one.lost, one.analysed, one.excluded)
        yield from ((f"a count of arm {one.arm}", n) for n in (one.lost_analysed, one.lost - one.lost_analysed))
        reasons = (one.not_received_reasons, one.discontinued_reasons, one.lost_reasons, one.excluded_reasons)
        yield from ((f"a count of arm {one.arm}", n) for n in counts if n is not None)
        yield from ((f"arm {one.arm}: {code}", n) for kind in reasons for code, n in _pairs(kind))


def _pairs(tallies: Iterable[Tally]) -> list[tuple[str, int]]:
    return [(tally.code, tally.n) for tally in tallies]
