"""Consent carried out: questions that are put again, a tick of its own for sharing data, a form with dates."""

from __future__ import annotations

import pytest

from tests.core.protocols import FOLDER
from tests.services.scene import OPERATOR, SENSITIVE, Scene
from trial.core.errors import ProtocolInvalid, RecruitmentClosed, Refused
from trial.core.participant import ParticipantState
from trial.core.trial import TrialKind
from trial.protocol_files import ProtocolFolder, read_files
from trial.services import freeze
from trial.services import trials as verbs
from trial.storage import events, participants, trials, vault
from trial.storage.participants import ConsentRecord
from trial.storage.work import Store

QUESTIONS = """
  comprehension:
    - id: who_decides
      question: {en: Who decides?}
      choices:
        - {value: chance, label: {en: Chance}}
        - {value: team, label: {en: The team}}
      correct: chance
      explanation: {en: Chance decides.}
    - id: stopping
      question: {en: May you stop?}
      choices:
        - {value: 1, label: {en: "Yes"}}
        - {value: 2, label: {en: "No"}}
      correct: 1
      explanation: {en: You may stop at any time.}
"""
SHARING = """
  data_sharing:
    id: share
    text: {en: My answers may be shared.}
"""
RIGHT = {"who_decides": "chance", "stopping": "1"}


def folder(more: str) -> ProtocolFolder:
    """The small trial whose consent says more."""
    text = FOLDER.files["protocol.yaml"]
    assert text.count("\nconsent:\n") == 1
    return read_files({**FOLDER.files, "protocol.yaml": text.replace("\nconsent:\n", "\nconsent:" + more, 1)})


def proof(scene: Scene, person: int) -> ConsentRecord:
    with scene.work(write=False) as work:
        (found,) = participants.consents_of(work, person)
    return found


@pytest.fixture
def asking(store: Store) -> Scene:
    return Scene(store, folder=folder(QUESTIONS + SHARING))


def test_a_wrong_answer_is_no_consent_and_no_failing_score(asking: Scene) -> None:
    person = asking.to_consent()
    for _ in range(12):
        answered = asking.consent(person, answers={**RIGHT, "stopping": "2"})
        assert answered.wrong == ("stopping",)
        assert answered.occasion_id is None
    assert asking.person(person).state is ParticipantState.CONFIRMED
    assert asking.consent(person, answers=RIGHT).occasion_id is not None
    assert proof(asking, person).comprehension == {"who_decides": 1, "stopping": 13}


def test_a_question_left_open_is_asked_for_and_counts_as_no_try(asking: Scene) -> None:
    person = asking.to_consent()
    answered = asking.consent(person, answers={"stopping": "1"})
    assert answered.missing == ("question_who_decides",)
    assert answered.wrong == ()
    asking.consent(person, answers=RIGHT)
    assert proof(asking, person).comprehension == {"who_decides": 1, "stopping": 1}


def test_an_answer_that_was_never_offered_is_not_right(asking: Scene) -> None:
    person = asking.to_consent()
    assert asking.consent(person, answers={**RIGHT, "stopping": SENSITIVE}).wrong == ("stopping",)


def test_what_was_typed_does_not_stand_in_the_record(asking: Scene) -> None:
    person = asking.to_consent()
    asking.consent(person, answers={**RIGHT, "stopping": SENSITIVE})
    with asking.work(write=False) as work:
        assert SENSITIVE not in repr(events.of_trial(work, asking.id))


@pytest.mark.parametrize("shares", [True, False])
def test_sharing_data_is_a_yes_of_its_own_that_nobody_needs_to_give(asking: Scene, shares: bool) -> None:
    person = asking.to_consent()
    assert asking.consent(person, answers=RIGHT, data_sharing=shares).occasion_id is not None
    assert proof(asking, person).data_sharing is shares


def test_a_tick_that_was_never_offered_says_nothing(store: Store) -> None:
    scene = Scene(store)
    person = scene.to_consent()
    scene.consent(person, data_sharing=True)
    assert proof(scene, person).data_sharing is None
    assert proof(scene, person).comprehension is None


def test_the_frozen_record_says_who_shares(asking: Scene) -> None:
    for shares in (True, False):
        person = asking.to_consent()
        asking.consent(person, answers=RIGHT, data_sharing=shares)
    asking.to_consent()
    with asking.work(OPERATOR) as work:
        verbs.close(work, asking.slug)
    with asking.work(OPERATOR) as work:
        files = freeze.freeze(work, asking.slug)
    header, *rows = [line.split(",") for line in files["disposition.csv"].splitlines()]
    at = header.index("data_sharing")
    assert sorted(row[at] for row in rows) == ["", "no", "yes"]
    assert "disposition.csv,data_sharing," in files["codebook.csv"]


def test_the_signature_lies_in_the_vault_under_the_consent_it_belongs_to(asking: Scene) -> None:
    person = asking.to_consent()
    asking.consent(person, answers=RIGHT, signature=" Robin Example ")
    with asking.work(write=False) as work:
        assert vault.words_of(work, person, "signature", f"consent:{proof(asking, person).id}") == "Robin Example"


# the trial of the tests begins on 4 March 2041
@pytest.mark.parametrize(
    "dates",
    ["\n  valid_from: 2041-03-05\n", "\n  valid_until: 2041-03-03\n", "\n  valid_until: 2041-02\n",
     "\n  valid_from: \"2042\"\n"],
)  # fmt: skip
def test_nobody_consents_to_a_form_outside_its_dates(store: Store, dates: str) -> None:
    scene = Scene(store, folder=folder(dates))
    person = scene.to_consent()
    with pytest.raises(RecruitmentClosed):
        scene.consent(person)
    assert scene.person(person).state is ParticipantState.CONFIRMED


@pytest.mark.parametrize(
    "dates",
    ["\n  valid_from: 2041-03-04\n  valid_until: 2041-03-04\n", "\n  valid_until: 2041-03\n",
     "\n  valid_from: \"2041\"\n  valid_until: \"2041\"\n"],
)  # fmt: skip
def test_the_first_and_the_last_day_are_among_them(store: Store, dates: str) -> None:
    scene = Scene(store, folder=folder(dates))
    assert scene.consent(scene.to_consent()).occasion_id is not None


def test_the_day_is_that_of_the_place_where_the_person_lives(store: Store) -> None:
    scene = Scene(store, folder=folder("\n  valid_until: 2041-03-03\n"))
    at_home_it_is_monday = scene.to_consent(zone="Europe/Berlin")
    with pytest.raises(RecruitmentClosed):
        scene.consent(at_home_it_is_monday)
    there_it_is_still_sunday = scene.to_consent(zone="Pacific/Pago_Pago")
    assert scene.consent(there_it_is_still_sunday).occasion_id is not None


def test_a_form_that_was_changed_while_it_was_read_is_not_agreed_to(asking: Scene) -> None:
    person = asking.to_consent()
    assert asking.consent(person, answers=RIGHT, seen="0" * 64).missing == ("version",)
    with asking.work(write=False) as work:
        digest = trials.folder_of(work, asking.trial.protocol_id).digest
    assert asking.consent(person, answers=RIGHT, seen=digest).occasion_id is not None


def test_a_trial_whose_consent_form_is_over_does_not_open(store: Store) -> None:
    over = folder("\n  valid_until: 2020-01-31\n")
    with pytest.raises(Refused, match="valid until 2020-01-31"):
        Scene(store, folder=over, kind=TrialKind.TEST, pretend=False)


def test_dates_that_leave_no_day_are_a_mistake_of_the_file() -> None:
    with pytest.raises(ProtocolInvalid, match="nobody could ever consent"):
        folder("\n  valid_from: 2041-03-05\n  valid_until: 2041-03-04\n")
