"""The team of a trial: who is asked, who joins, who leaves. Who was unblinded never takes a blinded role again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from trial.core import access
from trial.core.access import Actor, Role, Verb, member_actor
from trial.core.errors import BadInput, LinkInvalid, NotAllowed, NotFound, Problem, Refused
from trial.core.events import Event
from trial.core.links import TOKEN, make_invitation
from trial.core.signing_in import Invitation, Purpose, Session, why_not
from trial.core.trial import Trial, TrialKind
from trial.services import account_mails, passwords, second_factor
from trial.services.calling import INVITATION
from trial.services.signing_in import SignedIn, new_token
from trial.storage import calls, events, invitations, member_secrets, members, sessions, trials
from trial.storage.calls import Call
from trial.storage.members import Member, Membership
from trial.storage.vault import normalised
from trial.storage.work import Work

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Team:
    """Who is on a trial's team; the rest is for who may invite. `lapsed` was not answered in time; `mails` says where
    the mail of each of both stands."""

    memberships: tuple[Membership, ...]
    invited: tuple[Invitation, ...] = ()
    lapsed: tuple[Invitation, ...] = ()
    mails: Mapping[int, Call] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, its trial, and the member who has its address already, if any; `known` who can sign in."""

    invitation: Invitation
    trial: Trial
    member: Member | None
    known: bool


@dataclass(frozen=True, slots=True)
class Joining:
    """What somebody new chose: the password's hash, and their app's secret with the half minute that confirmed it."""

    name: str
    password: str = field(repr=False)
    totp: str = field(repr=False)
    step: int


def of_trial(work: Work, slug: str) -> Team:
    """Everybody in a role, and who was asked and has not answered."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    on_it = tuple(members.of_trial(work, trial.id))
    if not work.by.may(Verb.ADD_MEMBER):
        return Team(on_it)
    invited, lapsed = invitations.waiting(work, trial.id), invitations.lapsed(work, trial.id)
    mails = calls.of_invitations(work, [one.id for one in [*invited, *lapsed]])
    return Team(on_it, tuple(invited), tuple(lapsed), mails)


def invite(work: Work, slug: str, *, name: str, address: str, role: Role) -> Invitation:
    """Ask somebody to take a role; a mail with the link follows. `link_of` gives the link to who runs the server."""
    access.require(work.by, Verb.ADD_MEMBER)
    trial = trials.by_slug(work, slug)
    name, plain = " ".join(name.split())[:LONGEST_NAME], _address(address)
    if not name:
        raise BadInput([Problem("name", None, None, "a name is missing.", "Write it as the team knows the person.")])
    known = members.by_address(work, plain)
    if known is not None:
        if role in members.roles_of(work, trial.id, known.id):
            raise Refused(f"{known.name} has this role in this trial already.")
        if why := why_not(role, members.ever_held(work, trial.id, known.id)):
            raise Refused(why)
    elif role is Role.OPERATOR:
        raise Refused(why_not(role, ()) or "")
    invitation = invitations.add(work, trial.id, name=name, address=plain, role=role)
    calls.plan_for(work, trial.id, INVITATION, invitation_id=invitation.id)
    _record(work, Event.MEMBER_INVITED, trial.id, invitation=invitation.id, role=role.value)
    return invitation


def link_of(work: Work, invitation: Invitation, desk_url: str) -> str:
    """The address that the mail holds."""
    return f"{desk_url.rstrip('/')}/join/{make_invitation(work.keys.link, invitation.id)}"


def withdraw(work: Work, invitation_id: int) -> None:
    """Take an invitation back: its link is void at once."""
    access.require(work.by, Verb.ADD_MEMBER)
    invitation = invitations.by_id(work, invitation_id)
    if not invitation.good(work.machine_now):
        raise Refused("This invitation was used, withdrawn, or is over.")
    invitations.withdraw(work, invitation_id)
    _record(work, Event.INVITATION_WITHDRAWN, invitation.trial_id, invitation=invitation_id)


def invite_again(work: Work, invitation_id: int) -> Invitation:
    """The same once more, by a new mail with a link of its own and a week of its own; the link before is void."""
    access.require(work.by, Verb.ADD_MEMBER)
    old = invitations.by_id(work, invitation_id, lock=True)
    if old.accepted_at is not None or old.withdrawn_at is not None:
        raise Refused("This invitation was used or withdrawn. Invite the person anew.")
    invitations.withdraw(work, old.id)
    new = invitations.add(work, old.trial_id, name=old.name, address=old.address, role=old.role)
    calls.plan_for(work, old.trial_id, INVITATION, invitation_id=new.id)
    _record(work, Event.MEMBER_INVITED, old.trial_id, invitation=new.id, role=old.role.value, again=old.id)
    return new


def invited(work: Work, token: str, *, lock: bool = False) -> Invited:
    """What a link asks for; a used, withdrawn, lapsed or made-up one is refused, all alike."""
    found = invitations.by_token(work, token, lock=lock) if TOKEN.match(token) else None
    if found is None or not found.good(work.machine_now):
        raise LinkInvalid("This invitation does not work any more.")
    member = members.by_address(work, found.address)
    return Invited(found, trials.by_id(work, found.trial_id), member, bool(member and may_sign_in(work, member.id)))


def may_sign_in(work: Work, member_id: int) -> bool:
    """Whether somebody has joined, and is not on record alone."""
    return member_secrets.of_member(work, member_id) is not None


def anybody_joined(work: Work) -> bool:
    """Whether there is a member at all who can sign in."""
    return member_secrets.any_kept(work)


def accept_as(work: Work, token: str, session: Session) -> Trial:
    """A member who is signed in takes the role."""
    asked = invited(work, token, lock=True)
    if asked.member is not None and asked.member.id != session.member_id:
        raise Refused("This invitation is for another member. Sign in as that one to accept it.")
    _take(work, asked, session.member_id)
    return asked.trial


def join(work: Work, token: str, joining: Joining) -> tuple[SignedIn, list[str]]:
    """Somebody new takes the role, with password and app; gives their session, and recovery codes, shown once."""
    asked = invited(work, token, lock=True)
    if asked.known:
        raise Refused("You are a member already. Sign in to accept.")
    name = " ".join(joining.name.split())[:LONGEST_NAME] or asked.invitation.name
    member_id = asked.member.id if asked.member else members.make(work, name, asked.invitation.address)
    codes = second_factor.new_recovery_codes()
    member_secrets.keep(
        work, member_id, password=joining.password, totp=joining.totp, step=joining.step, recovery=codes
    )
    _take(work, asked, member_id)
    if asked.member:
        account_mails.tell(work, member_id, "anew")
    session = new_token()
    sessions.begin(work, member_id, session, Purpose.DESK)
    begun = sessions.by_token(work, session)
    assert begun is not None
    return SignedIn(begun, members.by_id(work, member_id), session), codes


def renew(work: Work, slug: str, address: str) -> Invitation:
    """A member of this trial who lost what they sign in with chooses anew, by a mail to their address on file.

    Who runs the server does this, for nobody else can tell who asks; what was known before is void at once.
    """
    access.require(work.by, Verb.ADD_MEMBER)
    if work.by.role is not Role.OPERATOR:
        raise NotAllowed("Who runs the server does this.")
    trial = trials.by_slug(work, slug)
    member = members.by_address(work, address)
    held = sorted(members.roles_of(work, trial.id, member.id)) if member else []
    if member is None or not held:
        raise NotFound(f"Nobody with this address is on the team of {slug}.")
    sessions.end_all(work, member.id)
    member_secrets.forget(work, member.id)
    invitation = invitations.add(work, trial.id, name=member.name, address=normalised(address), role=held[0])
    calls.plan_for(work, trial.id, INVITATION, invitation_id=invitation.id)
    _record(work, Event.MEMBER_INVITED, trial.id, invitation=invitation.id, role=held[0].value, renewed=member.id)
    return invitation


def password_fault(asked: Invited, name: str, password: str) -> str | None:
    """Why this cannot be the new member's password."""
    return passwords.fault(password, (name, asked.invitation.name, asked.invitation.address, asked.trial.slug))


def end_membership(work: Work, slug: str, member_id: int) -> None:
    """A member leaves a trial: every role there ends now, and with it every session, which may not go on unseen."""
    access.require(work.by, Verb.END_MEMBERSHIP)
    trial = trials.by_id(work, trials.by_slug(work, slug).id, lock=True)
    held = members.roles_of(work, trial.id, member_id)
    if not held:
        raise Refused("This person has no role in this trial.")
    if Role.OWNER in held:
        _require_another_owner(work, trial.id, member_id)
    for role in sorted(held):
        members.end_role(work, trial.id, member_id, role)
    sessions.end_all(work, member_id)
    _record(work, Event.MEMBERSHIP_ENDED, trial.id, member=member_id)


def acting(work: Work, member_id: int, slug: str) -> Actor:
    """A member with the roles they hold now in this trial; NotFound where they hold none."""
    trial = trials.by_slug(work, slug)
    return member_actor(member_id, members.roles_of(work, trial.id, member_id), trial.id)


def operator_in(work: Work, operator: Actor, slug: str) -> Actor:
    """The operator of the machine in this trial: beside its team where it is live and an owner can sign in."""
    trial = trials.by_slug(work, slug)
    owners = [one.member_id for one in members.of_trial(work, trial.id) if one.role is Role.OWNER]
    watched = trial.kind is TrialKind.LIVE and any(may_sign_in(work, one) for one in owners)
    return replace(operator, beside_team=watched)


def everywhere(work: Work, member_id: int) -> Actor:
    """A member who acts on a whole installation: with the roles that they hold in each of its trials."""
    kept = [one for one in trials.all_trials(work) if one.kind is not TrialKind.REHEARSAL]
    held = [members.roles_of(work, one.id, member_id) for one in kept]
    return Actor(f"member:{member_id}", roles=frozenset.intersection(*held) if held else frozenset())


def zone_of(work: Work, trial: Trial) -> tzinfo:
    """The time zone that the protocol names for the team; UTC where it names none."""
    named = trials.folder_of(work, trial.protocol_id).protocol.administrative.time_zone
    return ZoneInfo(named) if named else UTC


def _take(work: Work, asked: Invited, member_id: int) -> None:
    trial = trials.by_id(work, asked.trial.id, lock=True)
    role = asked.invitation.role
    if role is Role.UNBLINDED_STATISTICIAN and Role.OWNER in members.roles_of(work, trial.id, member_id):
        _require_another_owner(work, trial.id, member_id)
    has_it = role in members.roles_of(work, trial.id, member_id)  # who chooses anew how to sign in
    ended = [] if has_it else members.grant(work, trial.id, member_id, role)
    invitations.accept(work, asked.invitation.id)
    mine = replace(work, by=member_actor(member_id, frozenset({role}), trial.id))
    _record(
        mine, Event.MEMBER_JOINED, trial.id, member=member_id, role=role.value, invitation=asked.invitation.id,
        ended=" ".join(ended),
    )  # fmt: skip


def _require_another_owner(work: Work, trial_id: int, member_id: int) -> None:
    others = [one for one in members.of_trial(work, trial_id) if one.role is Role.OWNER and one.member_id != member_id]
    if not others:
        raise Refused("A trial is never without an owner. Invite another one first.")


def _address(address: str) -> str:
    try:
        return normalised(validate_email(address.strip(), check_deliverability=False).normalized)
    except EmailNotValidError:
        problem = Problem("address", None, None, "this is no mail address.", "Write one, as in name@example.org.")
        raise BadInput([problem]) from None


def _record(work: Work, what: Event, trial_id: int, **detail: str | int) -> None:
    events.write(work, what, trial_id=trial_id, detail={name: one for name, one in detail.items() if one != ""})
