"""Whatever stands in the files, the reader gives a protocol or located problems, and nothing else."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.protocol_files.folders import SHIPPED
from trial.core.errors import Problem, ProtocolInvalid
from trial.protocol_files import ProtocolFolder, read_files, read_folder, shipped, yaml_text

FILES = dict(read_folder(shipped(SHIPPED)).files)
MAIN = FILES["protocol.yaml"]
INSTRUMENT = FILES["instruments/swls.yaml"]
CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

MARKS = st.sampled_from(
    [": ", "- ", "\n", "  ", "\t", "[", "]", "{", "}", "&a ", "*a", "!!x ", "'", '"', "#", "|\n", "? ", "---\n"]
)
SOUP = st.lists(st.one_of(MARKS, st.sampled_from(["a", "arms", "id", "1"])), max_size=60).map("".join)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**6), st.text(max_size=8), st.sampled_from(["cesd", "letter", "1 day"])
)
KEYS = st.sampled_from(["id", "en", "type", "items", "when", "days", "activities", "anchor", "contrast"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


def read(files: dict[str, str]) -> ProtocolFolder | list[Problem]:
    try:
        return read_files(files)
    except ProtocolInvalid as invalid:
        return invalid.problems


def is_told(outcome: ProtocolFolder | list[Problem], files: dict[str, str]) -> bool:
    if isinstance(outcome, ProtocolFolder):
        return True
    lines = {name: text.count("\n") + 2 for name, text in files.items()}
    return bool(outcome) and all(
        one.what and one.file in files and (one.line is None or 1 <= one.line <= lines[one.file]) for one in outcome
    )


@settings(**CALM)
@given(st.one_of(st.text(max_size=200), SOUP))
@example("<<: {a: 1}\n")
@example("a: " + "9" * 5000)
@example("%YAML 1.1\n---\na: 0777\n")
@example("? {a: b}\n: c\n")
@example("arms: [{id: {a: b}}]\nactivities: [{id: [], instruments: {}}]\n")
@example("timepoints: [{id: [a], activities: [[b]]}]\nanalysis: {primary: {outcome: [c]}}\n")
def test_any_text_is_a_tree_or_a_located_problem(text: str) -> None:
    tree, problems = yaml_text.read(text, "protocol.yaml")
    assert tree is not None or len(problems) == 1
    assert is_told(read({"protocol.yaml": text}), {"protocol.yaml": text})


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text with up to three places cut, doubled, moved or written over."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 80)))
        new = draw(st.one_of(MARKS, st.text(max_size=12), st.just(""), st.just(text[start:end] * 2), st.just("99999")))
        text = text[:start] + new + text[end:]
    return text


@settings(max_examples=60, **CALM)
@given(damaged(MAIN))
def test_any_damage_to_the_protocol_is_told_or_harmless(text: str) -> None:
    files = FILES | {"protocol.yaml": text}
    assert is_told(read(files), files)


@settings(max_examples=40, **CALM)
@given(damaged(INSTRUMENT), damaged(FILES["messages/code.en.md"]))
def test_any_damage_to_an_instrument_or_a_mail_is_told_or_harmless(instrument: str, mail: str) -> None:
    files = FILES | {"instruments/swls.yaml": instrument, "messages/code.en.md": mail}
    assert is_told(read(files), files)


PARTS = sorted(yaml_text.read(MAIN, "protocol.yaml")[0])


@settings(max_examples=80, **CALM)
@given(st.dictionaries(st.sampled_from(PARTS), VALUES, min_size=1, max_size=6))
def test_parts_of_any_kind_are_told_or_harmless(parts: dict[str, object]) -> None:
    text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in parts.items())
    assert is_told(read({"protocol.yaml": text}), {"protocol.yaml": text})


def test_a_file_full_of_mistakes_is_answered_with_a_bounded_list() -> None:
    arms = ", ".join(f"{{id: a{n % 7}, labl: x}}" for n in range(500))
    plans = ", ".join(f"{{outcome: o{n}, contrast: [b, b]}}" for n in range(500))
    text = f"arms: [{arms}]\nlanguages: [{', '.join(['en'] * 500)}]\nanalysis: {{secondary: {{analyses: [{plans}]}}}}\n"
    outcome = read({"protocol.yaml": text})
    assert isinstance(outcome, list) and 100 < len(outcome) <= 1000


def test_a_file_of_ever_more_values_is_refused_where_the_limit_is_reached() -> None:
    [problem] = told({"protocol.yaml": "schema: 1\na:\n" + "- 1\n" * 40_000})
    assert "more than 10000 values" in problem.what
    assert problem.line is not None and problem.line < 11_000
    [problem] = told({"protocol.yaml": "a: 1\n" * 4_000})
    assert problem.line is not None and problem.line < 200


def told(files: dict[str, str]) -> list[Problem]:
    outcome = read(files)
    assert isinstance(outcome, list)
    return outcome
