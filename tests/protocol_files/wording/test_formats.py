"""The same three items, out of the files of five programs."""

from __future__ import annotations

import json

import pytest

from tests.protocol_files.wording.scale import (
    ANSWERS,
    ITEMS,
    choices,
    formr,
    matrix,
    qsf,
    redcap,
    refused,
    single,
    table,
    taken,
)

WORDS = dict(enumerate(ITEMS, 1))
PLAIN = table([("item", "text"), *((str(n), text) for n, text in enumerate(ITEMS, 1))])
NUMBERED = "\n".join(f"{n}. {text}" for n, text in enumerate(ITEMS, 1))


@pytest.mark.parametrize(
    ("raw", "file", "called"),
    [
        (redcap(), "dictionary.csv", "REDCap"),
        (qsf(matrix()), "survey.qsf", "Qualtrics"),
        (qsf(*(single(n, text) for n, text in enumerate(ITEMS, 1))), "survey.qsf", "Qualtrics"),
        (PLAIN, "items.csv", "CSV"),
        (NUMBERED, "items.txt", "pasted"),
        ("\n\n".join(ITEMS), "pasted text", "pasted"),
        ("\n".join(f"- {text}" for text in ITEMS), "pasted text", "pasted"),
        ("\n".join(f"{n}\t{text}" for n, text in enumerate(ITEMS, 1)), "pasted text", "pasted"),
        (NUMBERED.replace("\n", "\r\n"), "items.txt", "pasted"),
        ("\ufeff" + NUMBERED, "items.txt", "pasted"),
    ],
)
def test_three_items_are_three_items_whatever_keeps_them(raw: bytes | str, file: str, called: str) -> None:
    found = taken(raw, file)
    assert found.fitted.words == WORDS
    assert called in found.format and found.why


def test_the_columns_of_a_dictionary_from_the_api_are_known_too() -> None:
    head = ("field_name", "form_name", "field_type", "field_label", "select_choices_or_calculations")
    rows = [(f"kettle_{n}", "k", "radio", text, choices()) for n, text in enumerate(ITEMS, 1)]
    assert taken(table([head, *rows]), "d.csv").fitted.words == WORDS


def test_answers_and_instructions_come_with_the_items_where_the_file_has_them() -> None:
    for raw, file in ((redcap(), "d.csv"), (qsf(matrix()), "s.qsf")):
        found = taken(raw, file)
        assert found.fitted.answers == dict(enumerate(ANSWERS))
        assert found.instructions == "Please answer each."
    assert taken(NUMBERED).fitted.answers == {} and taken(NUMBERED).instructions == ""


def test_a_formr_sheet_numbers_answers_from_one_and_is_told_that_the_key_does_not() -> None:
    (first, *_) = refused(formr(), "sheet.csv")
    assert "formr sheet" in first.what and "answers 1, 2, 3" in first.what and "0, 1, 2" in first.what
    assert first.line == 3


def test_a_formr_sheet_without_answers_of_its_own_is_taken() -> None:
    rows = [("type", "name", "label"), *(("rating_button 0,2", f"kettle_{n}", t) for n, t in enumerate(ITEMS, 1))]
    assert taken(table(rows, ";"), "sheet.csv").fitted.words == WORDS


def test_questions_of_a_survey_count_in_the_order_in_which_people_see_them() -> None:
    first, second, third = (single(n, text, f"QID{90 - n}") for n, text in enumerate(ITEMS, 1))
    assert taken(qsf(first, second, third), "s.qsf").fitted.words == WORDS
    assert "item 1 stands after item 2" in refused(qsf(second, first, third), "s.qsf")[0].what


def test_names_that_a_survey_gave_by_itself_say_nothing_about_the_items() -> None:
    asked = [single(n, text) | {"DataExportTag": f"Q{n + 11}"} for n, text in enumerate(ITEMS, 1)]
    assert taken(qsf(*asked), "s.qsf").fitted.words == WORDS


def test_a_survey_of_several_blocks_in_which_none_fits_is_answered_with_its_blocks() -> None:
    survey = json.loads(qsf(*[single(n, text) | {"DataExportTag": f"sad_{n}"} for n, text in enumerate(ITEMS, 1)]))
    other = matrix(("One.", "Two."))
    survey["SurveyElements"][0]["Payload"].append(
        {"Type": "Default", "Description": "Other", "BlockElements": [{"Type": "Question", "QuestionID": "QID7"}]}
    )
    survey["SurveyElements"].append({"Element": "SQ", "Payload": other | {"DataExportTag": "other"}})
    survey["SurveyElements"][1]["Payload"] |= {"QuestionType": "TE"}
    (one,) = refused(json.dumps(survey), "s.qsf")
    assert "4 closed questions" in one.what and "--only" in one.mend and "Scale (2), Other (2)" in one.mend


def test_what_lies_in_the_trash_of_a_survey_is_not_asked() -> None:
    questions = [single(n, text) for n, text in enumerate(ITEMS, 1)]
    assert taken(qsf(*questions, single(4, "Thrown away."), trash=("QID4",)), "s.qsf").fitted.words == WORDS


def test_a_survey_in_another_language_is_not_taken_for_this_one() -> None:
    (one,) = refused(qsf(matrix(), language="DE"), "s.qsf")
    assert "'DE'" in one.what and "--language" in one.mend
    assert taken(qsf(matrix(), language="EN-GB"), "s.qsf").fitted.words == WORDS


def test_a_table_of_several_languages_gives_the_one_asked_for() -> None:
    rows = [(str(n), text, "en") for n, text in enumerate(ITEMS, 1)]
    rows += [(str(n), f"Satz {n}", "de") for n in (1, 2, 3)]
    raw = table([("item", "text", "language"), *rows])
    assert taken(raw, "i.csv", language="de").fitted.words == {n: f"Satz {n}" for n in (1, 2, 3)}
    (one,) = refused(raw, "i.csv", language="fr")
    assert "'fr'" in one.what and "de, en" in one.mend


def test_another_scale_whose_name_begins_alike_is_left_alone() -> None:
    more = [(f"kettle_sf_{n}", "short", "", "radio", f"Short {n}", choices(), "", "") for n in (1, 2)]
    raw = redcap() + table(more)
    assert taken(raw, "d.csv").fitted.words == WORDS


def test_variables_of_another_name_are_found_by_their_form_or_by_being_named() -> None:
    raw = redcap(names="kq{}")
    found = taken(raw, "d.csv")
    assert found.fitted.words == WORDS and "those of kettle" in found.why
    assert taken(raw, "d.csv", only="kq").fitted.words == WORDS
    assert "Forms in it: start, kettle" in refused(raw, "d.csv", only="nosuch")[0].mend


def test_html_is_reduced_to_its_words() -> None:
    hostile = "<p>I have<br/>lost <b onclick='x()'>my</b> umbrella.</p><script>alert(1)</script><style>p{}</style>"
    found = taken(redcap((ITEMS[0], hostile, ITEMS[2])), "d.csv")
    assert found.fitted.words[2] == ITEMS[1]
    encoded = taken(qsf(matrix((ITEMS[0], "Stairs &lt; 3 &amp; more", ITEMS[2]))), "s.qsf")
    assert encoded.fitted.words[2] == "Stairs < 3 & more"


def test_a_wrapped_line_goes_on_with_its_item() -> None:
    found = taken(f"1. The kettle\nsings to me.\n2) {ITEMS[1]}\n(3) {ITEMS[2]}")
    assert found.fitted.words == WORDS


def test_a_table_that_nobody_knows_is_named_with_those_that_are_known() -> None:
    (one,) = refused("a,b\n1,2\n", "data.csv")
    assert one.line == 1 and "REDCap" in one.mend
