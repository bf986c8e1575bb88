"""Slips of a researcher's pen: every one is told at once, where it stands, with a mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.protocol_files.folders import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# (what stands in the shipped protocol, what is written instead, the part whose line is named, what is said)
TEN = [
    ("kind: attention_control", "kind: placebo", "kind", "`kind: placebo` is not possible"),
    ("block_sizes: [3, 6, 9]", "block_sizes: [3, 6, 8]", "block_sizes", "a block of 8 cannot hold"),
    ("rule: age >= 18", "rule: age => 18", "rule", "'=' is not part of this language (at character 5)"),
    ("[cesd, swls, scs_sf, since_last_time]\n", "[cesd, swsl, scs_sf, since_last_time]\n", "[cesd", "'swsl'"),
    ("{after: 2 hours, message: ev", "{after: 30 hours, message: ev", "{after", "after the window has closed"),
    ("title: {en: How you have been}", "title: How you have been", "title", "`title` needs its text by language"),
    ("score: scs_sf, better: higher", "score: scs_sf, better: more", "score", "`better: more` is not possible"),
    ("early_memory], estimand", "early_memry], estimand", "early_memry", "there is no arm 'early_memry'"),
    ("contact_email: team@trial.example.org", "contact_email: team at trial", "contact_email", "is not a good"),
    ("debrief: messages/debrief", "debrief: messages/debreif", "debrief", "messages/debreif.en.md is not in"),
]  # fmt: skip


def test_ten_mistakes_give_ten_located_messages_in_one_run(folder: Folder) -> None:
    lines = [folder.change(old, new, at=at) for old, new, at, _ in TEN]
    problems = folder.problems()
    expected = sorted(zip(lines, (said for *_, said in TEN), strict=True))
    assert [one.line for one in problems] == [line for line, _ in expected], "\n".join(map(str, problems))
    for problem, (line, said) in zip(problems, expected, strict=True):
        assert said in problem.what
        assert problem.mend and problem.file == folder.file()
        assert str(problem).startswith(f"{folder.file()}:{line}: ")


BLOCKS = "  method: permuted_blocks\n  block_sizes: [3, 6, 9]\n"
MINIMISED = "  method: minimisation\n  imbalance: range\n"
ONE = [
    (BLOCKS, "  method: big_stick\n  largest_imbalance: 3\n", "method: big", "a rule for two arms", "permuted_blocks"),
    (BLOCKS, "  method: biased_coin\n  probability: 2/3\n", "method: bias", "a rule for two arms", "minimisation"),
    (BLOCKS, "  method: urn\n", None, "needs `urn`", ""),
    (BLOCKS, "  method: simple\n  block_sizes: [3]\n", None, "belongs to the method permuted_blocks", ""),
    (BLOCKS, MINIMISED + "  probability: 0.3\n", "probability", "is not favoured", "above 1/3"),
    (BLOCKS, MINIMISED + "  probability: [0.5, 0.3, 0.3]\n", "probability", "have to sum to 1", "for each arm"),
    (BLOCKS, MINIMISED + "  probability: [0.6, 0.4]\n", "probability", "over 3 arms", "for each arm"),
    (BLOCKS, MINIMISED + "  probability: 0.8\n  weights: {cesd: 2}\n", "weights", "factor 'cesd'", "Known: cesd_level"),
    ("summary:\n", "summry:\n  en: x\nsummary:\n", "summry", "`summry` is not a key", "`summary`"),
    ("version: '1.0'\nlanguages", "version: 1.0\nlanguages", "version", "read as a number", "'1.0'"),
    ("languages: [en]", "languages: en", "languages", "must be a list", "in, brackets"),
    ("  framework: superiority", "  framework: [superiority]", "framework", "is not possible", "superiority"),
    ("minutes: 15\n  - id: optimism", "minutes: long\n  - id: optimism", "minutes", "whole number", "digits"),
    ("level: 0.95", "level: 95", "level", "out of range", "less than 1"),
    ("target: 687", "target: 1", "target", "out of range", "equal to 2"),
    ("languages: [en]", "languages: []", "languages", "too few", "at least 1"),
    ("cesd_level]", "cesd_levl]", "cesd_levl", "no baseline variable 'cesd_levl'", "'cesd_level'"),
    ("when: cesd >= 16", "when: cesd16 >= 16", "when", "no screening question or baseline score 'cesd16'", "'cesd'"),
    ("rule: age >= 18", "rule: aeg >= 18", "rule", "no screening question 'aeg'", "'age'"),
    ("invitation: evening\n", "invitation: evning\n", "invitation", "no message 'evning'", "'evening'"),
    ("activities: [letter, o", "activities: [leter, o", "activities: [", "no activity 'leter'", "'letter'"),
    ("  item: worse", "  item: worst", "item", "no item of 'since_last_time' 'worst'", "'worse'"),
    ("time: '19:00'", "time: '25:00'", "time", "not a good `time`", "'19:00'"),
    ("latest: 1 hour}", "latest: one hour}", "latest", "written like '3 hours'", "guide"),
    ("    closes_after: 20 hours", "    closes_after: 0 hours", "closes_after", "closes as it opens", "20 hours"),
    ("  - {id: code, stream: service, latest: 1 hour}\n", "", None, "no message `code`", "id: code"),
    ("- id: letter\n    type: wri", "- id: letter\n    type: wry", "type", "`type: wryting`", "'questionnaire'"),
    ("- id: letter\n    type: writing\n", "- id: letter\n", "id", "`type` is missing", "type: writing"),
    ("arms: [letter]", "arms: [leter]", "arms", "no arm 'leter'", "'letter'"),
    ("    anchor: consent\n", "    anchor: randomization\n    time: '09:00'\n    invitation: code\n", None,
     "0 timepoints before randomisation", "anchor: consent"),
    ("exercise: exercises/letter", "exercise: letter", "exercise", "is not a good `exercise`", "messages/name"),
    ("title:\n  en: Evening writing and well-being", "title:\n  english: Evening writing", "english",
     "`english` is not a language", "such as en"),
    ("- {id: english,", "- {id: adult,", "id: adult", "'adult' is used twice", "its own"),
    ("contrast: [letter, early_memory], est", "contrast: [letter, letter], est", "contrast",
     "compares an arm with itself", "two different"),
    ("contrast: [letter, early_memory], est", "contrast: [letter], est", "contrast",
     "names 1 of 2 arms", "[arm, reference]"),
    ("debrief: messages/debrief\n", "", None, "`debrief` is missing", "Add `debrief: …`"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "what", "mend"), ONE, ids=[said for *_, said, _ in ONE])
def test_a_mistake_is_named_with_its_line_and_a_mend(
    folder: Folder, old: str, new: str, at: str | None, what: str, mend: str
) -> None:
    line = folder.change(old, new, at=at)
    found = [one for one in folder.problems() if what in one.what]
    assert len(found) == 1, "\n".join(map(str, folder.problems()))
    assert mend in found[0].mend
    assert found[0].line == line if at else found[0].line  # without `at`, something was taken away


def test_a_misspelt_reference_does_not_set_off_others(folder: Folder) -> None:
    folder.change("    activities: [letter, optimism, early_memory]", "    activities: [letter, optimsm, early_memory]")
    assert "optimsm" in folder.only_problem().what


def test_an_outcome_that_an_arm_is_never_asked_is_told_once_for_its_timepoint(folder: Folder) -> None:
    folder.change("instruments: [cesd, swls, scs_sf, since_last_time]", "instruments: [swls, scs_sf, since_last_time]")
    told = [one.what for one in folder.problems()]
    assert len(told) == 4
    assert all("needs the score 'cesd', which is never asked" in what for what in told)


def test_an_outcome_asked_in_some_arms_only_is_told(folder: Folder) -> None:
    questions = "instruments: [cesd, swls, scs_sf, since_last_time]\n"
    folder.change(questions, questions + "    arms: [letter, optimism]\n")
    assert any("in the arm 'early_memory'" in one.what for one in folder.problems())


def test_a_name_that_two_scores_share_is_refused(folder: Folder) -> None:
    folder.change("- id: swls\n    label", "- id: cesd\n    label", "instruments/swls.yaml")
    assert any(
        "the score 'cesd' of 'swls' has the name of the instrument 'cesd'" in one.what for one in folder.problems()
    )


INSTRUMENT = [
    ("reverse: [4, 8, 12, 16]", "reverse: [4, 8, 12, 61]", "there is no item 61"),
    ("reverse: [4, 8, 12, 16]", "reverse: [4, 8, 12, 12]", "12 is used twice"),
    ("{id: 7, topic", "{id: 6, topic", "6 is used twice"),
    ("{value: 1, label", "{value: 4, label", "the answer 2 comes after 4"),
    ("{value: 1, label", "{value: often, label", "a scale answer is a whole number, not 'often'"),
    ("better: lower", "better: low", "`better: low` is not possible"),
    ("at_most: 4", "at_most: 20", "cannot be worked out with 20 missing"),
    ("wording: topics", "wordings: topics", "`wordings` is not a key"),
    ("method: sum", "method: sum\n    items: [1, 2, 3]", "item 4 is reversed, and the score does not count it"),
    ("{id: 2, topic: {en: Little appetite}}", "{id: 2, topic: Little appetite}", "`topic` needs its text by language"),
    ("{id: 2, topic: {en: Little appetite}}", "{id: Item 2, topic: {en: x}}", "'Item 2' is not a good `id`"),
    ("code: cesd", "code: ces_d", "the file cesd.yaml holds the instrument 'ces_d'"),
    ("response:\n  choices:", "answers:\n  choices:", "a scale item needs a response scale"),
]


@pytest.mark.parametrize(("old", "new", "said"), INSTRUMENT, ids=[said for *_, said in INSTRUMENT])
def test_a_mistake_in_a_key_is_told_in_the_instruments_own_file(folder: Folder, old: str, new: str, said: str) -> None:
    folder.change(old, new, "instruments/cesd.yaml")
    problems = folder.problems()
    told = [one for one in problems if said in one.what]
    assert len(told) == 1 and told[0].line, "\n".join(map(str, problems))
    assert told[0].mend
    assert {one.file for one in problems} == {folder.file("instruments/cesd.yaml")}


def test_mistakes_in_a_key_and_in_the_protocol_are_told_together(folder: Folder) -> None:
    key = folder.change("reverse: [4, 8, 12, 16]", "reverse: [4, 8, 12, 61]", "instruments/cesd.yaml")
    score = folder.change("score: swls", "score: slws")
    assert [(Path(one.file).name, one.line) for one in folder.problems()] == [
        ("cesd.yaml", key),
        ("protocol.yaml", score),
    ]


def test_a_shipped_instrument_is_found_without_a_copy_and_an_own_copy_goes_first(folder: Folder) -> None:
    (folder.path / "instruments" / "swls.yaml").unlink()
    assert not folder.problems()
    folder.change("method: sum", "method: product", "instruments/cesd.yaml")
    assert "method: product" in folder.only_problem().what


def test_an_unknown_instrument_is_told_once_with_the_nearest_name(folder: Folder) -> None:
    folder.change(
        "[about_you, cesd, swls, scs_sf, since_last_time]", "[about_you, cesd, swls, scs_sff, since_last_time]"
    )
    told = [one for one in folder.problems() if "there is no instrument 'scs_sff'" in one.what]
    assert len(told) == 1 and told[0].mend == "Did you mean 'scs_sf'?"


MAIL = [
    ("Subject: Your writing for this evening\n", "Your writing, this evening\n", 1, "a mail starts with its subject"),
    ("Subject: Your writing for this evening\n\n", "Subject: Your writing\n", 2, "the subject runs into the text"),
    ("{{ minutes }}", "{{ duration }}", 5, "{{ duration }} is not a placeholder"),
    ("{{ minutes }}", "{{ minutes }", 5, "belongs to no complete placeholder"),
    ("{{ minutes }}", "{% if arm %}", 5, "belongs to no complete placeholder"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "said"), MAIL, ids=[said for *_, said in MAIL])
def test_a_mistake_in_a_mail_is_told_in_its_own_file(folder: Folder, old: str, new: str, line: int, said: str) -> None:
    folder.change(old, new, "messages/evening.en.md")
    problem = folder.only_problem()
    assert (problem.file, problem.line) == (folder.file("messages/evening.en.md"), line)
    assert said in problem.what and problem.mend


def test_the_mail_that_confirms_an_address_must_hold_the_code(folder: Folder) -> None:
    folder.change("{{ code }}", "1234", "messages/code.en.md")
    assert "does not hold the code" in folder.only_problem().what


def test_a_placeholder_in_a_page_is_refused_because_nobody_fills_it(folder: Folder) -> None:
    line = folder.change("team@trial.example.org", "{{ contact_email }}", "messages/trial_page.en.md")
    problem = folder.only_problem()
    assert (problem.file, problem.line) == (folder.file("messages/trial_page.en.md"), line)
    assert "stands in a text that is no mail" in problem.what


def test_a_second_language_is_asked_for_everywhere(folder: Folder) -> None:
    folder.change("languages: [en]", "languages: [en, nl]")
    told = folder.problems()
    assert any(one.what == "this text is not written in 'nl'." for one in told)
    assert any("messages/evening.nl.md is not in the folder" in one.what for one in told)
