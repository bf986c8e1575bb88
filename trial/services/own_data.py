"""Everything the trial holds that a person gave, for that person: one file with JSON for machines and CSV for eyes.

The arm is told only where the protocol lets people know it, or once they were told at the end.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from trial.core.errors import NotFound
from trial.core.events import Event
from trial.core.participant import Participant
from trial.core.spreadsheets import as_text
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder
from trial.services import payees
from trial.storage import (
    allocations,
    answer_sheets,
    deliveries,
    events,
    incentives,
    occasions,
    participants,
    trials,
    vault,
)
from trial.storage.work import Work

_NOT_SENT = ("planned", "due")


def download(work: Work, participant_id: int) -> bytes:
    """The file, and the event that it was taken."""
    person = participants.by_id(work, participant_id)
    folder = trials.folder_of(work, person.protocol_id)
    about = _about(work, person, folder)
    events.write(work, Event.DATA_DOWNLOADED, trial_id=person.trial_id, participant_id=person.id)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as file:
        file.writestr("my-data.json", json.dumps(about, indent=2, ensure_ascii=False, default=_plain) + "\n")
        for name in ("answers", "consents", "mails"):
            file.writestr(f"{name}.csv", _csv(about[name]))
    return out.getvalue()


def _about(work: Work, person: Participant, folder: ProtocolFolder) -> dict[str, Any]:
    return {
        "study": say(folder.protocol.title, person.language),
        "study_code": person.code,
        "written_at": work.now,
        "address": _address(work, person),
        "preferences": {
            "language": person.language,
            "time_zone": person.zone,
            "country": person.country,
            "hour": person.chosen_hour,
            "fewer_reminders": person.fewer_reminders,
            "paused_until": person.paused_until,
            "stopped": person.stopped,
            "stopped_at": person.stopped_at,
            "stop_reason": person.stop_reason,
        },
        "came_by": person.source,
        "joined_at": person.created_at,
        "plan": _arm(work, person, folder),
        "screening": dict(participants.answers_at_screening(work, person.id)),
        "consents": list(_consents(work, person)),
        "answers": list(_answers(work, person)),
        "reports": vault.all_words(work, person.id, "adverse_event") if person.erased_at is None else {},
        "earned": list(_earned(work, person, folder)),
        "mails": list(_mails(work, person)),
    }


def _address(work: Work, person: Participant) -> str | None:
    try:
        return vault.address_of(work, person.id)
    except NotFound:
        return None


def _arm(work: Work, person: Participant, folder: ProtocolFolder) -> str | None:
    """None while the person is not to know it."""
    known = folder.protocol.design.disclosure == "arm_known"
    told = known or bool(events.details_of(work, person.id, Event.DEBRIEFED))
    arm = allocations.arm_of(work, person.id) if told else None
    if arm is None:
        return None
    names = folder.protocol.labels_of(arm, *allocations.options_of(work, person.id))
    return ", ".join(say(one, person.language) for one in names)


def _consents(work: Work, person: Participant) -> Iterator[dict[str, Any]]:
    signed = vault.all_words(work, person.id, vault.SIGNATURE) if person.erased_at is None else {}
    for one in participants.consents_of(work, person.id):
        yield {
            "version": one.version,
            "signed_at": one.signed_at,
            "signature": signed.get(f"consent:{one.id}", ""),
            "statements": " ".join(one.statements),
            "data_sharing": one.data_sharing,
        }


def _answers(work: Work, person: Participant) -> Iterator[dict[str, Any]]:
    """One row for each answer and each text, in the order of sending."""
    withdrawn = person.erased_at is not None or person.data_withdrawn_at is not None
    written = {} if withdrawn else vault.all_words(work, person.id, vault.ANSWER)
    windows = {one.id: one for one in occasions.of_participant(work, person.id)}
    for sheet in answer_sheets.of_participant(work, person.id):
        window = windows[sheet.occasion_id]
        place = {"part": window.timepoint, "number": window.occurrence, "sent_at": sheet.submitted_at}
        texts = _texts_of(sheet.id, written)
        for question, answer in [*sheet.answers.items(), *texts.items()]:
            yield place | {"question": question, "answer": answer}


def _texts_of(sheet_id: int, written: Mapping[str, str]) -> dict[str, str]:
    found = ([*about.split(":", 1), text] for about, text in written.items())
    return {question: text for sheet, question, text in found if sheet == str(sheet_id)}


def _earned(work: Work, person: Participant, folder: ProtocolFolder) -> Iterator[dict[str, Any]]:
    """What was earned, and where the person asked to have it sent to, as long as that is kept."""
    what = {one.id: say(one.what, person.language) for one in folder.protocol.incentives}
    kept = payees.details_of(work, person)
    for one in incentives.of_participant(work, person.id):
        yield {
            "what": what.get(one.incentive, one.incentive),
            "earned_at": one.earned_at,
            "what_became_of_it": one.state,
            "sent_to": kept.get(one.id),
        }


def _mails(work: Work, person: Participant) -> Iterator[dict[str, Any]]:
    """What was sent, or was to be sent and was not; never what is still to come, which could tell the arm."""
    for one in deliveries.of_participant(work, person.id):
        if one.state.value not in _NOT_SENT:
            yield {"at": one.due_at, "about": one.stream, "reminder": one.reminder, "what_became_of_it": one.state}


def _csv(rows: list[dict[str, Any]]) -> str:
    out = StringIO()
    if rows:
        table = csv.DictWriter(out, list(rows[0]))
        table.writeheader()
        table.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula stays a text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return as_text(value) if isinstance(value, str) else value


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
