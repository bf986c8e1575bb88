"""What became of everybody at the further stages, as the frozen record has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from trial.core.dataset import StageRow
from trial.core.protocol import TrialProtocol
from trial.storage import allocations, stage_entries
from trial.storage.work import Work

FILE = "stages.csv"


def of_trial(
    work: Work,
    trial_id: int,
    protocol: TrialProtocol,
    known: Callable[[int], tuple[str, Callable[[datetime | None], int | None]]],
) -> Iterable[StageRow]:
    """A row for each person and stage, by study code; `known` gives a person's code and what day a moment was."""
    made = allocations.of_stages(work, trial_id, *(one.id for one in protocol.stages))
    options = {(one.stage, one.participant_id): one for one in made}
    rows = []
    for entry in stage_entries.of_trial(work, trial_id):
        code, day = known(entry.participant_id)
        option = options.get((entry.stage, entry.participant_id))
        arm, number = (option.arm, option.sequence) if option else ("", None)
        rows.append(StageRow(code, entry.stage, entry.state.value, arm, number, day(entry.decided_at)))
    return sorted(rows, key=lambda one: (one.stage, one.participant))
