from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.tables import rows
from trial.core.expressions import DEEPEST, LONGEST, ExpressionError, Value, parse

OUTCOMES = {"holds": True, "does not hold": False, "unknown": None}
TRUTH = {"true": True, "false": False, "unknown": None}


def fact(word: str) -> Value:
    if word.startswith("'"):
        return word.strip("'")
    return {"yes": True, "no": False, "missing": None}[word] if word.isalpha() else float(word)


def facts(cell: str) -> dict[str, Value]:
    pairs = (one.strip().split(" ", 1) for one in cell.split(",") if one.strip())
    return {name: fact(value) for name, value in pairs}


@pytest.mark.parametrize("row", rows("expressions.md", "Rules"), ids=lambda row: f"{row['rule']} | {row['facts']}")
def test_a_rule_has_the_value_its_table_says(row: dict[str, str]) -> None:
    rule = parse(row["rule"])
    assert rule.value(facts(row["facts"])) is OUTCOMES[row["value"]]
    assert rule.holds(facts(row["facts"])) is (row["value"] == "holds")


@pytest.mark.parametrize(
    "row", rows("expressions.md", "Unknown and the rest"), ids=lambda row: f"{row['a']}-{row['b']}"
)
def test_unknown_follows_three_valued_logic(row: dict[str, str]) -> None:
    known = {"a": TRUTH[row["a"]], "b": TRUTH[row["b"]]}
    for rule in ("a and b", "a or b", "not a"):
        assert parse(rule).value(known) is TRUTH[row[rule]], rule


@pytest.mark.parametrize("row", rows("expressions.md", "Refused"), ids=lambda row: row["rule"])
def test_what_is_no_rule_is_refused_at_its_place(row: dict[str, str]) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(row["rule"])
    assert refused.value.column == int(row["character"])
    assert str(refused.value).startswith(row["message"])


@pytest.mark.parametrize("opening", ["(", "[", "not ", "not (", "1 + (", "(not ["])
def test_nesting_without_end_is_refused_before_it_costs_anything(opening: str) -> None:
    with pytest.raises(ExpressionError, match="inside each other"):
        parse(opening * (LONGEST // len(opening)))


def test_nesting_within_the_limit_is_read() -> None:
    assert parse("(" * DEEPEST + "true" + ")" * DEEPEST).holds({})


@pytest.mark.parametrize(
    ("part", "sign", "value"), [("true", " and ", True), ("false", " or ", False), ("1", "+", 400)]
)
def test_a_chain_of_any_length_has_a_value(part: str, sign: str, value: Value) -> None:
    many = 400 if sign == "+" else LONGEST // len(part + sign)
    assert parse(sign.join([part] * many)).value({}) == value


def test_a_rule_longer_than_the_limit_is_refused() -> None:
    with pytest.raises(ExpressionError, match=str(LONGEST)):
        parse("a" * (LONGEST + 1))


def test_a_rule_knows_the_names_it_needs() -> None:
    assert parse("age >= 18 and (cesd in [1, limit] or not true)").names == {"age", "cesd", "limit"}


WORDS = [
    "age",
    "cesd",
    "true",
    "false",
    "and",
    "or",
    "not",
    "in",
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "-",
    "==",
    "<",
    "3",
    "'x'",
]
FACTS = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(["x", "y"]))


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)), FACTS, FACTS)
def test_any_text_is_a_rule_with_a_value_or_is_refused_with_a_place(text: str, age: Value, cesd: Value) -> None:
    column, rule = None, None
    try:
        rule = parse(text)
    except ExpressionError as refused:
        column = refused.column
    assert (rule is None) is (column is not None)
    assert column is None or 1 <= column <= len(text) + 1
    assert rule is None or rule.holds({"age": age, "cesd": cesd}) in (True, False)


@given(
    FACTS,
    FACTS,
    FACTS,
    st.sampled_from(["a and (b or c)", "not (a or b) and c", "a in [b, c] or b", "a < b and b < c"]),
)
def test_learning_a_missing_answer_never_overturns_what_was_known(a: Value, b: Value, c: Value, text: str) -> None:
    rule = parse(text)
    before = rule.value({"a": a, "b": b, "c": None})
    if isinstance(before, bool):
        assert rule.value({"a": a, "b": b, "c": c}) is before
