"""The record of a trial, its ledger and its mailbox as the neutral values that the oracle goes by."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from datetime import UTC
from email.parser import BytesHeaderParser
from pathlib import Path

from trial.core.protocol import Questionnaire
from trial.core.randomization import STAGE
from trial.mail.mailbox_files import mail_path, numbers
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.oracle.facts import (
    Allocated,
    Asked,
    Entry,
    Fact,
    Letter,
    Person,
    Plain,
    Raised,
    Record,
    Screened,
    Sheet,
    Version,
)
from trial.services.scores import scores_of
from trial.storage import allocations, answer_sheets, deliveries, events, flags, occasions, participants, trials
from trial.storage.work import Work


def read_record(work: Work, slug: str, mailbox: Path | None, files: Mapping[str, str]) -> Record:
    """Everything of a trial at this moment, in one transaction; `files` are what was frozen of it."""
    trial = trials.by_slug(work, slug)
    folder = trials.folder_of(work, trial.protocol_id)
    return Record(
        protocol=_plain(folder),
        now=work.now,
        facts=[
            Fact(one.number, one.at, one.event.value, one.participant_id, one.screening_id, one.detail)
            for one in events.of_trial(work, trial.id)
        ],
        people={
            one.id: Person(
                one.id,
                one.number,
                one.code,
                one.zone,
                one.chosen_hour,
                one.source,
                participants.answers_at_screening(work, one.id) if _rules_of(folder) else {},
            )
            for one in participants.of_trial(work, trial.id)
        },
        sheets=_sheets(work, trial.id, folder),
        allocated=[
            Allocated(one.participant_id, one.stage, one.arm, one.stratum, one.sequence, one.allocated_at)
            for one in allocations.of_stages(work, trial.id, STAGE, *(one.id for one in folder.protocol.stages))
        ],
        screened=_screened(work, trial.id),
        raised=[Raised(one.screening_id, one.participant_id, one.signal) for one in flags.of_trial(work, trial.id)],
        asked=[
            Asked(one.participant_id, one.timepoint, one.occurrence, one.activity, one.opens_at, one.closes_at)
            for one in occasions.of_trial(work, trial.id)
        ],
        ledger=_ledger(work, trial.id),
        letters=None if mailbox is None else [_letter(mailbox, one) for one in numbers(mailbox)],
        hour_key=trials.code_key(work, trial.id),
        link_key=work.keys.link,
        files=files,
        versions=[
            Version(one, version.digest, _plain(version))
            for one in trials.versions_of(work, trial.id)
            for version in [trials.folder_of(work, one)]
        ],
    )


def _plain(folder: ProtocolFolder) -> Plain:
    return folder.protocol.model_dump(mode="json", by_alias=True)


def _rules_of(folder: ProtocolFolder) -> list[str]:
    """The rules over what is known of a person; without any, nobody's screening answers are asked for."""
    protocol = folder.protocol
    return [one.only_if for one in (*protocol.messages, *protocol.activities) if one.only_if]


def _sheets(work: Work, trial_id: int, folder: ProtocolFolder) -> list[Sheet]:
    windows = {one.id: one for one in occasions.of_trial(work, trial_id)}
    gone = {one.id for one in participants.of_trial(work, trial_id) if one.data_withdrawn_at is not None}
    found = []
    for one in answer_sheets.of_trial(work, trial_id):
        window = windows[one.occasion_id]
        asks = isinstance(folder.protocol.activity(one.activity), Questionnaire)
        where = (window.timepoint, window.occurrence, one.activity)
        scores = scores_of(folder, one.answers) if asks else {}
        readable = one.participant_id not in gone
        late = one.submitted_at >= window.closes_at
        found.append(Sheet(one.participant_id, one.submitted_at, *where, one.answers, scores, readable, late))
    return found


def _screened(work: Work, trial_id: int) -> list[Screened]:
    same = {
        one.screening_id: one.detail["first"]
        for one in flags.of_trial(work, trial_id)
        if one.detail.get("how") == "browser"
    }
    return [
        Screened(one.id, one.participant_id, one.eligible, one.reason or "", one.source, same.get(one.id))
        for one in participants.screenings(work, trial_id)
    ]


def _ledger(work: Work, trial_id: int) -> list[Entry]:
    return [
        Entry(
            one.id,
            one.participant_id,
            one.message,
            one.stream,
            one.timepoint,
            one.occurrence,
            one.reminder,
            one.due_at,
            one.not_after,
            one.state.value,
            one.reason,
            one.doubts,
        )
        for one in deliveries.of_trial(work, trial_id)
    ]


def _letter(mailbox: Path, number: int) -> Letter:
    """The head of one file of the mailbox."""
    with mail_path(mailbox, number).open("rb") as file:
        head = BytesHeaderParser().parse(file, headersonly=True)
    sent = email.utils.parsedate_to_datetime(str(head["Date"])).astimezone(UTC)
    return Letter(number, str(head["X-Envelope-To"]), str(head["Message-ID"]), sent)
