"""How a trial was conducted: its dates, its protocol versions, what departed from them; a file beside the frozen data.

Dates here are those of the trial and stand in no file of data; how many came in each week tells, with the order of
randomisation, a person's week. Where relative days must stay so, this file is left out. Deviations are counted and not
told, as their words may name somebody.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from trial.core.events import Event
from trial.core.plan_history import Registered, Seen, history
from trial.core.recruitment import by_week
from trial.core.trial import Trial
from trial.storage import deviations, events, trials
from trial.storage.work import Work

CONDUCT = "conduct.json"
DATED = ("registered", "seen_on")  # of the history of a plan: the days stand in conduct.json alone


def conduct_file(work: Work, trial: Trial, digest: str, randomized: Iterable[datetime]) -> str:
    """The text of the file, beside data of this digest, of people randomised at these moments."""
    return json.dumps(conduct_of(work, trial, digest, randomized), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def conduct_of(work: Work, trial: Trial, digest: str, randomized: Iterable[datetime]) -> dict[str, Any]:
    """When it opened, when recruitment closed at last, when this digest was first frozen, versions, deviations.

    And how many were randomised in each week since the opening, and on which day each kind of sight of outcomes by arm
    was first had.
    """
    frozen = [one.at for one in events.of_kind(work, trial.id, Event.DATASET_FROZEN) if one.detail["digest"] == digest]
    closed = events.of_kind(work, trial.id, Event.RECRUITMENT_CLOSED)
    return {
        "opened": trial.opened_at.date().isoformat(),
        "recruitment_closed": closed[-1].at.date().isoformat() if closed else None,
        "frozen": (frozen[0] if frozen else work.now).date().isoformat(),
        "randomised_by_week": list(by_week(trial.opened_at, randomized)),
        "versions": [told for told, _ in _versions(work, trial)],
        "seen": {
            seen.value: at.date().isoformat() for seen, at in sorted(_sights(work, trial), key=_when, reverse=True)
        },
        "deviations": _deviations(work, trial),
    }


def plan_of(work: Work, trial: Trial) -> dict[str, Any]:
    """The version in which the plan of analyses was first registered, and what amendments did to it since; no dates."""
    versions = _versions(work, trial)
    later = history([each for _, each in versions], _sights(work, trial))
    told = [{name: value for name, value in asdict(one).items() if name not in DATED} for one in later]
    return {"first": versions[0][0]["version"], "later": told}


def _versions(work: Work, trial: Trial) -> list[tuple[dict[str, Any], Registered]]:
    """The version that the trial opened with, then every amendment with its class; each as told, and as it is."""
    folders = [trials.folder_of(work, one) for one in trials.versions_of(work, trial.id)]
    protocols = {folder.digest: folder.protocol for folder in folders}
    registered = [
        (
            {
                "version": protocols[str(one.detail["digest"])].version,
                "registered": one.at.date().isoformat(),
                "class": one.detail.get("class"),
            },
            Registered(protocols[str(one.detail["digest"])], one.at),
        )
        for one in events.of_kind(work, trial.id, Event.PROTOCOL_REGISTERED)
        if one.detail.get("digest") in protocols
    ]
    first = max((at for at, (told, _) in enumerate(registered) if told["class"] is None), default=0)
    return registered[first:]


def _when(sight: tuple[Seen, datetime]) -> datetime:
    return sight[1]


def _sights(work: Work, trial: Trial) -> list[tuple[Seen, datetime]]:
    """When somebody saw outcomes by arm, or could from then on; labels of a cut count as soon as they are opened."""
    kinds = (
        (Event.INTERIM_LOOK, Seen.LOOK),
        (Event.CUT_LABELS_OPENED, Seen.LOOK),
        (Event.LOCKED, Seen.LOCK),
        (Event.DATASET_FROZEN, Seen.FREEZE),
    )
    return [(seen, one.at) for kind, seen in kinds for one in events.of_kind(work, trial.id, kind)]


def _deviations(work: Work, trial: Trial) -> list[dict[str, Any]]:
    found = deviations.of_trial(work, trial.id)
    important = Counter(one.kind for one in found if one.important)
    counted = Counter(one.kind for one in found)
    return [{"kind": kind.value, "n": counted[kind], "important": important[kind]} for kind in sorted(counted)]
