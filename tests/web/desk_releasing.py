"""A live trial that is stopped after a restore: mails are due, some of them held, and nobody has asked for anything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import update

from tests.web.desk_place import Team, send
from tests.web.place import OPERATOR, SLUG, Person, Place, Reply
from trial.core.access import SYSTEM, Role
from trial.core.trial import TrialKind
from trial.services import trials
from trial.storage import restored
from trial.storage.tables import trial as table


def stopped(folder: Path, kind: TrialKind = TrialKind.LIVE) -> Team:
    """One person is in; a mail that was due is held since a restore, the mails of two days later wait for the stop's
    end. As if the trial had passed its gate, which is not what is looked at here."""
    place = Place(folder)
    Person(place).to_allocation()
    place.move(days=1, hours=10)
    with place.store.open_work(SYSTEM) as work:
        work.rows.execute(update(table).values(kind=kind.value))
        restored.hold(work)
    place.move(days=2)
    with place.store.open_work(OPERATOR) as work:
        trials.pause(work, SLUG)
    return Team(place)


@cache
def _shared() -> Team:
    return stopped(Path(mkdtemp(prefix="equipoise-stopped-")))


@cache
def _asked() -> Team:
    team = stopped(Path(mkdtemp(prefix="equipoise-asked-")))
    for end in ("sending", "restored"):
        owner = team.visitor(Role.OWNER)
        owner.get(f"/{SLUG}/{end}")
        send(owner, "ask", {"reason": "The mail server's log was read: nothing left."})
    return team


def _test_trial(end: str) -> Reply:
    return _of_a_test().visitor(Role.OWNER).get(f"/{SLUG}/{end}")


@cache
def _of_a_test() -> Team:
    return stopped(Path(mkdtemp(prefix="equipoise-stopped-test-")), TrialKind.TEST)


SAMPLES = {
    "desk-sending-of-two": lambda _: _shared().visitor(Role.OWNER).get(f"/{SLUG}/sending"),
    "desk-sending-asked": lambda _: _asked().visitor(Role.OWNER).get(f"/{SLUG}/sending"),
    "desk-restored-of-two": lambda _: _shared().visitor(Role.OWNER).get(f"/{SLUG}/restored"),
    "desk-restored-alone": lambda _: _test_trial("restored"),
    "desk-acts-of-sending": lambda _: _asked().visitor(Role.CUSTODIAN).get(f"/{SLUG}/acts"),
    "desk-home-after-a-restore": lambda _: _shared().visitor(Role.OWNER).get(f"/{SLUG}"),
}
