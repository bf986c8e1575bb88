"""A scale that nobody ever published, and the files in which other programs keep its wording."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from trial.core.errors import Problem
from trial.core.instruments import Instrument
from trial.protocol_files.wording import Wording, read

ITEMS = ("The kettle sings to me.", "I have lost my umbrella.", "Stairs feel long today.")
ANSWERS = ("Not at all", "Somewhat", "Very much")
TEXT = """\
schema: 2
code: kettle
name: Kettle Scale (made up), 3 items
# the comment stays
instructions: {en: How true is each of these?}
wording: topics
response:
  choices:
    - {value: 0, label: {en: Not true at all}}
    - {value: 1, label: {en: Partly true}}
    - {value: 2, label: {en: Fully true}}
items:
  - {id: 1, topic: {en: Kettle}}
  - {id: 2, topic: {en: Umbrella}}
  - {id: 3, topic: {en: Stairs}}
scores:
  - {id: kettle, label: {en: Kettle}, reverse: [2], method: sum, better: lower, source: Made up for a test.}
permission: {status: ask, ask_at: nobody@example.org}
licence: Made up.
source: Made up for a test.
"""
KEY = Instrument.model_validate(
    {
        "schema": 2,
        "code": "kettle",
        "name": "Kettle Scale (made up), 3 items",
        "instructions": {"en": "How true is each of these?"},
        "wording": "topics",
        "response": {
            "choices": [
                {"value": value, "label": {"en": label}}
                for value, label in enumerate(("Not true at all", "Partly true", "Fully true"))
            ]
        },
        "items": [{"id": n, "topic": {"en": topic}} for n, topic in enumerate(("Kettle", "Umbrella", "Stairs"), 1)],
        "permission": {"status": "ask"},
        "licence": "Made up.",
        "source": "Made up for a test.",
    }
)
REDCAP = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Branching Logic (Show field only if...)",
)  # fmt: skip


def choices(labels: tuple[str, ...] = ANSWERS, start: int = 0) -> str:
    """Answers as REDCap writes them."""
    return " | ".join(f"{value}, {label}" for value, label in enumerate(labels, start))


def table(rows: list[tuple[str, ...]], delimiter: str = ",") -> bytes:
    """CSV as a program exports it."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def redcap(items: tuple[str, ...] = ITEMS, answers: str | None = None, names: str = "kettle_{}") -> bytes:
    """A data dictionary with other forms before and after the scale."""
    given = choices() if answers is None else answers
    rows = [
        REDCAP,
        ("record_id", "start", "", "text", "Study id", "", "", ""),
        ("age", "start", "", "text", "Age", "", "", ""),
    ]
    for number, text in enumerate(items, 1):
        header = "<b>Please</b> answer each." if number == 1 else ""
        rows.append((names.format(number), "kettle", header, "radio", text, given, "", ""))
    rows += [("kettle_sum", "kettle", "", "calc", "Sum", "[kettle_1]+[kettle_2]", "", "")]
    return table([*rows, ("thanks", "end", "", "descriptive", "Thank you", "", "", "")])


def formr(items: tuple[str, ...] = ITEMS) -> bytes:
    """A formr sheet, saved as CSV with semicolons as spreadsheets of many countries do."""
    answers = ("Not at all", "Somewhat", "Very much")
    rows: list[tuple[str, ...]] = [("type", "name", "label", "optional", "choice1", "choice2", "choice3")]
    rows.append(("note", "intro", "**Please** answer each.", "", "", "", ""))
    rows += [("mc", f"kettle_{n}", text, "*", *answers) for n, text in enumerate(items, 1)]
    return table([*rows, ("submit", "go", "Next", "", "", "", "")], ";")


def qsf(*questions: dict[str, Any], trash: tuple[str, ...] = (), language: str = "EN") -> bytes:
    """A survey whose blocks name the questions in this order."""
    ids = [one["QuestionID"] for one in questions]
    kept = [{"Type": "Question", "QuestionID": one} for one in ids if one not in trash]
    thrown = [{"Type": "Question", "QuestionID": one} for one in trash]
    blocks = [
        {"Type": "Default", "Description": "Scale", "BlockElements": kept},
        {"Type": "Trash", "Description": "Trash", "BlockElements": thrown},
    ]
    elements = [{"Element": "BL", "Payload": blocks}]
    # the file keeps questions in the order in which they were made, not in which they are asked
    elements += [
        {"Element": "SQ", "PrimaryAttribute": one["QuestionID"], "Payload": one} for one in reversed(questions)
    ]
    return json.dumps({"SurveyEntry": {"SurveyLanguage": language}, "SurveyElements": elements}).encode()


def matrix(items: tuple[str, ...] = ITEMS, codes: tuple[int, ...] = (0, 1, 2), **more: Any) -> dict[str, Any]:
    """A matrix of statements on one scale of answers."""
    return {
        "QuestionID": "QID7",
        "QuestionText": "<p>Please answer&nbsp;each.</p>",
        "DataExportTag": "kettle",
        "QuestionType": "Matrix",
        "Selector": "Likert",
        "SubSelector": "SingleAnswer",
        "Choices": {str(n): {"Display": text} for n, text in enumerate(items, 1)},
        "ChoiceOrder": [str(n) for n in range(1, len(items) + 1)],
        "Answers": {str(n): {"Display": text} for n, text in enumerate(ANSWERS, 1)},
        "AnswerOrder": ["1", "2", "3"],
        "RecodeValues": {str(n): str(code) for n, code in enumerate(codes, 1)},
        "ChoiceDataExportTags": False,
    } | more


def single(number: int, text: str, question_id: str | None = None) -> dict[str, Any]:
    """One question with one answer."""
    return {
        "QuestionID": question_id or f"QID{number}",
        "QuestionText": text,
        "DataExportTag": f"kettle_{number}",
        "QuestionType": "MC",
        "Selector": "SAVR",
        "Choices": {str(n): {"Display": label} for n, label in enumerate(ANSWERS)},
        "ChoiceOrder": [0, 1, 2],
    }


def taken(raw: bytes | str, file: str = "items.txt", language: str = "en", only: str | None = None) -> Wording:
    """What is read from a file that fits."""
    wording, problems = read(_raw(raw), file, KEY, language=language, only=only)
    assert wording is not None and not problems, "\n".join(map(str, problems))
    return wording


def refused(raw: bytes | str, file: str = "items.txt", language: str = "en", only: str | None = None) -> list[Problem]:
    """What is wrong with a file that does not."""
    wording, problems = read(_raw(raw), file, KEY, language=language, only=only)
    assert wording is None and problems
    assert all(one.file == file and one.what and one.mend for one in problems)
    return problems


def _raw(raw: bytes | str) -> bytes:
    return raw if isinstance(raw, bytes) else raw.encode()
