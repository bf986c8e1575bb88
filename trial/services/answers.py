"""Showing an occasion and keeping what the person submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from trial.core import answers as core_answers
from trial.core import dose, exercises, paging
from trial.core.answers import Answers, Asked, Fault
from trial.core.errors import RecruitmentClosed
from trial.core.events import Event
from trial.core.expressions import Value, parse
from trial.core.participant import Occasion, Participant, ParticipantState
from trial.core.protocol import Activity, Questionnaire, Recall, Writing
from trial.core.trial import Trial
from trial.protocol_files import ProtocolFolder
from trial.services import (
    branching,
    drafts,
    earlier,
    ending,
    fraud,
    incentives,
    passing_over,
    safety,
    stages,
    windows,
)
from trial.services.earlier import Earlier
from trial.services.planning import baseline_to_do, next_in_sitting, order_of, plan_after_completion
from trial.services.randomization import randomize
from trial.services.scores import scores_of
from trial.storage import answer_sheets, events, occasions, participants, trials, vault
from trial.storage.work import Work

NO_FORM: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a page needs about one occasion; `earlier` are own words that the exercise goes on from.

    `asked` are the items that are asked of this person, with the form as it stands; `only_for_some` says that the
    whole of it is not. `short` asks for the primary outcome alone. Answers are taken until the grace is over.
    """

    trial: Trial
    folder: ProtocolFolder
    participant: Participant
    occasion: Occasion
    activity: Activity
    asked: list[Asked]
    taken_until: datetime
    only_for_some: bool = False
    short: bool = False
    earlier: tuple[Earlier, ...] = field(default=(), repr=False)
    muted: bool = False

    @property
    def is_exercise(self) -> bool:
        return not isinstance(self.activity, Questionnaire)

    def is_open(self, now: datetime) -> bool:
        """Whether an answer would be taken now."""
        return self.occasion.done_at is None and self.occasion.opens_at <= now < self.taken_until

    @property
    def branches(self) -> list[str]:
        """The items on the page that are asked only of some."""
        rules = self.activity.show_if if isinstance(self.activity, Questionnaire) else {}
        return [one.column for one in self.asked if one.column in rules]

    @property
    def needed(self) -> frozenset[str]:
        """Items that may not be left out before randomisation: those that the strata stand on."""
        at_baseline = self.participant.state is ParticipantState.CONSENTED and not self.is_exercise
        return frozenset(_needed(self) if at_baseline else ())


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of a submission. With faults nothing was kept; `state` is kept, held, already, closed or stopped.

    Ring the worker where somebody was `allocated`, or a `mail_due` was planned.
    """

    faults: Mapping[str, Fault]
    state: str
    allocated: bool = False
    next_occasion_id: int | None = None
    mail_due: bool = False


def show(
    work: Work,
    participant_id: int,
    occasion_id: int,
    *,
    opened_at: datetime | None = None,
    form: Mapping[str, str] = NO_FORM,
    short: bool = False,
    lock: bool = False,
) -> Shown:
    """One occasion of this person; NotFound for anybody else's. `opened_at` is when the page was first drawn.

    `form` is what stands in it by now, on which it may hang what else is asked. `lock` lets one form of a person be
    handled at a time, so that each sees what came before.
    """
    person = participants.by_id(work, participant_id, lock=lock)
    occasion = occasions.by_id(work, occasion_id, participant_id=participant_id)
    folder = trials.folder_of(work, person.protocol_id)
    activity = folder.protocol.activity(occasion.activity)
    trial = trials.by_id(work, person.trial_id)
    short = short and bool(primary_of(folder, activity))
    asked = _asked(work, folder, activity, person, opened_at or work.now, short=short)
    if isinstance(activity, Questionnaire):
        asked = branching.items_asked(work, folder, person, activity, asked, form)
    shows = activity.shows_writing_of if isinstance(activity, Writing) else None
    words = earlier.writing(work, folder.protocol, person, shows) if shows else ()
    muted = passing_over.is_muted(work, person.id, occasion.activity)
    until = windows.taken_until(folder.protocol, occasion, person.zone)
    passed_by = occasion.done_at is None and not branching.is_asked(work, folder, person, occasion)
    return Shown(trial, folder, person, occasion, activity, asked, until, passed_by, short, words, muted)


def primary_of(folder: ProtocolFolder, activity: Activity) -> list[str]:
    """The instruments of a questionnaire that hold the primary outcome, where it has others besides."""
    score = folder.protocol.outcome(folder.protocol.analysis.primary.outcome).score
    codes = activity.instruments if isinstance(activity, Questionnaire) else []
    holding = [code for code in codes if any(one.id == score for one in folder.instruments[code].scores)]
    return holding if len(holding) < len(codes) else []


def _asked(
    work: Work, folder: ProtocolFolder, activity: Activity, person: Participant, moment: datetime, *, short: bool
) -> list[Asked]:
    """The items of an activity; of a recall those cards that were due when the page was opened, and no other."""
    if isinstance(activity, Questionnaire):
        codes = primary_of(folder, activity) if short else activity.instruments
        listed = [core_answers.asked_by([folder.instruments[code]]) for code in codes]
        if activity.shuffle:
            listed = [paging.in_drawn_order(one, order_of(work, person)) for one in listed]
        return [one for of_instrument in listed for one in of_instrument]
    if isinstance(activity, Recall):
        return exercises.asked(activity, earlier.cards_due(work, activity, person, moment))
    return exercises.asked(activity)


def submit(
    work: Work,
    participant_id: int,
    occasion_id: int,
    form: Mapping[str, str],
    *,
    submission: str,
    opened_at: datetime | None,
    short: bool = False,
    turned: Sequence[Any] = (),
) -> Submitted:
    """Keep a submission once; a second one of the same occasion changes nothing and says so.

    `turned` says when each page was opened and left, where there were several.
    """
    shown = show(work, participant_id, occasion_id, opened_at=opened_at, form=form, short=short, lock=True)
    return submit_shown(work, shown, form, submission=submission, opened_at=opened_at, turned=turned)


def submit_shown(
    work: Work,
    shown: Shown,
    form: Mapping[str, str],
    *,
    submission: str,
    opened_at: datetime | None,
    turned: Sequence[Any] = (),
) -> Submitted:
    """The same for what was shown in this transaction, its person locked before anything was read."""
    occasion, participant_id, occasion_id = shown.occasion, shown.participant.id, shown.occasion.id
    if occasion.done_at is not None:
        return Submitted({}, "already", next_occasion_id=_next(work, shown.participant, shown.folder))
    if not shown.is_open(work.now) or shown.only_for_some or shown.trial.is_locked:
        return Submitted({}, "closed")
    if not shown.participant.takes(exercise=shown.is_exercise):
        return Submitted({}, "stopped")
    at_baseline = shown.participant.state is ParticipantState.CONSENTED
    given = _read(shown, form)
    if given.faults:
        return Submitted(given.faults, "faults")
    opened = drafts.opened_at(work, occasion_id) or opened_at  # a form may have been begun on a page before
    active = dose.active_seconds(form.get("active", ""), opened, work.now)
    done = _keep(work, shown, given, submission, opened, active, _pages(shown, turned))
    drafts.forget(work, participant_id, occasion_id)
    asks = incentives.earn(work, shown.participant, shown.folder.protocol, occasion)
    if done and not at_baseline:
        plan_after_completion(work, shown.participant, shown.folder.protocol, occasion)
        asks |= stages.answered(work, shown.folder, shown.participant, occasion)
    todo = _next(work, shown.participant, shown.folder)
    if todo or not at_baseline:
        return Submitted({}, "kept", next_occasion_id=todo, mail_due=asks)
    return replace(_finish_baseline(work, shown), mail_due=asks)


def _read(shown: Shown, form: Mapping[str, str]) -> Answers:
    if isinstance(shown.activity, Questionnaire):
        return core_answers.read(shown.asked, form, needed=sorted(shown.needed))
    return exercises.read(shown.activity, shown.asked, form, shown.participant.language)


def _keep(
    work: Work,
    shown: Shown,
    given: Answers,
    submission: str,
    opened_at: datetime | None,
    active: int | None,
    pages: Mapping[str, Any] | None,
) -> bool:
    """Whether it was done; a practice that was passed over today is kept all the same."""
    length = exercises.length(shown.asked, given) if shown.is_exercise else None
    sheet_id = answer_sheets.add(
        work,
        shown.occasion,
        protocol_digest=shown.folder.digest,
        submission=submission,
        answers=given.closed,
        length=length,
        opened_at=opened_at,
        active_seconds=active,
        pages=pages,
        short_path=shown.short,
    )
    for column, text in given.free.items():
        about = vault.about_answer(sheet_id, column)
        vault.keep_words(work, shown.trial.id, shown.participant.id, vault.ANSWER, about, text)
    safety.watch(work, shown.folder, shown.occasion, sheet_id, shown.asked, given.closed)
    occasions.mark_done(work, shown.occasion.id)
    done, what = True, Event.QUESTIONNAIRE_DONE
    if not isinstance(shown.activity, Questionnaire):
        done = exercises.practised(shown.activity, given.closed)
        what = Event.EXERCISE_DONE if done else Event.EXERCISE_PASSED_OVER
    detail: dict[str, str | int] = {"timepoint": shown.occasion.timepoint, "occurrence": shown.occasion.occurrence}
    events.write(work, what, trial_id=shown.trial.id, participant_id=shown.participant.id, detail=detail)
    return done


def _pages(shown: Shown, turned: Sequence[Any]) -> dict[str, Any] | None:
    """How the form was gone through: the times of its pages, and the order of its items where that was drawn."""
    shuffled = isinstance(shown.activity, Questionnaire) and shown.activity.shuffle
    order = {"order": [one.column for one in shown.asked]} if shuffled else {}
    return {**order, **({"turned": list(turned)} if turned else {})} or None


def _next(work: Work, person: Participant, folder: ProtocolFolder) -> int | None:
    """What the person goes on with in the same sitting: the rest of the baseline, or what is asked at once."""
    if person.state is not ParticipantState.CONSENTED:
        return next_in_sitting(work, person, folder)
    return baseline_to_do(work, person, folder)


def _finish_baseline(work: Work, shown: Shown) -> Submitted:
    """The last baseline answer allocates; if the last place has gone, the answers stay and the person is thanked."""
    person = shown.participant
    facts = baseline_facts(work, shown.folder, person.id)
    trial = trials.by_id(work, person.trial_id, lock=True)
    if trial.recruits and fraud.must_wait(work, trial, shown.folder, person, facts):
        fraud.hold(work, person)
        return Submitted({}, "held")
    try:
        randomize(work, person, facts)
    except RecruitmentClosed:
        participants.change_state(work, person, ParticipantState.RECRUITMENT_CLOSED)
        events.write(work, Event.TURNED_AWAY, trial_id=person.trial_id, participant_id=person.id)
        ending.plan_now(work, person)
        return Submitted({}, "closed")
    randomized = participants.by_id(work, person.id)
    todo = _next(work, randomized, shown.folder)
    return Submitted({}, "kept", allocated=True, next_occasion_id=todo)


def baseline_facts(work: Work, folder: ProtocolFolder, participant_id: int) -> dict[str, Value]:
    """Screening answers, closed baseline answers and baseline scores, by name: what strata and plans may use."""
    facts: dict[str, Value] = dict(participants.answers_at_screening(work, participant_id))
    baseline = {activity.id for activity in folder.protocol.activities_at(folder.protocol.baseline, None)}
    for sheet in answer_sheets.of_participant(work, participant_id):
        if sheet.activity in baseline:
            facts |= sheet.answers
            facts |= scores_of(folder, sheet.answers)
    return facts


def _needed(shown: Shown) -> list[str]:
    """Items that may not be left out: those whose score a stratification rule names."""
    factors = shown.folder.protocol.allocation.strata
    names = {name for f in factors for level in f.levels if level.when for name in parse(level.when).names}
    needed = []
    for instrument in shown.folder.instruments.values():
        keyed = [key for score in instrument.scores if score.id in names for key in instrument.scored_items(score)]
        needed += [f"{instrument.code}_{key}" for key in keyed]
    columns = {one.column for one in shown.asked}
    return [column for column in needed if column in columns]
