"""`equipoise enrolment held|release|refuse`: who may, what is said, and that the order of arrival is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.cli.running import ELIGIBLE, _lowest
from trial.cli.places import ready_store, settings_of
from trial.core.access import SYSTEM, participant_actor
from trial.core.fraud import FormEvidence
from trial.core.links import make_code
from trial.services import answers, consent, enrolment, trials
from trial.storage import participants

ROBOT = FormEvidence("missing", trapped=False, seconds=60.0)
AS = ("--as", "A. Person", "--home", "home")
WHY = ("--reason", "The mail is confirmed.")


@pytest.fixture
def waiting(equipoise: Shell, trial: str, tmp_path: Path) -> list[str]:
    """Two people whose enrolments are held, in the order of their arrival: their study codes."""
    assert equipoise("member", "add", trial, "A. Person", "coordinator", "--home", "home").code == 0
    return [arrive(tmp_path / "home", trial, f"{name}@mailbox.example") for name in ("robin", "kim")]


def arrive(home: Path, slug: str, email: str) -> str:
    """The whole way in of a browser without JavaScript."""
    store = ready_store(settings_of(home=home))
    with store.open_work(SYSTEM) as work:
        found = trials.find(work, slug)
        screened = enrolment.screen(work, found, ELIGIBLE, "poster", submission=email, evidence=ROBOT)
        assert screened.id is not None
        enrolment.give_address(work, found, screened.id, email=email, language="en", zone="Europe/Berlin")
        person = participants.screening_of(work, found.id, screened.id).participant_id
        assert person is not None
        code = make_code(store.keys.link, person, participants.code_state(work, person).generation)
        assert enrolment.confirm_address(work, found, screened.id, code) == person
        folder = trials.folder(work, found.protocol_id)
    ticked = [one.id for one in folder.protocol.consent.statements]
    with store.open_work(participant_actor(person)) as work:
        occasion = consent.consent(work, person, ticked=ticked, signature="R. Example").occasion_id
        assert occasion is not None
        form = _lowest(folder, folder.protocol.baseline.activities[0])
        assert answers.submit(work, person, occasion, form, submission=email, opened_at=work.now).state == "held"
        return participants.by_id(work, person).code


def test_who_waits_is_listed_first_come_first_with_reasons_and_no_address(
    equipoise: Shell, trial: str, waiting: list[str]
) -> None:
    said = equipoise("enrolment", "held", trial, *AS).out
    assert [line.split()[0] for line in said.splitlines() if "since" in line] == waiting
    assert "no_proof: no proof of work (no script ran" in said and "not decided" in said
    assert "fast:" in said and "(does not hold by itself)" in said  # in a test trial
    assert "mailbox.example" not in said
    listed = json.loads(equipoise("enrolment", "held", trial, *AS, "--json").out)
    assert [one["code"] for one in listed] == waiting


def test_nobody_waits_is_said_in_words(equipoise: Shell, trial: str) -> None:
    equipoise("member", "add", trial, "A. Person", "owner", "--home", "home")
    assert equipoise("enrolment", "held", trial, *AS).out == "Nobody waits.\n"


def test_who_is_released_behind_somebody_undecided_waits_and_is_allocated_with_them(
    equipoise: Shell, trial: str, waiting: list[str]
) -> None:
    first, second = waiting
    done = equipoise("enrolment", "release", trial, second, *AS, *WHY)
    assert done.code == 0 and f"{second} is released; nobody was allocated." in done.out
    assert "decide first about those who came before" in done.out
    assert "released; waits for those who came before" in equipoise("enrolment", "held", trial, *AS).out
    assert equipoise.rows().tables["allocation"] == []
    done = equipoise("enrolment", "release", trial, first, *AS, *WHY)
    assert done.out == f"{first} is released; 2 people were allocated.\n"
    assert len(equipoise.rows().tables["allocation"]) == 2
    assert {row["by"] for row in equipoise.rows().tables["review"]} == {"member:1"}


def test_a_refusal_lets_those_behind_go_on(equipoise: Shell, trial: str, waiting: list[str]) -> None:
    first, second = waiting
    equipoise("enrolment", "release", trial, second, *AS, *WHY)
    done = equipoise("enrolment", "refuse", trial, first, *AS, *WHY)
    assert done.out == f"{first} is refused; 1 person was allocated.\n"
    states = {row["code"]: row["state"] for row in equipoise.rows().tables["participant"]}
    assert states == {first: "refused", second: "randomized"}


def test_a_decision_is_made_once(equipoise: Shell, trial: str, waiting: list[str]) -> None:
    equipoise("enrolment", "release", trial, waiting[1], *AS, *WHY)
    said = equipoise.refused(1, "enrolment", "refuse", trial, waiting[1], *AS, *WHY)
    assert "decided before" in said
    equipoise("enrolment", "refuse", trial, waiting[0], *AS, *WHY)
    said = equipoise.refused(1, "enrolment", "release", trial, waiting[0], *AS, *WHY)
    assert f"No enrolment {waiting[0]} is held" in said and "equipoise enrolment held" in said
    assert len(equipoise.rows().tables["review"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("release", "evenings", "EQ-NONE", *AS, *WHY), "No enrolment EQ-NONE is held"),
        (("release", "nowhere", "EQ-NONE", *AS, *WHY), "nowhere"),
        (("release", "evenings", "{0}", "--as", "Nobody", "--home", "home", *WHY), "Nobody is not on the team"),
        (("refuse", "evenings", "{0}", "--as", "S. Tat", "--home", "home", *WHY), "may not review enrolments"),
        (("held", "evenings", "--as", "S. Tat", "--home", "home"), "may not review enrolments"),
        (("refuse", "evenings", "{0}", *AS, "--reason", " "), "needs a reason"),
        (("refuse", "evenings", "{0}", *AS, "--reason", "x" * 301), "at most 300"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_words_and_changes_nothing(
    equipoise: Shell, trial: str, waiting: list[str], words: tuple[str, ...], said: str
) -> None:
    assert equipoise("member", "add", trial, "S. Tat", "statistician", "--home", "home").code == 0
    done = equipoise("enrolment", *(word.replace("{0}", waiting[0]) for word in words))
    assert done.code in (1, 2) and done.out == ""
    assert said in done.err
    assert equipoise.rows().tables["review"] == []


def test_a_paused_trial_lets_nobody_in(equipoise: Shell, trial: str, waiting: list[str]) -> None:
    equipoise("pause", trial, "--home", "home")
    said = equipoise.refused(1, "enrolment", "release", trial, waiting[0], *AS, *WHY)
    assert "Resume it" in said


def test_a_reason_has_to_be_given_and_somebody_who_may_decide(equipoise: Shell, trial: str) -> None:
    assert equipoise("enrolment", "release", trial, "EQ-NONE", *AS).code == 2
    said = equipoise.refused(1, "enrolment", "release", trial, "EQ-NONE", *WHY, "--home", "home")
    assert "operator" in said and "equipoise sign-in" in said
