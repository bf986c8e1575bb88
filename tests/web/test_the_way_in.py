"""From the public page to allocation, step by step, as one browser sees it."""

from pathlib import Path

import pytest

from tests.web.place import ELIGIBLE, SLUG, Person, Place, Visitor, full_answers, signature_and_ticks
from trial.core.participant import ParticipantState
from trial.protocol_files import read_files
from trial.services import amending, trials
from trial.storage.participants import screenings
from trial.web.cookies import SignedCookie


def test_a_person_goes_from_the_public_page_to_allocation(place: Place, person: Person) -> None:
    page = person.to_allocation()
    assert page.path.endswith("/done")
    assert "You are in" in page.words
    assert place.everyone()[0].state is ParticipantState.RANDOMIZED


def test_the_page_after_allocation_says_when_the_first_mail_comes_and_names_no_arm(person: Person) -> None:
    words = person.to_allocation().words
    assert "Tuesday, March 3, 2026 at 7:00" in words
    for arm in person.place.folder.protocol.arms:
        assert arm.label["en"].lower() not in words.lower()
        assert arm.id not in words.lower().split()


def test_the_bell_rings_when_a_code_is_due_and_when_somebody_was_allocated(place: Place, person: Person) -> None:
    person.to_address()
    assert place.rings == 0
    person.submit({"email": person.address, "zone": "Europe/Berlin"})
    assert place.rings == 1
    person.id = place.everyone()[-1].id
    person.submit({"code": place.code(person.id)})
    baseline = person.submit(signature_and_ticks(place))
    assert place.rings == 1
    person.submit(full_answers(baseline.form))
    assert place.rings == 2


def test_the_recruitment_source_is_kept_from_the_first_page_to_the_screening(place: Place, person: Person) -> None:
    page = person.get(f"/{SLUG}?from=Poster-7")
    person.get(next(one for one in page.links if "notice" in one))
    person.submit({"agree": "yes"})
    person.submit(ELIGIBLE)
    with place.store.open_work(place.operator, write=False) as work:
        assert [one.source for one in screenings(work, place.trial.id)] == ["poster-7"]


@pytest.mark.parametrize("source", ["a b", "<script>", "x" * 41, "ä"])
def test_a_source_that_is_no_plain_code_is_dropped(person: Person, source: str) -> None:
    page = person.get(f"/{SLUG}/notice?from={source}")
    assert "from" not in page.form.fields


def test_nobody_is_screened_who_did_not_agree(place: Place, person: Person) -> None:
    person.get(f"/{SLUG}/notice")
    page = person.submit({})
    assert page.status == 422
    assert "tick the box" in page.words
    assert person.get(f"/{SLUG}/screening").path.endswith("/notice")


@pytest.mark.parametrize("step", ["screening", "address", "code", "consent"])
def test_no_step_can_be_taken_before_the_one_before_it(place: Place, person: Person, step: str) -> None:
    before = place.dump()
    assert person.get(f"/{SLUG}/{step}").path.endswith("/notice")
    token = person.now.form.fields["csrf"].value if person.now else ""
    reply = person.post(f"/{SLUG}/{step}", {"csrf": token, "answer": "agree", "code": "000000"} | ELIGIBLE)
    assert reply.path.endswith("/notice")
    assert place.dump() == before


def test_screening_says_what_is_missing_and_keeps_what_was_typed(place: Place, person: Person) -> None:
    person.to_screening()
    before = place.dump()
    page = person.submit({"age": "thirty", "reads_english": "yes"})
    assert page.status == 422
    assert "Please write a number" in page.words
    assert page.form.fields["age"].value == "thirty"
    assert place.dump() == before


def test_somebody_not_eligible_is_thanked_and_the_reason_is_not_named(place: Place, person: Person) -> None:
    person.to_screening()
    page = person.submit({**ELIGIBLE, "age": "17"})
    assert page.path.endswith("/done")
    assert "not the right one for you" in page.words
    for word in ("age", "18", "old", "English"):
        assert word not in page.words
    assert person.get(f"/{SLUG}/address").path.endswith("/notice")


def test_sending_the_screening_again_from_the_same_browser_counts_once(place: Place, person: Person) -> None:
    form = person.to_screening().form
    person.submit(ELIGIBLE)
    again = person.post(f"/{SLUG}/screening", form.filled() | ELIGIBLE)
    assert again.path.endswith("/address")
    with place.store.open_work(place.operator, write=False) as work:
        assert len(screenings(work, place.trial.id)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "robin@", "zone": "Europe/Berlin"}, "does not look complete"),
        ({"email": "robin@mailbox.example", "zone": ""}, "city whose time is yours"),
        ({"email": "robin@mailbox.example", "zone": "Mars/Olympus"}, "city whose time is yours"),
    ],
)
def test_an_address_that_cannot_be_used_is_shown_again(person: Person, fields: dict[str, str], words: str) -> None:
    person.to_address()
    page = person.submit(fields)
    assert page.status == 422
    assert words in page.words
    assert page.form.fields["email"].value == fields["email"]


def test_a_known_and_an_unknown_address_are_answered_alike(place: Place, person: Person) -> None:
    person.to_allocation()
    known, unknown = Person(place, person.address), Person(place, "kim@mailbox.example")
    first, second = known.to_code(), unknown.to_code()
    assert (first.status, first.path, first.words) == (second.status, second.path, second.words)


def test_a_wrong_code_says_nothing_but_that_it_did_not_work_and_is_counted(place: Place, person: Person) -> None:
    person.to_code()
    right = place.code(place.everyone()[-1].id)
    wrong = "111111" if right != "111111" else "222222"
    for _ in range(5):
        page = person.submit({"code": wrong})
        assert page.status == 422
        assert "did not work" in page.words
    late = person.submit({"code": right})
    assert late.words == page.words


def test_the_session_changes_its_id_when_the_address_is_proved(place: Place, person: Person) -> None:
    before = person.to_code().form.fields["csrf"].value
    person.id = place.everyone()[-1].id
    after = person.submit({"code": place.code(person.id)}).form.fields["csrf"].value
    assert before != after


def test_consent_without_every_tick_or_without_a_name_is_none(place: Place, person: Person) -> None:
    person.to_consent()
    given = signature_and_ticks(place)
    without_tick = {name: value for name, value in given.items() if name != "statement_chance"}
    page = person.submit(without_tick)
    assert page.status == 422
    assert "chance decides" in page.words
    page = person.submit({**given, "signature": "  "})
    assert page.status == 422
    assert "sign with your name" in page.words
    assert place.everyone()[0].state is ParticipantState.CONFIRMED


def test_saying_no_is_one_press_and_needs_no_tick(place: Place, person: Person) -> None:
    person.to_consent()
    page = person.submit({"answer": "decline"})
    assert page.path.endswith("/done")
    assert "will not write to you again" in page.words
    assert place.everyone()[0].state is ParticipantState.DECLINED
    assert "will not write to you again" in person.get(f"/{SLUG}/consent").words


def test_a_trial_that_is_full_says_so_and_takes_nobody(tmp_path: Path) -> None:
    place = Place(tmp_path, target=1)
    first, second = Person(place, "a@mailbox.example"), Person(place, "b@mailbox.example")
    second_baseline = second.to_baseline()
    first.to_allocation()
    turned_away = second.submit(full_answers(second_baseline.form))
    assert "stopped taking new people" in turned_away.words
    third = Visitor(place.app)
    public = third.get(f"/{SLUG}")
    assert "no one new" in public.words
    assert not [one for one in public.links if "notice" in one]
    assert "no one new" in third.get(f"/{SLUG}/notice").words


def test_somebody_on_the_way_when_recruitment_closes_is_told(place: Place, person: Person) -> None:
    person.to_screening()
    with place.store.open_work(place.operator) as work:
        trials.close(work, SLUG)
    page = person.submit(ELIGIBLE)
    assert page.status == 409
    assert "no one new" in page.words


def test_the_researchers_page_shows_both_digests(place: Place, person: Person) -> None:
    words = person.get(f"/{SLUG}/researchers").words
    assert place.folder.digest in words
    with place.store.open_work(place.operator, write=False) as work:
        assert trials.seed_digest(work, place.trial.id) in words
    assert "rule of allocation" not in words


def test_the_researchers_page_shows_the_digest_of_an_amended_rule_before_anybody_is_allocated_by_it(
    place: Place, person: Person
) -> None:
    person.to_allocation()
    files = dict(place.folder.files)
    for old, new in (("\nversion: '1.0'", "\nversion: '1.1'"), ("block_sizes: [3, 6, 9]", "block_sizes: [6]")):
        assert files["protocol.yaml"].count(old) == 1
        files["protocol.yaml"] = files["protocol.yaml"].replace(old, new)
    with place.store.open_work(place.operator) as work:
        done = amending.apply(work, SLUG, read_files(files))
    assert done.epoch is not None
    words = Visitor(place.app).get(f"/{SLUG}/researchers").words
    assert f"SHA-256 of the rule of allocation from number 2 on {done.epoch.configuration}" in words


def test_the_cookie_holds_neither_address_nor_answers(place: Place, person: Person) -> None:
    person.to_allocation()
    held = SignedCookie(place.keys.cookie, "equipoise", https=False).read(dict(person.cookies))
    assert held is not None
    steps = {"id", "slug", "agreed", "source", "screening", "participant", "occasion", "after"}
    assert set(held) == steps | {"browser", "first"}
    assert not any("@" in str(value) for value in held.values())


def test_every_page_of_a_rehearsal_carries_its_mark(place: Place, person: Person) -> None:
    mark = "Rehearsal with pretend people"
    for page in (person.get(f"/{SLUG}"), person.get(f"/{SLUG}/researchers"), person.to_screening()):
        assert mark in page.words
    fresh = Person(place, "sam@mailbox.example")
    pages = [fresh.to_code(), fresh.get(f"/{SLUG}/address"), fresh.get(f"/{SLUG}/code")]
    assert all(mark in page.words for page in pages)
