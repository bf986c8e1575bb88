"""A live trial is prepared, gathers its team and evidence, and opens when every line of its gate is green."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import update

from tests.core.ready import NOW, READY, ready_files
from tests.services.post import Post
from tests.services.scene import BASE, CHANCE, OPERATOR
from tests.storage.stores import ON_SQLITE, content
from trial.core import gate as core_gate
from trial.core.access import SYSTEM, Actor, Role
from trial.core.errors import BadInput, NotAllowed, RecruitmentClosed, Refused
from trial.core.gate import Line
from trial.core.trial import TrialKind, TrialState
from trial.mail.inbound import read
from trial.protocol_files import ProtocolFolder, read_files
from trial.services import enrolment, evidence, gate, mail_doctor, preparing, rehearsing, replies, trials
from trial.storage import clock, duties, keys, matters, member_secrets, members
from trial.storage.tables import member
from trial.storage.work import Store, Work

HTTPS, FROM = "https://trial.example.org", "study@trial.equipoise"
EVIDENCE = ("keys", "backup", "mail", "mail_reply", "rehearsal")


@pytest.fixture
def at(store: Store) -> Store:
    """A database on the day on which the trial is ready."""
    with store.open_work(OPERATOR) as work:
        rehearsing.start_clock(work, NOW)
    return store


def prepare(store: Store, folder: ProtocolFolder = READY, url: str = HTTPS) -> None:
    with store.open_work(OPERATOR) as work:
        preparing.prepare(work, folder, slug="evenings", base_url=url)


def lines(store: Store) -> dict[str, Line]:
    with store.open_work(OPERATOR, write=False) as work:
        return {one.code: one for one in gate.lines(work, "evenings", mail_from=FROM)}


def red(store: Store) -> list[str]:
    return [code for code, one in lines(store).items() if not one.green]


def open_it(store: Store, folder: ProtocolFolder = READY) -> list[Line]:
    with store.open_work(OPERATOR) as work:
        return gate.open_prepared(work, "evenings", folder, mail_from=FROM, chance=CHANCE)[1]


def show_all(store: Store) -> None:
    """Everything that the gate wants to have seen."""
    with store.open_work(OPERATOR) as work:
        trial = trials.find(work, "evenings")
        detail = {"from": FROM, "keys": keys.fingerprint(store.keys), "digest": READY.digest}
        for line in EVIDENCE:
            evidence.record(work, trial, line, detail)
        for name, role in (("A. Tester", Role.STATISTICIAN), ("B. Tester", Role.SAFETY_CONTACT)):
            _join(work, trial.id, name, role)

        safety = next(one for one in members.of_trial(work, trial.id) if one.role is Role.SAFETY_CONTACT).member_id
        work.rows.execute(update(member).where(member.c.id == safety).values(address="b@team.example"))
        duties.add(work, trial.id, safety, 1, work.now, None)
        evidence.record(work, trial, "on_call", {"member": safety})


def _join(work: Work, trial_id: int, name: str, role: Role) -> None:
    added = members.add(work, trial_id, name, role)
    member_secrets.keep(work, added, password="x", totp="s", step=0, recovery=[])


def test_a_trial_in_preparation_has_no_seed_and_lets_nobody_in(at: Store) -> None:
    prepare(at)
    with at.open_work(OPERATOR, write=False) as work:
        trial = trials.find(work, "evenings")
        assert (trial.kind, trial.state) == (TrialKind.LIVE, TrialState.PREPARING)
        assert trials.status(work, "evenings").seed_digest is None
    assert content(at)["seal"] == []
    with pytest.raises(RecruitmentClosed), at.open_work(SYSTEM) as work:
        enrolment.screen(work, trial, {}, "poster", submission="one")


def test_preparing_again_stores_the_newer_version_and_keeps_the_team(at: Store) -> None:
    prepare(at, url=BASE)
    show_all(at)
    changed = read_files(ready_files(("number: T-1", "number: T-2")))
    prepare(at, changed)
    prepare(at, changed)
    with at.open_work(OPERATOR, write=False) as work:
        trial = trials.find(work, "evenings")
        assert trials.folder(work, trial.protocol_id).digest == changed.digest
        assert trial.base_url == HTTPS
        assert len(trials.list_members(work, "evenings")) == 2
    assert len(content(at)["protocol_version"]) == 2
    with pytest.raises(Refused, match="earlier version"):
        prepare(at, READY)


def test_an_empty_desk_is_told_everything_that_is_missing_and_nothing_opens(at: Store) -> None:
    prepare(at, url=BASE)
    before = content(at)
    assert {one.code for one in open_it(at) if not one.green} == {*EVIDENCE, "on_call", "https", "team"}
    assert content(at) == before


def test_a_trial_opens_with_its_seed_sealed_when_every_line_is_green(at: Store) -> None:
    prepare(at)
    show_all(at)
    with at.open_work(OPERATOR) as work:
        clock.move(work, NOW + timedelta(days=2))
    assert red(at) == []
    assert all(one.green for one in open_it(at))
    with at.open_work(OPERATOR, write=False) as work:
        trial = trials.find(work, "evenings")
        assert (trial.state, trial.opened_at) == (TrialState.OPEN, NOW + timedelta(days=2))
        assert trials.seed_digest(work, trial.id)
    assert [row["event"] for row in content(at)["event"]][-2:] == ["seed_sealed", "trial_opened"]
    with pytest.raises(Refused, match="open already"):
        open_it(at)
    with pytest.raises(Refused, match="amendment"):
        prepare(at)


@ON_SQLITE
@pytest.mark.parametrize("line", [*EVIDENCE, "on_call", "https", "team"])
def test_one_line_that_is_red_is_enough(at: Store, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(at)
    show_all(at)
    real = core_gate.lines
    monkeypatch.setattr(
        core_gate, "lines", lambda facts: [Line(one.code, one.label, one.code != line) for one in real(facts)]
    )
    assert [one.code for one in open_it(at) if not one.green] == [line]
    with at.open_work(OPERATOR, write=False) as work:
        assert trials.find(work, "evenings").state is TrialState.PREPARING


@ON_SQLITE
def test_a_name_on_record_that_never_signed_in_watches_nothing(at: Store) -> None:
    prepare(at)
    with at.open_work(OPERATOR) as work:
        trials.add_member(work, "evenings", "A. Tester", Role.STATISTICIAN)
        trials.add_member(work, "evenings", "B. Tester", Role.SAFETY_CONTACT)
    assert "No statistician" in lines(at)["team"].missing and "No safety contact" in lines(at)["team"].missing
    with at.open_work(OPERATOR) as work:
        trial = trials.find(work, "evenings")
        _join(work, trial.id, "C. Tester", Role.STATISTICIAN)
        _join(work, trial.id, "D. Tester", Role.SAFETY_CONTACT)
    assert lines(at)["team"].green


@ON_SQLITE
def test_a_folder_that_was_changed_since_is_not_what_opens(at: Store) -> None:
    prepare(at)
    show_all(at)
    with pytest.raises(Refused, match="not the version that was prepared"):
        open_it(at, read_files(ready_files(("number: T-1", "number: T-2"))))


@ON_SQLITE
def test_evidence_for_one_version_says_nothing_of_the_rehearsal_of_the_next(at: Store) -> None:
    prepare(at)
    show_all(at)
    prepare(at, read_files(ready_files(("number: T-1", "number: T-2"))))
    assert red(at) == ["rehearsal"]


@ON_SQLITE
def test_no_live_trial_opens_past_its_gate(at: Store) -> None:
    with pytest.raises(Refused, match="equipoise prepare"), at.open_work(OPERATOR) as work:
        trials.open_trial(work, READY, slug="evenings", kind=TrialKind.LIVE, base_url=HTTPS, chance=CHANCE, target=None)
    with pytest.raises(Refused, match="no trial named"):
        open_it(at)
    with pytest.raises(BadInput, match="cannot be a trial's name"), at.open_work(OPERATOR) as work:
        preparing.prepare(work, READY, slug="healthz", base_url=HTTPS)
    with pytest.raises(NotAllowed), at.open_work(Actor("member:1", Role.COORDINATOR)) as work:
        preparing.prepare(work, READY, slug="evenings", base_url=HTTPS)


def answer_to(message_id: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "tester@elsewhere.example", "team@trial.equipoise", "<r1@elsewhere>"
    mail["In-Reply-To"], mail["Subject"] = message_id, "Re: Test mail"
    mail.set_content("It is here.")
    return mail.as_bytes()


def test_a_test_mail_is_sent_seen_and_answered(at: Store, post: Post) -> None:
    prepare(at)
    with at.open_work(OPERATOR, write=False) as work:
        test = mail_doctor.letter(work, "evenings", to="tester@elsewhere.example", mail_from=FROM)
    assert post.mailer().send(test.envelope, lambda: test.content).kind == "accepted"
    [mail] = post.mails("tester@elsewhere.example")
    assert test.code in mail.text and mail.headers["message-id"] == test.message_id
    with at.open_work(SYSTEM) as work:  # before it was seen to arrive, an answer is any other mail
        assert mail_doctor.trial_of_test(work, [test.message_id]) is None
    with at.open_work(OPERATOR) as work:
        mail_doctor.arrived(work, "evenings", test, "code typed")
    assert lines(at)["mail"].green and not lines(at)["mail_reply"].green
    assert "tester" not in json.dumps([row["detail"] for row in content(at)["evidence"]])
    with at.open_work(SYSTEM) as work:
        assert replies.keep(work, read(answer_to(test.message_id)))
        assert not replies.keep(work, read(answer_to(test.message_id)))
    assert lines(at)["mail_reply"].green
    with at.open_work(OPERATOR, write=False) as work:
        assert len(content(at)["matter"]) == 1
        assert matters.by_id(work, content(at)["matter"][0]["id"]).kind.value == "reply"


@ON_SQLITE
def test_an_answer_to_anything_else_is_no_evidence(at: Store) -> None:
    prepare(at)
    with at.open_work(SYSTEM) as work:
        replies.keep(work, read(answer_to("<test.0123@trial.local>")))
    assert not lines(at)["mail_reply"].green


@ON_SQLITE
def test_everybody_on_call_in_the_first_days_acknowledges_and_the_line_says_who_has(at: Store) -> None:
    prepare(at)
    show_all(at)
    with at.open_work(OPERATOR) as work:
        trial = trials.find(work, "evenings")
        second = members.add(work, trial.id, "D. Tester", Role.SAFETY_CONTACT)
        work.rows.execute(update(member).where(member.c.id == second).values(address="d@team.example"))
        duties.add(work, trial.id, second, 2, work.now + timedelta(days=13), None)
    line = lines(at)["on_call"]
    assert not line.green and "D. Tester is on call and has not acknowledged" in line.missing
    assert line.told.startswith("Acknowledged: B. Tester (")
    with at.open_work(OPERATOR) as work:
        evidence.record(work, trials.find(work, "evenings"), "on_call", {"member": second})
    assert lines(at)["on_call"].green
