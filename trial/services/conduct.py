"""How a trial was conducted: its dates, its protocol versions, what departed from them; a file beside the frozen data.

Dates here are those of the trial and stand in no file of data; how many came in each week tells, with the order of
randomisation, a person's week. Where relative days must stay so, this file is left out. Deviations are counted and not
told, as their words may name somebody.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from trial.core.events import Event
from trial.core.recruitment import by_week
from trial.core.trial import Trial
from trial.storage import deviations, events, trials
from trial.storage.work import Work

CONDUCT = "conduct.json"


def conduct_file(work: Work, trial: Trial, digest: str, randomized: Iterable[datetime]) -> str:
    """The text of the file, beside data of this digest, of people randomised at these moments."""
    return json.dumps(conduct_of(work, trial, digest, randomized), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def conduct_of(work: Work, trial: Trial, digest: str, randomized: Iterable[datetime]) -> dict[str, Any]:
    """When it opened, when recruitment closed at last, when this digest was first frozen, versions, deviations.

    And how many were randomised in each week since the opening.
    """
    frozen = [one.at for one in events.of_kind(work, trial.id, Event.DATASET_FROZEN) if one.detail["digest"] == digest]
    closed = events.of_kind(work, trial.id, Event.RECRUITMENT_CLOSED)
    return {
        "opened": trial.opened_at.date().isoformat(),
        "recruitment_closed": closed[-1].at.date().isoformat() if closed else None,
        "frozen": (frozen[0] if frozen else work.now).date().isoformat(),
        "randomised_by_week": list(by_week(trial.opened_at, randomized)),
        "versions": _versions(work, trial),
        "deviations": _deviations(work, trial),
    }


def _versions(work: Work, trial: Trial) -> list[dict[str, Any]]:
    """The version that the trial opened with, then every amendment with its class."""
    folders = [trials.folder_of(work, one) for one in trials.versions_of(work, trial.id)]
    names = {folder.digest: folder.protocol.version for folder in folders}
    registered = [
        {
            "version": names[str(one.detail["digest"])],
            "registered": one.at.date().isoformat(),
            "class": one.detail.get("class"),
        }
        for one in events.of_kind(work, trial.id, Event.PROTOCOL_REGISTERED)
        if one.detail.get("digest") in names
    ]
    first = max((at for at, one in enumerate(registered) if one["class"] is None), default=0)
    return registered[first:]


def _deviations(work: Work, trial: Trial) -> list[dict[str, Any]]:
    found = deviations.of_trial(work, trial.id)
    important = Counter(one.kind for one in found if one.important)
    counted = Counter(one.kind for one in found)
    return [{"kind": kind.value, "n": counted[kind], "important": important[kind]} for kind in sorted(counted)]
