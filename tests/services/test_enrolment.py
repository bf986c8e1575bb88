"""The way in: screening, an address that is proved, an informed yes. What is not needed is not kept."""

from __future__ import annotations

import pytest

from tests.services.at_once import at_once
from tests.services.post import CODE, Post
from tests.services.scene import MOODS, OPERATOR, START, Scene
from tests.storage.stores import content, holding
from trial.core.errors import NotFound, RecruitmentClosed, Refused
from trial.core.participant import ParticipantState
from trial.services import consent, trials
from trial.services.enrolment import CODE_MAILS, CODE_TRIES
from trial.storage import participants, vault
from trial.storage.work import Store

ADDRESS = "robin@mailbox.example"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


# --- screening -------------------------------------------------------------------------------------------------


def test_of_somebody_not_eligible_the_date_and_one_reason_are_kept_and_no_answer(scene: Scene) -> None:
    screened = scene.screen(age="13.375", reads_english="no", region="south")
    assert (screened.eligible, screened.faults) == (False, {})
    with scene.work(write=False) as work:
        (kept,) = participants.screenings(work, scene.id)
    assert (kept.screened_at, kept.eligible, kept.reason, kept.answers) == (START, False, "adult", None)
    assert holding(scene.store, "13.375") == []
    assert scene.events()[-1] == "screened"


def test_of_somebody_eligible_the_answers_are_kept_for_the_baseline_table(scene: Scene) -> None:
    screened = scene.screen(age="34,5")
    with scene.work(write=False) as work:
        kept = participants.screening_of(work, scene.id, screened.id or 0)
    assert kept.answers == {"age": 34.5, "reads_english": True, "region": "north"}
    assert (kept.reason, kept.source) == (None, "poster")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"age": ""}, "needed"),
        ({"age": "old"}, "not_a_number"),
        ({"age": "--5"}, "not_a_number"),
        ({"region": "x"}, "not_a_choice"),
    ],
)
def test_a_screening_with_a_slip_in_it_is_not_recorded(scene: Scene, given: dict[str, str], fault: str) -> None:
    before = content(scene.store)
    screened = scene.screen(**given)
    assert (screened.id, screened.eligible) == (None, False)
    assert list(screened.faults.values()) == [fault]
    assert content(scene.store) == before


def test_nobody_goes_on_with_a_screening_that_failed_or_never_was(scene: Scene) -> None:
    failed = scene.screen(age="12").id
    assert failed is not None
    for screening in (failed, 999):
        with pytest.raises(NotFound):
            scene.give(screening, ADDRESS)
    assert content(scene.store)["participant"] == []


def test_a_screening_of_another_trial_opens_nothing_here(scene: Scene) -> None:
    other = Scene(scene.store, slug="other-trial")
    with pytest.raises(NotFound):
        other.give(scene.eligible(), ADDRESS)


# --- the address -----------------------------------------------------------------------------------------------


def test_the_address_is_proved_by_the_code_in_the_mail(scene: Scene, post: Post) -> None:
    screening, person = scene.to_code(ADDRESS)
    assert post.deliver(scene) == 1
    (mail,) = post.mails(ADDRESS)
    (code,) = CODE.findall(mail.text)
    assert scene.confirm(screening, code) == person
    assert scene.person(person).state is ParticipantState.CONFIRMED


@pytest.mark.parametrize("typed", ["{0} ", " {0}", "{1} {2}"])
def test_a_code_may_be_typed_with_blanks(scene: Scene, typed: str) -> None:
    screening, person = scene.to_code()
    code = scene.code(person)
    assert scene.confirm(screening, typed.format(code, code[:3], code[3:])) == person


def test_five_wrong_codes_lock_the_right_one_as_well(scene: Scene) -> None:
    screening, person = scene.to_code()
    for _ in range(CODE_TRIES):
        assert scene.confirm(screening, scene.wrong_code(person)) is None
    assert scene.confirm(screening, scene.code(person)) is None
    assert scene.person(person).state is ParticipantState.ADDRESS_GIVEN
    assert scene.events(person).count("code_refused") == CODE_TRIES + 1


def test_four_wrong_codes_do_not(scene: Scene) -> None:
    screening, person = scene.to_code()
    for _ in range(CODE_TRIES - 1):
        assert scene.confirm(screening, scene.wrong_code(person)) is None
    assert scene.confirm(screening, scene.code(person)) == person


def test_a_fresh_code_opens_the_lock_and_the_old_one_does_not_fit_any_more(scene: Scene) -> None:
    screening, person = scene.to_code(ADDRESS)
    old = scene.code(person)
    for _ in range(CODE_TRIES):
        scene.confirm(screening, scene.wrong_code(person))
    again = scene.eligible()
    assert scene.give(again, ADDRESS) is None
    assert scene.code(person) != old
    assert scene.confirm(again, old) is None
    assert scene.confirm(again, scene.code(person)) == person


@pytest.mark.parametrize("code", ["", "0", "000000x", "٣٤٥٦٧٨", "1234567", "null", "%", "é" * 6, "\ud800"])
def test_what_is_no_code_is_a_wrong_code(scene: Scene, code: str) -> None:
    screening, _ = scene.to_code()
    assert scene.confirm(screening, code) is None


def test_a_code_lapses_after_a_day_of_the_trials_time(scene: Scene) -> None:
    screening, person = scene.to_code()
    scene.move(hours=24, seconds=1)
    assert scene.confirm(screening, scene.code(person)) is None


def test_a_code_fits_to_the_end_of_its_day(scene: Scene) -> None:
    screening, person = scene.to_code()
    scene.move(hours=24)
    assert scene.confirm(screening, scene.code(person)) == person


def test_another_persons_code_does_not_fit(scene: Scene) -> None:
    mine, _ = scene.to_code()
    _, other = scene.to_code()
    assert scene.confirm(mine, scene.code(other)) is None


def test_pressing_the_button_twice_is_harmless(scene: Scene) -> None:
    screening, person = scene.to_code()
    assert [scene.confirm(screening, scene.code(person)) for _ in range(2)] == [person, person]
    assert scene.events(person).count("address_confirmed") == 1


def test_a_code_is_worth_nothing_once_somebody_is_in(scene: Scene) -> None:
    screening, person = scene.to_code()
    code = scene.code(person)
    scene.confirm(screening, code)
    baseline = scene.consent(person).occasion_id
    assert scene.submit(person, baseline or 0, MOODS[0]).allocated
    assert scene.confirm(screening, code) is None


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"email": "nobody"}, "bad_address"),
        ({"email": ""}, "bad_address"),
        ({"email": "a@b"}, "bad_address"),
        ({"email": "a@mailbox.example, b@mailbox.example"}, "bad_address"),
        ({"email": "a@mailbox.example\r\nBcc: b@mailbox.example"}, "bad_address"),
        ({"email": "x" * 300 + "@mailbox.example"}, "bad_address"),
        ({"zone": ""}, "bad_zone"),
        ({"zone": "Europe/Atlantis"}, "bad_zone"),
        ({"zone": "../../etc/passwd"}, "bad_zone"),
        ({"language": "xx"}, "bad_language"),
        ({"language": ""}, "bad_language"),
    ],
)
def test_a_slip_in_the_address_form_is_named_and_nothing_is_kept(
    scene: Scene, changed: dict[str, str], fault: str
) -> None:
    screening = scene.eligible()
    before = content(scene.store)
    given = {"email": ADDRESS, "zone": "Europe/Berlin", "language": "en"} | changed
    assert scene.give(screening, given.pop("email"), **given) == fault
    assert content(scene.store) == before


@pytest.mark.parametrize(
    "address",
    [
        "jürgen@mailbox.example",
        '"two words"@mailbox.example',
        "a%0aBcc:b@mailbox.example",
        "=?utf-8?q?a?=@mailbox.example",
    ],
)
def test_an_address_that_no_mail_of_ours_could_reach_is_refused_at_once(scene: Scene, address: str) -> None:
    assert scene.give(scene.eligible(), address) == "bad_address"


def test_an_address_with_letters_of_its_own_in_the_domain_is_reached(scene: Scene, post: Post) -> None:
    screening, person = scene.to_code("her@mailbücher.example")
    post.deliver(scene)
    (mail,) = post.mails("her@xn--mailbcher-u9a.example")
    assert scene.confirm(screening, CODE.findall(mail.text)[0]) == person


# --- a known address -------------------------------------------------------------------------------------------


def test_the_answer_is_the_same_for_a_new_and_for_a_known_address(scene: Scene) -> None:
    scene.enrol(ADDRESS)
    assert scene.give(scene.eligible(), "new@mailbox.example") is None
    assert scene.give(scene.eligible(), ADDRESS) is None


@pytest.mark.parametrize("state", ["randomized", "declined"])
def test_somebody_who_is_in_or_said_no_gets_no_further_code(scene: Scene, post: Post, state: str) -> None:
    person = scene.enrol(ADDRESS) if state == "randomized" else scene.to_consent(ADDRESS)
    if state == "declined":
        with scene.work() as work:
            consent.decline(work, person)
    post.deliver(scene)
    assert len(post.mails(ADDRESS)) == 1
    before = scene.contacts()
    screening = scene.eligible()
    assert scene.give(screening, ADDRESS.upper()) is None
    assert scene.contacts() == before
    post.deliver(scene)
    assert len(post.mails(ADDRESS)) == 1
    assert scene.person(person).state.value == state
    # nor does the new screening lead anywhere
    assert scene.confirm(screening, scene.code(person)) is None
    assert len(content(scene.store)["participant"]) == 1


@pytest.mark.parametrize("how_far", ["code", "consent", "baseline"])
def test_somebody_who_comes_back_half_way_is_the_same_participant(scene: Scene, how_far: str) -> None:
    if how_far == "code":
        _, person = scene.to_code(ADDRESS)
    else:
        person = scene.to_consent(ADDRESS) if how_far == "consent" else scene.to_baseline(ADDRESS)[0]
    again = scene.eligible()
    scene.give(again, ADDRESS.title())
    assert scene.confirm(again, scene.code(person)) == person
    assert len(content(scene.store)["participant"]) == 1
    if how_far == "baseline":
        assert scene.consent(person).occasion_id == scene.occasions(person, "baseline")[0].id


def test_nobodys_mailbox_is_filled_with_codes(scene: Scene, post: Post) -> None:
    scene.to_code(ADDRESS)
    for _ in range(CODE_MAILS + 4):
        assert scene.give(scene.eligible(), ADDRESS) is None
    post.deliver(scene)
    assert len(post.mails(ADDRESS)) == CODE_MAILS


def test_the_vault_finds_the_person_by_the_address_they_gave(scene: Scene) -> None:
    person = scene.to_consent(ADDRESS)
    with scene.work(write=False) as work:
        assert vault.find(work, scene.id, ADDRESS) == person


def test_two_forms_with_one_address_at_the_same_moment_make_one_participant(scene: Scene) -> None:
    screenings = [scene.eligible() for _ in range(6)]
    at_once(lambda one: scene.give(one, ADDRESS), screenings)
    assert len(content(scene.store)["participant"]) == 1
    assert len(content(scene.store)["identity"]) == 1


# --- consent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticked", "signature", "missing"),
    [
        (("read",), "R. Example", ("free",)),
        (("free",), "R. Example", ("read",)),
        (("neither",), "R. Example", ("read", "free")),
        (("read", "free"), "", ("signature",)),
        (("read", "free"), " \t", ("signature",)),
        (("read",), "", ("free", "signature")),
    ],
)
def test_consent_needs_every_statement_and_a_signature(
    scene: Scene, ticked: tuple[str, ...], signature: str, missing: tuple[str, ...]
) -> None:
    person = scene.to_consent()
    before = content(scene.store)
    asked = scene.consent(person, *ticked, signature=signature)
    assert (asked.missing, asked.occasion_id) == (missing, None)
    assert content(scene.store) == before


def test_consent_is_kept_with_its_version_and_statements_and_opens_the_baseline(scene: Scene) -> None:
    person = scene.to_consent()
    consented = scene.consent(person, "read", "free", "never_asked")
    (kept,) = content(scene.store)["consent"]
    assert (kept["version"], kept["statements"], kept["signed_at"]) == ("1.0", ["read", "free"], START)
    (baseline,) = scene.occasions(person, "baseline")
    assert consented.occasion_id == baseline.id
    with scene.work(write=False) as work:
        assert vault.words_of(work, person, "signature", f"consent:{kept['id']}") == "R. Example"


def test_consenting_twice_leads_to_the_same_baseline(scene: Scene) -> None:
    person = scene.to_consent()
    assert scene.consent(person) == scene.consent(person)
    assert len(content(scene.store)["consent"]) == 1
    assert scene.events(person).count("consented") == 1


def test_somebody_who_declines_is_asked_nothing_more(scene: Scene, post: Post) -> None:
    person = scene.to_consent(ADDRESS)
    for _ in range(2):
        with scene.work() as work:
            consent.decline(work, person)
    assert scene.events(person).count("declined") == 1
    with pytest.raises(Refused):
        scene.consent(person)
    assert scene.person(person).state is ParticipantState.DECLINED
    assert scene.occasions(person, "baseline") == []
    scene.move(days=30)
    post.deliver(scene)
    assert post.mails(ADDRESS) == []


def test_nobody_consents_or_declines_before_the_address_is_proved(scene: Scene) -> None:
    _, person = scene.to_code()
    with pytest.raises(Refused):
        scene.consent(person)
    with pytest.raises(Refused), scene.work() as work:
        consent.decline(work, person)
    assert scene.person(person).state is ParticipantState.ADDRESS_GIVEN


def test_a_closed_trial_takes_nobody_in_at_any_step(scene: Scene) -> None:
    screening, person = scene.eligible(), scene.to_consent()
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    with pytest.raises(RecruitmentClosed):
        scene.screen()
    with pytest.raises(RecruitmentClosed):
        scene.give(screening, ADDRESS)
    with pytest.raises(RecruitmentClosed):
        scene.consent(person)
    assert scene.person(person).state is ParticipantState.CONFIRMED
