"""The report says from which allocation on which rule ran, and what became of arms that were closed."""

from __future__ import annotations

from typing import Any

from reports import allocating, enrolment_errors, epochs, frozen
from reports.consort import paragraphs
from reports.document import Paragraph, Table
from reports.frozen import FrozenRandomization
from reports.labels import Labels
from tests.core.protocols import FOLDER
from trial.core.dataset import Disposition, write_rows

LABELS = Labels(FOLDER)
FIRST = FOLDER.protocol.allocation.model_dump(mode="json", exclude_defaults=True)
ONE = {"epoch": 1, "first": 1, "people": 12, "version": "1.0", "configuration": "a" * 64, "allocation": FIRST,
       "ratios": {"letter": 1, "list": 1}}  # fmt: skip
SIMPLE = ONE | {"epoch": 2, "first": 13, "people": 28, "version": "1.1", "configuration": "b" * 64,
                "allocation": {"method": "simple"}, "ratios": {"letter": 2, "list": 1}}  # fmt: skip


def results(*found: dict[str, Any]) -> dict[str, Any]:
    seal = {"rule_version": "1", "seed_digest": "5eed" * 16, "published": "before the first enrolment"}
    kept = FrozenRandomization.model_validate(seal | ({"epochs": list(found)} if found else {}))
    return {"provenance": {"randomization": kept.model_dump(exclude_unset=True)}}


def said(*found: dict[str, Any]) -> list[str]:
    told = epochs.blocks(results(*found), LABELS)
    return [one.text for one in told if isinstance(one, Paragraph)]


def test_a_trial_whose_design_was_never_amended_says_nothing_of_it() -> None:
    assert said() == [] and "epochs" not in results()["provenance"]["randomization"]
    assert epochs.blocks({"provenance": {"randomization": None}}, LABELS) == []
    assert said(ONE) == []  # an amendment before anybody was allocated


def test_each_epoch_is_told_with_its_rule_its_ratio_and_its_numbers() -> None:
    head, first, second, off = said(ONE, SIMPLE)
    assert "changed once (CONSORT 2025, item 10)" in head and "Nobody was allocated again" in head
    assert "allocations 1 to 12 (12 people): permuted blocks of random size (2, 4), stratified by Mood" in first
    assert "allocations 13 to 40 (28 people): simple randomisation; ratio A letter 2, A list 1" in second
    assert "b" * 64 in second
    assert off == epochs.UNADJUSTED


def test_every_epoch_stands_where_the_design_is_told_and_not_the_last_alone() -> None:
    told = results(ONE, SIMPLE)
    assert epochs.ratios(told) == "1:1 up to allocation 12, and 2:1 from allocation 13 on"
    assert epochs.rules(told).startswith("permuted blocks of random size (2, 4), stratified by Mood")
    assert epochs.rules(told).endswith("up to allocation 12, and simple randomisation from allocation 13 on")
    third = SIMPLE | {"epoch": 3, "first": 41}
    assert epochs.ratios(results(ONE, SIMPLE, third)) == epochs.ratios(told), "said once where nothing changed"
    assert epochs.ratios(results(ONE)) == epochs.rules(results()) == ""
    listed = paragraphs.how(told | {"trial": {"kind": "live"}}, LABELS)
    assert "allocation 1:1 up to allocation 12, and 2:1 from allocation 13 on" in listed
    assert "Allocation was by permuted blocks of random size (2, 4), stratified by Mood" in listed


def test_an_arm_that_was_closed_is_named_and_what_that_does_to_a_comparison() -> None:
    closed = SIMPLE | {"ratios": {"letter": 1, "list": 0}}
    told = said(ONE, closed, SIMPLE | {"epoch": 3, "first": 41})
    assert told[4:] == [
        "From allocation 13 on A list was closed to new people.",
        "From allocation 41 on A list was open to new people.",
        "A comparison with such an arm sets people against others who came, in part, at other times.",
    ]
    assert "A list 0" not in " ".join(told)


def test_who_could_know_a_list_is_told_also_where_it_ran_in_an_earlier_epoch_alone() -> None:
    listed = ONE | {"allocation": {"method": "listed", "outside_list": {"made_by": "An office.", "how": "By lot."}}}
    assert epochs.had_a_list(results(listed, SIMPLE)) and not epochs.had_a_list(results(ONE, SIMPLE))
    assert allocating.access(FOLDER.protocol, had_a_list=True).startswith("The list was made outside the team")


def test_enrolments_in_error_are_counted_by_arm_and_reason_and_stay_in_the_analysis() -> None:
    people = [
        Disposition("A", "randomized", arm="letter", enrolled_in_error="duplicate"),
        Disposition("B", "randomized", arm="list", enrolled_in_error="duplicate"),
        Disposition("C", "randomized", arm="list", enrolled_in_error="not_eligible"),
        Disposition("D", "randomized", arm="list"),
    ]
    head, table = enrolment_errors.blocks(enrolment_errors.enrolment_errors(people), LABELS)
    assert isinstance(head, Paragraph) and isinstance(table, Table)
    assert head.text.startswith("3 people were marked") and "analysed like everybody else" in head.text
    assert [one.cells for one in table.rows] == [
        ("Was not eligible", "0", "1", "1"), ("The same person was enrolled before", "1", "1", "2"),
    ]  # fmt: skip
    assert enrolment_errors.enrolment_errors(people[3:]) == {} and enrolment_errors.blocks({}, LABELS) == []


def test_a_folder_that_was_frozen_before_errors_were_marked_is_read_all_the_same() -> None:
    row = Disposition("A", "randomized", arm="letter")
    before = write_rows([row], Disposition).replace(",enrolled_in_error", "").replace(",1,,\n", ",1,\n")
    assert "enrolled_in_error" not in before
    assert list(frozen._rows(before.encode(), Disposition, "disposition.csv")) == [row]
