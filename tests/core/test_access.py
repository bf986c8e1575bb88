"""Who may do and read what: the policy written out a second time, as a table a team can check."""

from __future__ import annotations

from itertools import product
from typing import cast

import pytest

from trial.core.access import (
    MAY,
    READS,
    SYSTEM,
    Actor,
    Privacy,
    Role,
    Verb,
    may_read,
    member_actor,
    participant_actor,
    require,
    require_trial,
)
from trial.core.errors import NotAllowed, NotFound

POLICY = """
|                      | owner | coordinator | statistician | unblinded | safety | custodian | operator |
|----------------------|-------|-------------|--------------|-----------|--------|-----------|----------|
| read_status          | yes   | yes         | yes          | yes       | yes    | yes       | yes      |
| read_answers         |       |             | yes          | yes       |        |           |          |
| read_allocation      |       |             |              | yes       |        |           |          |
| read_identity        | yes   |             |              |           | yes    |           |          |
| read_events          | yes   | yes         |              |           |        |           | yes      |
| open_trial           | yes   |             |              |           |        |           | yes      |
| pause_trial          | yes   | yes         |              |           | yes    |           | yes      |
| resume_trial         | yes   |             |              |           |        |           | yes      |
| close_recruitment    | yes   |             |              |           |        |           | yes      |
| add_member           | yes   |             |              |           |        |           | yes      |
| end_membership       | yes   |             |              |           |        |           | yes      |
| freeze               |       |             |              | yes       |        |           | yes      |
| tell_results         | yes   |             |              |           |        |           | yes      |
| read_held            | yes   | yes         |              |           |        |           | yes      |
| review_enrolment     | yes   | yes         |              |           |        |           |          |
| read_alerts          | yes   |             |              |           | yes    |           |          |
| act_on_alert         | yes   |             |              |           | yes    |           |          |
| read_adverse_events  | yes   | yes         |              |           | yes    |           |          |
| record_adverse_event | yes   | yes         |              |           | yes    |           |          |
| assess_adverse_event | yes   |             |              |           | yes    |           |          |
| read_harm_counts     | yes   | yes         | yes          |           | yes    |           |          |
| read_words           | yes   | yes         |              |           | yes    |           |          |
| read_replies         | yes   | yes         |              |           | yes    |           |          |
| act_on_reply         | yes   | yes         |              |           | yes    |           |          |
| read_deliveries      | yes   | yes         |              |           |        |           |          |
| mend_delivery        | yes   | yes         |              |           |        |           |          |
| explain_delivery     | yes   | yes         |              |           |        |           | yes      |
| read_deviations      | yes   | yes         | yes          |           | yes    |           |          |
| record_deviation     | yes   | yes         |              |           |        |           |          |
| mark_enrolment_error | yes   | yes         |              |           |        |           | yes      |
| read_participant     | yes   | yes         |              |           | yes    |           |          |
| care_for_participant | yes   | yes         |              |           |        |           |          |
| read_roster          | yes   | yes         |              |           | yes    |           | yes      |
| edit_roster          | yes   |             |              |           |        |           |          |
| read_incentives      | yes   | yes         |              |           |        |           |          |
| give_incentives      | yes   | yes         |              |           |        |           |          |
| read_acts            | yes   | yes         |              | yes       | yes    | yes       |          |
| ask_unblinding       | yes   |             |              |           | yes    |           |          |
| approve_unblinding   |       |             |              | yes       |        | yes       |          |
| ask_lock             | yes   |             |              |           |        |           |          |
| approve_lock         |       |             |              | yes       |        | yes       |          |
| ask_release          | yes   | yes         |              |           |        |           |          |
| approve_release      | yes   |             |              |           |        | yes       |          |
| prepare_trial        | yes   |             |              |           |        |           | yes      |
| read_gate            | yes   | yes         |              |           |        | yes       | yes      |
| record_evidence      | yes   |             |              |           |        | yes       | yes      |
| back_up              |       |             |              |           |        | yes       | yes      |
| restore              |       |             |              |           |        | yes       | yes      |
| amend                | yes   |             |              |           |        |           | yes      |
| verify_allocation    |       |             |              | yes       |        | yes       |          |
| verify_after_lock    | yes   | yes         | yes          | yes       | yes    | yes       | yes      |
| take_cut             | yes   |             | yes          | yes       |        |           | yes      |
| read_closed_report   |       |             |              | yes       |        |           | yes      |
"""
SHORT = {"unblinded": Role.UNBLINDED_STATISTICIAN, "safety": Role.SAFETY_CONTACT}

# what each verb shows; a verb that is not listed shows nothing
SHOWS = {
    "read_status": {"operational"},
    "read_events": {"operational"},
    "read_answers": {"trial", "operational"},
    "read_allocation": {"allocation", "operational"},
    "read_identity": {"identifying", "operational"},
    "freeze": {"trial", "allocation", "operational"},
    "read_held": {"operational"},
    "review_enrolment": {"trial", "operational"},
    "read_alerts": {"trial", "operational"},
    "read_adverse_events": {"trial", "operational"},
    "read_harm_counts": {"trial", "operational"},
    "read_words": {"words", "operational"},
    "read_replies": {"trial", "operational"},
    "read_deliveries": {"operational"},
    "explain_delivery": {"operational"},
    "read_deviations": {"trial", "operational"},
    "read_participant": {"trial", "operational"},
    "read_roster": {"operational"},
    "read_incentives": {"trial", "operational"},
    "read_acts": {"trial", "operational"},
    "read_gate": {"operational"},
    "verify_allocation": {"operational"},
    "verify_after_lock": {"operational"},
    "take_cut": {"trial", "operational"},
    "read_closed_report": {"trial", "allocation", "operational"},
}
BLINDED = {Role.OWNER, Role.COORDINATOR, Role.STATISTICIAN, Role.SAFETY_CONTACT, Role.CUSTODIAN}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


_HEAD, _, *_ROWS = POLICY.strip().splitlines()
TABLE = {
    (SHORT.get(role, role), row[0]): said == "yes"
    for row in map(cells, _ROWS)
    for role, said in zip(cells(_HEAD)[1:], row[1:], strict=True)
}


def test_the_table_has_a_cell_for_every_role_and_verb() -> None:
    assert set(TABLE) == {(role.value, verb.value) for role, verb in product(Role, Verb)}
    assert set(MAY) == set(Role)


@pytest.mark.parametrize(("role", "verb"), list(product(Role, Verb)), ids=lambda one: str(one))
def test_a_role_may_do_what_the_table_says_and_nothing_else(role: Role, verb: Verb) -> None:
    actor = Actor("member:3", role)
    if TABLE[role, verb]:
        require(actor, verb)
    else:
        with pytest.raises(NotAllowed, match=f"member:3 may not {verb.value.replace('_', ' ')}"):
            require(actor, verb)


@pytest.mark.parametrize(("role", "privacy"), list(product(Role, Privacy)), ids=lambda one: str(one))
def test_a_role_reads_a_class_of_data_only_through_a_verb_it_has(role: Role, privacy: Privacy) -> None:
    through = [verb for verb in Verb if TABLE[role, verb] and privacy in SHOWS.get(verb, set())]
    assert may_read(role, privacy) is bool(through)


@pytest.mark.parametrize("verb", list(Verb))
def test_a_verb_shows_the_classes_of_the_table(verb: Verb) -> None:
    assert READS.get(verb, frozenset()) == SHOWS.get(verb, set())


@pytest.mark.parametrize("role", sorted(BLINDED))
def test_a_blinded_role_never_reads_an_allocation(role: Role) -> None:
    assert not may_read(role, Privacy.ALLOCATION)


def test_no_role_reads_identities_together_with_answer_sheets_or_allocations() -> None:
    """Who is on call sees the one rule that was met, never the sheets."""
    for role in Role:
        if may_read(role, Privacy.IDENTIFYING):
            assert not TABLE[role, Verb.READ_ANSWERS]
            assert not may_read(role, Privacy.ALLOCATION)


def test_nobody_reads_people_s_own_words_beside_answer_sheets_or_allocations_or_from_the_command_line() -> None:
    """Words may name an arm: who analyses blinded never reads them, and who knows the arms has no need to."""
    assert {role for role in Role if may_read(role, Privacy.WORDS)} == {
        Role.OWNER, Role.COORDINATOR, Role.SAFETY_CONTACT,
    }  # fmt: skip
    assert [verb for verb in Verb if "words" in SHOWS.get(verb, set())] == [Verb.READ_WORDS]


def test_no_verb_reads_what_members_prove_themselves_with() -> None:
    assert not any(may_read(role, Privacy.CREDENTIAL) for role in Role)


def test_a_member_acts_with_all_roles_of_one_trial_and_in_no_other() -> None:
    member = member_actor(3, frozenset({Role.STATISTICIAN, Role.COORDINATOR}), 7)
    require(member, Verb.READ_ANSWERS)
    require(member, Verb.MEND_DELIVERY)
    with pytest.raises(NotAllowed):
        require(member, Verb.FREEZE)
    require_trial(member, 7)
    with pytest.raises(NotFound):
        require_trial(member, 8)
    for everywhere in (SYSTEM, participant_actor(12), Actor("operator:robin", Role.OPERATOR)):
        require_trial(everywhere, 8)


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("actor", [SYSTEM, participant_actor(12), Actor("member:3")], ids=str)
def test_without_a_role_nothing_is_allowed(actor: Actor, verb: Verb) -> None:
    with pytest.raises(NotAllowed):
        require(actor, verb)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("verb", ["read_everything", "", "freeze ", "FREEZE"])
def test_a_verb_that_the_table_does_not_know_is_refused(role: Role, verb: str) -> None:
    with pytest.raises(NotAllowed):
        require(Actor("member:3", role), cast("Verb", verb))


def test_beside_a_team_the_operator_of_a_live_trial_looks_stops_and_copies_and_changes_nothing() -> None:
    beside = Actor("operator:robin", Role.OPERATOR, beside_team=True)
    assert {verb for verb in Verb if beside.may(verb)} == {
        "read_status", "read_events", "read_gate", "read_roster", "pause_trial", "prepare_trial", "add_member",
        "record_evidence", "back_up", "verify_after_lock", "explain_delivery",
    }  # fmt: skip


def test_an_actor_is_written_as_who_acted() -> None:
    assert [str(one) for one in (SYSTEM, participant_actor(12), Actor("operator:robin", Role.OPERATOR))] == [
        "system", "participant:12", "operator:robin",
    ]  # fmt: skip
