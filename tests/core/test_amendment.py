"""What an amendment says: every field has a class, nothing is missed, nothing is told twice, no class is lowered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.mutations import mutations
from tests.core.protocols import FOLDER as SMALL
from trial.core.amendment import POLICY, Amendment, ChangeClass, Chapter, Version, compare, shape, table
from trial.core.amendment.words import MOST_WORDS, excerpts, is_spelling
from trial.core.protocol import Safety, SafetyRule
from trial.protocol_files import ProtocolFolder, read_folder, shipped

C = ChangeClass
GUIDE = Path(__file__).parents[2] / "docs/guide-amendments.md"


def version(folder: ProtocolFolder) -> Version:
    return Version(folder.protocol, folder.instruments, folder.texts)


SHIPPED = version(read_folder(shipped("shapira-mongrain-2010")))


def with_protocol(**parts: Any) -> Version:
    return replace(SHIPPED, protocol=SHIPPED.protocol.model_copy(update=parts))


def in_list(name: str, entry: str, **parts: Any) -> list[Any]:
    """A list of the shipped protocol with one entry changed."""
    found = getattr(SHIPPED.protocol, name)
    assert any(one.id == entry for one in found)
    return [one.model_copy(update=parts) if one.id == entry else one for one in found]


def paths(found: Amendment) -> list[str]:
    return [one.path for one in found.changes]


# --- the policy table ------------------------------------------------------------------------------------------------


def test_every_field_of_every_model_has_a_class_and_no_row_stands_for_a_field_that_is_gone() -> None:
    texts = {f"{pattern}.words" for pattern in (*shape.files(), "messages.*")}
    assert set(POLICY) == set(shape.fields()) | texts


def test_a_field_has_one_row() -> None:
    from trial.core.amendment.policy import GROUPS

    listed = [pattern for group in GROUPS for _, patterns, _ in group.patterns() for pattern in patterns]
    assert sorted(listed) == sorted(set(listed))


def test_every_meaning_is_one_sentence() -> None:
    for rule in POLICY.values():
        assert rule.meaning[0].isupper() and rule.meaning.endswith(".") and rule.meaning.count(". ") == 0, rule


def test_the_guide_prints_the_whole_table() -> None:
    assert "\n".join(table()) in GUIDE.read_text(encoding="utf-8")


# --- nothing is missed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", [SHIPPED, version(SMALL)], ids=["shipped", "small"])
def test_a_protocol_does_not_differ_from_itself(one: Version) -> None:
    assert compare(one, one).changes == ()
    assert compare(one, one).change_class is None and compare(one, one).notes == ()


def test_every_change_of_one_value_of_the_protocol_is_told_at_its_place() -> None:
    tried = list(mutations(SHIPPED.protocol))
    missed = [
        path
        for path, changed in tried
        if path not in [one.path for one in compare(SHIPPED, replace(SHIPPED, protocol=changed)).changes]
    ]
    assert missed == []
    assert len(tried) > 400


def test_every_change_of_one_value_of_an_instrument_is_told_at_its_place() -> None:
    missed, tried = [], 0
    for code, instrument in SHIPPED.instruments.items():
        for path, changed in mutations(instrument):
            tried += 1
            found = compare(SHIPPED, replace(SHIPPED, instruments={**SHIPPED.instruments, code: changed}))
            if (f"instruments/{code}.yaml", path) not in [(one.file, one.path) for one in found.changes]:
                missed.append((code, path))
    assert missed == []
    assert tried > 400


def test_every_change_of_a_text_is_told_with_its_file() -> None:
    for name, languages in SHIPPED.texts.items():
        texts = {**SHIPPED.texts, name: {"en": languages["en"] + "\nOne more line.\n"}}
        found = compare(SHIPPED, replace(SHIPPED, texts=texts))
        assert {one.file for one in found.changes} == {f"{name}.en.md"}
        assert all("more line" in one.after for one in found.changes)


def test_a_text_in_another_file_is_compared_by_what_it_says() -> None:
    activities = in_list("activities", "letter", exercise="exercises/letter_2")
    moved = replace(with_protocol(activities=activities), texts={**SHIPPED.texts, "exercises/letter_2": LETTER})
    (only,) = compare(SHIPPED, moved).changes
    assert (only.path, only.change_class) == ("activities.letter.exercise", C.CORRECTION)
    said = {"en": LETTER["en"].replace("friend", "neighbour")}
    found = compare(SHIPPED, replace(moved, texts={**moved.texts, "exercises/letter_2": said}))
    assert [one.change_class for one in found.changes] == [C.CORRECTION, C.SUBSTANTIAL]


LETTER = SHIPPED.texts["exercises/letter"]


def test_a_language_that_comes_is_one_change_and_not_one_for_each_text() -> None:
    title = {**SHIPPED.protocol.title, "de": "Schreiben am Abend"}
    found = compare(SHIPPED, with_protocol(languages=["en", "de"], title=title))
    assert [(one.path, one.change_class) for one in found.changes] == [("languages", C.SUBSTANTIAL)]
    assert paths(compare(SHIPPED, with_protocol(title=title))) == ["title.de"]


def test_a_renamed_entry_is_removed_and_added_and_said_to_be_the_same() -> None:
    found = compare(SHIPPED, with_protocol(timepoints=in_list("timepoints", "week_1", id="week_one")))
    assert [(one.path, one.kind) for one in found.changes] == [
        ("timepoints.week_1", "removed"),
        ("timepoints.week_one", "added"),
    ]
    assert all("under another id" in one.meaning for one in found.changes)


def test_an_entry_that_goes_for_another_is_not_said_to_be_the_same() -> None:
    timepoints = in_list("timepoints", "week_1", id="week_2", days=[21])
    assert all(
        "another id" not in one.meaning for one in compare(SHIPPED, with_protocol(timepoints=timepoints)).changes
    )


# --- the order -------------------------------------------------------------------------------------------------------


def everything_else() -> Version:
    """A version in which one value of every part differs."""
    protocol = SHIPPED.protocol
    for name in type(protocol).model_fields:
        changed = dict(mutations(getattr(protocol, name), (name,)))
        protocol = protocol.model_copy(update={name: next(iter(changed.values()))})
    texts = {name: {"en": f"{one['en']} Otherwise."} for name, one in SHIPPED.texts.items()}
    return Version(
        protocol.model_copy(update={"instruments": SHIPPED.protocol.instruments}), SHIPPED.instruments, texts
    )


def test_changes_stand_in_the_order_of_an_amendment() -> None:
    found = compare(SHIPPED, everything_else()).changes
    chapters = list(dict.fromkeys(one.chapter for one in found))
    assert chapters == [one for one in Chapter if one in chapters] and len(chapters) >= 10
    assert [one.chapter for one in found] == sorted((one.chapter for one in found), key=list(Chapter).index)


def test_the_order_does_not_depend_on_how_files_were_read() -> None:
    new = everything_else()
    again = Version(new.protocol, _backwards(new.instruments), _backwards(new.texts))
    assert compare(SHIPPED, again) == compare(SHIPPED, new)


def _backwards(found: Mapping[str, Any]) -> dict[str, Any]:
    return dict(reversed(list(found.items())))


# --- classes ---------------------------------------------------------------------------------------------------------


def test_the_class_of_the_whole_is_the_strongest_of_its_parts() -> None:
    correction = {"version": "1.1"}
    substantial = correction | {"timepoints": in_list("timepoints", "week_1", days=[21])}
    urgent = substantial | {"activities": [one for one in SHIPPED.protocol.activities if one.id != "optimism"]}
    random_ = urgent | {"arms": in_list("arms", "letter", ratio=2)}
    strongest = [compare(SHIPPED, with_protocol(**parts)).change_class for parts in (correction, substantial)]
    strongest += [compare(SHIPPED, with_protocol(**parts)).change_class for parts in (urgent, random_)]
    assert strongest == [C.CORRECTION, C.SUBSTANTIAL, C.URGENT_SAFETY, C.RANDOMIZATION]


@pytest.mark.parametrize("to", [None, *C])
def test_a_class_is_raised_and_never_lowered(to: ChangeClass | None) -> None:
    new = everything_else()
    plain, raised = compare(SHIPPED, new).changes, compare(SHIPPED, new, raised=to).changes
    assert {one.change_class for one in plain} >= {C.CORRECTION, C.SUBSTANTIAL, C.RANDOMIZATION}
    for one, two in zip(plain, raised, strict=True):
        least = one.change_class if to is None else max(one.change_class, to, key=lambda each: each.strength)
        assert (two.default, two.change_class) == (one.default, least)


def test_every_arm_that_comes_goes_or_weighs_more_is_a_change_of_the_randomisation() -> None:
    arms = SHIPPED.protocol.arms
    more = [*arms, arms[0].model_copy(update={"id": "other"})]
    for changed in (arms[:2], more, arms[::-1], in_list("arms", "letter", ratio=2)):
        (only,) = compare(SHIPPED, with_protocol(arms=changed)).changes
        assert only.change_class is C.RANDOMIZATION


def test_stopping_an_exercise_is_urgent_and_exchanging_or_renaming_one_is_not() -> None:
    activities = SHIPPED.protocol.activities
    gone = [one for one in activities if one.id != "letter"]
    renamed = in_list("activities", "letter", id="note")
    without = in_list("timepoints", "evening", activities=["optimism", "early_memory"])
    exchanged = in_list("timepoints", "evening", activities=["note", "optimism", "early_memory"])
    questions = in_list("timepoints", "week_1", activities=[])

    def classes(**parts: Any) -> set[ChangeClass]:
        return {one.change_class for one in compare(SHIPPED, with_protocol(**parts)).changes}

    assert classes(activities=gone) == classes(timepoints=without) == {C.URGENT_SAFETY}
    assert classes(activities=renamed) == classes(timepoints=exchanged) == {C.SUBSTANTIAL}
    assert classes(timepoints=questions) == {C.SUBSTANTIAL}


def test_a_safety_rule_that_comes_is_urgent() -> None:
    rule = SafetyRule(id="low", when="cesd >= 30", tier="resources", why={"en": "A high score."})
    one = with_protocol(safety=Safety(resources="messages/notice"))
    two = with_protocol(safety=Safety(resources="messages/notice", rules=[rule]))
    (only,) = compare(one, two).changes
    assert (only.path, only.kind, only.change_class) == ("safety.rules.low", "added", C.URGENT_SAFETY)


# --- remarks ---------------------------------------------------------------------------------------------------------


def remarks(**parts: Any) -> str:
    return " ".join(compare(SHIPPED, with_protocol(**parts)).notes)


def test_what_is_odd_about_the_whole_is_said() -> None:
    timepoints = in_list("timepoints", "week_1", days=[21])
    consent = SHIPPED.protocol.consent
    again = consent.model_copy(update={"version": "2.0"})
    assert "call themselves 1.0" in remarks(timepoints=timepoints, version="2.0")
    assert "Both versions" in remarks(timepoints=timepoints, consent=again)
    assert remarks(timepoints=timepoints, version="2.0", consent=again) == ""
    never = again.model_copy(update={"reconsent": "never"})
    assert "never asks" in remarks(timepoints=timepoints, version="2.0", consent=never)
    assert "two protocols" in remarks(id="another-trial", version="2.0")
    without = [one for one in SHIPPED.protocol.activities if one.id != "letter"]
    assert "Urgent safety measures" in remarks(activities=without, timepoints=timepoints)


# --- words -----------------------------------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["we", "write", "to", "you", "at", "seven", "letter", "evening"]), max_size=14)


@given(WORDS, WORDS)
def test_short_texts_are_shown_whole_with_the_changed_words_marked(one: list[str], two: list[str]) -> None:
    before, after = excerpts(" ".join(one), " ".join(two))
    if one == two:
        return
    for shown, words in ((before, one), (after, two)):
        parts = [part.replace("«", "").replace("»", "").split() for part in shown.split(" / ")]
        assert all(part == words for part in parts)


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_slip_of_the_pen_is_one_both_ways_and_no_change_is_one(one: str, two: str) -> None:
    assert is_spelling(one, one)
    assert is_spelling(one, two) is is_spelling(two, one)


def test_a_text_rewritten_from_end_to_end_is_compared_at_once() -> None:
    one = " ".join(f"one{number}" for number in range(MOST_WORDS))
    two = " ".join(f"two{number}" for number in range(MOST_WORDS))
    assert excerpts(one, two) == (f"a text of {MOST_WORDS} words", f"a text of {MOST_WORDS} words, mostly rewritten")


def test_texts_made_to_be_hard_to_compare_take_no_time() -> None:
    started = time.monotonic()
    for one, two in (("a b ", "b a a "), ("{{ ", "{{ {{ "), ("](", "]( "), ("x", "xy")):
        excerpts(one * 490, two * 330)
        is_spelling(one * 50_000, two * 50_000)
    assert time.monotonic() - started < 10


def test_what_would_move_a_cursor_does_not_reach_a_terminal() -> None:
    title = {"en": "Evening \x1b[2Jwriting and a \u202ewell-being"}
    found = compare(SHIPPED, with_protocol(title=title))
    assert all(one.after.isprintable() for one in found.changes) and paths(found) == ["title.en"]
