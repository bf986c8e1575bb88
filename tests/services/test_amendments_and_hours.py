"""An hour that somebody chose is looked ahead at as theirs: a new version that moves the hour moves it for others."""

from __future__ import annotations

from tests.core.protocols import rewritten
from tests.services.scene import Scene
from tests.services.test_amendments import EACH, LATER_IN_THE_EVENING, look
from trial.core.amendment.plans import Effects
from trial.services import preferences
from trial.storage.work import Store


def test_an_hour_that_a_person_chose_is_theirs_in_the_new_plan_too(store: Store) -> None:
    choice = ("    time: '19:00'\n", "    time: '19:00'\n    chosen_from: ['08:00', '19:00']\n")
    scene = Scene(store, folder=rewritten(choice))
    person = scene.enrol()
    with scene.work() as work:
        kept = preferences.change_mails(
            work, person, zone="Europe/Berlin", language="en", hour="08:00", fewer_reminders=False
        )
    assert kept is None
    assert look(scene, rewritten(choice)).mails == Effects(unchanged=EACH)
    other = rewritten(choice, LATER_IN_THE_EVENING)  # moves who chose nothing
    assert look(scene, other).mails == Effects(unchanged=EACH)
    scene.enrol()
    moved = look(scene, other).mails
    assert moved is not None and moved.moved == 6
