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

from trial.core.amendment import compare
from trial.core.events import Event
from trial.core.plan_history import Registered, Seen, history
from trial.core.recruitment import by_week
from trial.core.trial import Trial
from trial.protocol_files import ProtocolFolder
from trial.services.amendments import version_of
from trial.storage import deviations, events, trials
from trial.storage.work import Work

CONDUCT = "conduct.json"
DATED = ("registered", "seen_on")  # of the history of a plan: the days stand in conduct.json alone
# a value as long as that is told with a change; of a longer one the change alone
SHORT = 120
OF_VERSIONS = frozenset({"version", "consent.version"})


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
        "stops": _stops(work, trial),
    }


def plan_of(work: Work, trial: Trial) -> dict[str, Any]:
    """The version in which the plan of analyses was first registered, and what amendments did to it since; no dates."""
    versions = _versions(work, trial)
    later = history([each for _, each in versions], _sights(work, trial))
    told = [{name: value for name, value in asdict(one).items() if name not in DATED} for one in later]
    return {"first": versions[0][0]["version"], "later": told}


def _versions(work: Work, trial: Trial) -> list[tuple[dict[str, Any], Registered]]:
    """The version that the trial opened with, then every amendment with its class; each as told, and as it is."""
    folders = {one.digest: one for one in (trials.folder_of(work, at) for at in trials.versions_of(work, trial.id))}
    told = events.of_kind(work, trial.id, Event.PROTOCOL_REGISTERED)
    told = [one for one in told if one.detail.get("digest") in folders]
    first = max((at for at, one in enumerate(told) if one.detail.get("class") is None), default=0)
    found: list[tuple[dict[str, Any], Registered]] = []
    before: ProtocolFolder | None = None
    for one in told[first:]:
        folder = folders[str(one.detail["digest"])]
        values = {
            "version": folder.protocol.version,
            "registered": one.at.date().isoformat(),
            "class": one.detail.get("class"),
            "changes": _changes(before, folder) if before else [],
        }
        found.append((values, Registered(folder.protocol, one.at)))
        before = folder
    return found


def _changes(before: ProtocolFolder, after: ProtocolFolder) -> list[dict[str, str]]:
    """Each part that differs, but for the numbers of versions; what stood there where it is short."""
    found = []
    for one in compare(version_of(before), version_of(after)).changes:
        if one.path in OF_VERSIONS:
            continue
        told = not one.of_words and max(len(one.before), len(one.after)) <= SHORT
        values = {"before": one.before, "after": one.after} if told else {"before": "", "after": ""}
        found.append({"part": one.part, "class": one.default.value} | values)
    return found


def _stops(work: Work, trial: Trial) -> list[dict[str, str | None]]:
    """From when to when all mail was stopped, in order."""
    found: list[dict[str, str | None]] = []
    kinds = (Event.TRIAL_PAUSED, Event.TRIAL_RESUMED)
    for one in events.of_trial(work, trial.id):
        if one.event not in kinds:
            continue
        at = one.at.isoformat(timespec="minutes")
        if one.event is Event.TRIAL_PAUSED:
            found.append({"from": at, "until": None})
        elif found and found[-1]["until"] is None:
            found[-1]["until"] = at
    return found


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
