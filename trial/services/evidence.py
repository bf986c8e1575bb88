"""What was done and seen to work before a trial opens: kept with who saw it, for the opening gate to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trial.core import access
from trial.core.access import Verb
from trial.core.events import Event
from trial.core.trial import Trial, TrialKind
from trial.storage import events, evidence, trials
from trial.storage.work import Work


def record(work: Work, trial: Trial, line: str, detail: Mapping[str, Any]) -> None:
    """Keep what was seen for one line of the gate, with the version of the protocol that stands then."""
    access.require(work.by, Verb.RECORD_EVIDENCE)
    digest = trials.folder_of(work, trial.protocol_id).digest
    evidence.add(work, trial.id, line, digest, detail)
    events.write(work, Event.EVIDENCE_RECORDED, trial_id=trial.id, detail={"line": line, "digest": digest})


def record_for_all(work: Work, line: str, detail: Mapping[str, Any]) -> list[str]:
    """The same for every trial of the installation that is not a rehearsal; their names."""
    found = [one for one in trials.all_trials(work) if one.kind is not TrialKind.REHEARSAL]
    for trial in found:
        record(work, trial, line, detail)
    return [one.slug for one in found]
