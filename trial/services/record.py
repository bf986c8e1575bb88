"""The record of a trial as it stands now, as the rows of a freeze: study codes and relative days, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from trial.core import tries
from trial.core.adherence import dose
from trial.core.answers import Answer
from trial.core.codebook import codebook
from trial.core.dataset import (
    TOOK_BACK,
    CodebookRow,
    ContactRow,
    DatasetRow,
    Disposition,
    EventRow,
    HarmRow,
    ItemRow,
    Stage,
    StageRow,
    cell,
    dataset_header,
    digest_of,
    write_rows,
    write_table,
)
from trial.core.dose import of_sheet as dose_of_sheet
from trial.core.eligibility import stratum_levels
from trial.core.events import FROZEN_EVENTS
from trial.core.fraud import combined
from trial.core.local_time import relative_day
from trial.core.participant import Occasion, Participant, ParticipantState
from trial.core.protocol import Questionnaire, TrialProtocol
from trial.core.trial import Trial
from trial.core.tries import Assessed, Try
from trial.protocol_files import ProtocolFolder
from trial.services import doses, enrolment_errors, harm_rows, publishing, stage_rows
from trial.services.scores import scores_of
from trial.storage import allocations, answer_sheets, deliveries, events, flags, occasions, participants, trials
from trial.storage.allocations import Allocation
from trial.storage.answer_sheets import AnswerSheet
from trial.storage.flags import Flag
from trial.storage.participants import ScreeningRecord
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Person:
    """One participant with all that the files need."""

    record: Participant
    screening: ScreeningRecord | None
    allocation: Allocation | None
    occasions: tuple[Occasion, ...]
    sheets: tuple[AnswerSheet, ...]
    data_sharing: bool | None
    done_before: int = 0  # exercises of somebody whose sheets are taken back

    @property
    def origin(self) -> Any:
        return self.record.randomized_at or self.record.created_at

    def day(self, moment: Any) -> int | None:
        return relative_day(moment, self.origin, self.record.zone)


def files_of(work: Work, trial: Trial, folder: ProtocolFolder, people: list[Person]) -> dict[str, str]:
    """The rows as CSV, by file name; nothing is written and nothing changes."""
    files = {
        "dataset.csv": _dataset(folder, people),
        "items.csv": write_rows(_items(folder, people), ItemRow),
        "contacts.csv": write_rows(_contacts(work, trial, people), ContactRow),
        "events.csv": write_rows(_events(work, trial, people), EventRow),
        "harms.csv": write_rows(harm_rows.of_trial(work, trial.id), HarmRow),
        "disposition.csv": write_rows(_dispositions(work, trial, folder, people), Disposition),
        "codebook.csv": write_rows(codebook(folder.protocol, folder.instruments, covariates_of(folder)), CodebookRow),
    }
    if folder.protocol.stages:
        files[stage_rows.FILE] = _stages(work, trial, folder, people)
    return files


def digest_now(work: Work, trial: Trial) -> str:
    """The digest that a freeze at this moment would have."""
    folder = trials.folder_of(work, trial.protocol_id)
    files = files_of(work, trial, folder, people_of(work, trial, folder))
    return digest_of(files | publishing.allocation_files(work, trial))


def _stages(work: Work, trial: Trial, folder: ProtocolFolder, people: list[Person]) -> str:
    known = {one.record.id: (one.record.code, one.day) for one in people}
    return write_rows(stage_rows.of_trial(work, trial.id, folder.protocol, known.__getitem__), StageRow)


def people_of(work: Work, trial: Trial, folder: ProtocolFolder) -> list[Person]:
    """Everyone who gave an address, in the order of arrival: randomised or not."""
    screened = {one.participant_id: one for one in reversed(participants.screenings(work, trial.id))}
    allocated = {one.participant_id: one for one in allocations.of_trial(work, trial.id)}
    sharing = {one.participant_id: one.data_sharing for one in participants.consents(work, trial.id)}
    windows: dict[int, list[Occasion]] = {}
    for occasion in occasions.of_trial(work, trial.id):
        windows.setdefault(occasion.participant_id, []).append(occasion)
    sheets: dict[int, list[AnswerSheet]] = {}
    for sheet in answer_sheets.of_trial(work, trial.id):
        sheets.setdefault(sheet.participant_id, []).append(sheet)
    took_back = {one.id for one in participants.of_trial(work, trial.id) if one.data_withdrawn_at is not None}
    arms = {one: allocated[one].arm for one in took_back & allocated.keys()}
    done_before = doses.recorded(work, trial.id, folder.protocol, arms) if arms else {}
    return [
        Person(
            record=one,
            screening=screened.get(one.id),
            allocation=allocated.get(one.id),
            occasions=tuple(windows.get(one.id, ())),
            sheets=() if one.id in took_back else tuple(sheets.get(one.id, ())),
            done_before=done_before.get(one.id, 0),
            data_sharing=sharing.get(one.id),
        )
        for one in participants.of_trial(work, trial.id)
    ]


def _dataset(folder: ProtocolFolder, people: list[Person]) -> str:
    scores = [score.id for one in folder.instruments.values() for score in one.scores]
    covariates = covariates_of(folder)
    rows = sorted(
        (row for person in people if person.allocation for row in dataset_rows(folder, person, covariates)),
        key=lambda row: row.participant,
    )
    table = (
        [row.participant, row.arm, row.timepoint, row.day, row.late]
        + [row.scores.get(name) for name in scores]
        + [row.covariates.get(name) for name in covariates]
        for row in rows
    )
    return write_table(dataset_header(scores, covariates), table)


def covariates_of(folder: ProtocolFolder) -> list[str]:
    """Baseline variables beside the scores: screening questions, items that the plan names, strata."""
    protocol = folder.protocol
    scores = {score.id for one in folder.instruments.values() for score in one.scores}
    questions = [str(item.id) for item in protocol.eligibility.questions]
    factors = [factor.id for factor in protocol.allocation.strata]
    explored = protocol.analysis.exploratory
    named = [*protocol.analysis.baseline_table, *protocol.analysis.covariates]
    named += [one.variable for one in explored.subgroups] if explored else []
    return list(dict.fromkeys([*questions, *(one for one in named if one not in scores), *factors]))


def dataset_rows(folder: ProtocolFolder, person: Person, covariates: list[str]) -> Iterator[DatasetRow]:
    protocol, allocation = folder.protocol, person.allocation
    assert allocation is not None
    by_timepoint: dict[str, list[AnswerSheet]] = {}
    windows = {one.id: one for one in person.occasions}
    for sheet in person.sheets:
        if isinstance(protocol.activity(sheet.activity), Questionnaire):
            by_timepoint.setdefault(windows[sheet.occasion_id].timepoint, []).append(sheet)
    for point in protocol.timepoints:
        sheets = by_timepoint.get(point.id)
        if not sheets:
            continue
        at_baseline = point.id == protocol.baseline.id
        late = [sheet for sheet in sheets if _is_late(sheet, windows)]
        # the baseline decided who was randomised: it is never left out
        left_out = late if protocol.analysis.late_answers == "exclude" and not at_baseline else []
        answers = {key: value for sheet in sheets if sheet not in left_out for key, value in sheet.answers.items()}
        scores = scores_of(folder, answers)
        facts = _baseline_facts(protocol, person, answers, scores) if at_baseline else {}
        yield DatasetRow(
            participant=person.record.code,
            arm=allocation.arm,
            timepoint=point.id,
            day=person.day(sheets[-1].submitted_at),
            late=bool(late),
            scores=scores,
            covariates={name: facts.get(name) for name in covariates},
        )


def _is_late(sheet: AnswerSheet, windows: Mapping[int, Occasion]) -> bool:
    return bool(sheet.submitted_at >= windows[sheet.occasion_id].closes_at)


def _baseline_facts(
    protocol: TrialProtocol, person: Person, answers: Mapping[str, Answer], scores: Mapping[str, float | None]
) -> dict[str, Any]:
    facts: dict[str, Any] = dict((person.screening.answers if person.screening else None) or {}) | dict(answers)
    return facts | stratum_levels(protocol, facts | dict(scores))


def _items(folder: ProtocolFolder, people: list[Person]) -> Iterator[ItemRow]:
    """Closed answers as they were given, and of each exercise its dose."""
    for person in sorted(people, key=lambda one: one.record.code):
        if person.allocation is None:
            continue
        windows = {one.id: one for one in person.occasions}
        for sheet in person.sheets:
            window = windows[sheet.occasion_id]
            place = (person.record.code, window.timepoint, window.occurrence, sheet.activity)
            how = (_is_late(sheet, windows), sheet.short_path)
            for column, value in sorted(sheet.answers.items()):
                yield ItemRow(*place, column, cell(value), *how)
            if folder.protocol.is_exercise(sheet.activity):
                had = dose_of_sheet(sheet.opened_at, sheet.submitted_at, sheet.active_seconds, sheet.length)
                for part, number in had:
                    yield ItemRow(*place, f"{sheet.activity}_{part}", cell(number), *how)


def _contacts(work: Work, trial: Trial, people: list[Person]) -> list[ContactRow]:
    by_id = {person.record.id: person for person in people}
    rows = []
    for one in deliveries.of_trial(work, trial.id):
        person = by_id[one.participant_id]
        rows.append(
            ContactRow(
                participant=person.record.code,
                message=one.message,
                stream=one.stream,
                timepoint=one.timepoint,
                occurrence=one.occurrence,
                reminder=one.reminder,
                due_day=person.day(one.due_at),
                state=one.state.value,
                reason=one.reason or "",
                attempts=one.attempt,
            )
        )
    return sorted(rows, key=lambda row: (row.participant, row.due_day, row.timepoint, row.occurrence, row.reminder))


def _events(work: Work, trial: Trial, people: list[Person]) -> list[EventRow]:
    by_id = {person.record.id: person for person in people}
    of_screening = {one.id: one.participant_id for one in participants.screenings(work, trial.id)}
    rows = []
    for one in (each for each in events.of_trial(work, trial.id) if each.event in FROZEN_EVENTS):
        person = by_id.get(one.participant_id or of_screening.get(one.screening_id or 0) or 0)
        code = person.record.code if person else f"S{one.screening_id:05d}"
        rows.append(EventRow(code, person.day(one.at) if person else 0, one.event.value, _detail(one.detail)))
    return sorted(rows, key=lambda row: (row.participant, row.day))


def _detail(detail: Mapping[str, str | int]) -> str:
    if "timepoint" in detail:
        return f"{detail['timepoint']}:{detail['occurrence']}"
    return str(detail.get("failed") or detail.get("reason") or "")


_STAGES = {
    ParticipantState.ADDRESS_GIVEN: "address_not_confirmed",
    ParticipantState.CONFIRMED: "consent_not_given",
    ParticipantState.DECLINED: "declined",
    ParticipantState.CONSENTED: "baseline_not_finished",
    ParticipantState.HELD: "held",
    ParticipantState.REFUSED: "refused",
    ParticipantState.RECRUITMENT_CLOSED: "recruitment_closed",
    ParticipantState.RANDOMIZED: "randomized",
}


def _dispositions(work: Work, trial: Trial, folder: ProtocolFolder, people: list[Person]) -> list[Disposition]:
    """Everyone assessed, once: people by study code, screenings that led to nobody by their own number."""
    of_person = {person.record.id: _disposition(folder, person) for person in people}
    raised = flags.of_trial(work, trial.id)
    everybody = tries.assessed(_tries(work, trial, raised), list(of_person))
    seen = tries.signals_by(everybody, [(one.screening_id, one.participant_id, one.signal) for one in raised])
    found, marked = [], enrolment_errors.standing_in(work, trial.id)
    for place, one in enumerate(everybody):
        about = of_person[one.participant] if one.participant is not None else _never_a_person(one)
        error = marked.get(one.participant or 0, "")
        found.append(replace(about, tries=one.tries, flags=combined(seen.get(place, ())), enrolled_in_error=error))
    return sorted(found, key=lambda one: one.participant)


def _tries(work: Work, trial: Trial, raised: list[Flag]) -> Iterator[Try]:
    """Every screening, with the first one of the same browser where it came after that."""
    first = {one.screening_id: one.detail["first"] for one in raised if one.detail.get("how") == "browser"}
    for one in participants.screenings(work, trial.id):
        yield Try(one.id, one.participant_id, one.eligible, one.reason, one.source, first.get(one.id))


def _never_a_person(one: Assessed) -> Disposition:
    assert one.last is not None
    stage: Stage = "address_not_confirmed" if one.last.eligible else "not_eligible"
    return Disposition(f"S{one.last.id:05d}", stage, one.last.reason or "", one.last.source)


def _disposition(folder: ProtocolFolder, person: Person) -> Disposition:
    record, allocation = person.record, person.allocation
    base = {
        "participant": record.code,
        "stage": _STAGES[record.state],
        "source": record.source,
        "data_sharing": person.data_sharing,
    }
    if allocation is None:
        return Disposition(**base)  # type: ignore[arg-type]
    due, done = doses.of_person(folder.protocol, allocation.arm, person.occasions, person.sheets, person.done_before)
    had = dose(folder.protocol.arm(allocation.arm), due, done)
    return Disposition(
        **base,  # type: ignore[arg-type]
        reason=TOOK_BACK if record.data_withdrawn_at is not None else "",
        arm=allocation.arm,
        stratum=allocation.stratum,
        number=allocation.sequence,
        exercises_due=had.due,
        exercises_done=had.done,
        received=had.received,
        minimum_dose=had.minimum,
        stopped=record.stopped.value if record.stopped else "",
        stopped_day=person.day(record.stopped_at),
        stop_reason=record.stop_reason or "",
        bounced_day=person.day(record.bounced_at),
    )
