"""What everybody may know of a sealed allocation before the end: the digests that were published, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial.core import access
from trial.core.access import Verb
from trial.protocol_files import ProtocolFolder
from trial.services import contributing
from trial.storage import designs, trials
from trial.storage.designs import DesignAmendment
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Seals:
    """`digest` and `at` are None while the trial is in preparation; `amended` has the rules that came later."""

    folder: ProtocolFolder
    digest: str | None
    at: datetime | None
    commitment: str | None
    amended: tuple[DesignAmendment, ...]


def of_trial(work: Work, slug: str) -> Seals:
    """For the document of the protocol; the page for researchers says the same."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    parts = contributing.told(work, trial.id)
    return Seals(
        trials.folder_of(work, trial.protocol_id),
        trials.seal_digest(work, trial.id),
        trial.opened_at if trial.has_begun else None,
        parts.commitment if parts else None,
        tuple(designs.of_trial(work, trial.id)),
    )
