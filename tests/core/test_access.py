"""Who may do and read what: the policy written out a second time, as a table a team can check."""

from __future__ import annotations

from itertools import product
from typing import cast

import pytest

from trial.core.access import MAY, READS, SYSTEM, Actor, Privacy, Role, Verb, may_read, participant_actor, require
from trial.core.errors import NotAllowed

POLICY = """
|                   | owner | coordinator | statistician | unblinded | safety | custodian | operator |
|-------------------|-------|-------------|--------------|-----------|--------|-----------|----------|
| read_status       | yes   | yes         | yes          | yes       | yes    | yes       | yes      |
| read_answers      |       |             | yes          | yes       |        |           |          |
| read_allocation   |       |             |              | yes       |        |           |          |
| read_identity     |       |             |              |           | yes    |           |          |
| read_events       | yes   | yes         |              |           |        |           | yes      |
| open_trial        | yes   |             |              |           |        |           | yes      |
| pause_trial       | yes   | yes         |              |           | yes    |           | yes      |
| resume_trial      | yes   |             |              |           |        |           | yes      |
| close_recruitment | yes   |             |              |           |        |           | yes      |
| add_member        | yes   |             |              |           |        |           | yes      |
| freeze            |       |             |              | yes       |        |           | yes      |
| tell_results      | yes   |             |              |           |        |           | yes      |
| read_held         | yes   | yes         |              |           |        |           | yes      |
| review_enrolment  | yes   | yes         |              |           |        |           |          |
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


def test_no_role_reads_identities_together_with_answers_or_allocations() -> None:
    for role in Role:
        if may_read(role, Privacy.IDENTIFYING):
            assert not may_read(role, Privacy.TRIAL)
            assert not may_read(role, Privacy.ALLOCATION)


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


def test_an_actor_is_written_as_who_acted() -> None:
    assert [str(one) for one in (SYSTEM, participant_actor(12), Actor("operator:robin", Role.OPERATOR))] == [
        "system", "participant:12", "operator:robin",
    ]  # fmt: skip
