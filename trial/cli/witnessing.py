"""The witness of a rehearsal, put together: it reads cookies as the application does, and asks the ledger what for."""

from __future__ import annotations

from http.cookies import SimpleCookie

from trial.core.access import SYSTEM
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.witness import About, Sitting, Witness
from trial.services import rehearsing
from trial.storage.work import Store
from trial.web.cookies import SignedCookie
from trial.web.participant.app import COOKIE
from trial.web.participant.session import from_cookie


def witness_of(store: Store, slug: str, folder: ProtocolFolder) -> Witness:
    """A witness of the rehearsal `slug` in this store."""
    cookie = SignedCookie(store.keys.cookie, COOKIE, https=False)

    def sitting(header: str) -> Sitting:
        held = {name: one.value for name, one in SimpleCookie(header).items()}
        session = from_cookie(cookie.read(held))
        return Sitting(session.participant, session.occasion) if session else Sitting()

    def occasions(participant: int) -> dict[int, About]:
        with store.open_work(SYSTEM, write=False) as work:
            arm, planned = rehearsing.occasions_of(work, participant)
        return {one.id: About(one.activity, one.timepoint, one.occurrence, arm) for one in planned}

    exercises = frozenset(one.id for one in folder.protocol.activities if folder.protocol.is_exercise(one.id))
    return Witness(slug, exercises, sitting, occasions)
