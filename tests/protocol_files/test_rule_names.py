"""Rules speak of what is asked: a name that nothing measures is found, wherever a rule may stand."""

from __future__ import annotations

import pytest

from tests.core.protocols import FOLDER, rewritten
from trial.core.errors import ProtocolInvalid
from trial.protocol_files import ProtocolFolder, read_files

EVENING = "  - {id: evening, stream: exercises, latest: 4 hours}"
LATER = "instruments: [feeling, after], minutes: 2}"
LETTER = "exercise: exercises/letter, arms: [letter], minutes: 10}"


def with_safety(rule: str) -> ProtocolFolder:
    """The small trial with one safety rule."""
    rules = f"    - {{id: low, when: {rule}, tier: resources, why: {{en: Low.}}}}\n"
    text = f"{FOLDER.files['protocol.yaml']}safety:\n  resources: messages/resources\n  rules:\n{rules}"
    return read_files({**FOLDER.files, "protocol.yaml": text, "messages/resources.en.md": "Help is near you.\n"})


def mistakes(*replacements: tuple[str, str]) -> list[str]:
    with pytest.raises(ProtocolInvalid) as caught:
        rewritten(*replacements)
    return [f"{one.what} {one.mend}" for one in caught.value.problems]


@pytest.mark.parametrize("rule", ["feeling_1 >= 3", "low_mood >= 8", "low_mood_worse == true", "after_worse == true"])
def test_a_safety_rule_may_speak_of_items_scores_and_reliable_worsening(rule: str) -> None:
    safety = with_safety(rule).protocol.safety
    assert safety is not None and safety.rules[0].when == rule


@pytest.mark.parametrize(
    ("rule", "mend"), [("feeling_9 >= 3", "feeling_"), ("low_mod >= 8", "'low_mood'"), ("age >= 80", "Known:")]
)
def test_a_safety_rule_over_something_nobody_is_asked_later_is_found_at_its_line(rule: str, mend: str) -> None:
    with pytest.raises(ProtocolInvalid) as caught:
        with_safety(rule)
    (problem,) = caught.value.problems
    lines = FOLDER.files["protocol.yaml"].count("\n")
    assert problem.line == lines + 4 and "there is no item, score or score with _worse" in problem.what
    assert mend.strip("'") in problem.mend


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
