"""Freezing: the records of a trial become files of study codes and relative days, with one digest over all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from trial.core import access
from trial.core.access import Verb
from trial.core.dataset import digest_of
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.recruitment import by_week
from trial.core.trial import Trial, TrialKind, TrialState
from trial.protocol_files import ProtocolFolder
from trial.services import contributing, designs, locking, looks, publishing, record, two_person
from trial.services.conduct import CONDUCT, conduct_file, plan_of
from trial.services.withdrawal import before_the_freeze
from trial.storage import events, trials
from trial.storage.work import Work


def freeze(work: Work, slug: str, *, rehearsal: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Every file of the frozen record, by name; nothing is written yet. The trial must have ended recruitment."""
    access.require(work.by, Verb.FREEZE)
    trial = trials.by_slug(work, slug)
    if not trial.is_locked and (trial.kind is TrialKind.LIVE or trial.state is not TrialState.CLOSED):
        first = "have its data locked, by two people" if trial.state is TrialState.CLOSED else "close recruitment"
        raise Refused(f"The trial {slug} is {trial.state.value}: {first} before freezing.")
    folder = trials.folder_of(work, trial.protocol_id)
    if trial.state is TrialState.CLOSED:
        before_the_freeze(work, trial.id)
    people = record.people_of(work, trial, folder)
    files = record.files_of(work, trial, folder, people)
    files |= publishing.allocation_files(work, trial)
    digest = digest_of(files)
    if trial.state is not TrialState.FROZEN:
        trials.change_state(work, trial, TrialState.FROZEN)
    events.write(work, Event.DATASET_FROZEN, trial_id=trial.id, detail={"digest": digest})
    files[CONDUCT] = conduct_file(work, trial, digest, _randomized(people))
    return _whole(folder, files, about_of(work, trial, folder, people, digest, rehearsal))


def frozen_again(work: Work, slug: str, *, only_looked_at: bool) -> dict[str, str]:
    """The files of a trial that is frozen, as they were last frozen; an event of the record unless `only_looked_at`.

    Raises Refused where it is not frozen, or its record is another by now.
    """
    access.require(work.by, Verb.FREEZE)
    trial = trials.by_slug(work, slug)
    if trial.state is not TrialState.FROZEN:
        raise Refused(f"The trial {slug} is {trial.state.value}: freeze it first.")
    folder = trials.folder_of(work, trial.protocol_id)
    last = [one for one in events.of_trial(work, trial.id) if one.event is Event.DATASET_FROZEN][-1]
    people = record.people_of(work, trial, folder)
    files = record.files_of(work, trial, folder, people) | publishing.allocation_files(work, trial)
    digest = digest_of(files)
    if digest != last.detail["digest"]:
        raise Refused(f"The record of {slug} is another than when it was last frozen: freeze it again first.")
    if not only_looked_at:
        events.write(work, Event.DATASET_FROZEN, trial_id=trial.id, detail={"digest": digest})
    files[CONDUCT] = conduct_file(work, trial, digest, _randomized(people))
    return _whole(folder, files, about_of(work, trial, folder, people, digest, None))


def _randomized(people: list[record.Person]) -> list[datetime]:
    """When each was randomised."""
    return [one.origin for one in people if one.allocation]


def _whole(folder: ProtocolFolder, files: dict[str, str], about: Mapping[str, Any]) -> dict[str, str]:
    """The files, what they came from, and the protocol."""
    said = {"freeze.json": json.dumps(about, indent=2, sort_keys=True, ensure_ascii=False) + "\n"}
    return files | said | {f"protocol/{path}": text for path, text in folder.files.items()}


def answered_primary(work: Work, slug: str) -> dict[str, int]:
    """How many of each arm have the primary outcome: what a rehearsal works its power out from."""
    access.require(work.by, Verb.FREEZE)
    trial = trials.by_slug(work, slug)
    folder = trials.folder_of(work, trial.protocol_id)
    plan = folder.protocol.analysis.primary
    score = folder.protocol.outcome(plan.outcome).score
    counts = {arm.id: 0 for arm in folder.protocol.arms}
    for person in record.people_of(work, trial, folder):
        if person.allocation:
            rows = record.dataset_rows(folder, person, [])
            counts[person.allocation.arm] += any(
                row.timepoint == plan.timepoint and row.scores.get(score) is not None for row in rows
            )
    return counts


def write_freeze(files: Mapping[str, str], out: Path) -> None:
    """Write the files beside their place first, then move them in: a broken run leaves no half record."""
    out.mkdir(parents=True, exist_ok=True)
    waiting = out / ".freezing"
    shutil.rmtree(waiting, ignore_errors=True)
    for name, text in files.items():
        path = waiting / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    for name in files:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (waiting / name).replace(out / name)
    shutil.rmtree(waiting)


def about_of(
    work: Work,
    trial: Trial,
    folder: ProtocolFolder,
    people: list[record.Person],
    digest: str,
    rehearsal: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """What freeze.json says of the rows with this digest."""
    seal = trials.seal_of(work, trial.id)
    weeks = by_week(trial.opened_at, _randomized(people))
    return {
        "trial": {"slug": trial.slug, "kind": trial.kind.value},
        "protocol": {"id": folder.protocol.id, "version": folder.protocol.version, "digest": folder.digest},
        "randomization": {
            "rule_version": seal["rule_version"],
            "seed_digest": seal["digest"],
            "published": "before the first enrolment",
            **({"epochs": epochs} if (epochs := designs.epochs(work, trial)) else {}),
            **({"contribution": asdict(told)} if (told := contributing.told(work, trial.id)) else {}),
        },
        "recruitment": {"target": trial.target, "weeks": len(weeks)},
        "software": {"name": "equipoise", "version": version("equipoise")},
        "digest": digest,
        "acts": two_person.tally(work, trial.id),
        "locks": locking.listed(work, trial.id),
        "looks": looks.of_trial(work, trial.id),
        "plan": plan_of(work, trial),
        "rehearsal": dict(rehearsal) if rehearsal else None,
    }
