"""Each line of the opening gate is turned red alone, and green again by what mends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.core.ready import NOW, READY, facts, ready_files
from trial.core import gate
from trial.core.access import Role
from trial.core.gate import Facts, Line, OnCall, Seen
from trial.core.protocol.joining import Guardian
from trial.protocol_files import ProtocolFolder, read_files

COMMITTEE = "{committee: Made up for tests, reference: E-1, date: 2026-01}"


def folder(*changes: tuple[str, str]) -> ProtocolFolder:
    return read_files(ready_files(*changes))


def found(of: Facts) -> dict[str, Line]:
    return {one.code: one for one in gate.lines(of)}


def red(of: Facts) -> list[str]:
    return [code for code, one in found(of).items() if not one.green]


def written(*changes: tuple[str, str]) -> Facts:
    return facts(folder(*changes))


def seen(line: str, **parts: Any) -> Facts:
    """One piece of evidence is another, or not there (`None`)."""
    green = facts()
    old: Mapping[str, Seen] = green.evidence
    if parts.get("gone"):
        return replace(green, evidence={name: one for name, one in old.items() if name != line})
    return replace(green, evidence={**old, line: replace(old[line], **parts)})


def protocol(**parts: Any) -> Facts:
    green = facts()
    return replace(green, protocol=green.protocol.model_copy(update=parts))


def administrative(**parts: Any) -> Facts:
    return protocol(administrative=READY.protocol.administrative.model_copy(update=parts))


def resources(**parts: Any) -> Facts:
    green = facts()
    return replace(green, resources=tuple(one.model_copy(update=parts) for one in green.resources))


def scales(**parts: Any) -> Facts:
    green = facts()
    first, *_ = green.instruments
    changed = green.instruments[first].model_copy(update=parts)
    return replace(green, instruments={**green.instruments, first: changed})


OLD = NOW - timedelta(days=30, seconds=1)
ADMIN = READY.protocol.administrative
PRIVACY = READY.protocol.data_protection
assert ADMIN.ethics and ADMIN.registration and ADMIN.clinician and PRIVACY
AGE = READY.protocol.eligibility.age
assert AGE
FOR_THE_YOUNG = AGE.model_copy(
    update={"guardian": Guardian(consent=READY.protocol.consent.information, assent=READY.protocol.consent.information)}
)

SURE = OnCall("A. Tester", NOW - gate.FRESH)
MISTAKES: dict[str, tuple[str, Facts]] = {
    "no committee": ("ethics", administrative(ethics=None)),
    "no reference": ("ethics", administrative(ethics=ADMIN.ethics.model_copy(update={"reference": None}))),
    "no date of its decision": ("ethics", administrative(ethics=ADMIN.ethics.model_copy(update={"date": None}))),
    "a decision that is still to come": (
        "ethics", administrative(ethics=ADMIN.ethics.model_copy(update={"date": "2026-12"})),
    ),
    "no registration": ("registration", administrative(registration=None)),
    "no date of registration": (
        "registration", administrative(registration=ADMIN.registration.model_copy(update={"date": None})),
    ),
    "registered after the first could enrol": (
        "registration", administrative(registration=ADMIN.registration.model_copy(update={"date": "2026-11-06"})),
    ),
    "topics in place of wording": ("wording", scales(wording="topics")),
    "a finding that is not waived": ("linter", written(("  - {code: P110", "  - {code: P999"))),
    "a declared part that does not run": (
        "carried_out",
        protocol(eligibility=READY.protocol.eligibility.model_copy(update={"age": FOR_THE_YOUNG})),
    ),
    "a consent form that has run out": (
        "consent", protocol(consent=READY.protocol.consent.model_copy(update={"valid_until": "2026-11-04"})),
    ),
    "no age rule": ("age", protocol(eligibility=READY.protocol.eligibility.model_copy(update={"age": None}))),
    "no privacy notice": ("privacy", protocol(data_protection=None)),
    "a privacy notice with a note in it": (
        "privacy", protocol(data_protection=PRIVACY.model_copy(update={"limits": {"en": "[The team says which.]"}})),
    ),
    "a privacy notice that names no host": (
        "privacy", protocol(data_protection=PRIVACY.model_copy(update={"recipients": []})),
    ),
    "no clinician": ("clinician", administrative(clinician=None)),
    "a clinician who will read it": (
        "clinician", administrative(clinician=ADMIN.clinician.model_copy(update={"reviewed_on": "2027"})),
    ),
    "no countries": ("resources", administrative(countries=None)),
    "a country without a place": ("resources", administrative(countries=["NL", "AT"])),
    "a place that was checked long ago": ("resources", resources(checked_on="2026-05-01")),
    "a place that will be checked": ("resources", resources(checked_on="2026-11-06")),
    "an address without TLS": ("https", facts(base_url="http://trial.example.org")),
    "no statistician who signs in": ("team", facts(ready=frozenset({Role.OWNER, Role.SAFETY_CONTACT}))),
    "no safety contact who signs in": ("team", facts(ready=frozenset({Role.OWNER, Role.UNBLINDED_STATISTICIAN}))),
    "no copy of the keys": ("keys", seen("keys", gone=True)),
    "a copy of other keys": ("keys", seen("keys", detail={"keys": "others"})),
    "no backup": ("backup", seen("backup", gone=True)),
    "a backup from long ago": ("backup", seen("backup", at=OLD)),
    "no test mail": ("mail", seen("mail", gone=True)),
    "a test mail from long ago": ("mail", seen("mail", at=OLD)),
    "a test mail from another address": ("mail", seen("mail", detail={"from": "other@trial.equipoise"})),
    "no reply": ("mail_reply", seen("mail_reply", gone=True)),
    "a reply from long ago": ("mail_reply", seen("mail_reply", at=OLD)),
    "nobody on call": ("on_call", facts(on_call=())),
    "one of two who has acknowledged nothing": ("on_call", facts(on_call=(SURE, OnCall("B. Tester", None)))),
    "a test alert from long ago": ("on_call", facts(on_call=(SURE, OnCall("B. Tester", OLD)))),
    "somebody on call without an address": ("on_call", facts(on_call=(SURE, OnCall("B. Tester", NOW, "has none")))),
    "no rehearsal": ("rehearsal", seen("rehearsal", gone=True)),
    "a rehearsal of another version": ("rehearsal", seen("rehearsal", digest="other")),
    "a demo of another version": ("rehearsal", seen("rehearsal", detail={"digest": "other"})),
}  # fmt: skip


def test_a_trial_in_which_nothing_is_missing_passes() -> None:
    assert red(facts()) == []
    assert list(found(facts())) == gate.codes()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_is_missing_turns_its_own_line_red_and_no_other(mistake: str) -> None:
    line, of = MISTAKES[mistake]
    assert red(of) == [line]
    refused = found(of)[line]
    assert refused.missing and refused.mend, "a refused line says what is missing and how to mend it"
    assert refused.mend.endswith((".", "…"))


def test_there_is_a_mistake_for_every_line() -> None:
    assert {line for line, _ in MISTAKES.values()} == set(gate.codes())


@pytest.mark.parametrize("line", ["backup", "mail", "mail_reply"])
def test_what_was_tried_thirty_days_ago_still_counts(line: str) -> None:
    assert red(seen(line, at=NOW - gate.FRESH)) == []


def test_a_waiver_mends_a_finding_of_the_linter_and_no_line_of_the_gate() -> None:
    asked = ("  - {code: P110", "  - {code: A001, reason: Later.}\n  - {code: P110")
    unregistered = written(
        ("  registration: {registry: Made up for tests, number: T-1, date: '2026-10-20'}\n", ""), asked
    )
    assert red(unregistered) == ["registration"]


def test_the_line_of_who_is_on_call_says_who_has_acknowledged_and_who_not() -> None:
    line = found(facts(on_call=(SURE, OnCall("B. Tester", None))))["on_call"]
    assert line.told == "Acknowledged: A. Tester (2026-10-06)."
    assert line.missing == "B. Tester is on call and has not acknowledged a test alert."
    assert found(facts())["on_call"].told == "Acknowledged: A. Tester (2026-11-05), B. Tester (2026-11-05)."
