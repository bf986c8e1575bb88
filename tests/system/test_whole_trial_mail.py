"""Every mail of a whole trial: the mailbox, the ledger and the protocol's schedule say the same."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from tests.system import oracle
from tests.system.commands import whole_evidence
from tests.system.evidence import Evidence, Mail, Row


@pytest.fixture(scope="module")
def lived() -> Evidence:
    return whole_evidence()


@pytest.fixture(scope="module")
def sent(lived: Evidence) -> list[tuple[Mail, Row]]:
    """Each mail with the row of the ledger that its Message-ID belongs to."""
    rows = {oracle.message_id(lived, row): row for row in lived.tables["delivery"]}
    return [(mail, rows[mail.message_id]) for mail in lived.mails]


def test_the_mailbox_holds_each_accepted_mail_of_the_ledger_once_and_no_other(lived: Evidence) -> None:
    accepted = [oracle.message_id(lived, row) for row in lived.all("delivery", state="accepted")]
    assert len(accepted) > 400
    assert sorted(mail.message_id for mail in lived.mails) == sorted(accepted)


def test_each_mail_carries_the_personal_link_of_its_own_row_and_no_other(sent: list[tuple[Mail, Row]]) -> None:
    for mail, row in sent:
        links = {row["token_hash"]} if row["occasion_id"] or row["message"] == oracle.LAST_MAIL else set()
        assert {oracle.digest_of_token(token) for token in mail.tokens} == links


def test_every_person_gets_mail_at_one_address_that_nobody_else_has(sent: list[tuple[Mail, Row]]) -> None:
    pairs = {(row["participant_id"], mail.recipient) for mail, row in sent}
    assert len(pairs) == len({person for person, _ in pairs}) == len({address for _, address in pairs}) > 30


def test_every_mail_says_that_this_is_a_rehearsal(lived: Evidence) -> None:
    assert all("Rehearsal with pretend people" in mail.text for mail in lived.mails)


def test_everyone_randomised_has_exactly_the_schedule_that_the_protocol_promises(lived: Evidence) -> None:
    assert len({lived.people[one]["zone"] for one in lived.arm_of}) > 3
    for person, arm in lived.arm_of.items():
        record = lived.people[person]
        promised = oracle.schedule(lived.protocol, record["randomized_at"], record["zone"], arm)
        ledger = [row for row in lived.all("delivery", participant_id=person) if row["stream"] != "service"]
        assert {oracle.key_of(row): (row["due_at"], row["not_after"]) for row in ledger} == {
            key: (one.due, one.latest) for key, one in promised.items()
        }
        windows = {(one["timepoint"], one["occurrence"]): one for one in lived.all("occasion", participant_id=person)}
        for (_, _, timepoint, occurrence, _), one in promised.items():
            window = windows[timepoint, occurrence]
            assert (window["opens_at"], window["closes_at"]) == (one.opens, one.closes)


def test_everyone_who_gave_an_address_got_one_code_and_nobody_else_got_mail(lived: Evidence) -> None:
    codes = Counter(row["participant_id"] for row in lived.all("delivery", message="code"))
    assert codes == Counter(lived.people.keys())
    others = [row for row in lived.tables["delivery"] if row["participant_id"] not in lived.arm_of]
    assert {row["message"] for row in others} <= {"code", oracle.LAST_MAIL}
    told = {row["participant_id"] for row in others if row["message"] == oracle.LAST_MAIL}
    assert told == {row["participant_id"] for row in lived.tables["consent"]} - set(lived.arm_of)


def test_everyone_randomised_is_told_the_end_once_unless_they_stopped_everything(lived: Evidence) -> None:
    for person in lived.arm_of:
        record = lived.people[person]
        (row,) = lived.all("delivery", participant_id=person, message=oracle.LAST_MAIL)
        due = oracle.end_of_the_study(lived.protocol, record["randomized_at"], record["zone"])
        assert row["due_at"] == due
        assert all(one["closes_at"] < due for one in lived.all("occasion", participant_id=person))
        told = [one for one in lived.all("event", participant_id=person) if one["event"] == "debriefed"]
        assert len(told) == (record["stopped"] != "everything" and record["bounced_at"] is None)
    assert len(lived.all("event", event="debriefed")) > 10


def test_each_mail_ended_as_what_its_person_had_done_demands(lived: Evidence) -> None:
    ends = [(oracle.expected_end(lived, row), (row["state"], row["reason"])) for row in lived.tables["delivery"]]
    assert [pair for pair in ends if pair[0] != pair[1]] == []
    assert {end for _, end in ends} == {
        ("accepted", None),
        ("bounced", "address_refused"),
        ("suppressed", "already_answered"),
        ("suppressed", "stopped"),
        ("suppressed", "address_bounced"),
    }


def test_each_mail_left_the_moment_it_was_due(sent: list[tuple[Mail, Row]]) -> None:
    assert all(mail.sent == row["due_at"] == row["ended_at"] for mail, row in sent)


def test_invitations_leave_in_the_evening_where_the_person_lives_on_the_day_of_the_plan(
    lived: Evidence, sent: list[tuple[Mail, Row]]
) -> None:
    points = {one["id"]: one for one in lived.protocol["timepoints"]}
    seen: Counter[str] = Counter()
    for mail, row in sent:
        if row["stream"] == "service" or row["reminder"]:
            continue
        person, point = lived.people[row["participant_id"]], points[row["timepoint"]]
        assert f"{mail.sent.astimezone(ZoneInfo(person['zone'])):%H:%M}" == point["time"]
        assert lived.days_since(person, mail.sent) == point["days"][row["occurrence"] - 1]
        seen[point["time"]] += 1
    assert seen["19:00"] > 100 and seen["18:00"] > 50


def test_no_mail_leaves_outside_the_window_it_speaks_of(lived: Evidence, sent: list[tuple[Mail, Row]]) -> None:
    windows = {one["id"]: one for one in lived.tables["occasion"]}
    for mail, row in sent:
        if row["occasion_id"]:
            window = windows[row["occasion_id"]]
            assert window["participant_id"] == row["participant_id"]
            assert window["opens_at"] <= mail.sent < window["closes_at"]


def test_nobody_who_stopped_or_answered_is_written_to_about_it_again(
    lived: Evidence, sent: list[tuple[Mail, Row]]
) -> None:
    windows = {one["id"]: one for one in lived.tables["occasion"]}
    levels = set()
    for mail, row in sent:
        person, window = lived.people[row["participant_id"]], windows.get(row["occasion_id"])
        if window and window["done_at"]:
            assert mail.sent <= window["done_at"]
        if person["stopped"] == "everything" or (person["stopped"] and row["stream"] == "exercises"):
            assert mail.sent <= person["stopped_at"]
            levels.add(person["stopped"])
    assert levels == {"exercises", "everything"}


def test_people_who_stopped_the_exercises_are_still_asked_the_questionnaires(
    lived: Evidence, sent: list[tuple[Mail, Row]]
) -> None:
    stopped = {one["id"]: one["stopped_at"] for one in lived.all("participant", stopped="exercises")}
    later = {row["participant_id"] for mail, row in sent if mail.sent > stopped.get(row["participant_id"], mail.sent)}
    assert later == set(stopped) and len(later) > 1


def test_only_addresses_that_the_server_refuses_bounce_and_only_once(lived: Evidence) -> None:
    bounced = Counter(row["participant_id"] for row in lived.all("delivery", state="bounced"))
    assert len(bounced) == len(lived.refused) == 2 and set(bounced.values()) == {1}
    assert {one["id"] for one in lived.people.values() if one["bounced_at"]} == set(bounced)
    last = {mail.recipient: mail.sent for mail in lived.mails}
    for address in lived.refused & set(last):
        (person,) = {row["participant_id"] for mail, row in _pairs(lived) if mail.recipient == address}
        assert last[address] < lived.people[person]["bounced_at"]


def test_every_answer_after_randomisation_came_through_a_link_that_was_mailed(
    lived: Evidence, sent: list[tuple[Mail, Row]]
) -> None:
    invited = {row["occasion_id"]: mail.sent for mail, row in reversed(sent) if row["occasion_id"]}
    answered = [one for one in lived.tables["occasion"] if one["done_at"] and one["timepoint"] != "baseline"]
    assert len(answered) > 150
    assert all(invited[one["id"]] < one["done_at"] < one["closes_at"] for one in answered)


def _pairs(lived: Evidence) -> list[tuple[Mail, Row]]:
    rows = {oracle.message_id(lived, row): row for row in lived.tables["delivery"]}
    return [(mail, rows[mail.message_id]) for mail in lived.mails]
