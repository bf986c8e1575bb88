"""Every page of the desk in every state that looks different, drawn by the real application on one shared trial.

Each page of a trial has one sample by itself, on the trial of `desk_tour`, which fills its lists. For a state beside
that: a function from the team to a reply, in SAMPLES under the name that its picture gets; what it needs to show is
laid into the trial by a function in LAID. Samples only look: those that post end in a refusal, or act on what nobody
else shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from unittest.mock import patch

from sqlalchemy import update

from tests.mail.letters import written
from tests.web.desk_coming import refused_gate
from tests.web.desk_matters import raise_alert, report_harm
from tests.web.desk_place import HERE, Team, send
from tests.web.desk_releasing import SAMPLES as OF_RELEASING
from tests.web.desk_samples_contacts import SAMPLES as OF_CONTACTS
from tests.web.desk_samples_contacts import contacts
from tests.web.desk_samples_delivery import SAMPLES as OF_DELIVERY
from tests.web.desk_samples_incentives import SAMPLES as OF_INCENTIVES
from tests.web.desk_tour import Toured, toured
from tests.web.place import SLUG, Person, Reply, Visitor
from trial.core.access import MAY, SYSTEM, Role
from trial.core.matters import MatterKind
from trial.core.troubles import Kind
from trial.mail.compose import compose
from trial.mail.mailbox_files import keep_mail
from trial.services.overview import Overview, overview_of
from trial.services.troubles import Standing
from trial.storage import calls, invitations, matters
from trial.storage.tables_desk import call, invitation
from trial.storage.work import Work
from trial.web.desk import home
from trial.web.desk.app import PAGES
from trial.web.desk.viewer import POLICY
from trial.web.desk.visit import DeskPage
from trial.web.headers import security_headers

HEADERS = security_headers(https=False) | {"content-security-policy": POLICY}
R = Role
Sample = Callable[[Team], Reply]


@cache
def lived() -> Toured:
    """One trial in which everything has happened once, with its team, made once for all samples."""
    found = toured(Path(mkdtemp(prefix="equipoise-desk-")))
    for role in Role:
        if role is not Role.OPERATOR:
            found.team.member(role)
    for lay in LAID:
        lay(found.team)
    return found


def shared() -> Team:
    """The team of that trial."""
    return lived().team


@cache
def drawn(name: str) -> str:
    """The HTML of a sample. In a thread of its own: a browser's driver may have a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: SAMPLES[name](shared()).text).result()


def waiting(team: Team) -> None:
    """An alert nobody has, a report that was judged, one that was not; somebody on the roster, and a test."""
    person = Person(team.place, "toni@mailbox.example")
    person.to_allocation()
    raise_alert(team.place, person)
    judged = report_harm(team.place, person)
    report_harm(team.place, person, wants_contact=False, submission="another")
    owner = team.visitor(R.OWNER)
    owner.get(f"/{SLUG}/matters/{judged}")
    said = {"term": "Headache", "severity": "mild", "relatedness": "unlikely", "expectedness": "expected"}
    said |= {"outcome": "recovered", "stopped": "nothing"}
    send(owner, "assess", said | {"criterion_hospital": "yes", "onset_on": "2026-03-01"})
    owner.get(f"/{SLUG}/roster")
    send(owner, "add", {"member": str(team.member(R.SAFETY_CONTACT).id), "place": "1"})
    send(owner, "test")


def asked(team: Team) -> None:
    """Three were invited and have not answered: a mail on its way, one lost with a restore, one that is over."""
    for name in ("lee.with.quite.a.long.name", "noor", "toni"):
        team.link(R.SAFETY_CONTACT, f"{name[:4].strip('.').title()} Example", f"{name}@team.example")
    with team.place.store.open_work(SYSTEM) as work:
        _, lost, late = invitations.waiting(work, team.place.trial.id)[-3:]
        mine = update(call).where(call.c.invitation_id == lost.id)
        work.rows.execute(mine.values(state="cancelled", reply=calls.SET_ASIDE))
        week = update(invitation).where(invitation.c.id == late.id)
        work.rows.execute(week.values(ends_at=work.machine_now - timedelta(hours=1)))


def _at(role: Role, path: str, *, proved: bool = True) -> Sample:
    return lambda team: team.visitor(role, proved=proved).get(path)


def _wrong_sign_in(team: Team) -> Reply:
    browser = team.stranger()
    browser.get("/sign-in")
    return send(browser, fields={"address": "robin@team.example", "password": "x", "code": "1"})


def _join(team: Team, *, fields: dict[str, str] | None = None, role: Role = R.COORDINATOR) -> Reply:
    browser = team.stranger()
    page = browser.get(team.link(role, "Sam Example", "sam@team.example"))
    return send(browser, fields=fields) if fields is not None else page


def _join_as_a_member(team: Team) -> Reply:
    owner = team.member(R.STATISTICIAN)
    return team.signed_in(owner).get(team.link(R.UNBLINDED_STATISTICIAN, owner.name, owner.address))


def _recovery_codes(team: Team) -> Reply:
    browser = team.visitor(R.CUSTODIAN)
    browser.get("/account")
    return send(browser, "codes")


def _prove(team: Team) -> Reply:
    browser = team.visitor(R.OWNER, proved=False)
    browser.get(f"/{SLUG}/team")
    return send(browser, "end", {"member": "1"})


def _not_invited(team: Team) -> Reply:
    browser = team.visitor(R.OWNER)
    browser.get(f"/{SLUG}/team")
    return send(browser, "invite", {"name": "Lee Example", "address": "no address", "role": "custodian"})


def _too_late(team: Team) -> Reply:
    return team.stranger().post(f"/{SLUG}/team", {"act": "note", "words": "Something that somebody wrote for long."})


def _named(page: DeskPage) -> str:
    """The name of a page's sample: desk-home, desk-alerts, desk-participants-code."""
    words = re.findall(r"[a-z-]+", page.path.removeprefix("/{slug}"))
    return "-".join(["desk", *(words or ["home"])])


def _lived(page: DeskPage) -> Sample:
    def sample(team: Team) -> Reply:
        path = next(path for other, path in lived().addresses() if other is page)
        role = next(role for role in Role if page.verb is None or page.verb in MAY[role])
        return team.visitor(role).get(path)

    return sample


def _matter(kind: MatterKind, *, which: int = 0) -> Sample:
    """The page of an open matter of a kind."""
    return lambda team: team.visitor(R.OWNER).get(_path(team, kind, which))


def _path(team: Team, kind: MatterKind, which: int = 0) -> str:
    with team.place.store.open_work(SYSTEM, write=False) as work:
        return f"/{SLUG}/matters/{matters.listed(work, team.place.trial.id, kind)[which].id}"


def _identity(team: Team) -> Reply:
    browser = team.visitor(R.OWNER)
    browser.get(_path(team, MatterKind.ADVERSE_EVENT, -1))
    return send(browser, "identity", {"reason": "A relative has called."})


def _words(kind: MatterKind) -> Sample:
    """The page of a matter with what somebody wrote opened."""

    def sample(team: Team) -> Reply:
        browser = team.visitor(R.OWNER)
        browser.get(_path(team, kind))
        return send(browser, "words")

    return sample


def _assessed_badly(team: Team) -> Reply:
    browser = team.visitor(R.OWNER)
    browser.get(_path(team, MatterKind.ADVERSE_EVENT))
    return send(browser, "assess", {"severity": "", "onset_on": "2026-03-01"})


def _list_ended(team: Team) -> Reply:
    """A home whose trial goes by an outside list that runs out."""

    def of_a_list(work: Work, slug: str) -> Overview:
        return replace(overview_of(work, slug), list_low=2, list_ended=1)

    with patch.object(home, "overview_of", of_a_list):
        return team.visitor(R.OWNER).get(f"/{SLUG}")


def _mails_refused(team: Team) -> Reply:
    """A home of a trial whose mails a server refuses, in words that run on without a blank; then lets nobody in."""
    said = "550 5.7.26 " + "https://relay.example/why?" + "x" * 120
    ago = timedelta(hours=3)
    found = (
        Standing(Kind.POLICY, "", ago, timedelta(minutes=4), False, said, 31),
        Standing(Kind.ACCOUNT, "", ago, None, False),
    )

    def troubled(work: Work, slug: str) -> Overview:
        return replace(overview_of(work, slug), troubles=found)

    with patch.object(home, "overview_of", troubled):
        return team.visitor(R.OWNER).get(f"/{SLUG}")


def _enrolled_in_error(team: Team) -> Reply:
    """What an entry would do, before it is made."""
    browser, code = team.visitor(R.COORDINATOR), lived().codes()[0]
    browser.get(f"/{SLUG}/participants/{code}/error")
    return send(browser, "look", {"reason": "duplicate", "words": "Her sister had answered before.", "stop": "yes"})


def _error_without_reason(team: Team) -> Reply:
    browser, code = team.visitor(R.COORDINATOR), lived().codes()[0]
    browser.get(f"/{SLUG}/participants/{code}/error")
    return send(browser, "look", {"reason": "other", "words": "", "stop": "no"})


def _entered_badly(team: Team) -> Reply:
    browser = team.visitor(R.COORDINATOR)
    browser.get(f"/{SLUG}/adverse-events/new")
    return send(browser, fields={"code": "XXXXXXXX", "happened": "A fall.", "serious": "yes"})


def _roster_faults(team: Team) -> Reply:
    browser = team.visitor(R.OWNER)
    browser.get(f"/{SLUG}/roster")
    return send(browser, "add", {"member": "", "place": "1"})


def _answering(team: Team) -> Reply:
    """A mail of the local mailbox, about to be answered."""
    box = Path(mkdtemp(prefix="equipoise-box-"))
    raw = compose(written(recipient="robin@mailbox.example"))
    keep_mail(box, "study@trial.example", ["robin@mailbox.example"], raw)
    return Visitor(team.application(mailbox=box), HERE).get("/mailbox/1/answer")


LAID: list[Callable[[Team], None]] = [asked, waiting, contacts]
SAMPLES: dict[str, Sample] = {
    "desk-sign-in": lambda team: team.stranger().get("/sign-in"),
    "desk-sign-in-wrong": _wrong_sign_in,
    "desk-join": _join,
    "desk-join-faults": lambda team: _join(team, fields={"name": "", "password": "short", "code": "1"}),
    "desk-join-as-a-member": _join_as_a_member,
    "desk-recovery-codes": _recovery_codes,
    "desk-prove": _prove,
    "desk-signed-out": _too_late,
    "desk-account": _at(R.OWNER, "/account"),
    "desk-account-not-proved": _at(R.OWNER, "/account", proved=False),
    "desk-trials": _at(R.OWNER, "/?said=ended"),
    "desk-home-of-a-statistician": _at(R.STATISTICIAN, f"/{SLUG}"),
    "desk-team-faults": _not_invited,
    "desk-team-looking": _at(R.STATISTICIAN, f"/{SLUG}/team"),
    "desk-alerts-waiting": _at(R.SAFETY_CONTACT, f"/{SLUG}/alerts"),
    "desk-alerts-closed": _at(R.OWNER, f"/{SLUG}/alerts?closed=1"),
    "desk-alert": _matter(MatterKind.ALERT),
    "desk-adverse-events-waiting": _at(R.COORDINATOR, f"/{SLUG}/adverse-events"),
    "desk-adverse-event": _matter(MatterKind.ADVERSE_EVENT),
    "desk-adverse-event-faults": _assessed_badly,
    "desk-adverse-event-new-faults": _entered_badly,
    "desk-home-list-ended": _list_ended,
    "desk-home-mails-refused": _mails_refused,
    "desk-enrolled-in-error": _enrolled_in_error,
    "desk-enrolled-in-error-faults": _error_without_reason,
    "desk-identity": _identity,
    "desk-adverse-event-words": _words(MatterKind.ADVERSE_EVENT),
    "desk-reply-words": _words(MatterKind.REPLY),
    "desk-roster-written": _at(R.OWNER, f"/{SLUG}/roster"),
    "desk-roster-faults": _roster_faults,
    "desk-roster-looking": _at(R.SAFETY_CONTACT, f"/{SLUG}/roster"),
    **OF_CONTACTS,
    **OF_DELIVERY,
    **OF_INCENTIVES,
    **OF_RELEASING,
    "desk-gate-refused": refused_gate,
    "desk-mail-answer": _answering,
    "desk-not-here": _at(R.OWNER, "/no-such-trial"),
}
# and every page of a trial that there is, as the first role that may come to it sees it
SAMPLES |= {_named(page): _lived(page) for page in PAGES if page.path.startswith("/{slug}")}
