"""What is sent in another way than by a code, page by page: said by the person, read by an owner, sent once, erased."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.storage.stores import holding
from tests.web.desk_place import Team, send
from tests.web.paying import ACCOUNT, NAME, earned, earner, paying_protocol, tell
from tests.web.place import SLUG, Person, Place, Visitor, typed_code
from trial.core.access import SYSTEM, Role
from trial.services import incentives, payees, withdrawal
from trial.storage import deliveries, notes
from trial.storage import incentives as ledger

PAGE = f"/{SLUG}/incentives"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(Place(tmp_path, protocol=paying_protocol()))


@pytest.fixture
def her(team: Team) -> Person:
    return earner(team.place, "robin@mailbox.example")


def test_who_earned_it_may_say_where_to_send_it_after_a_fresh_code_and_is_not_shown_it_again(
    team: Team, her: Person
) -> None:
    assert "Say where to send it" in her.get("/me").words
    assert her.get("/me/payee").path.endswith("/me/code"), "who came by a link alone does not come here"
    typed_code(team.place, her, her.id, "/me/payee")
    page = her.get("/me/payee")
    assert (
        "Five euros" in page.words
        and "A voucher" not in page.words
        and "Once it is sent we keep that for: 7 days" in page.words
    )
    page = tell(her)
    assert page.path.endswith("/me?said=payee") and "Your changes are kept" in page.words
    assert "Say where to send it" not in page.words
    page = her.get("/me/payee")
    assert "We know where to send it" in page.words
    assert NAME not in page.words and ACCOUNT not in page.text
    for words in (NAME, ACCOUNT):
        assert holding(team.place.store, words) == [], "it lies sealed in the vault alone"


def test_a_slip_is_named_beside_its_field_and_nothing_is_kept(team: Team, her: Person) -> None:
    typed_code(team.place, her, her.id, "/me/payee")
    page = tell(her, name=" ", account="GB82 WEST 1234 5698 7654 33")
    assert page.status == 422
    for fault in ("There is a mistake in this number", "Please fill this in"):
        assert page.words.count(fault) == 2, "above, with a link, and beside the field"
    assert "GB82 WEST 1234 5698 7654 33" in page.text, "what was typed stands there still"
    assert tell(her, account="12345678 at the Test Bank").path.endswith("/me?said=payee"), (
        "not every account is an IBAN"
    )


def test_a_press_without_a_word_or_a_tick_changes_nothing(team: Team, her: Person) -> None:
    typed_code(team.place, her, her.id, "/me/payee")
    tell(her)
    her.get("/me/payee")
    before = team.place.dump()
    for form in her.page.forms:
        her.post(form.action or "/me/payee", form.filled())
    assert team.place.dump() == before


def test_a_form_with_a_wrong_token_changes_nothing(team: Team, her: Person) -> None:
    typed_code(team.place, her, her.id, "/me/payee")
    form = next(one for one in her.get("/me/payee").forms if "account" in one.fields)
    before = team.place.dump()
    reply = her.post("/me/payee", form.filled() | {"name": NAME, "account": ACCOUNT, "csrf": "old"})
    assert reply.status == 403 and team.place.dump() == before


def test_who_thinks_better_of_it_is_forgotten_at_once_and_may_say_it_again(team: Team, her: Person) -> None:
    tell(her)
    her.get("/me/payee")
    form = next(one for one in her.page.forms if "forget" in one.fields)
    her.post("/me/payee", form.filled() | {"sure": "yes"})
    with team.place.store.open_work(SYSTEM, write=False) as work:
        assert payees.details_of(work, _person(team, her)) == {}
        assert ledger.to_pay(work, team.place.trial.id) == []
    assert tell(her).path.endswith("/me?said=payee")


def _person(team: Team, who: Person):  # type: ignore[no-untyped-def]
    return next(one for one in team.place.everyone() if one.id == who.id)


def look(team: Team, her: Person, role: Role = Role.OWNER, *, reason: str = "It is payday.") -> Visitor:
    browser = team.visitor(role)
    browser.get(PAGE)
    send(browser, "payee", {"payee": str(earned(team.place, her)["money"]), "look": reason})
    return browser


def test_an_owner_sees_one_for_a_reason_sends_it_and_the_list_never_names_anybody(team: Team, her: Person) -> None:
    tell(her)
    owner = look(team, her, reason=" ")
    assert owner.page.status == 409 and "Say why" in owner.page.words and ACCOUNT not in owner.page.text
    owner = look(team, her)
    assert ACCOUNT in owner.page.words and NAME in owner.page.words and "<b>Example" not in owner.page.text
    with team.place.store.open_work(SYSTEM, write=False) as work:
        (note,) = notes.of_participant(work, her.id)
    assert note.words == "Looked up where to send what was earned: It is payday."
    send(owner, "paid")
    assert "Recorded as sent" in owner.page.words
    for words in (NAME, ACCOUNT):
        assert words not in owner.page.words
    assert "Sent on" in her.get("/me/payee").words


def test_who_may_not_see_identities_sees_that_something_waits_and_cannot_ask_for_it(team: Team, her: Person) -> None:
    tell(her)
    office = team.visitor(Role.COORDINATOR)
    page = office.get(PAGE)
    assert "waits to be sent" in page.words and "payee" not in [one.filled().get("act") for one in page.forms]
    number = str(earned(team.place, her)["money"])
    form = page.forms[-1].filled()
    for fields in (
        {"act": "payee", "payee": number, "look": "I want to know."},
        {"act": "payment_list", "why": "I want to know."},
        {"act": "paid", "numbers": number},
    ):
        answer = office.post(PAGE, form | fields)
        assert answer.status == 403 and ACCOUNT not in answer.text, fields
    assert "waits to be sent" in office.get(PAGE).words


def test_password_and_code_are_asked_for_before_it_is_shown_if_they_were_given_long_ago(
    team: Team, her: Person
) -> None:
    tell(her)
    owner = team.visitor(Role.OWNER, proved=False)
    owner.get(PAGE)
    page = send(owner, "payee", {"payee": str(earned(team.place, her)["money"]), "look": "It is payday."})
    assert page.status == 403 and "Is it you?" in page.words and ACCOUNT not in page.text


def test_the_list_is_a_table_by_number_in_which_no_cell_is_a_formula(team: Team, her: Person) -> None:
    tell(her, name='=HYPERLINK("http://example.org","me")', account="+49 1234")
    other = earner(team.place, "sam@mailbox.example")
    tell(other)
    owner = team.visitor(Role.OWNER)
    owner.get(PAGE)
    page = send(owner, "payment_list", {"why": "It is payday."})
    assert page.headers["content-type"].startswith("text/csv")
    assert "attachment" in page.headers["content-disposition"] and "no-store" in page.headers["cache-control"]
    table = list(csv.DictReader(io.StringIO(page.text.removeprefix("\ufeff"))))
    assert [one["number"] for one in table] == [str(earned(team.place, one)["money"]) for one in (her, other)]
    assert table[0]["name"].startswith("'=HYPERLINK") and table[0]["account"] == "'+49 1234"
    assert table[1] | {} == {"number": table[1]["number"], "what": "Five euros", "name": NAME, "account": ACCOUNT,
                             "address": ""}  # fmt: skip
    assert not any(_person(team, one).code in page.text for one in (her, other)), "no study code beside a name"
    numbers = "\n".join(one["number"] for one in table)
    owner.get(PAGE)
    assert send(owner, "paid", {"numbers": f"{numbers}\n999"}).status in (404, 409)
    owner.get(PAGE)
    assert "Recorded as sent" in send(owner, "paid", {"numbers": numbers}).words


def test_where_to_is_erased_a_declared_time_after_it_was_sent(team: Team, her: Person) -> None:
    tell(her)
    send(look(team, her), "paid")
    for days, kept in ((6, True), (2, False)):
        team.place.move(days=days)
        incentives.give_due(team.place.store.open_work)
        with team.place.store.open_work(SYSTEM, write=False) as work:
            assert bool(payees.details_of(work, _person(team, her))) is kept
    assert "Sent on" in her.get("/me/payee").words or typed_code(team.place, her, her.id, "/me/payee")


def test_who_saves_their_data_finds_where_it_is_sent_and_who_is_erased_takes_it_along(team: Team, her: Person) -> None:
    tell(her)
    form = next(one for one in her.get("/me/data").forms if "download" in one.fields)
    file = her.post("/me/data/download", form.filled() | {"download": "yes"})
    mine = json.loads(ZipFile(io.BytesIO(file.response.content)).read("my-data.json"))
    money = next(one for one in mine["earned"] if one["what"] == "Five euros")
    assert money["sent_to"] == {"name": NAME, "account": ACCOUNT}
    with team.place.store.open_work(SYSTEM) as work:
        withdrawal.ask(work, her.id, "erase")
    team.place.move(days=8)
    withdrawal.carry_out_due(team.place.store.open_work)
    owner = team.visitor(Role.OWNER)
    owner.get(PAGE)
    page = send(owner, "payee", {"payee": str(earned(team.place, her)["money"]), "look": "It is payday."})
    assert page.status == 409 and ACCOUNT not in page.text


def test_who_stops_and_takes_everything_back_still_gets_what_was_earned(team: Team, her: Person) -> None:
    """By page: the stop, the details after it, the code by mail, the transfer."""
    her.get("/stop")
    her.submit({"level": "everything"})
    typed_code(team.place, her, her.id, "/me/data")
    form = next(one for one in her.get("/me/data").forms if "withdraw" in one.fields)
    her.post("/me/data/withdraw", form.filled() | {"withdraw": "yes"})
    team.place.move(days=8)
    withdrawal.carry_out_due(team.place.store.open_work)
    assert _person(team, her).data_withdrawn_at is not None
    assert "Say where to send it" in her.get("/me").words
    assert tell(her).path.endswith("/me?said=payee")
    office = team.visitor(Role.OWNER)
    office.get(PAGE)
    send(office, "upload", {"incentive": "code", "codes": "AB-12\n"})
    incentives.give_due(team.place.store.open_work)
    team.place.move(minutes=5)
    with team.place.store.open_work(SYSTEM, write=False) as work:
        assert ledger.code_of(work, earned(team.place, her)["code"]) == "AB-12"

    with team.place.store.open_work(SYSTEM, write=False) as work:
        states = {one.message: one.state.value for one in deliveries.of_participant(work, her.id)}
    assert states["own:voucher"] == "accepted", "the mail with the code left after the stop"
    send(look(team, her), "paid")
    assert "Sent on" in her.get("/me/payee").words


def test_what_is_refused_is_explained_by_a_person_once_and_by_nobody_else(team: Team, her: Person) -> None:
    tell(her)
    office = team.visitor(Role.COORDINATOR)
    office.get(PAGE)
    number = str(earned(team.place, her)["money"])
    before = len(_mails(team, her))
    send(office, "refuse", {"earning": number, "reason": "The same account twice."})
    assert "Refused. Nothing was sent" in office.page.words and "The same account twice." in office.page.words
    assert len(_mails(team, her)) == before and "not yet" in office.page.words
    with team.place.store.open_work(SYSTEM, write=False) as work:
        assert payees.details_of(work, _person(team, her)) == {}, "what need not be known is forgotten"
    said = "We are sorry: *one* account can be used once. <script>alert(1)</script>"
    send(office, "explain", {"refused": number, "words": said})
    assert "Your explanation is on its way" in office.page.words and "not yet" not in office.page.words
    assert _mails(team, her)[-1] == "own:explained"
    again = office.post(PAGE, _hidden(office) | {"act": "explain", "refused": number, "words": "Once more."})
    assert again.status == 409 and "already" in again.words
    assert _mails(team, her).count("own:explained") == 1
    team.place.move(minutes=5)
    page = office.get(f"/{SLUG}/participants/{_person(team, her).code}")
    assert "What the team wrote about what was earned" in page.words
    link = next(one for one in page.links if "/mails/" in one and _is_explained(office, one))
    assert "one account can be used once" in office.get(link).words.replace("*", "")
    assert "<script>alert" not in office.page.text


def _hidden(browser: Visitor) -> dict[str, str]:
    return browser.page.forms[-1].filled()


def _mails(team: Team, her: Person) -> list[str]:

    with team.place.store.open_work(SYSTEM, write=False) as work:
        return [one.message for one in sorted(deliveries.of_participant(work, her.id), key=lambda one: one.id)]


def _is_explained(browser: Visitor, path: str) -> bool:
    return "About your thank-you" in Visitor.get(browser, path).words
