"""The opening gate: what has to be there before real people are asked. Facts in, one list of lines out.

A line is green or refused, and says how to mend it; no line can be waived. Findings of the linter can, in the
protocol itself and with a reason that everybody reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from trial.core import not_yet, wording
from trial.core.access import Role
from trial.core.consent import is_over
from trial.core.instruments import Instrument
from trial.core.linting import Verdict
from trial.core.protocol import TrialProtocol
from trial.core.resources import EVERYWHERE, Resource

# how old something that was tried may be when the trial opens: machines, people and mailboxes change
FRESH = timedelta(days=30)
_LONG_AGO = f"more than {FRESH.days} days ago"
# how old a look at a place to turn to may be
RESOURCES_FRESH = timedelta(days=183)
# lines of their own, for which a waiver is not enough; or looked at by another line
_OWN_LINES = {"A001", "A002", "I601"}
_NOTE = re.compile(r"\[[^\]]+\]")


@dataclass(frozen=True, slots=True)
class Seen:
    """A piece of evidence, as the gate reads it."""

    at: datetime
    digest: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class OnCall:
    """Somebody who is on call in the first days of the trial, and when they last acknowledged a test alert; `obstacle`
    says why they cannot be called, where that is so."""

    name: str
    acknowledged_at: datetime | None
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the gate looks at. `keys` is the fingerprint of the keys in use, `ready` the roles of members who
    can sign in, `mail_from` the address that mails come from, where it is known."""

    now: datetime
    slug: str
    protocol: TrialProtocol
    instruments: Mapping[str, Instrument]
    resources: Sequence[Resource]
    verdicts: Sequence[Verdict]
    digest: str
    base_url: str
    keys: str
    mail_from: str
    evidence: Mapping[str, Seen]
    ready: frozenset[Role]
    on_call: Sequence[OnCall]

    @property
    def today(self) -> date:
        return self.now.date()


@dataclass(frozen=True, slots=True)
class Line:
    """One line: green, or what is missing and how to mend it. `told` is what was seen in either case."""

    code: str
    label: str
    green: bool
    missing: str = ""
    mend: str = ""
    told: str = ""


Missing = tuple[str, str]
Check = Callable[[Facts], Iterator[Missing]]
_CHECKS: dict[str, tuple[str, Check]] = {}


def _line(code: str, label: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        _CHECKS[code] = (label, check)
        return check

    return register


def lines(facts: Facts) -> list[Line]:
    """Every line of the gate, in the order in which a team works through them."""
    found = []
    for code, (label, check) in _CHECKS.items():
        wrong = list(check(facts))
        missing, mend = " ".join(what for what, _ in wrong), " ".join(dict.fromkeys(how for _, how in wrong))
        told = _acknowledged(facts) if code == "on_call" else ""
        found.append(Line(code, label, not wrong, missing, mend, told))
    return found


def codes() -> list[str]:
    """The code of every line."""
    return list(_CHECKS)


@_line("ethics", "Ethics decision")
def _ethics(facts: Facts) -> Iterator[Missing]:
    mend = "Write administrative.ethics with committee, reference and date, then prepare again."
    found = facts.protocol.administrative.ethics
    if found is None or not found.reference or not found.date:
        yield "The committee's reference or the date of its decision is not written.", mend
    elif _is_ahead(found.date, facts.today):
        yield f"The date of the decision, {found.date}, lies in the future.", mend


@_line("registration", "Registration")
def _registration(facts: Facts) -> Iterator[Missing]:
    mend = "Register the trial, write administrative.registration with number and date, then prepare again."
    found = facts.protocol.administrative.registration
    if found is None or not found.date:
        yield "The trial has no registration with a date.", mend
    elif _is_ahead(found.date, facts.today):
        yield f"It is registered from {found.date} on: the first person could enrol before that.", mend


def _is_ahead(written: str, today: date) -> bool:
    """A date is a year, a month or a day, and counts from its first moment."""
    return written > today.isoformat()[: len(written)]


@_line("wording", "Wording and permission of the scales")
def _wording(facts: Facts) -> Iterator[Missing]:
    for code in wording.topics_only(facts.instruments):
        yield f"{facts.instruments[code].name} still shows topics.", f"{wording.fill_command(code)}."
    told = {one.found.where for one in facts.verdicts if one.rule.code in ("I602", "I603") and one.waived is None}
    for code in sorted(told):
        mend = "Get it and waive I602 or I603 in the protocol with its date and words."
        yield f"Permission to use {code} is not on record.", mend


@_line("linter", "Linter")
def _linter(facts: Facts) -> Iterator[Missing]:
    beside = _OWN_LINES | {"I602", "I603"}
    left = sorted({one.rule.code for one in facts.verdicts if one.waived is None and one.rule.code not in beside})
    if left:
        yield f"It finds {', '.join(left)}.", "Mend or waive each: equipoise check."


@_line("carried_out", "Everything declared is carried out")
def _carried_out(facts: Facts) -> Iterator[Missing]:
    if parts := not_yet.parts(facts.protocol):
        yield f"This version does not do yet: {'; '.join(parts)}.", "Take it out of the protocol, or wait."


@_line("consent", "Consent form")
def _consent(facts: Facts) -> Iterator[Missing]:
    if is_over(facts.protocol.consent, facts.today):
        until = facts.protocol.consent.valid_until
        yield f"It was valid until {until}: nobody could consent to it.", "Renew consent.valid_until."


@_line("age", "Age rule")
def _age(facts: Facts) -> Iterator[Missing]:
    if facts.protocol.eligibility.age is None:
        mend = "Write eligibility.age with the question and the lowest age."
        yield "The protocol does not say from which age people may take part.", mend


@_line("privacy", "Privacy notice")
def _privacy(facts: Facts) -> Iterator[Missing]:
    found = facts.protocol.data_protection
    if found is None:
        yield "There is none.", "Write data_protection; docs/guide-protocol.md has an example."
    elif _NOTE.search(found.model_dump_json(exclude={"recipients", "retention"})):
        yield "A note in square brackets still stands in it.", "Write what the note asks for."
    elif not found.recipients:
        yield "It names nobody who holds the data, not even the host.", "Write data_protection.recipients."


@_line("clinician", "A clinician has read the exercises")
def _clinician(facts: Facts) -> Iterator[Missing]:
    mend = "Ask somebody of a profession that may judge it, and write administrative.clinician."
    found = facts.protocol.administrative.clinician
    if found is None:
        yield "Nobody is named who has read them.", mend
    elif _is_ahead(found.reviewed_on, facts.today):
        yield f"The day of the reading, {found.reviewed_on}, lies in the future.", mend


@_line("resources", "Places to turn to")
def _resources(facts: Facts) -> Iterator[Missing]:
    invited = facts.protocol.administrative.countries
    if not invited:
        yield "The protocol does not say in which countries people are invited.", "Write administrative.countries."
        return
    there = {one.country for one in facts.resources}
    if bare := [one for one in invited if one not in there]:
        what = f"There is none for {', '.join(bare)}."
        yield what, "Add one to resources.yaml for each country where people are invited."
    of_theirs = [one for one in facts.resources if one.country in {*invited, EVERYWHERE}]
    if old := [one for one in of_theirs if facts.today - date.fromisoformat(one.checked_on) > RESOURCES_FRESH]:
        what = f"{len(old)} of them were last checked more than six months ago."
        yield what, "Call or open each, and write checked_on and checked_by anew."
    if any(date.fromisoformat(one.checked_on) > facts.today for one in of_theirs):
        yield "One was checked on a day that lies in the future.", "Mend checked_on in resources.yaml."


@_line("https", "Address of the pages")
def _https(facts: Facts) -> Iterator[Missing]:
    if not facts.base_url.startswith("https://"):
        what = f"{facts.base_url} is not https: answers and links could be read on their way."
        yield what, f"Put TLS in front and prepare again: --name {facts.slug} --base-url https://…"


@_line("team", "Statistician and safety contact")
def _team(facts: Facts) -> Iterator[Missing]:
    wanted = {
        "statistician": {Role.STATISTICIAN, Role.UNBLINDED_STATISTICIAN},
        "safety contact": {Role.SAFETY_CONTACT},
    }
    for name, roles in wanted.items():
        if not roles & facts.ready:
            yield f"No {name} has signed in.", "Invite them on the page Team; they join by the link in the mail."


@_line("keys", "Copy of the keys with a custodian")
def _keys(facts: Facts) -> Iterator[Missing]:
    mend = "equipoise keys escrow DIR --recipient CUSTODIAN.pub."
    found = facts.evidence.get("keys")
    if found is None:
        yield "No copy was written for a custodian.", mend
    elif found.detail.get("keys") != facts.keys:
        yield "The copy is not of the keys in use.", mend


@_line("backup", "Backup taken and put back once")
def _backup(facts: Facts) -> Iterator[Missing]:
    yield from _tried(facts, "backup", "No backup was taken and put back.", "equipoise drill DIR.")


@_line("mail", "Mail arrives")
def _mail(facts: Facts) -> Iterator[Missing]:
    mend = f"equipoise mail doctor {facts.slug} --to ADDRESS."
    yield from _tried(facts, "mail", "No test mail was seen to arrive.", mend)
    found = facts.evidence.get("mail")
    if found and facts.mail_from and found.detail.get("from") != facts.mail_from:
        yield "The test mail came from another address than mails come from now.", mend


@_line("mail_reply", "Replies reach the desk")
def _mail_reply(facts: Facts) -> Iterator[Missing]:
    mend = f"Answer the test mail, then: equipoise mail doctor {facts.slug} --reply."
    yield from _tried(facts, "mail_reply", "No reply to a test mail was seen at the desk.", mend)


@_line("on_call", "On call is reached")
def _on_call(facts: Facts) -> Iterator[Missing]:
    """Everybody who is on call in the first 14 days: whoever has the second night is a promise as much as the first."""
    again = "Send a test alert on the page Roster; each who is called acknowledges it there."
    if not facts.on_call:
        yield "Nobody can be called in the first 14 days.", "Put an owner or a safety contact on the page Roster."
    for one in facts.on_call:
        if one.obstacle:
            yield f"{one.name} is on call and {one.obstacle}.", "Take them off the page Roster, or mend that."
        elif one.acknowledged_at is None:
            yield f"{one.name} is on call and has not acknowledged a test alert.", again
        elif facts.now - one.acknowledged_at > FRESH:
            yield f"{one.name} acknowledged one on {one.acknowledged_at:%Y-%m-%d}, {_LONG_AGO}.", again


def _acknowledged(facts: Facts) -> str:
    """Who of those on call has said that a test reached them."""
    said = [f"{one.name} ({one.acknowledged_at:%Y-%m-%d})" for one in facts.on_call if one.acknowledged_at]
    return f"Acknowledged: {', '.join(said)}." if said else ""


def _tried(facts: Facts, code: str, never: str, mend: str) -> Iterator[Missing]:
    found = facts.evidence.get(code)
    if found is None:
        yield never, mend
    elif facts.now - found.at > FRESH:
        yield f"It was tried last on {found.at:%Y-%m-%d}, {_LONG_AGO}.", mend


@_line("rehearsal", "Rehearsal of this version, its findings read")
def _rehearsal(facts: Facts) -> Iterator[Missing]:
    mend = f"equipoise demo PROTOCOL --out DEMO, read its report, then: equipoise gate rehearsal {facts.slug} DEMO."
    found = facts.evidence.get("rehearsal")
    if found is None:
        yield "No rehearsal is on record.", mend
    elif found.digest != facts.digest or found.detail.get("digest") != facts.digest:
        yield "The one on record rehearsed another version of the protocol.", mend
