"""The codebook of a freeze: what every column of every file means, with the codes of closed variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from trial.core import dose, exercises
from trial.core.dataset import CodebookRow, Stage
from trial.core.delivery import ContactState
from trial.core.enrolment_errors import ErrorReason
from trial.core.events import FROZEN_EVENTS
from trial.core.fraud import SIGNALS
from trial.core.harms import Criterion, Expectedness, HarmOutcome, Relatedness, Severity, Stopping
from trial.core.instruments import Choice, Instrument, Item
from trial.core.participant import STOP_REASONS, UNSUBSCRIBED, StageState, StopLevel
from trial.core.protocol import Questionnaire, Recall, StageArm, TrialProtocol
from trial.core.published_list import LIST
from trial.core.recall import GAP
from trial.core.texts import Text, say

_STUDY_CODE = "study code; S and a number where somebody was screened and never gave an address"
_DAY_OF = "local days since randomisation, or since the address was given for those never randomised"


def codebook(
    protocol: TrialProtocol, instruments: Mapping[str, Instrument], covariates: Sequence[str]
) -> Iterator[CodebookRow]:
    """One row per column, files and columns in the order in which they are written; items.csv one row per item."""
    language = protocol.languages[0]
    yield from _dataset(protocol, instruments, language)
    yield from _items(protocol, instruments, covariates, language)
    yield from _exercises(protocol, language)
    yield from _contacts(protocol, language)
    yield from _events()
    yield from _harms(protocol, language)
    yield from _disposition(protocol, language)
    yield from _stages(protocol, language)
    yield from _allocation(protocol, language)


def _dataset(protocol: TrialProtocol, instruments: Mapping[str, Instrument], language: str) -> Iterator[CodebookRow]:
    file = "dataset.csv"
    yield CodebookRow(file, "participant", "study code", "code", "")
    yield CodebookRow(file, "arm", "arm allocated", "code", _labels(protocol.arms, language))
    yield CodebookRow(file, "timepoint", "planned timepoint", "code", _labels(protocol.timepoints, language))
    yield CodebookRow(file, "day", "local days since randomisation when the answer came", "integer", "")
    yield CodebookRow(
        file, "late", f"an answer came within the grace after the window; {_late(protocol)}", "yes_no", ""
    )
    for instrument in instruments.values():
        for score in instrument.scores:
            label = f"{instrument.name}: {say(score.label, language)} ({score.method}, {score.better} is better)"
            yield CodebookRow(file, score.id, label, "number", "")
    for question in protocol.eligibility.questions:
        values = _choices(question.choices, language)
        yield CodebookRow(file, str(question.id), say(question.topic, language), question.type, values)
    for factor in protocol.allocation.strata:
        yield CodebookRow(file, factor.id, say(factor.label, language), "code", _labels(factor.levels, language))


def _late(protocol: TrialProtocol) -> str:
    if protocol.analysis.late_answers == "keep":
        return "by plan it counts in the scores"
    return "by plan it counts in no score after the baseline"


def _items(
    protocol: TrialProtocol, instruments: Mapping[str, Instrument], covariates: Sequence[str], language: str
) -> Iterator[CodebookRow]:
    file = "items.csv"
    yield CodebookRow(file, "participant", "study code", "code", "")
    yield CodebookRow(file, "timepoint", "planned timepoint", "code", _labels(protocol.timepoints, language))
    yield CodebookRow(file, "occurrence", "which day of the timepoint, from 1", "integer", "")
    yield CodebookRow(file, "activity", "what was asked", "code", "; ".join(one.id for one in protocol.activities))
    yield CodebookRow(file, "item", "column of the item, explained below", "code", "")
    value = "the answer, coded as said of its item below; empty: left out; no row: not asked"
    yield CodebookRow(file, "value", value, "as its item", "")
    yield CodebookRow(file, "late", "sent within the grace after the window", "yes_no", "")
    yield CodebookRow(file, "short", "sent on the short form, which asks for the primary outcome alone", "yes_no", "")
    for instrument in instruments.values():
        for item in instrument.items:
            for column, label, kind, values in _columns(instrument, item, language):
                files = [file, *(["dataset.csv"] if column in covariates else [])]
                yield from (CodebookRow(one, column, label, kind, values) for one in files)


def _columns(instrument: Instrument, item: Item, language: str) -> Iterator[tuple[str, str, str, str]]:
    """(column, label, type, values) of an item: one for each choice where several may be given, none for words."""
    topic = say(item.topic, language)
    if item.type == "choices":
        labels = [say(choice.label, language) for choice in item.choices]
        for column, label in zip(instrument.columns(item), labels, strict=True):
            yield column, f"{topic} {label}", "yes_no", "yes = chosen; no = another was; empty: none was chosen"
    elif item.type != "info":
        ends = [f"{end} = {say(words, language)}" for end, words in _ends(item) if words]
        values = "; ".join(ends) or _choices(instrument.choices_of(item), language)
        yield instrument.column(item), topic, item.type, values


def _ends(item: Item) -> list[tuple[str, Text | None]]:
    return [(f"{item.minimum:g}", item.low), (f"{item.maximum:g}", item.high)] if item.type == "slider" else []


def _exercises(protocol: TrialProtocol, language: str) -> Iterator[CodebookRow]:
    """The closed answers of exercises and their dose; their free text is no datum."""
    for exercise in protocol.activities:
        if isinstance(exercise, Questionnaire):
            continue
        title = say(exercise.title, language)
        for one in exercises.closed(exercise):
            label = say(one.item.topic, language).replace(GAP, "…")
            kind = "whether the word that is missing was remembered: " if isinstance(exercise, Recall) else ""
            values = _choices(one.item.choices, language)
            yield CodebookRow("items.csv", one.column, f"{title}: {kind}{label}", one.item.type, values)
        for part, meaning in dose.DOSE:
            yield CodebookRow("items.csv", exercises.column(exercise, part), f"{title}: {meaning}", "integer", "")


def _contacts(protocol: TrialProtocol, language: str) -> Iterator[CodebookRow]:
    file = "contacts.csv"
    yield CodebookRow(file, "participant", "study code", "code", "")
    yield CodebookRow(file, "message", "which message", "code", "; ".join(one.id for one in protocol.messages))
    streams = list(dict.fromkeys(one.stream for one in protocol.messages))
    yield CodebookRow(file, "stream", "class of mail", "code", "; ".join(streams))
    points = _labels(protocol.timepoints, language)
    yield CodebookRow(file, "timepoint", "what it is about; empty for service mails", "code", points)
    yield CodebookRow(file, "occurrence", "which day of the timepoint, from 1", "integer", "")
    yield CodebookRow(file, "reminder", "0 the invitation, 1 the first reminder, and so on", "integer", "")
    yield CodebookRow(file, "due_day", f"when it was due: {_DAY_OF}", "integer", "")
    yield CodebookRow(file, "state", "how it ended", "code", "; ".join(ContactState))
    yield CodebookRow(file, "reason", "why it ended so; empty where it was accepted", "code", "")
    yield CodebookRow(file, "attempts", "how often it was taken up for sending", "integer", "")


def _events() -> Iterator[CodebookRow]:
    file = "events.csv"
    yield CodebookRow(file, "participant", _STUDY_CODE, "code", "")
    yield CodebookRow(file, "day", _DAY_OF, "integer", "")
    yield CodebookRow(file, "event", "what happened", "code", "; ".join(FROZEN_EVENTS))
    detail = "timepoint:occurrence of what was done; the criterion that failed; the reason given for stopping"
    yield CodebookRow(file, "detail", detail, "code", "")


def _harms(protocol: TrialProtocol, language: str) -> Iterator[CodebookRow]:
    file, blind = "harms.csv", "as last assessed, without knowing the arm"
    yield CodebookRow(file, "participant", _STUDY_CODE, "code", "")
    yield CodebookRow(file, "day", f"when it was reported, or the team learned of it: {_DAY_OF}", "integer", "")
    yield CodebookRow(file, "source", "who reported it, unasked", "code", "participant; team")
    where = "the activity on whose page it was reported; empty: elsewhere"
    yield CodebookRow(file, "timepoint", where, "code", _labels(protocol.timepoints, language))
    yield CodebookRow(file, "occurrence", "which day of the timepoint, from 1", "integer", "")
    yield CodebookRow(file, "assessments", "how often it was assessed; the last one stands here", "integer", "")
    yield CodebookRow(file, "term", "what happened, in the team's words", "text", "")
    yield CodebookRow(file, "serious", f"whether any criterion holds, {blind}", "yes_no", "")
    yield CodebookRow(file, "criteria", "the criteria that hold, joined by +", "code", "; ".join(Criterion))
    yield CodebookRow(file, "severity", f"how strong it was, {blind}", "code", "; ".join(Severity))
    yield CodebookRow(file, "relatedness", f"related to taking part, {blind}", "code", "; ".join(Relatedness))
    expected = f"whether participants are told of it, {blind}"
    yield CodebookRow(file, "expectedness", expected, "code", "; ".join(Expectedness))
    yield CodebookRow(file, "onset_day", f"when it began, where known: {_DAY_OF}", "integer", "")
    yield CodebookRow(file, "outcome", "what became of it, as far as was known", "code", "; ".join(HarmOutcome))
    yield CodebookRow(file, "stopped", "what the person gave up because of it", "code", "; ".join(Stopping))


def _disposition(protocol: TrialProtocol, language: str) -> Iterator[CodebookRow]:
    file = "disposition.csv"
    criteria = "; ".join(one.id for one in protocol.eligibility.criteria)
    factors = " / ".join(say(one.label, language) for one in protocol.allocation.strata)
    unit = protocol.allocation.cluster
    stratum = (
        f"the cluster: {say(unit.label, language)}" if unit else f"levels joined by /: {factors}" if factors else "none"
    )
    yield CodebookRow(file, "participant", _STUDY_CODE, "code", "")
    yield CodebookRow(file, "stage", "how far the person came", "code", "; ".join(get_args(Stage)))
    yield CodebookRow(file, "reason", "the criterion that did not hold, where not eligible", "code", criteria)
    yield CodebookRow(file, "source", "recruitment source, from the address that was followed", "code", "")
    yield CodebookRow(file, "arm", "arm allocated", "code", _labels(protocol.arms, language))
    yield CodebookRow(file, "stratum", stratum, "code", "")
    yield CodebookRow(file, "number", "order of randomisation in the trial, from 1", "integer", "")
    yield CodebookRow(file, "exercises_due", "exercises planned in the arm", "integer", "")
    yield CodebookRow(file, "exercises_done", "exercises sent in", "integer", "")
    yield CodebookRow(file, "received", "received the intervention by the arm's own rule", "yes_no", "")
    yield CodebookRow(file, "minimum_dose", "had the arm's minimum dose", "yes_no", "")
    yield CodebookRow(file, "stopped", "what the person stopped; empty: nothing", "code", "; ".join(StopLevel))
    yield CodebookRow(file, "stopped_day", "local days since randomisation", "integer", "")
    yield CodebookRow(file, "stop_reason", "reason given", "code", "; ".join((*STOP_REASONS, UNSUBSCRIBED)))
    yield CodebookRow(file, "bounced_day", "local day of the first mail that was refused for good", "integer", "")
    sharing = "agreed that the answers are shared with other researchers; empty: was not asked"
    yield CodebookRow(file, "data_sharing", sharing, "yes_no", "")
    yield CodebookRow(file, "tries", "how often the person was screened; counted once", "integer", "")
    flags = "what looked odd before randomisation, joined by +; empty: nothing"
    yield CodebookRow(file, "flags", flags, "code", "; ".join(SIGNALS))
    error = "why the person was enrolled in error, where the team marked it so; stays allocated and in the analysis"
    reasons = "; ".join(one for one in ErrorReason if one is not ErrorReason.TAKEN_BACK)
    yield CodebookRow(file, "enrolled_in_error", error, "code", reasons)


def _stages(protocol: TrialProtocol, language: str) -> Iterator[CodebookRow]:
    """The further stages of allocation, where there are any."""
    if not protocol.stages:
        return
    file = "stages.csv"
    yield CodebookRow(file, "participant", "study code", "code", "")
    yield CodebookRow(file, "stage", "stage of allocation", "code", _labels(protocol.stages, language))
    yield CodebookRow(file, "state", "what became of the person at it", "code", "; ".join(StageState))
    yield CodebookRow(file, "arm", "option allocated", "code", _labels(_options(protocol), language))
    yield CodebookRow(file, "number", "order of allocation in the stage, from 1", "integer", "")
    yield CodebookRow(file, "day", "local days since randomisation when it was decided", "integer", "")


def _options(protocol: TrialProtocol) -> list[StageArm]:
    return [one for stage in protocol.stages for one in stage.arms]


def _labels(parts: Iterable[Any], language: str) -> str:
    return "; ".join(f"{one.id} = {say(one.label, language)}" for one in parts)


def _choices(choices: Iterable[Choice], language: str) -> str:
    return "; ".join(f"{one.value} = {say(one.label, language)}" for one in choices)


def _allocation(protocol: TrialProtocol, language: str) -> Iterator[CodebookRow]:
    """The decision record, as docs/randomisation.md explains it."""
    file, unit = LIST, protocol.allocation.cluster
    for column, label, kind in (
        ("stage", "stage of randomisation; main is the first", "code"),
        ("sequence", "order in the stage, from 1", "integer"),
        ("participant", "study code" + ("; at the stage clusters the cluster" if unit else ""), "code"),
        ("rule_version", "method and version of the exact rule", "code"),
        ("configuration", "digest of one of the configurations in allocation.json", "code"),
        ("epoch", "1 until an amendment changed the rule, then one more", "integer"),
        ("stratum", "what the running state is kept under", "code"),
        ("number", "order within the stratum, from 1", "integer"),
        ("levels", "factor and level, as JSON", "json"),
        ("state_seen", "the running state before, as JSON", "json"),
        ("probabilities", "the chance of each arm, as JSON of fractions", "json"),
        ("draw", "the number of chance: 256 bits, hexadecimal", "code"),
    ):
        yield CodebookRow(file, column, label, kind, "")
    arms = [*protocol.arms, *_options(protocol)]
    yield CodebookRow(file, "arm", "arm allocated", "code", _labels(arms, language))
