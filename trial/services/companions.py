"""A test trial beside a live one, for its team to try out what participants meet: its protocol, and all else its own.

People of the team join the companion in place of the live trial. It has a name, a seed, links, addresses and a team
of its own, and its id stands on every row of it: so nothing of it is in the live trial's allocation, counts, lists,
alerts, payments, target, exports or reports.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from trial.core import access
from trial.core.access import SYSTEM, Actor, Role, Verb
from trial.core.errors import Refused
from trial.core.protocol import TrialProtocol
from trial.core.randomization import Entries
from trial.core.trial import Trial, TrialKind
from trial.services import trials as opening
from trial.services.trials import Chance
from trial.storage import members, trials
from trial.storage.work import Work

# a list of its own, where the protocol goes by an outside list: the live trial's is nobody's to read
Listing = Callable[[TrialProtocol, bytes], Entries | None]


@dataclass(frozen=True, slots=True)
class Beside:
    """The trial that a companion stands beside, and whether that one goes by another version by now."""

    trial: Trial
    is_older: bool


def open_beside(work: Work, slug: str, *, chance: Chance, listed: Listing) -> Trial:
    """Open a companion of the live trial's present version; a member who does so owns it."""
    access.require(work.by, Verb.OPEN_TRIAL)
    real = trials.by_slug(work, slug)
    if real.kind is not TrialKind.LIVE or not real.has_begun:
        raise Refused(f"{slug} is {_what(real)}. Test people have a place of their own beside an open live trial only.")
    folder = trials.folder_of(work, real.protocol_id)
    # a member acts in one trial alone, and this is another: only to open it
    here = replace(work, by=Actor(work.by.name, work.by.role, work.by.roles))
    trial = opening.open_trial(
        here,
        folder,
        slug=_free_name(here, real),
        kind=TrialKind.TEST,
        base_url=real.base_url,
        chance=chance,
        target=real.target,
        placeholder_wording=True,  # it shows what the live trial shows, whose gate has judged the wording
        entries=listed(folder.protocol, chance.seed),
        beside=real.id,
    )
    member_id = members.id_of(work.by)
    if member_id is not None:
        members.grant(here, trial.id, member_id, Role.OWNER)
    return trial


def stands_beside(work: Work, trial: Trial) -> Beside | None:
    """What a companion says of itself; None for any other trial."""
    if trial.beside is None:
        return None
    anywhere = replace(work, by=SYSTEM)
    real = trials.by_id(anywhere, trial.beside)
    mine, theirs = (trials.folder_of(anywhere, one.protocol_id).digest for one in (trial, real))
    return Beside(real, mine != theirs)


def _what(trial: Trial) -> str:
    return "in preparation" if trial.kind is TrialKind.LIVE else f"a {trial.kind.value} trial itself"


def _free_name(work: Work, real: Trial) -> str:
    """The trial's name with -test behind it, and a number where there is one already."""
    stem = f"{real.slug[:50]}-test"
    number, name = 1, stem
    while opening.known(work, name):
        number += 1
        name = f"{stem}-{number}"
    return name
