"""Rules speak of what is asked: a name that nothing measures is found, wherever a rule may stand."""

from __future__ import annotations

import pytest

from tests.core.protocols import rewritten
from trial.core.errors import ProtocolInvalid

EVENING = "  - {id: evening, stream: exercises, latest: 4 hours}"
LATER = "instruments: [feeling, after], minutes: 2}"
LETTER = "exercise: exercises/letter, arms: [letter], minutes: 10}"


def mistakes(*replacements: tuple[str, str]) -> list[str]:
    with pytest.raises(ProtocolInvalid) as caught:
        rewritten(*replacements)
    return [f"{one.what} {one.mend}" for one in caught.value.problems]


def test_a_mail_may_hang_on_counts_only() -> None:
    folder = rewritten((EVENING, EVENING.replace("4 hours", "4 hours, only_if: exercises_done < 3")))
    assert folder.protocol.message("evening").only_if == "exercises_done < 3"
    (found,) = mistakes((EVENING, EVENING.replace("4 hours", "4 hours, only_if: low_mood < 3")))
    assert "there is no count 'low_mood'" in found


def test_an_activity_may_hang_on_answers_and_counts() -> None:
    folder = rewritten(
        (LETTER, LETTER.replace("10}", "10, only_if: low_mood >= 3 and exercises_done >= 1 and age < 80}"))
    )
    assert folder.protocol.activity("letter").only_if
    (found,) = mistakes((LETTER, LETTER.replace("10}", "10, only_if: lowmood >= 3}")))
    assert "there is no answer, score or count 'lowmood'" in found and "'low_mood'" in found


@pytest.mark.parametrize(
    ("branch", "says"),
    [
        ("{after_wors: feeling_1 >= 2}", "there is no item of this questionnaire 'after_wors'"),
        ("{about_you_gender: feeling_1 >= 2}", "there is no item of this questionnaire"),
        ("{after_worse: feeling_7 >= 2}", "there is no other answer or score 'feeling_7'"),
        ("{after_worse: after_worse == true}", "there is no other answer or score 'after_worse'"),
    ],
)
def test_a_branch_shows_an_item_of_its_questionnaire_by_another_answer(branch: str, says: str) -> None:
    folder = rewritten((LATER, LATER.replace("2}", "2, show_if: {after_worse: feeling_1 >= 2}}")))
    assert folder.protocol.activity("later").show_if == {"after_worse": "feeling_1 >= 2"}  # type: ignore[union-attr]
    (found,) = mistakes((LATER, LATER.replace("2}", f"2, show_if: {branch}}}")))
    assert says in found
