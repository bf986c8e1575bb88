"""The schedule worked out anew against the ledger, and the ledger against the mailbox: each mail exactly once."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trial.rehearsal.oracle.facts import Asked, Difference, Entry, Fact, Letter, Person, Record
from trial.rehearsal.oracle.life import Life, Versions
from trial.rehearsal.oracle.planned import LAST, Planner, Promise

RESULTS = "own:results"
# who used the link of a mail in doubt has it
LINK_USED = "link_used"
# why the trial writes in its own words: each such mail falls due at the moment of one of these
REASONS: Mapping[str, tuple[str, ...]] = {
    "code": ("address_given", "address_known", "code_sent"),
    "confirm_address": ("code_sent",),
    "new_link": ("link_asked_for",),
    "consent_copy": ("copy_asked",),
    "withdrawal": ("withdrawal_asked",),
    "erasure": ("erasure_asked",),
    "released": ("randomized",),
    "refused": ("enrolment_refused",),
    "no_place": ("turned_away",),
    "address_changed": ("address_changed", "address_corrected"),
    "address_back": ("address_change_undone",),
    "sent_again": ("mail_sent_again",),
    "voucher": ("incentive_earned", "incentive_given"),
    "payee": ("incentive_earned",),
    "explained": ("incentive_explained", "incentive_refused"),
    "answer": ("matter_moved",),
    "changed": ("protocol_registered",),
}


@dataclass(slots=True)
class Compared:
    """What was compared, by name, and everything that is not as it should be.

    `doubled` is how many copies too many the mailbox holds of a mail, by its name; `unknown` are the names of those
    that ended in doubt.
    """

    counts: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    doubled: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def differs(self, kind: str, who: str, sentence: str) -> None:
        self.differences.append(Difference(kind, who, sentence))


def compare_mails(record: Record, compared: Compared) -> None:
    """Everybody's promises against their rows, every row against the mailbox."""
    versions = Versions(
        {one.id: Planner(one.protocol, record.hour_key) for one in record.versions},
        {one.digest: one.id for one in record.versions},
    )
    rows: dict[int, list[Entry]] = defaultdict(list)
    for entry in record.ledger:
        rows[entry.person].append(entry)
    asked: dict[int, list[Asked]] = defaultdict(list)
    for window in record.asked:
        asked[window.person].append(window)
    for life in _lives(versions, record):
        promises = life.live()
        _compare_windows(life, asked[life.person.id], compared)
        _compare_person(life, promises, rows.pop(life.person.id, []), compared)
    for strangers in rows.values():
        for one in strangers:
            compared.differs("unexpected", "", f"The ledger holds {_name(one)} for nobody who gave an address.")
    if record.letters is not None:
        _compare_mailbox(record, compared)


def _lives(versions: Versions, record: Record) -> Iterator[Life]:
    facts: dict[int | None, list[Fact]] = defaultdict(list)
    for fact in record.facts:
        facts[fact.person if fact.person is not None or fact.screening is None else -1].append(fact)
    sheets, allocated = defaultdict(list), defaultdict(list)
    for sheet in record.sheets:
        sheets[sheet.person].append(sheet)
    for one in record.allocated:
        allocated[one.person].append(one)
    for person in record.people.values():
        own = [*facts[person.id], *facts[None]]
        yield Life(versions, record, person, own, sheets[person.id], allocated[person.id])


def whose(person: Person) -> str:
    """How a person is named in a sentence."""
    return f"Participant {person.number} ({person.code})"


def _compare_person(life: Life, promises: list[Promise], rows: list[Entry], compared: Compared) -> None:
    who, found = life.person, {one.key: one for one in rows}
    for one in _twice(rows):
        compared.differs("doubled", who.code, f"{whose(who)}: {_name(one)} stands in the ledger more than once.")
    for promise in promises:
        row = found.pop(promise.key, None)
        compared.counts["mails promised"] += 1
        if row is None:
            due = _when(promise.due)
            sentence = f"{whose(who)}: {_said(promise)} was expected for {due}, and the ledger holds no such mail."
            compared.differs("missing", who.code, sentence)
        else:
            _compare_row(life, promise, row, compared)
    for row in found.values():
        _compare_other(life, row, compared)


def _compare_windows(life: Life, asked: list[Asked], compared: Compared) -> None:
    """What a person of this arm is asked, and when it can be done."""
    who = life.person
    expected = {(one.timepoint, one.occurrence, one.activity): (one.opens, one.closes) for one in life.windows}
    found = {(one.timepoint, one.occurrence, one.activity): (one.opens, one.closes) for one in asked}
    for key in sorted(expected.keys() | found.keys()):
        compared.counts["windows"] += 1
        if expected.get(key) == found.get(key):
            continue
        timepoint, occurrence, activity = key
        here, there = (_from_to(one.get(key)) for one in (expected, found))
        what = f"{activity} at {timepoint}, day {occurrence} of it,"
        compared.differs("window", who.code, f"{whose(who)}: {what} was expected {here}, and the trial has it {there}.")


def _from_to(window: tuple[datetime, datetime] | None) -> str:
    return "not at all" if window is None else f"from {_when(window[0])} to {_when(window[1])}"


def _twice(rows: Iterable[Entry]) -> list[Entry]:
    seen: dict[object, Entry] = {}
    return [one for one in rows if seen.setdefault(one.key, one) is not one]


def _compare_row(life: Life, promise: Promise, row: Entry, compared: Compared) -> None:
    who = life.person
    compared.counts["mails"] += 1
    compared.counts[f"mails {row.state}"] += 1
    for what, expected, is_there in (("due", promise.due, row.due), ("of use until", promise.latest, row.latest)):
        if expected != is_there:
            here, there = _when(expected), _when(is_there)
            sentence = f"{_said(promise)} was expected to be {what} {here}, and the ledger says {there}."
            compared.differs("time", who.code, f"{whose(who)}: {sentence}")
    if promise.unsure:
        compared.counts["mails that cannot be told"] += 1
        return
    if not _ended_so(promise, row):
        ends_so, is_so = _end_in_words(promise.end, promise.reason), _end_in_words(row.state, row.reason)
        sentence = f"{_said(promise)} was expected to be {ends_so}, and the ledger says {is_so}."
        compared.differs("end", who.code, f"{whose(who)}: {sentence}")


def _ended_so(promise: Promise, row: Entry) -> bool:
    """The same end; one in doubt may stand for one that left, and two at the moment of a refusal for each other."""
    if (promise.end, promise.reason) == (row.state, row.reason):
        return True
    if promise.end == "accepted":
        in_doubt = row.state in ("unknown", "held") and row.doubts > 0
        return in_doubt or row.state == "unknown" or row.reason == LINK_USED
    if promise.end == "planned":
        return row.state in ("planned", "due")
    if promise.end == "bounced":
        return row.state == "bounced" or (row.state, row.reason) == ("suppressed", "address_bounced")
    return False


def _compare_other(life: Life, row: Entry, compared: Compared) -> None:
    """A row that no promise of the protocol explains: one of the trial's own mails, with its reason in the record."""
    who = life.person
    if row.message == RESULTS:
        compared.counts["mails"] += 1
        return
    reasons = REASONS.get(row.message.removeprefix("own:"), ()) if row.stream == "service" else ()
    if any(fact.what in reasons and fact.at == row.due for fact in life.facts):
        compared.counts["mails"] += 1
        compared.counts[f"mails {row.state}"] += 1
        return
    sentence = f"{_name(row)}, due {_when(row.due)}, stands in the ledger, and nothing that happened asks for it."
    compared.differs("unexpected", who.code, f"{whose(who)}: {sentence}")


def _compare_mailbox(record: Record, compared: Compared) -> None:
    """Whatever left is there once; nothing else is; all mails of a person go to one address unless it was changed."""
    rows = {message_id(record.link_key, one.id): one for one in record.ledger}
    letters: dict[str, list[Letter]] = defaultdict(list)
    for letter in record.letters or ():
        letters[local_part(letter.message_id)].append(letter)
    for mark, row in rows.items():
        who = record.people[row.person]
        copies = letters.pop(mark, [])
        compared.counts["copies in the mailbox"] += len(copies)
        _compare_copies(who, row, copies, compared)
        if len(copies) > 1:
            compared.doubled[mark] += len(copies) - 1
        if row.state == "unknown":
            compared.unknown[mark] += 1
    compared.counts["doubled"] += compared.doubled.total()
    compared.counts["unknown"] += compared.unknown.total()
    for others in letters.values():
        for letter in others:
            sentence = f"The mailbox holds mail {letter.number}, of {_when(letter.sent)}, that stands in no ledger."
            compared.differs("unexpected", "", sentence)
    _compare_addresses(record, rows, compared)


def _compare_copies(who: Person, row: Entry, copies: list[Letter], compared: Compared) -> None:
    name = f"{whose(who)}: {_name(row)}"
    left = row.state == "accepted" or row.reason == LINK_USED
    if left and not copies:
        compared.counts["lost"] += 1
        compared.differs(
            "lost", who.code, f"{name} left by the ledger at {_when(row.due)}, and the mailbox holds no copy."
        )
    if not left and row.state != "unknown" and copies and not row.doubts and not _came_back(row):
        state = _end_in_words(row.state, row.reason)
        compared.differs("unexpected", who.code, f"{name} is {state} in the ledger, and the mailbox holds it.")
    if len(copies) > 1 and not row.doubts:
        compared.differs(
            "doubled", who.code, f"{name} is in the mailbox {len(copies)} times, and no doubt explains it."
        )
    for one in copies:
        if not row.due.replace(microsecond=0) <= one.sent <= row.latest:
            sent, due = _when(one.sent), _when(row.due)
            compared.differs("time", who.code, f"{name} was expected to leave at {due}, and left at {sent}.")


def _came_back(row: Entry) -> bool:
    """Taken by the server, and sent back by another one later."""
    return row.state in ("bounced", "failed")


def _compare_addresses(record: Record, rows: Mapping[str, Entry], compared: Compared) -> None:
    changes = {
        one.person for one in record.facts if one.what.startswith("address_chang") or one.what == "address_corrected"
    }
    seen: dict[int, str] = {}
    owner: dict[str, int] = {}
    for letter in record.letters or ():
        row = rows.get(local_part(letter.message_id))
        if row is None or row.person in changes or row.message.startswith("own:confirm"):
            continue
        who = record.people[row.person]
        first = seen.setdefault(row.person, letter.to)
        if first != letter.to or owner.setdefault(letter.to, row.person) != row.person:
            sentence = f"{whose(who)}: {_name(row)} went to an address that is not theirs."
            compared.differs("address", who.code, sentence)


def message_id(link_key: bytes, row: int) -> str:
    """The name that a row of the ledger gives its mail: its number and eight zeros, mixed four times under the key."""
    left, right = row, 0
    for turn in "1234":
        mixed = hmac.digest(link_key, b"message|" + turn.encode() + b"|" + right.to_bytes(8, "big"), hashlib.sha256)
        left, right = right, left ^ int.from_bytes(mixed[:8], "big")
    return f"{left:016x}{right:016x}"


def local_part(name: str) -> str:
    return name.strip().strip("<>").partition("@")[0]


def _said(promise: Promise) -> str:
    message, timepoint, occurrence, _ = promise.key
    return f"the mail {message}" + (f" of {timepoint}, day {occurrence} of it," if timepoint else "")


def _name(row: Entry) -> str:
    return f"the mail {row.message}" + (f" of {row.timepoint}, day {row.occurrence} of it" if row.timepoint else "")


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC".replace(":00 UTC", " UTC")


def _end_in_words(end: str, reason: str | None) -> str:
    said = end.replace("_", " ")
    return f"{said} ({reason.replace('_', ' ')})" if reason else said


__all__ = ["LAST", "Compared", "compare_mails", "local_part", "message_id", "whose"]
