"""A Qualtrics survey file (QSF, which is JSON): matrices of statements, or one single-answer question an item."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from trial.core.official_wording import Option
from trial.protocol_files.wording.picking import Question
from trial.protocol_files.wording.text import Unusable, plain

NAME = "Qualtrics survey (QSF)"
DEEPEST = 40
# names that Qualtrics gives by itself count the questions of the survey, not the items of a scale
_GIVEN_BY_ITSELF = re.compile(r"^Q(ID)?\d+$")
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"')
# selectors of Qualtrics that take one answer
_SINGLE = {"SAVR", "SAHR", "SACOL", "DL", "SB", "NPS"}


def recognised(text: str) -> bool:
    """Whether a text is JSON by its look; whether it is a survey is said when it is read."""
    return text.lstrip().startswith("{")


def read(text: str, language: str) -> tuple[list[Question], str]:
    """(closed questions in the order of the blocks, the first matrix's question as instructions)."""
    survey = _json(text)
    elements = survey.get("SurveyElements") if isinstance(survey, Mapping) else None
    if not isinstance(elements, list):
        raise Unusable(None, "this JSON is no Qualtrics survey.", "Export it with Tools, Import/Export, Export survey.")
    _same_language(survey, language)
    questions: list[Question] = []
    instructions = ""
    for block, payload in _payloads(elements):
        found = list(_questions(payload, block))
        if found and payload.get("QuestionType") == "Matrix" and not instructions:
            instructions = plain(_text(payload.get("QuestionText")), None)
        questions += found
    return questions, instructions


def _json(text: str) -> Any:
    depth = 0
    for found in re.finditer(r"[\[\]{}]", _TEXTS.sub('""', text)):
        depth += 1 if found[0] in "[{" else -1
        if depth > DEEPEST:
            raise Unusable(None, f"it is nested more than {DEEPEST} deep.", "A survey file is not: export it again.")
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise Unusable(error.lineno, f"this is not JSON: {error.msg}.", "Export the survey again.") from None
    except (ValueError, RecursionError):
        raise Unusable(None, "this JSON holds values that no survey has.", "Export the survey again.") from None


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _same_language(survey: Mapping[str, Any], language: str) -> None:
    entry = survey.get("SurveyEntry")
    written = _text(entry.get("SurveyLanguage")) if isinstance(entry, Mapping) else ""
    if written and written.lower().partition("-")[0] != language.lower().partition("-")[0]:
        what = f"the survey is written in {written[:10]!r}, and {language!r} was asked for."
        raise Unusable(None, what, "Say --language, or export the survey in that language.")


def _payloads(elements: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(block, question) in the order people see them; the trash is left out."""
    parts = [one for one in elements if isinstance(one, Mapping)]
    asked = [one.get("Payload") for one in parts if one.get("Element") == "SQ"]
    by_id = {_text(one.get("QuestionID")): one for one in asked if isinstance(one, Mapping)}
    blocks = [block for one in parts if one.get("Element") == "BL" for block in _listed(one.get("Payload"))]
    if not blocks:
        yield from (("", payload) for payload in by_id.values())
    for block in blocks:
        if isinstance(block, Mapping) and block.get("Type") != "Trash":
            for element in _listed(block.get("BlockElements")):
                if isinstance(element, Mapping) and _text(element.get("QuestionID")) in by_id:
                    yield _text(block.get("Description")), by_id[_text(element.get("QuestionID"))]


def _questions(payload: Mapping[str, Any], block: str) -> Iterator[Question]:
    kind, selector = payload.get("QuestionType"), payload.get("Selector")
    tag = _text(payload.get("DataExportTag")) or _text(payload.get("QuestionID"))
    if kind == "MC" and selector in _SINGLE:
        options = _options(payload, "Choices", "ChoiceOrder")
        name = "" if _GIVEN_BY_ITSELF.match(tag) else tag
        yield Question(name, block, _text(payload.get("QuestionText")), None, options)
    elif kind == "Matrix" and selector == "Likert" and payload.get("SubSelector") != "MultipleAnswer":
        options = _options(payload, "Answers", "AnswerOrder")
        tags = payload.get("ChoiceDataExportTags")
        for key, label in _displayed(payload, "Choices", "ChoiceOrder"):
            own = _text(tags.get(key)) if isinstance(tags, Mapping) else ""
            yield Question(own or f"{tag}_{key}", block, label, None, options)


def _options(payload: Mapping[str, Any], part: str, order: str) -> tuple[Option, ...]:
    recoded = payload.get("RecodeValues")
    codes = recoded if isinstance(recoded, Mapping) else {}
    return tuple(Option(_text(codes.get(key)) or key, label) for key, label in _displayed(payload, part, order))


def _displayed(payload: Mapping[str, Any], part: str, order: str) -> list[tuple[str, str]]:
    """(key, words) in the order that is shown."""
    choices = payload.get(part)
    if isinstance(choices, list):  # keys from 0 without a gap are exported as a list
        choices = {str(place): one for place, one in enumerate(choices)}
    if not isinstance(choices, Mapping):
        return []
    keys = [_text(one) for one in _listed(payload.get(order))] or list(choices)
    shown = [(key, choices[key]) for key in keys if key in choices]
    return [(key, _text(one.get("Display"))) for key, one in shown if isinstance(one, Mapping)]


def _listed(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
