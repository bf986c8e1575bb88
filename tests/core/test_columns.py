"""No two answers share a column."""

from __future__ import annotations

import pytest

from tests.core import kinds
from tests.core.protocols import FOLDER
from trial.core import columns
from trial.core.errors import ProtocolInvalid
from trial.core.exercises import closed
from trial.protocol_files import read_files


def refused(*replacements: tuple[str, str]) -> list[str]:
    text = kinds.FOLDER.files["protocol.yaml"]
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    with pytest.raises(ProtocolInvalid) as invalid:
        read_files({**kinds.FOLDER.files, "protocol.yaml": text})
    return [str(one) for one in invalid.value.problems]


def test_the_small_trial_has_a_column_for_each_closed_answer() -> None:
    names = [one.column for each in kinds.EXERCISES for one in closed(each)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("replacements", "said"),
    [
        ([("id: voices\n", "id: go\n"), ("activities: [voices]", "activities: [go]"),
          ("id: small_things\n", "id: go_1\n"), ("activities: [small_things]", "activities: [go_1]"),
          ("{id: rest, text", "{id: kind, text")], "share the column 'go_1_kind'"),
        ([("id: small_things\n", "id: feeling\n"), ("activities: [small_things]", "activities: [feeling]"),
          ("{id: rest, text", "{id: sleep, text")], "of 'feeling' and of the instrument 'feeling' share"),
        ([("id: small_things\n", "id: go\n"), ("activities: [small_things]", "activities: [go]"),
          ("{id: rest, text", "{id: on, text")], "of 'go' and of the form itself share the column 'go_on'"),
    ],
)  # fmt: skip
def test_two_answers_that_would_share_a_column_are_told_with_their_line(
    replacements: list[tuple[str, str]], said: str
) -> None:
    (problem,) = refused(*replacements)
    assert said in problem
    assert problem.startswith("protocol.yaml:") and problem.endswith("Give the activity or its part another id.")


@pytest.mark.parametrize(
    "activity",
    [None, 3, [], {}, {"id": 4}, {"id": "a", "type": ["x"]}, {"id": "a", "type": "dialogue", "rounds": 10**9},
     {"id": "a", "type": "dialogue", "rounds": "two", "voices": 7},
     {"id": "a", "type": "recall", "cards": [[{"id": 1}]]}],
)  # fmt: skip
def test_a_tree_of_any_shape_is_looked_through_in_no_time(activity: object) -> None:
    assert list(columns.find({"activities": [activity, activity]}, {"x": activity, "y": {"items": 3}})) == []


@pytest.mark.parametrize("name", ["day", "arm", "late", "participant", "timepoint"])
def test_no_score_or_screening_question_takes_a_column_that_every_dataset_has(name: str) -> None:
    files = FOLDER.files
    question = files["protocol.yaml"].replace("reads_english", name)
    assert question != files["protocol.yaml"]
    for changed in (
        {"protocol.yaml": question},
        {path: text.replace("id: low_mood", f"id: {name}") for path, text in files.items() if "instruments/" in path},
    ):
        with pytest.raises(ProtocolInvalid) as invalid:
            read_files({**files, **changed})
        said = [str(one) for one in invalid.value.problems if f"'{name}'" in str(one) and "dataset" in str(one)]
        assert len(said) == 1, [str(one) for one in invalid.value.problems]
