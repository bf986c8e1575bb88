"""The report of a trial with further stages: what became of everybody who came into question."""

from __future__ import annotations

from reports import methods
from reports.document import Table
from reports.labels import Labels
from reports.stages import COMPARED, blocks, in_words, stages
from tests.core.protocols import PROTOCOL
from tests.core.staged import STAGED
from trial.core.consort import rules_of
from trial.core.dataset import StageRow

ARMS = {"P1": "letter", "P2": "list", "P3": "list", "P4": "letter", "P5": "list"}
ROWS = [
    StageRow("P1", "second", "allocated", "walk", 1, 14),
    StageRow("P2", "second", "allocated", "song", 2, 15),
    StageRow("P3", "second", "did_not_fit", "", None, 14),
    StageRow("P4", "second", "unanswered", "", None, 21),
    StageRow("P5", "second", "stopped", "", None, 21),
    StageRow("P2", "cross_over", "allocated", "letter_later", 1, 15),
]


def test_each_stage_is_counted_by_arm() -> None:
    # worked by hand from the rows above
    none = {"did_not_fit": 0, "unanswered": 0, "stopped": 0, "waiting": 0}
    assert stages(STAGED.protocol, ROWS, ARMS) == {
        "stages": [
            {
                "stage": "second",
                "arms": [
                    {"arm": "letter", "came": 2, "allocated": 1, "options": {"walk": 1, "song": 0},
                     "left": none | {"unanswered": 1}},
                    {"arm": "list", "came": 3, "allocated": 1, "options": {"walk": 0, "song": 1},
                     "left": none | {"did_not_fit": 1, "stopped": 1}},
                ],
            },
            {
                "stage": "cross_over",
                "arms": [{"arm": "list", "came": 1, "allocated": 1, "options": {"letter_later": 1}, "left": none}],
            },
        ]
    }  # fmt: skip
    assert stages(PROTOCOL, [], {}) == {}


def test_the_table_names_only_what_happened_and_says_what_compares() -> None:
    said, second, crossed = blocks(stages(STAGED.protocol, ROWS, ARMS), Labels(STAGED))
    assert isinstance(second, Table) and isinstance(crossed, Table)
    assert [row.cells[0] for row in second.rows] == [
        "Came into question", "Allocated", "A walk", "A song", "Left as they were: the rule did not hold",
        "Left as they were: not answered in time", "Left as they were: had stopped before",
    ]  # fmt: skip
    assert [row.cells[1:] for row in second.rows[:2]] == [("2", "3"), ("1", "1")]
    assert len(crossed.columns) == 2 and [row.cells[0] for row in crossed.rows][2:] == ["A letter later"]
    assert getattr(said, "words", None) == COMPARED or COMPARED in str(said)
    assert blocks({}, Labels(STAGED)) == []


def test_how_each_stage_allocates_stands_in_the_methods() -> None:
    second, crossed = in_words(STAGED.protocol)
    assert (
        "people for whom low_mood >= 3 holds are allocated to A walk (1), A song (1) by permuted blocks of 2" in second
    )
    assert "are left as they are" in second
    assert "everybody in A list get A letter later; nothing is left to chance" in crossed
    assert "are allocated all the same" in crossed
    terms = [name for name, _ in methods.design(Labels(STAGED)).items]
    assert terms.count("Further allocation") == 2
    assert in_words(PROTOCOL) == []


def test_what_a_stage_adds_does_not_keep_an_arms_exercises_open() -> None:
    assert rules_of(STAGED.protocol) == rules_of(PROTOCOL)
