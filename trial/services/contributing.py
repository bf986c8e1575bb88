"""A seed that neither the team nor somebody outside can have chosen: the system's share first, then theirs.

Both are given while the trial is in preparation. Its opening makes the seed of them, and waits for the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.randomization.contributions import combined, commitment_of, of_name, read_contribution, receipt
from trial.core.replay import Difference
from trial.core.trial import Trial
from trial.storage import events, seed_parts, trials
from trial.storage.work import Work

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What everybody may know before the end: the commitment to the share, and who contributed, with the receipt."""

    commitment: str
    given_by: str | None
    receipt: str | None


def share(work: Work, slug: str, content: bytes, salt: bytes) -> str:
    """Seal the system's share and publish its commitment; once, while the trial is in preparation."""
    trial = _in_preparation(work, slug)
    if seed_parts.of_trial(work, trial.id):
        raise Refused(f"The share for {slug} was drawn before, and cannot be drawn again.")
    commitment = commitment_of(content, salt)
    seed_parts.add(work, trial.id, "share", content, digest=commitment, salt=salt, given_by=None)
    events.write(work, Event.SEED_SHARED, trial_id=trial.id, detail={"commitment": commitment})
    return commitment


def contribute(work: Work, slug: str, raw: bytes, given_by: str) -> str:
    """Seal what somebody outside gave, under their name; once. Returns the receipt, which tells nothing of it."""
    trial, name = _in_preparation(work, slug), " ".join(given_by.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"Say who gave it, in at most {LONGEST_NAME} characters: --by NAME")
    parts = seed_parts.of_trial(work, trial.id)
    if "share" not in parts:
        raise Refused(f"The system's share comes first: equipoise randomization share {slug}")
    if "contribution" in parts:
        raise Refused(f"A contribution for {slug} was given before, and stays.")
    given = read_contribution(raw)
    told = receipt(given)
    seed_parts.add(work, trial.id, "contribution", given, digest=told, salt=None, given_by=name)
    events.write(work, Event.SEED_CONTRIBUTED, trial_id=trial.id, detail={"receipt": told, "name": of_name(name)})
    return told


def _in_preparation(work: Work, slug: str) -> Trial:
    access.require(work.by, Verb.PREPARE_TRIAL)
    trial = trials.by_id(work, trials.by_slug(work, slug).id, lock=True)
    if trial.has_begun:
        raise Refused(f"The trial {slug} is {trial.state.value}: its seed is sealed. Contributions come before.")
    return trial


def told(work: Work, trial_id: int) -> Told | None:
    """What is published of the contributions; None where the seed is the system's alone."""
    parts = seed_parts.of_trial(work, trial_id)
    if "share" not in parts:
        return None
    given = parts.get("contribution")
    return Told(parts["share"].digest, given.given_by if given else None, given.digest if given else None)


def made_of_both(work: Work, trial_id: int) -> tuple[bytes, bytes] | None:
    """(seed, salt) from both contributions; None where none is asked for. Refused while one is waited for."""
    parts = seed_parts.of_trial(work, trial_id)
    if not parts:
        return None
    if "contribution" not in parts:
        raise Refused(
            "The system's share of the seed is drawn and waits for a contribution from outside: equipoise "
            "randomization contribute NAME --from FILE --by WHO"
        )
    mine, theirs = parts["share"], parts["contribution"]
    assert mine.salt is not None
    seed = combined(seed_parts.opened(work, trial_id, mine), seed_parts.opened(work, trial_id, theirs))
    return seed, mine.salt


def opened(work: Work, trial_id: int) -> dict[str, Any] | None:
    """Both contributions, for the publication after the lock."""
    parts = seed_parts.of_trial(work, trial_id)
    if len(parts) < 2:
        return None
    share, given = (seed_parts.opened(work, trial_id, parts[one]) for one in ("share", "contribution"))
    return {
        "commitment": parts["share"].digest,
        "share": share.hex(),
        "given": given.hex(),
        "given_by": parts["contribution"].given_by,
    }


def difference(work: Work, trial_id: int, seed: bytes, salt: bytes) -> Difference | None:
    """How the contributions are not what the record of acts says of them, or not what the seed is made of."""
    parts = seed_parts.of_trial(work, trial_id)
    acts = events.firsts(work, trial_id, [Event.SEED_SHARED, Event.SEED_CONTRIBUTED, Event.SEED_SEALED])
    if [_act_of(parts[one]) for one in ("share", "contribution") if one in parts] != [
        (one.event, one.detail) for one in acts[:-1]
    ]:
        return Difference("the contributions to the seed: the record of acts says others, or in another order")
    if not parts:
        return None
    try:
        share, given = (seed_parts.opened(work, trial_id, parts[one]) for one in ("share", "contribution"))
    except (InvalidTag, KeyError):
        return Difference("the contributions to the seed: one does not open with this installation's key")
    if commitment_of(share, parts["share"].salt or b"") != parts["share"].digest or parts["share"].salt != salt:
        return Difference("the system's share of the seed: it is not the one that was committed to")
    if receipt(given) != parts["contribution"].digest:
        return Difference("the contribution from outside: it is not the one that was given")
    if combined(share, given) != seed:
        return Difference("the seed: share and contribution give another")
    return None


def _act_of(one: seed_parts.SeedPart) -> tuple[Event, dict[str, str]]:
    """What the record of acts has to say of one part."""
    if one.part == "share":
        return Event.SEED_SHARED, {"commitment": one.digest}
    return Event.SEED_CONTRIBUTED, {"receipt": one.digest, "name": of_name(one.given_by or "")}
