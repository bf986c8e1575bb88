"""Samples of replies, missing mails, held enrolments, deviations, participants and the panic stop."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tests.web.desk_contacts import hold, miss, write_back
from tests.web.desk_place import Team, send
from tests.web.place import SLUG, Person, Reply
from trial.core.access import Role
from trial.core.missing import Cause

WROTE = "I liked the first evening.\nThe second was hard to begin; may I do it on Sunday?"


@cache
def _laid() -> dict[str, str]:
    """The end of each page's address, by the name of its sample."""
    return {}


def contacts(team: Team) -> None:
    """Somebody wrote back, somebody asked to stop, mails did not arrive, an enrolment is held, a deviation stands."""
    place = team.place
    person, other, held = (Person(place, f"{one}@mailbox.example") for one in ("alex", "sasha", "noor"))
    person.to_allocation()
    other.to_allocation()
    held.to_baseline()
    place.move(minutes=1)
    codes = {one.id: one.code for one in place.everyone()}
    found = {
        "reply": write_back(place, person, WROTE),
        "reply-stop": write_back(place, other, "STOP"),
        "reply-of-nobody": write_back(place, person, "Is it over?", sender="a@elsewhere.example", known=False),
        "held": hold(place, held),
        "missing": miss(place, person),
        "missing-address": miss(place, other, Cause.BOUNCED),
    }
    owner = team.visitor(Role.OWNER)
    owner.get(f"/{SLUG}/deviations/new")
    given = {"kind": "timing", "important": "yes", "happened_on": "2026-03-01", "description": "Open a day too long."}
    found["deviation"] = int(send(owner, "", given).path.rpartition("/")[2])
    owner.get(f"/{SLUG}/participants/{codes[person.id]}")
    send(owner, "note", {"note": "Wrote that evenings are hard; the hour was changed."})
    _laid().update({name: f"/{SLUG}/matters/{number}" for name, number in found.items()})
    _laid().update({"participant": f"/{SLUG}/participants/{codes[person.id]}"})


def _of(name: str, role: Role = Role.OWNER) -> Callable[[Team], Reply]:
    return lambda team: team.visitor(role).get(_laid()[name])


def _at(end: str) -> Callable[[Team], Reply]:
    return lambda team: team.visitor(Role.OWNER).get(f"/{SLUG}/{end}")


def _deviation_faults(team: Team) -> Reply:
    owner = team.visitor(Role.OWNER)
    owner.get(f"/{SLUG}/deviations/new")
    return send(owner, "", {"kind": "", "important": "yes", "happened_on": "soon", "description": "a@b.example knew"})


def _wrong_address(team: Team) -> Reply:
    owner = team.visitor(Role.OWNER)
    owner.get(_laid()["participant"])
    return send(owner, "correct", {"email": "a@b.example", "again": "b@b.example"})


def _wrong_word(team: Team) -> Reply:
    owner = team.visitor(Role.OWNER)
    owner.get(f"/{SLUG}/sending")
    return send(owner, "stop", {"stop": "no"})


SAMPLES: dict[str, Callable[[Team], Reply]] = {
    "desk-replies-waiting": _at("replies"),
    "desk-reply": _of("reply", Role.COORDINATOR),
    "desk-reply-stop": _of("reply-stop", Role.COORDINATOR),
    "desk-reply-of-nobody": _of("reply-of-nobody"),
    "desk-held-waiting": _at("held"),
    "desk-held-one": _of("held", Role.COORDINATOR),
    "desk-missing-waiting": _at("mails"),
    "desk-missing-one": _of("missing", Role.COORDINATOR),
    "desk-missing-address": _of("missing-address", Role.COORDINATOR),
    "desk-deviations-waiting": _at("deviations"),
    "desk-deviation": _of("deviation"),
    "desk-deviation-faults": _deviation_faults,
    "desk-participant-wrong-address": _wrong_address,
    "desk-sending-wrong-word": _wrong_word,
}
