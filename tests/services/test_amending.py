"""An amendment applied: who moves at once, who is asked, who stays, and what is refused in so many words."""

from __future__ import annotations

import pytest

from tests.core.protocols import FOLDER
from tests.services.scene import OPERATOR, Scene
from trial.core.access import Actor, Role, participant_actor
from trial.core.amendment import ChangeClass
from trial.core.errors import NotAllowed, Refused
from trial.core.participant import StopLevel
from trial.core.trial import TrialState
from trial.protocol_files import ProtocolFolder, read_files
from trial.services import amending, reconsent, trials
from trial.services.amending import Applied
from trial.services.consent import Consented
from trial.storage import participants
from trial.storage import trials as stored
from trial.storage.work import Store

VERSION = ("protocol.yaml", "\nversion: '1.0'", "\nversion: '1.1'")
FORM = ("protocol.yaml", "\n  version: '1.0'", "\n  version: '2.0'")
INFORMATION = ("messages/information.en.md", "Writing on three evenings.", "Writing on three evenings, and more risk.")
TICKS = ("read", "free")


def amended(*changes: tuple[str, str, str], of: ProtocolFolder = FOLDER) -> ProtocolFolder:
    files = dict(of.files)
    for name, old, new in changes:
        assert files[name].count(old) == 1, (name, old, files[name].count(old))
        files[name] = files[name].replace(old, new)
    return read_files(files)


def apply(scene: Scene, new: ProtocolFolder, *, by: Actor = OPERATOR, raised: ChangeClass | None = None) -> Applied:
    with scene.work(by) as work:
        return amending.apply(work, scene.slug, new, raised=raised)


def version(scene: Scene, person: int) -> str:
    with scene.work(write=False) as work:
        return stored.folder_of(work, participants.by_id(work, person).protocol_id).protocol.version


def is_asked(scene: Scene, person: int) -> bool:
    with scene.work(write=False) as work:
        return reconsent.asked(work, person) is not None


def again(scene: Scene, person: int, *, seen: str, ticked: tuple[str, ...] = TICKS) -> Consented:
    with scene.work(participant_actor(person)) as work:
        return reconsent.consent_again(
            work, person, ticked=ticked, signature="Robin Example", answers={}, data_sharing=False, seen=seen
        )


CORRECTION = amended(VERSION, ("messages/debrief.en.md", "Tests.", "Tests of pages."))
SUBSTANTIAL = amended(VERSION, FORM, INFORMATION)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def test_a_correction_reaches_everybody_at_once_and_asks_nobody(scene: Scene) -> None:
    inside, on_the_way = scene.enrol(), scene.to_consent()
    done = apply(scene, CORRECTION)
    assert (done.moved, done.asked) == (2, 0)
    assert version(scene, inside) == version(scene, on_the_way) == "1.1"
    assert not is_asked(scene, inside)


def test_after_a_substantial_change_each_stays_until_they_consent_again(scene: Scene) -> None:
    one, two, on_the_way = scene.enrol(), scene.enrol(), scene.to_consent()
    mails = scene.contacts()
    done = apply(scene, SUBSTANTIAL)
    assert (done.moved, done.asked) == (1, 2)
    assert version(scene, on_the_way) == "1.1"
    assert is_asked(scene, one) and is_asked(scene, two)
    assert not is_asked(scene, on_the_way)
    assert again(scene, one, seen=SUBSTANTIAL.digest) == Consented((), None)
    assert (version(scene, one), version(scene, two)) == ("1.1", "1.0")
    assert not is_asked(scene, one)
    assert scene.events(one)[-1] == "consented_again"
    with scene.work(write=False) as work:
        assert [proof.version for proof in participants.consents_of(work, one)] == ["1.0", "2.0"]
    assert scene.contacts() == mails


def test_consent_to_the_new_version_needs_what_the_first_one_needed(scene: Scene) -> None:
    person = scene.enrol()
    apply(scene, SUBSTANTIAL)
    assert again(scene, person, seen=SUBSTANTIAL.digest, ticked=("read",)).missing == ("free",)
    assert again(scene, person, seen=FOLDER.digest).missing == ("version",)
    assert version(scene, person) == "1.0"


def test_who_says_no_stays_loses_nothing_and_is_not_asked_about_it_again(scene: Scene) -> None:
    person = scene.enrol()
    mails = scene.contacts(person)
    apply(scene, SUBSTANTIAL)
    for _ in range(2):
        with scene.work(participant_actor(person)) as work:
            reconsent.stay(work, person)
    assert version(scene, person) == "1.0"
    assert not is_asked(scene, person)
    assert scene.contacts(person) == mails
    assert scene.events(person).count("stayed_on_version") == 1
    apply(scene, amended(("protocol.yaml", "\nversion: '1.1'", "\nversion: '1.2'"),
                         ("protocol.yaml", "\n  version: '2.0'", "\n  version: '3.0'"),
                         ("messages/information.en.md", "more risk", "less risk"), of=SUBSTANTIAL))  # fmt: skip
    assert is_asked(scene, person)


def test_a_correction_does_not_carry_anybody_over_what_they_did_not_agree_to(scene: Scene) -> None:
    person = scene.enrol()
    apply(scene, SUBSTANTIAL)
    done = apply(scene, amended(("protocol.yaml", "\nversion: '1.1'", "\nversion: '1.2'"),
                                ("messages/debrief.en.md", "Tests.", "Tests of pages."), of=SUBSTANTIAL))  # fmt: skip
    assert (done.moved, done.asked) == (0, 1)
    assert version(scene, person) == "1.0"
    assert is_asked(scene, person)


def test_what_is_urgent_for_safety_reaches_everybody_at_once(scene: Scene) -> None:
    person = scene.enrol()
    done = apply(scene, SUBSTANTIAL, raised=ChangeClass.URGENT_SAFETY)
    assert (done.moved, done.asked, done.change_class) == (1, 0, ChangeClass.URGENT_SAFETY)
    assert version(scene, person) == "1.1"
    assert [one.stream for one in scene.contacts(person, "own:changed")] == ["service"]
    with scene.work(write=False) as work:
        moved = reconsent.moved(work, person)
        assert moved is not None and moved.changes


def test_only_those_who_are_moved_by_what_is_urgent_are_told_and_of_nothing_else(scene: Scene) -> None:
    person, on_the_way = scene.enrol(), scene.to_consent()
    with scene.work(write=False) as work:
        assert reconsent.moved(work, person) is None
    apply(scene, SUBSTANTIAL, raised=ChangeClass.URGENT_SAFETY)
    assert len(scene.contacts(message="own:changed")) == 1
    assert not scene.contacts(on_the_way, "own:changed")
    other = scene.enrol()
    with scene.work(write=False) as work:
        assert reconsent.moved(work, other) is None


def test_after_a_substantial_change_no_mail_says_that_anything_holds(scene: Scene) -> None:
    scene.enrol()
    apply(scene, SUBSTANTIAL)
    assert not scene.contacts(message="own:changed")


def test_who_stopped_everything_is_not_asked(scene: Scene) -> None:
    person = scene.enrol()
    scene.stop(person, StopLevel.EVERYTHING)
    apply(scene, SUBSTANTIAL)
    assert not is_asked(scene, person)


def test_where_the_protocol_never_asks_again_nobody_is_asked_and_everybody_stays(store: Store) -> None:
    never = amended(("protocol.yaml", "\nconsent:\n", "\nconsent:\n  reconsent: never\n"))
    scene = Scene(store, folder=never)
    person = scene.enrol()
    apply(scene, amended(VERSION, FORM, INFORMATION, of=never))
    assert version(scene, person) == "1.0"
    assert not is_asked(scene, person)


def test_mails_that_were_planned_or_sent_are_never_planned_again(scene: Scene) -> None:
    person = scene.enrol()
    before = scene.contacts(person)
    apply(scene, CORRECTION)
    assert scene.contacts(person) == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((VERSION, ("protocol.yaml", "    days: [14]", "    grace: 2 days\n    days: [14]")), "planned or asked"),
        ((("messages/debrief.en.md", "Tests.", "Tests of pages."),), "number of its own"),
        ((VERSION, INFORMATION), "consent form a new version"),
        ((), "Nothing that the trial uses differs"),
    ],
)
def test_what_is_not_carried_out_is_refused_and_nothing_is_changed(
    scene: Scene, changes: tuple[tuple[str, str, str], ...], words: str
) -> None:
    scene.enrol()
    new = amended(*changes)
    before = scene.events()
    with pytest.raises(Refused, match=words):
        apply(scene, new)
    assert scene.events() == before


def test_a_version_that_ran_before_does_not_come_back_under_its_old_digest(scene: Scene) -> None:
    apply(scene, CORRECTION)
    with pytest.raises(Refused, match="registered before"):
        apply(scene, FOLDER)


def test_who_may_not_open_a_trial_may_not_amend_one(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        apply(scene, CORRECTION, by=Actor("member:7", Role.STATISTICIAN))


def seeking(people: int) -> ProtocolFolder:
    return amended(VERSION, FORM, ("protocol.yaml", "\n  target: 40", f"\n  target: {people}"))


def test_recruitment_goes_on_to_the_number_of_the_version_that_runs(scene: Scene) -> None:
    apply(scene, seeking(2))
    assert scene.trial.target == 2
    scene.enrol()
    assert scene.trial.state is TrialState.OPEN
    scene.enrol()
    assert scene.trial.state is TrialState.CLOSED


def test_where_as_many_are_in_already_recruitment_ends_at_once(scene: Scene) -> None:
    for _ in range(3):
        scene.enrol()
    apply(scene, seeking(2))
    assert (scene.trial.state, scene.trial.target) == (TrialState.CLOSED, 2)
    assert scene.events().count("recruitment_closed") == 1


def test_nobody_more_is_sought_once_recruitment_has_ended(scene: Scene) -> None:
    scene.enrol()
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    with pytest.raises(Refused, match="60 people cannot be sought any more"):
        apply(scene, seeking(60))
    assert scene.trial.target == 40
