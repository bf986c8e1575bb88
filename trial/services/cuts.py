"""A dated cut of a running trial: its rows in memory, one event with their digest, and nothing else changed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from trial.core import access, cuts
from trial.core.access import Verb
from trial.core.cuts import CutKind
from trial.core.dataset import digest_of
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.recruitment import by_week
from trial.core.texts import say
from trial.core.trial import Trial, TrialState
from trial.protocol_files import ProtocolFolder
from trial.services import designs, looks, record
from trial.services.freeze import about_of
from trial.storage import events, trials
from trial.storage.work import Work

_ARMS = "arms"  # of the protocol at the cut, whose order an amendment may change


@dataclass(frozen=True, slots=True, repr=False)
class Cut:
    """`files` are those of a freeze at this moment: they tell the arms, and are never written as they are.

    `days` is everybody's day in the trial, `weeks` how many were randomised in each week since `opened`, `groups`
    the dummy label of each arm where they were asked for, `looks` the share of the information at each look before.
    """

    number: int
    taken_at: str
    digest: str
    folder: ProtocolFolder
    files: Mapping[str, str]
    days: Mapping[str, int]
    weeks: tuple[int, ...]
    opened: date
    groups: Mapping[str, str] | None
    looks: tuple[float, ...]


def take(work: Work, slug: str, kind: CutKind, nonce: bytes) -> Cut:
    """Cut the trial as it stands. `nonce`: fresh random bytes, from which and a key of the installation labels come."""
    access.require(work.by, Verb.TAKE_CUT)
    if kind in cuts.TELLS_ARMS:
        access.require(work.by, Verb.READ_CLOSED_REPORT)
    trial = trials.by_slug(work, slug)
    _require_running(trial)
    folder = trials.folder_of(work, trial.protocol_id)
    people = record.people_of(work, trial, folder)
    sizes = Counter(one.allocation.arm for one in people if one.allocation)
    if not sizes:
        raise Refused(f"Nobody was randomised in {slug} yet: there is nothing to report.")
    if kind is CutKind.DUMMY:
        _require_labels_tell_nothing(work, trial, folder, sizes)
    files = record.files_of(work, trial, folder, people)
    digest = digest_of(files)
    key = _key(work, trial, nonce)
    earlier = events.details_in(work, trial.id, Event.CUT_TAKEN)
    told = cuts.salted(key, digest)
    arms = [arm.id for arm in folder.protocol.arms]
    detail: dict[str, str | int] = {"digest": told, "kind": kind.value, "nonce": nonce.hex(), _ARMS: "+".join(arms)}
    events.write(work, Event.CUT_TAKEN, trial_id=trial.id, detail=detail)
    about = about_of(work, trial, folder, people, digest, None)
    return Cut(
        number=len(earlier) + 1,
        taken_at=work.now.isoformat(timespec="seconds"),
        digest=told,
        folder=folder,
        files=files | {"freeze.json": json.dumps(about)},
        days={one.record.code: one.day(work.now) or 0 for one in people if one.allocation},
        weeks=by_week(trial.opened_at, (one.origin for one in people if one.allocation)),
        opened=trial.opened_at.date(),
        groups=cuts.dummy_labels(key, arms) if kind is CutKind.DUMMY else None,
        looks=tuple(looks.of_trial(work, trial.id)),
    )


def labels_of(work: Work, slug: str, number: int) -> dict[str, str]:
    """Which arm each dummy label of a cut was, by label. One event keeps that they were opened, and by whom.

    After the lock for whoever may take a cut; before it for who reads the closed report alone.
    """
    trial = trials.by_slug(work, slug)
    access.require(work.by, Verb.TAKE_CUT if trial.is_locked else Verb.READ_CLOSED_REPORT)
    taken = events.details_in(work, trial.id, Event.CUT_TAKEN)
    if not 1 <= number <= len(taken):
        raise Refused(f"{slug} has no cut {number}: {len(taken)} were taken.")
    its = taken[number - 1]
    if its["kind"] != CutKind.DUMMY.value:
        raise Refused(f"Cut {number} of {slug} shows no dummy labels: it is {its['kind']}.")
    protocol = trials.folder_of(work, trial.protocol_id).protocol
    known = {arm.id: say(arm.label, protocol.languages[0]) for arm in protocol.arms}
    arms = str(its[_ARMS]).split("+") if _ARMS in its else list(known)
    labels = cuts.dummy_labels(_key(work, trial, bytes.fromhex(str(its["nonce"]))), arms)
    events.write(work, Event.CUT_LABELS_OPENED, trial_id=trial.id, detail={"cut": number})
    return {label: known.get(arm, arm) for arm, label in sorted(labels.items(), key=lambda one: one[1])}


def _require_running(trial: Trial) -> None:
    if trial.is_locked:
        raise Refused(f"The data of {trial.slug} are locked: freeze them, and report.")
    if trial.state not in (TrialState.OPEN, TrialState.PAUSED, TrialState.CLOSED):
        raise Refused(f"The trial {trial.slug} has not begun: there is nothing to cut.")


def _require_labels_tell_nothing(work: Work, trial: Trial, folder: ProtocolFolder, sizes: Mapping[str, int]) -> None:
    earlier = [one["ratios"] for one in designs.epochs(work, trial)]
    if why := cuts.why_no_labels(folder.protocol, earlier, sizes):
        raise Refused(f"{why} Take the cut without --dummy-arms: it counts over everybody.")


def _key(work: Work, trial: Trial, nonce: bytes) -> bytes:
    """Of one cut alone, from the key that seals the seed: nobody who reads the database can make it."""
    return hmac.digest(work.keys.sealing, b"equipoise cut 1\n%d\n" % trial.id + nonce, hashlib.sha256)
