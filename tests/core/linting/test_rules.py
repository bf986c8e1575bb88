"""Every rule finds the mistake that is planted for it, where it stands, and nothing else; and can be waived."""

from __future__ import annotations

import pytest

from tests.core.linting.mistakes import MISTAKES
from tests.core.linting.planted import MAIN, QUIET, SHIPPED, Mistake, found, read
from trial.core.errors import ProtocolInvalid
from trial.core.linting import CHAPTERS, RULES, Severity, lint
from trial.protocol_files.linting import subject

CHECKED = sorted(code for code, rule in RULES.items() if rule.check)
# what the reader refuses: (code, text replaced, text instead, words on the line that is named, what is said)
REFUSED = [
    ("P101", "activities: [later]\n    closes_after: 7", "activities: [cards]\n    closes_after: 7", "  primary:",
     "never asked at 'week_2'"),
    ("S201", "{after: 2 hours, message", "{after: 30 hours, message", "{after: 30", "after the window has closed"),
    ("M307", "languages: [en]", "languages: [en, de]", "title: {en: Three", "not written in 'de'"),
]  # fmt: skip


def ids(one: Mistake) -> str:
    return f"{one.code}-{one.changes[0][1].strip()[:20]}"


def test_nothing_is_found_in_a_quiet_trial() -> None:
    assert found(QUIET) == []


def test_every_rule_has_a_code_a_why_a_mend_and_a_planted_mistake() -> None:
    assert len(RULES) > 60
    for code, rule in RULES.items():
        assert rule.code == code and code[0] in CHAPTERS and code[1:].isdigit() and len(code) == 4
        assert rule.title and rule.why.endswith(".") and rule.mend.endswith((".", "`")), code
        assert rule.why.count(". ") == 0, f"{code}: one sentence"
    assert {one.code for one in MISTAKES} | {code for code, *_ in REFUSED} == set(RULES)


@pytest.mark.parametrize("mistake", MISTAKES, ids=ids)
def test_a_planted_mistake_is_found_where_it_stands_and_nothing_else_is(mistake: Mistake) -> None:
    files = mistake.files()
    before = {one.code for one in found(SHIPPED)} if mistake.base == "shipped" else set()
    told = [one for one in found(files) if one.code not in before]
    assert {one.code for one in told} == {mistake.code}, "\n".join(map(str, told))
    assert (told[0].file, told[0].line) == (mistake.found_in, mistake.line(files)), str(told[0])
    assert told[0].what.endswith(".") and told[0].severity is RULES[mistake.code].severity


@pytest.mark.parametrize("mistake", [one for one in MISTAKES if one.base == "quiet" and one.code != "W001"], ids=ids)
def test_every_finding_can_be_waived_with_a_reason_that_is_shown(mistake: Mistake) -> None:
    files = mistake.files()
    places = {one.where for one in found(files)}
    waivers = "".join(
        f"\n  - {{code: {mistake.code}{f', where: {where}' if where else ''}, reason: We thought about it.}}"
        for where in sorted(places)
    )
    files[MAIN] += f"\nwaivers:{waivers}\n"
    told = found(files)
    assert told and {one.code for one in told} == {mistake.code}
    assert all(one.waived == "We thought about it." and not one.open for one in told)
    assert all("Reason given: We thought about it." in str(one) for one in told)


@pytest.mark.parametrize(("code", "old", "new", "at", "said"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_the_reader_refuses_has_its_code_in_the_register(
    code: str, old: str, new: str, at: str, said: str
) -> None:
    assert RULES[code].check is None and RULES[code].severity is Severity.ERROR
    text = QUIET[MAIN].replace(old, new)
    assert text != QUIET[MAIN]
    with pytest.raises(ProtocolInvalid) as refused:
        read({**QUIET, MAIN: text})
    line = text[: text.index(at)].count("\n") + 1
    assert any(one.line == line and said in one.what for one in refused.value.problems), refused.value


def with_waivers(*lines: str) -> dict[str, str]:
    return {**QUIET, MAIN: QUIET[MAIN] + "\nwaivers:\n" + "".join(f"  - {{{line}}}\n" for line in lines)}


def test_a_waiver_for_another_place_waives_nothing_and_is_found_out() -> None:
    files = with_waivers("code: D904, where: letter, reason: No.")
    files[MAIN] = files[MAIN].replace("minimum_dose: exercises_done >= 3", "minimum_dose: exercises_done >= 9")
    told = found(files)
    assert [(one.code, one.waived) for one in told] == [("D904", None), ("W001", None)]
    assert "D904 at 'letter'" in told[1].what


def test_a_waiver_of_a_rule_that_is_not_there_is_found() -> None:
    [one] = found(with_waivers("code: Z999, reason: No."))
    assert one.code == "W001" and one.what == "there is no rule Z999."


def test_a_waiver_of_what_the_reader_refuses_is_found() -> None:
    [one] = found(with_waivers("code: P101, reason: No."))
    assert one.code == "W001" and "cannot be waived" in one.what


def test_an_unused_waiver_may_stay_with_a_reason_and_that_one_too_must_be_used() -> None:
    [one] = found(
        with_waivers("code: P104, reason: For the next version.", "code: W001, where: p104, reason: We know.")
    )
    assert (one.code, one.waived) == ("W001", "We know.")
    [one] = found(with_waivers("code: W001, reason: For nothing."))
    assert (one.code, one.waived) == ("W001", None)


def test_a_rule_that_stumbles_is_silent_only_where_the_reader_has_found_mistakes() -> None:
    trial = subject(read(QUIET))
    broken = trial.protocol.model_copy(update={"messages": trial.protocol.messages[:1]})
    half = type(trial)(broken, trial.instruments, trial.texts)
    assert all(one.rule.code != "S202" for one in lint(half, sure=False))
    with pytest.raises((LookupError, RuntimeError, StopIteration)):
        lint(half)
