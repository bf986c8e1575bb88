"""Opening a trial, looking at it, pausing, resuming and closing it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from trial.core import access, not_yet, pooled, wording
from trial.core.access import Role, Verb
from trial.core.consent import is_over
from trial.core.errors import BadInput, Problem, Refused
from trial.core.events import Event
from trial.core.linting import blocks, lint
from trial.core.matters import MatterKind
from trial.core.protocol import SLUG
from trial.core.randomization import STAGE, Entries, commitment, rule_of
from trial.core.trial import RESERVED, Trial, TrialKind, TrialState
from trial.core.two_person import ActKind, require_one_may
from trial.protocol_files import ProtocolFolder
from trial.protocol_files.linting import subject
from trial.services import contributing
from trial.storage import (
    adverse_events,
    allocations,
    deliveries,
    designs,
    events,
    matters,
    members,
    outside_lists,
    overview,
    participants,
    trials,
    vault,
)
from trial.storage.designs import DesignAmendment
from trial.storage.work import Work

find = trials.by_slug
all_trials = trials.all_trials


def known(work: Work, slug: str) -> bool:
    """Whether there is a trial of this name."""
    return trials.by_name(work, slug) is not None


folder = trials.folder_of


@dataclass(frozen=True, slots=True)
class Chance:
    """Where a trial's chance comes from: the system's entropy, or, in a rehearsal, numbers derived from `--seed`."""

    seed: bytes
    salt: bytes
    code_key: bytes

    @staticmethod
    def from_system() -> Chance:
        return Chance(secrets.token_bytes(32), secrets.token_bytes(32), secrets.token_bytes(32))


def open_trial(
    work: Work,
    protocol: ProtocolFolder,
    *,
    slug: str,
    kind: TrialKind,
    base_url: str,
    chance: Chance,
    target: int | None,
    placeholder_wording: bool = False,
    entries: Entries | None = None,
    beside: int | None = None,
) -> Trial:
    """Store the protocol, seal the seed, publish its digest, and let people in.

    A rehearsal may show topics in place of a scale's official wording, and a test trial where `placeholder_wording`
    says so; each such page is marked. What people answer in a live trial is the scale itself.
    """
    access.require(work.by, Verb.OPEN_TRIAL)
    if kind is TrialKind.LIVE:
        raise Refused(f"A live trial is prepared first and opens through its gate: equipoise prepare … --name {slug}")
    require_name(slug)
    require_ready(protocol, kind, placeholder_wording=placeholder_wording)
    if kind is not TrialKind.REHEARSAL and is_over(protocol.protocol.consent, work.now.date()):
        last = protocol.protocol.consent.valid_until
        raise Refused(
            f"The consent form was valid until {last}: nobody could consent to it. Renew `consent.valid_until`."
        )
    trial = trials.add(
        work,
        slug=slug,
        kind=kind,
        target=target or protocol.protocol.sample_size.target,
        base_url=base_url.rstrip("/"),
        code_key=chance.code_key,
        folder=protocol,
        beside=beside,
    )
    events.write(work, Event.PROTOCOL_REGISTERED, trial_id=trial.id, detail={"digest": protocol.digest})
    seal_and_begin(work, trial, protocol, chance, entries)
    return trial


def require_name(slug: str) -> None:
    """Refuse a name that could not stand in an address."""
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        mend = "Use small letters, digits and hyphens, and none of the pages' own names."
        raise BadInput([Problem("--name", None, None, f"{slug!r} cannot be a trial's name.", mend)])


def seal_and_begin(
    work: Work, trial: Trial, protocol: ProtocolFolder, chance: Chance, entries: Entries | None = None
) -> None:
    """The seed is sealed and its digest public from here on, before anybody can enrol."""
    if (protocol.protocol.allocation.method == "listed") != bool(entries):
        raise Refused("A list belongs to the method `listed`, and that method needs one: equipoise open … --list FILE")
    if both := contributing.made_of_both(work, trial.id):
        chance = replace(chance, seed=both[0], salt=both[1])
    if entries:
        outside_lists.add(work, trial.id, STAGE, entries)
    digest = _seal_seed(work, trial, protocol, chance, entries)
    events.write(work, Event.SEED_SEALED, trial_id=trial.id, detail={"digest": digest})
    events.write(work, Event.TRIAL_OPENED, trial_id=trial.id, detail={"kind": trial.kind.value})


def require_ready(protocol: ProtocolFolder, kind: TrialKind, *, placeholder_wording: bool = False) -> None:
    """Refuse a version that people could not take part in as it says; a rehearsal may run all the same."""
    if kind is not TrialKind.REHEARSAL and (missing := not_yet.parts(protocol.protocol)):
        raise Refused(
            f"This version does not carry out all that the protocol declares: {'; '.join(missing)}. "
            "It can be rehearsed: equipoise demo. To open it, wait for a version that does, or take these parts out."
        )
    if kind is not TrialKind.REHEARSAL and (wrong := blocks(lint(subject(protocol)))):
        codes = ", ".join(sorted({one.rule.code for one in wrong}))
        raise Refused(f"The linter finds what no trial opens with ({codes}). See: equipoise check")
    if kind is not TrialKind.REHEARSAL and protocol.protocol.safety and not protocol.resources:
        raise Refused(
            "The protocol declares safety and names no place to turn to: answers that call for help would lead to an "
            "empty page. Write resources.yaml into its folder; docs/guide-protocol.md has an example."
        )
    require_wording(protocol, kind, placeholder_wording=placeholder_wording)


def require_wording(protocol: ProtocolFolder, kind: TrialKind, *, placeholder_wording: bool = False) -> None:
    """Refuse a trial whose scales still show topics, and name each with the command that mends it."""
    missing = wording.topics_only(protocol.instruments)
    if not missing or kind is TrialKind.REHEARSAL or (kind is TrialKind.TEST and placeholder_wording):
        return
    what = "These scales still show short topics in place of their official wording:"
    lines = [what, *wording.mends(missing, protocol.instruments)]
    if kind is TrialKind.TEST:
        lines.append("A test trial may show the topics, each page marked: open it with --placeholder-wording.")
    raise Refused("\n".join(lines))


def _seal_seed(work: Work, trial: Trial, protocol: ProtocolFolder, chance: Chance, entries: Entries | None) -> str:
    digest = commitment(chance.seed, chance.salt, protocol.protocol, entries)
    sealed = vault.seal(work.keys.sealing, chance.seed, f"seed|{trial.id}")
    version = rule_of(protocol.protocol).version
    trials.add_seal(work, trial.id, sealed=sealed, salt=chance.salt, digest=digest, rule_version=version)
    return digest


def seed_digest(work: Work, trial_id: int) -> str | None:
    """The digest that was published before the first enrolment; None while the trial is in preparation."""
    return trials.seal_digest(work, trial_id)


def _held(work: Work, slug: str) -> Trial:
    """The trial, held to the end of the transaction: two commands, or one and the last place, do not cross."""
    return trials.by_id(work, trials.by_slug(work, slug).id, lock=True)


def pause(work: Work, slug: str) -> Trial:
    """Stop all sending and recruiting; nothing is lost."""
    access.require(work.by, Verb.PAUSE_TRIAL)
    trial = trials.change_state(work, _held(work, slug), TrialState.PAUSED)
    events.write(work, Event.TRIAL_PAUSED, trial_id=trial.id)
    return trial


def resume(work: Work, slug: str) -> Trial:
    """Go on where the pause began, where one person may say so; in a live trial that is an act of two."""
    access.require(work.by, Verb.RESUME_TRIAL)
    paused = _held(work, slug)
    require_one_may(ActKind.RELEASE, paused.kind)
    return send_again(work, paused)


def send_again(work: Work, paused: Trial) -> Trial:
    """The pause is over, as one or two people said; what is past its latest useful time is not sent any more."""
    trial = trials.change_state(work, paused, paused.resume_to or TrialState.OPEN)
    released = deliveries.release_held(work, trial.id)
    events.write(work, Event.TRIAL_RESUMED, trial_id=trial.id, detail={"released": released})
    return trial


def close(work: Work, slug: str) -> Trial:
    """End recruitment; everyone who is in goes on to the end, once a pause is over."""
    access.require(work.by, Verb.CLOSE_RECRUITMENT)
    return close_recruitment(work, _held(work, slug), "by_hand")


def close_recruitment(work: Work, trial: Trial, reason: str) -> Trial:
    """The same from inside, when the last place was taken; the caller holds the trial."""
    if trial.state is TrialState.PAUSED:
        closed = trials.close_in_pause(work, trial)
    else:
        closed = trials.change_state(work, trial, TrialState.CLOSED)
    events.write(work, Event.RECRUITMENT_CLOSED, trial_id=trial.id, detail={"reason": reason})
    return closed


def add_member(work: Work, slug: str, name: str, role: Role) -> None:
    """Put a person of the team on record in one role of one trial."""
    access.require(work.by, Verb.ADD_MEMBER)
    trial = trials.by_slug(work, slug)
    member_id = members.add(work, trial.id, name, role)
    events.write(work, Event.MEMBER_ADDED, trial_id=trial.id, detail={"member": member_id, "role": role.value})


def list_members(work: Work, slug: str) -> list[members.Membership]:
    """Who is on the team of a trial, and as what."""
    access.require(work.by, Verb.READ_STATUS)
    return members.of_trial(work, trials.by_slug(work, slug).id)


_CONSENTED = ("consented", "held", "refused", "recruitment_closed", "randomized")


@dataclass(frozen=True, slots=True)
class Status:
    """Where a trial stands, pooled over the arms."""

    trial: Trial
    protocol_digest: str
    seed_digest: str | None
    contributions: contributing.Told | None
    now: datetime
    assessed: int
    eligible: int
    consented: int
    held: int
    randomized: int
    stopped: int
    contacts: dict[str, int]
    oldest_due: datetime | None
    open_adverse_events: int
    wanting_contact: int
    open_alerts: int
    designs: tuple[DesignAmendment, ...] = ()


def _contacts(work: Work, trial: Trial) -> dict[str, int]:
    """Mails by state; for who is blinded, those of timepoints that not every arm has are left out."""
    if not access.is_blinded(work.by):
        return deliveries.counts(work, trial.id)
    return overview.contacts(work, trial.id, _hidden(work, trial))


def _hidden(work: Work, trial: Trial) -> list[str]:
    """The timepoints that would tell an arm, for who is blinded."""
    return pooled.left_out(trials.folder_of(work, trial.protocol_id).protocol) if access.is_blinded(work.by) else []


def status(work: Work, slug: str) -> Status:
    """Figures without arms, for everyone who runs the trial."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    screened = participants.screenings(work, trial.id)
    people = participants.of_trial(work, trial.id)
    return Status(
        trial=trial,
        protocol_digest=trials.folder_of(work, trial.protocol_id).digest,
        seed_digest=seed_digest(work, trial.id),
        contributions=contributing.told(work, trial.id),
        now=work.now,
        assessed=len(screened),
        eligible=sum(one.eligible for one in screened),
        consented=sum(one.state.value in _CONSENTED for one in people),
        held=sum(one.state.value == "held" for one in people),
        randomized=allocations.count(work, trial.id),
        stopped=sum(one.stopped is not None for one in people),
        contacts=_contacts(work, trial),
        oldest_due=deliveries.oldest_due(work, trial.id, _hidden(work, trial)),
        wanting_contact=adverse_events.count_open_wanting_contact(work, trial.id),
        open_adverse_events=matters.count_untouched(work, trial.id, MatterKind.ADVERSE_EVENT),
        open_alerts=matters.count_untouched(work, trial.id, MatterKind.ALERT),
        designs=tuple(designs.of_trial(work, trial.id)),
    )
