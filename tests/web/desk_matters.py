"""What asks for a person in a test's own trial: an alert and a report, raised by the services on real rows."""

from __future__ import annotations

from tests.web.place import OPERATOR, SLUG, Person, Place
from trial.core.access import participant_actor
from trial.core.matters import MatterKind
from trial.core.safety import Met
from trial.services import alarms, harms, trials
from trial.storage import alerts, answer_sheets, matters, occasions

WORDS = "My sister had to take me to the clinic <b>at night</b>."


def raise_alert(place: Place, person: Person) -> int:
    """The person's sheet of the baseline met a rule; the number of the matter."""
    with place.store.open_work(participant_actor(person.id)) as work:
        sheet = answer_sheets.of_participant(work, person.id)[0]
        occasion = next(one for one in occasions.of_participant(work, person.id) if one.id == sheet.occasion_id)
        met = [Met("despair", "alert")]
        rows = alerts.add(work, occasion, sheet.id, met)
        alarms.raise_alerts(work, place.folder.protocol, occasion, zip(rows, met, strict=True))
    return latest(place, MatterKind.ALERT)


def report_harm(place: Place, person: Person, *, wants_contact: bool = True, submission: str = "mine") -> int:
    """The person reports that something is not right."""
    with place.store.open_work(participant_actor(person.id)) as work:
        harms.report(work, person.id, None, WORDS, submission=submission, wants_contact=wants_contact)
    return latest(place, MatterKind.ADVERSE_EVENT)


def latest(place: Place, kind: MatterKind) -> int:
    with place.store.open_work(OPERATOR, write=False) as work:
        return max(one.id for one in matters.listed(work, trials.find(work, SLUG).id, kind))
