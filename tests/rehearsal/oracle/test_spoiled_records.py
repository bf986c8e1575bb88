"""What the oracle is for: a record with one thing wrong in it is told from a right one, and the thing is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.rehearsal.morning_walks import written
from trial.cli.living import Wish, live
from trial.cli.places import operator
from trial.rehearsal.oracle.facts import Entry, Fact, Letter, Record
from trial.rehearsal.oracle.mails import message_id
from trial.rehearsal.oracle.reading import read_record
from trial.rehearsal.oracle.recount import recount, with_report

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A trial of sixteen arrivals, by pages and a mail server."""
    place = tmp_path_factory.mktemp("recounted")
    with (
        live(Wish(written(place), 16, 2, place / "lived", 0.3, None, None, True), quiet=True) as lived,
        lived.store.open_work(operator(), write=False) as work,
    ):
        return read_record(work, lived.trial.slug, lived.mailbox, lived.files)


def test_a_trial_that_nothing_happened_to_has_no_difference(lived: Record) -> None:
    found = recount(lived)
    assert [one.sentence for one in found.differences] == []
    mails, counts = found.compared["mails"], found.compared["counts"]
    assert found.sentence == f"Recounted by separate code: {mails} mails, {counts} counts, no difference"
    assert found.compared["mails"] == len(lived.ledger) > 50
    assert found.compared["copies in the mailbox"] == len(lived.letters or ()) > 40
    assert found.compared["windows"] == len(lived.asked) > 40
    assert found.flow["randomized"] == len(lived.allocated) > 5


def accepted(record: Record) -> Entry:
    """A reminder that left: its person had not answered the invitation."""
    return next(one for one in record.ledger if one.state == "accepted" and one.stream != "service" and one.reminder)


def answered(record: Record) -> Entry:
    """A reminder that did not leave, as the answer was in."""
    return next(one for one in record.ledger if one.reason == "already_answered")


def _rows(record: Record, wrong: Entry, *right: Entry) -> Record:
    """The ledger with other rows in place of one."""
    return replace(record, ledger=[*(one for one in record.ledger if one is not wrong), *right])


def _letters(record: Record, change: Callable[[list[Letter]], list[Letter]]) -> Record:
    return replace(record, letters=change(list(record.letters or ())))


def _of(record: Record, entry: Entry) -> Letter:
    mark = message_id(record.link_key, entry.id)
    return next(one for one in record.letters or () if mark in one.message_id)


def a_mail_that_the_plan_lost(record: Record) -> Record:
    return _rows(record, accepted(record))


def a_mail_planned_twice(record: Record) -> Record:
    row = accepted(record)
    return _rows(record, row, replace(row, id=99_999, state="suppressed", reason="already_answered"), row)


def a_mail_planned_an_hour_late(record: Record) -> Record:
    row = accepted(record)
    return _rows(record, row, replace(row, due=row.due + HOUR))


def a_mail_to_somebody_who_had_stopped(record: Record) -> Record:
    row = accepted(record)
    act = Fact(10**9, row.due - HOUR, "stopped_everything", row.person, None, {"reason": "no_time"})
    return replace(record, facts=[*record.facts, act])


def a_reminder_after_the_answer(record: Record) -> Record:
    return _rows(record, answered(record), replace(answered(record), state="accepted", reason=None))


def a_mail_that_was_held_back_without_a_reason(record: Record) -> Record:
    return _rows(record, accepted(record), replace(accepted(record), state="suppressed", reason="stopped"))


def a_mail_that_nobody_asked_for(record: Record) -> Record:
    row = accepted(record)
    return replace(record, ledger=[*record.ledger, replace(row, id=99_999, occurrence=9)])


def a_mail_lost_on_the_way(record: Record) -> Record:
    return _letters(record, lambda all_: [one for one in all_ if one is not _of(record, accepted(record))])


def a_mail_that_came_twice(record: Record) -> Record:
    return _letters(record, lambda all_: [*all_, replace(_of(record, accepted(record)), number=99_999)])


def a_mail_that_left_an_hour_early(record: Record) -> Record:
    late = _of(record, accepted(record))
    return _letters(record, lambda all_: [replace(one, sent=one.sent - HOUR) if one is late else one for one in all_])


def a_mail_to_the_address_of_another(record: Record) -> Record:
    here = _of(record, accepted(record))
    others = next(one.to for one in record.letters or () if one.to != here.to)
    return _letters(record, lambda all_: [replace(one, to=others) if one is here else one for one in all_])


def a_mail_that_no_ledger_holds(record: Record) -> Record:
    stranger = replace(_of(record, accepted(record)), number=99_999, message_id="<1234@elsewhere.example>")
    return _letters(record, lambda all_: [*all_, stranger])


def a_window_that_closes_early(record: Record) -> Record:
    first, *others = record.asked
    return replace(record, asked=[replace(first, closes=first.closes - HOUR), *others])


def an_allocation_swapped(record: Record) -> Record:
    """Two people's arms change places in the allocations alone."""
    first = record.allocated[0]
    second = next(one for one in record.allocated if one.arm != first.arm)
    others = [one for one in record.allocated if one not in (first, second)]
    return replace(record, allocated=[replace(first, arm=second.arm), replace(second, arm=first.arm), *others])


def _frozen(record: Record, name: str, old: str, new: str) -> Record:
    text = record.files[name]
    assert old in text
    return replace(record, files={**record.files, name: text.replace(old, new, 1)})


def somebody_randomised_who_is_not_counted(record: Record) -> Record:
    lines = record.files["disposition.csv"].splitlines(keepends=True)
    gone = next(one for one in lines if ",randomized," in one)
    return _frozen(record, "disposition.csv", gone, "")


def a_dose_counted_wrongly(record: Record) -> Record:
    return _frozen(record, "disposition.csv", ",yes,yes,", ",no,yes,")


def an_outcome_that_is_not_in_the_data(record: Record) -> Record:
    lines = record.files["dataset.csv"].splitlines(keepends=True)
    gone = next(one for one in lines if f",{record.protocol['analysis']['primary']['timepoint']}," in one)
    return _frozen(record, "dataset.csv", gone, "")


@dataclass(frozen=True)
class Named:
    """How a spoiled record is told: the kinds of the differences, and words of the first."""

    kinds: Sequence[str]
    words: str


TOLD = {
    a_mail_that_the_plan_lost: Named(["missing", "unexpected"], "the ledger holds no such mail"),
    a_mail_planned_twice: Named(["doubled"], "stands in the ledger more than once"),
    a_mail_planned_an_hour_late: Named(["time"], "was expected to be due"),
    a_mail_to_somebody_who_had_stopped: Named(["end"], "expected to be suppressed (stopped)"),
    a_reminder_after_the_answer: Named(["end", "lost"], "expected to be suppressed (already answered)"),
    a_mail_that_was_held_back_without_a_reason: Named(["end", "unexpected"], "expected to be accepted"),
    a_mail_that_nobody_asked_for: Named(["unexpected", "lost"], "nothing that happened asks for it"),
    a_mail_lost_on_the_way: Named(["lost"], "the mailbox holds no copy"),
    a_mail_that_came_twice: Named(["doubled"], "is in the mailbox 2 times"),
    a_mail_that_left_an_hour_early: Named(["time"], "was expected to leave at"),
    a_mail_to_the_address_of_another: Named(["address"], "went to an address that is not theirs"),
    a_mail_that_no_ledger_holds: Named(["unexpected"], "stands in no ledger"),
    a_window_that_closes_early: Named(["window"], "was expected from"),
    somebody_randomised_who_is_not_counted: Named(["count", "allocation"], "by the recount, and the frozen files say"),
    a_dose_counted_wrongly: Named(["count"], "received: "),
    an_outcome_that_is_not_in_the_data: Named(["count"], "with the outcome: "),
}


@pytest.mark.parametrize("spoil", TOLD, ids=lambda one: one.__name__)
def test_one_thing_spoiled_is_named(lived: Record, spoil: Callable[[Record], Record]) -> None:
    told, found = TOLD[spoil], recount(spoil(lived))
    assert {one.kind for one in found.differences} == set(told.kinds), [one.sentence for one in found.differences]
    assert any(told.words in one.sentence for one in found.differences), [one.sentence for one in found.differences]


def test_two_arms_that_changed_places_are_told_person_by_person(lived: Record) -> None:
    spoiled = an_allocation_swapped(lived)
    found = recount(spoiled)
    before, after = ({one.person: one.arm for one in each.allocated} for each in (lived, spoiled))
    swapped = {lived.people[one].code for one, arm in before.items() if after[one] != arm}
    assert {one.who for one in found.differences if one.kind == "allocation"} == swapped
    assert len(swapped) == 2
    assert "window" in {one.kind for one in found.differences}


def test_a_count_of_the_report_that_is_off_by_one_is_named(lived: Record) -> None:
    found = recount(lived)
    arms = [one["id"] for one in lived.protocol["arms"]]
    flow = {
        "screenings": found.flow["screenings"], "assessed": found.flow["assessed"],
        "excluded": found.flow["excluded"], "randomised": found.flow["randomized"] + 1,
        "excluded_by_stage": [], "arms": [_arm_of_the_report(found.flow, one) for one in arms],
    }  # fmt: skip
    told = [one.sentence for one in with_report(found, flow).differences]
    counted = found.flow["randomized"]
    assert f"Randomized: {counted} by the recount, and the report says {counted + 1}." in told
    assert not [one for one in told if one.startswith("Arm ")]


def _arm_of_the_report(flow: dict[str, int], arm: str) -> dict[str, object]:
    counts = {name.removeprefix(f"arm {arm}: "): n for name, n in flow.items() if name.startswith(f"arm {arm}: ")}

    def reasons(of: str) -> list[dict[str, object]]:
        return [{"reason": name.split(": ")[1], "n": n} for name, n in counts.items() if name.startswith(f"{of}: ")]

    return {
        "arm": arm, "allocated": counts["allocated"], "received": counts.get("received", 0),
        "not_received": counts.get("not received", 0), "discontinued": counts.get("discontinued", 0),
        "discontinued_reasons": reasons("discontinued"), "lost": counts.get("lost", 0), "lost_reasons": reasons("lost"),
        "lost_analysed": 0, "analysed": counts.get("with the outcome", 0), "excluded_from_analysis_reasons": [],
    }  # fmt: skip


def test_a_mail_that_came_twice_with_a_doubt_on_record_is_counted_and_no_difference(lived: Record) -> None:
    row = accepted(lived)
    doubted = _rows(lived, row, replace(row, doubts=1))
    found = recount(_letters(doubted, lambda all_: [*all_, replace(_of(lived, row), number=99_999)]))
    assert (found.compared["doubled"], [one.sentence for one in found.differences]) == (1, [])
