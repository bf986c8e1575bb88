"""Publication of the allocations with the frozen dataset: the whole list under study codes, and the opened seed.

The data are locked by then and nobody can be allocated any more: the seed tells no future allocation.
"""

from __future__ import annotations

from trial.core.dataset import write_rows
from trial.core.published_list import LIST, SEAL, AllocationRow, opened, row_of
from trial.core.randomization import STAGE
from trial.core.trial import Trial
from trial.services import contributing, designs, verifying
from trial.storage import allocations, outside_lists, trials
from trial.storage.work import Work


def allocation_files(work: Work, trial: Trial) -> dict[str, str]:
    """allocation.csv and allocation.json as they stand in the record: one that does not hold is published as it is."""
    seal = trials.seal_of(work, trial.id)
    seed = verifying.open_seed(work, trial.id, seal)
    entries = outside_lists.whole(work, trial.id, STAGE)
    declared = verifying.declared(work, trial, seal, seed)
    rows = (row_of(one, declared) for one in verifying.recorded(work, trial.id))
    amended = [(one.allocated_before, one.configuration) for one in designs.published(work, trial.id)]
    said = verifying.configurations(work, trial, seal, seed)
    states, both = allocations.states(work, trial.id), contributing.opened(work, trial.id)
    return {
        LIST: write_rows(rows, AllocationRow),
        SEAL: opened(trial.slug, seal, seed, said, states, entries, amended, both),
    }
