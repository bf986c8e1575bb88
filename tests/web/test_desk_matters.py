"""Alerts, adverse events and the roster at the desk: each list's whole story, by those who may, with two members."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.desk_matters import WORDS, raise_alert, report_harm
from tests.web.desk_place import PASSWORD, Team, send
from tests.web.place import OPERATOR, SLUG, Person, Place
from trial.core.access import Role
from trial.mail.mailer import Envelope, Reply
from trial.services.calling import call_due
from trial.services.delivery import Sender
from trial.storage import clock

ADDRESS = "robin@mailbox.example"


@pytest.fixture
def team(place: Place) -> Team:
    return Team(place)


@pytest.fixture
def enrolled(person: Person) -> Person:
    person.to_allocation()
    return person


def code(place: Place, person: Person) -> str:
    return next(one.code for one in place.everyone() if one.id == person.id)


def later(place: Place, **delta: float) -> None:
    with place.store.open_work(OPERATOR) as work:
        clock.move(work, work.now + timedelta(**delta))


class Listening:
    """A mail server that takes every mail and remembers to whom."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def send(self, envelope: Envelope, content: object) -> Reply:
        assert callable(content)
        if content() is None:
            return Reply("withdrawn", None, "")
        self.taken.append(envelope.recipient)
        return Reply("accepted", 250, "taken")

    def check(self) -> None: ...

    def close(self) -> None: ...


def test_an_alert_is_acknowledged_by_one_acted_on_by_another_and_closed(team: Team, enrolled: Person) -> None:
    number = raise_alert(team.place, enrolled)
    safety, owner = team.visitor(Role.SAFETY_CONTACT), team.visitor(Role.OWNER)
    page = safety.get(f"/{SLUG}/alerts")
    assert code(team.place, enrolled) in page.words and "urgent" in page.words and "nobody has it" in page.words
    assert page.headers["refresh"].startswith("60")
    safety.get(f"/{SLUG}/matters/{number}")
    assert "closed" not in [one.filled().get("act") for one in safety.page.forms]
    page = send(safety, "acknowledged")
    assert "You have it now" in page.words and "Safety Contact Example" in page.words
    owner.get(f"/{SLUG}/matters/{number}")
    page = send(owner, "acted", {"words_acted": ""})
    assert page.status == 409 and "Say in a few words" in page.words
    send(owner, "acted", {"words_acted": "Wrote to the person <script>."})
    assert "Wrote to the person <script>." in owner.page.words and "<script>" not in owner.page.text
    assert "Closed." in send(safety_again(safety, number), "closed").words
    assert "No alert is open" in owner.get(f"/{SLUG}/alerts").words
    assert code(team.place, enrolled) in owner.get(f"/{SLUG}/alerts?closed=1").words
    owner.get(f"/{SLUG}/matters/{number}")
    assert "Open again." in send(owner, "reopened", {"words_reopened": "Wrote back."}).words


def safety_again(browser: Person, number: int) -> Person:
    browser.get(f"/{SLUG}/matters/{number}")
    return browser


def test_an_overdue_alert_says_so_in_words_on_the_list_and_on_its_page(team: Team, enrolled: Person) -> None:
    number = raise_alert(team.place, enrolled)
    owner = team.visitor(Role.OWNER)
    assert "overdue" not in owner.get(f"/{SLUG}/alerts").words
    later(team.place, hours=27)
    page = owner.get(f"/{SLUG}/alerts")
    assert "1 is overdue." in page.words and "overdue by 3 h" in page.words
    assert "overdue by 3 h" in owner.get(f"/{SLUG}/matters/{number}").words


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.STATISTICIAN, Role.UNBLINDED_STATISTICIAN, Role.CUSTODIAN])
def test_who_may_not_see_alerts_sees_neither_the_list_nor_one_nor_a_word_of_them(
    team: Team, enrolled: Person, role: Role
) -> None:
    number = raise_alert(team.place, enrolled)
    browser = team.visitor(role)
    assert browser.get(f"/{SLUG}/alerts").status == 403
    assert browser.get(f"/{SLUG}/matters/{number}").status == 403
    assert "Alerts" not in browser.get(f"/{SLUG}").words


def test_looking_at_lists_and_matters_changes_nothing(team: Team, enrolled: Person) -> None:
    number, harm = raise_alert(team.place, enrolled), report_harm(team.place, enrolled)
    owner = team.visitor(Role.OWNER)
    paths = [f"/{SLUG}/{one}" for one in ("alerts", "adverse-events", "adverse-events/new", "roster")]
    owner.get(paths[0])
    before = team.place.dump()
    for path in [*paths, f"/{SLUG}/alerts?closed=1", f"/{SLUG}/matters/{number}", f"/{SLUG}/matters/{harm}"]:
        assert owner.get(path).status == 200, path
    assert [one for one in team.place.dump() if one not in before and "member_session" not in one] == []


def test_the_identity_is_shown_once_for_a_reason_after_proof_and_the_history_says_so(
    team: Team, enrolled: Person
) -> None:
    number = raise_alert(team.place, enrolled)
    browser = team.visitor(Role.SAFETY_CONTACT, proved=False)
    browser.get(f"/{SLUG}/matters/{number}")
    page = send(browser, "identity", {"reason": "She may be in danger."})
    assert page.status == 403 and "Is it you?" in page.words and ADDRESS not in page.text
    member = team.member(Role.SAFETY_CONTACT)
    page = send(browser, "identity", {"proof_password": PASSWORD, "proof_code": team.next_code(member)})
    assert ADDRESS in page.words and "Robin Example" in page.words
    assert page.headers["cache-control"] == "no-store" and ADDRESS not in page.path
    page = browser.get(f"/{SLUG}/matters/{number}")
    assert ADDRESS not in page.text and "She may be in danger." in page.words and "opened the identity" in page.words


def test_no_identity_without_a_reason_or_for_a_coordinator(team: Team, enrolled: Person) -> None:
    number = report_harm(team.place, enrolled)
    browser = team.visitor(Role.SAFETY_CONTACT)
    browser.get(f"/{SLUG}/matters/{number}")
    page = send(browser, "identity", {"reason": " "})
    assert page.status == 409 and "Say why" in page.words and ADDRESS not in page.text
    coordinator = team.visitor(Role.COORDINATOR)
    page = coordinator.get(f"/{SLUG}/matters/{number}")
    assert "Who this is" not in page.words
    form = next(one for one in page.forms if one.filled().get("act") == "noted")
    page = coordinator.post(page.path, form.filled() | {"act": "identity", "reason": "I want to know."})
    assert page.status == 403 and ADDRESS not in page.text


def test_a_report_is_read_judged_and_judged_again(team: Team, enrolled: Person) -> None:
    number = report_harm(team.place, enrolled)
    safety = team.visitor(Role.SAFETY_CONTACT)
    assert WORDS not in safety.get(f"/{SLUG}/matters/{number}").words
    page = send(safety, "words")
    assert WORDS in page.words and "<b>at night" not in page.text and "Not assessed yet" in page.words
    judged = {"term": "Low mood", "severity": "severe", "relatedness": "possible", "expectedness": "expected"}
    judged |= {"outcome": "recovering", "stopped": "exercises"}
    page = send(safety, "assess", judged | {"severity": ""})
    assert page.status == 409 and "Nothing was chosen" in page.words
    page = send(safety, "assess", judged | {"term": " "})
    assert page.status == 409 and "Name it in a few words" in page.words
    page = send(safety, "assess", judged | {"onset_on": "2026-03-01"})
    assert "Low mood: not serious (counts)" in page.words
    later(team.place, hours=1)
    page = send(safety, "assess", judged | {"criterion_hospital": "yes"})
    assert (
        "Low mood: serious (counts)" in page.words and "hospital stay" in page.words and "23 h left" not in page.words
    )
    assert page.words.count("Relatedness, judged blind") == 2
    later(team.place, hours=24)
    assert "overdue by" in safety.get(f"/{SLUG}/adverse-events").words


def test_a_page_about_a_participant_holds_no_arm(team: Team, enrolled: Person) -> None:
    number, harm = raise_alert(team.place, enrolled), report_harm(team.place, enrolled)
    owner = team.visitor(Role.OWNER)
    for path in ("alerts", "adverse-events", f"matters/{number}", f"matters/{harm}"):
        page = owner.get(f"/{SLUG}/{path}")
        assert page.status == 200 and code(team.place, enrolled) in page.text
        for arm in team.place.folder.protocol.arms:
            assert arm.id not in page.text, path


def test_the_team_enters_what_it_learned_and_a_form_sent_twice_is_one(team: Team, enrolled: Person) -> None:
    browser = team.visitor(Role.COORDINATOR)
    browser.get(f"/{SLUG}/adverse-events/new")
    typed = {"code": code(team.place, enrolled), "happened": WORDS, "serious": "yes"}
    page = send(browser, fields=typed | {"code": "XXXXXXXX"})
    assert page.status == 409 and "Nobody in this trial has this study code" in page.words and WORDS in page.words
    form = next(one for one in page.forms if one.action != "/sign-out")
    for _ in range(2):
        page = browser.post(form.action, form.filled() | typed)
    assert "The adverse event is kept." in page.words and "the team" in page.words
    assert WORDS not in page.words and WORDS in send(browser, "words").words
    page = browser.get(page.path)
    assert browser.get(f"/{SLUG}/adverse-events").text.count('<li class="urgent">') == 1
    assert WORDS not in "\n".join(team.place.dump())


def test_nobody_enters_an_event_in_the_future(team: Team, enrolled: Person) -> None:
    browser = team.visitor(Role.COORDINATOR)
    browser.get(f"/{SLUG}/adverse-events/new")
    typed = {"code": code(team.place, enrolled), "happened": WORDS, "serious": "no"}
    assert send(browser, fields=typed | {"learned_at": "2026-03-03T10:00"}).status == 409
    assert send(browser, fields=typed | {"learned_at": "soon"}).status == 409
    assert "24 h" not in send(browser, fields=typed | {"learned_at": "2026-03-02T09:00"}).words


def test_a_matter_is_handed_to_another_member(team: Team, enrolled: Person) -> None:
    number = raise_alert(team.place, enrolled)
    owner = team.visitor(Role.OWNER)
    team.member(Role.SAFETY_CONTACT)
    team.member(Role.COORDINATOR)
    page = owner.get(f"/{SLUG}/matters/{number}")
    form = next(one for one in page.forms if one.filled().get("act") == "hand_over")
    offered = form.fields["member"].options
    assert str(team.member(Role.SAFETY_CONTACT).id) in offered
    assert str(team.member(Role.COORDINATOR).id) not in offered
    page = send(owner, "hand_over", {"member": str(team.member(Role.SAFETY_CONTACT).id)})
    assert "handed it to Safety Contact Example" in page.words


def test_the_roster_is_written_by_the_owner_and_a_test_is_acknowledged_by_whom_it_called(team: Team) -> None:
    owner, safety = team.visitor(Role.OWNER), team.visitor(Role.SAFETY_CONTACT)
    assert "Nobody is on duty" in owner.get(f"/{SLUG}/roster").words
    member = str(team.member(Role.SAFETY_CONTACT).id)
    page = send(owner, "add", {"member": member, "place": "1", "until_at": "2026-03-09T08:00"})
    assert "1. Safety Contact Example" in page.words and "until 2026-03-09 08:00 UTC" in page.words
    assert "The test is on its way" in send(owner, "test").words and team.place.rings == 1
    mailer = Listening()
    call_due(team.place.store.open_work, Sender(mailer, "study@trial.example.org", "test"))
    assert mailer.taken == ["safety-contact@team.example"]
    assert "It reached me" not in owner.get(f"/{SLUG}/roster").words
    safety.get(f"/{SLUG}/roster")
    assert "Kept: the test reached you." in send(safety, "acknowledge").words
    owner.get(f"/{SLUG}/roster")
    assert "acknowledged 2026-03-02" in owner.page.words
    assert "Nobody is on duty" in send(owner, "end").words


def test_everybody_who_is_on_call_in_the_coming_days_is_called_by_one_button(team: Team) -> None:
    owner = team.visitor(Role.OWNER)
    owner.get(f"/{SLUG}/roster")
    assert "Call all" not in owner.page.words, "the owner alone is on call"
    send(
        owner, "add", {"member": str(team.member(Role.SAFETY_CONTACT).id), "place": "1", "until_at": "2026-03-09T08:00"}
    )
    assert owner.page.words.count("has not acknowledged a test alert yet") == 2
    send(owner, "test_all")
    mailer = Listening()
    call_due(team.place.store.open_work, Sender(mailer, "study@trial.example.org", "test"))
    assert sorted(mailer.taken) == ["owner@team.example", "safety-contact@team.example"]
    owner.get(f"/{SLUG}/roster")
    page = send(owner, "acknowledge")
    assert page.words.count("has not acknowledged a test alert yet") == 1


def test_faults_of_the_rosters_form_stand_beside_their_fields(team: Team) -> None:
    owner = team.visitor(Role.OWNER)
    owner.get(f"/{SLUG}/roster")
    page = send(owner, "add", {"member": "", "place": "1"})
    assert page.status == 409 and 'href="#f-member"' in page.text
    page = send(owner, "add", {"member": str(team.member(Role.OWNER).id), "place": "1", "from_at": "soon"})
    assert page.status == 409 and 'href="#f-from_at"' in page.text


def test_a_safety_contact_reads_the_roster_and_changes_nothing(team: Team) -> None:
    owner, safety = team.visitor(Role.OWNER), team.visitor(Role.SAFETY_CONTACT)
    owner.get(f"/{SLUG}/roster")
    send(owner, "add", {"member": str(team.member(Role.SAFETY_CONTACT).id), "place": "2"})
    page = safety.get(f"/{SLUG}/roster")
    assert "2. Safety Contact Example" in page.words
    assert [one.filled().get("act") for one in page.forms] == [None]
    form = next(one for one in owner.page.forms if one.filled().get("act") == "end").filled()
    form["csrf"] = page.forms[0].filled()["csrf"]
    assert safety.post(f"/{SLUG}/roster", form).status == 403
