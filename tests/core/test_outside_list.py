"""The file of an outside statistician: every mistake is told with its line, and none of them tells an allocation."""

from __future__ import annotations

import pytest

from tests.core.clustered import clustered
from tests.core.protocols import changed
from trial.core import outside_list
from trial.core.errors import DataInvalid

STRATA = [
    {
        "id": name,
        "label": {"en": name},
        "levels": [
            {"id": f"{name}_yes", "label": {"en": "yes"}, "when": "low_mood >= 5"},
            {"id": f"{name}_no", "label": {"en": "no"}},
        ],
    }
    for name in ("one", "two")
]
SAID = {"method": "listed", "outside_list": {"made_by": "Somebody", "how": "By dice."}}
PLAIN = changed(allocation=SAID)
IN_STRATA = changed(allocation=SAID | {"strata": STRATA})


def test_a_list_without_strata_is_read_whatever_the_order_of_its_rows() -> None:
    found = outside_list.read("number,arm\n2,list\n1, letter\n\n", PLAIN, target=2, file="l")
    assert found == {("all", 1): "letter", ("all", 2): "list"}


def test_a_list_in_strata_names_each_combination_of_levels() -> None:
    names = ["one_yes/two_yes", "one_yes/two_no", "one_no/two_yes", "one_no/two_no"]
    assert outside_list.strata(IN_STRATA) == names
    rows = [f"{name},{n},{arm}" for name in names for n, arm in ((1, "letter"), (2, "list"))]
    found = outside_list.read("\n".join(["stratum,number,arm", *rows]), IN_STRATA, target=8, file="l")
    assert len(found) == 8 and found["one_no/two_yes", 2] == "list"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "not the head"),
        ("stratum,number,arm\nall,1,letter\n", 1, "not the head"),
        ("number,arm\n1,letter\n2,other\n", 3, "no such arm"),
        ("number,arm\n1,letter\nx,list\n", 3, "not a whole number"),
        ("number,arm\n1,letter\n0,list\n", 3, "not a whole number"),
        ("number,arm\n1,letter\n1,list\n", 3, "stands twice"),
        ("number,arm\n1,letter\n3,list\n", None, "left out"),
        ("number,arm\n1,letter\n", None, "1 places for 2 people"),
        ("number,arm\n1,list\n2,list\n", None, "no place is for letter"),
        ("number,arm\n1,letter,list,letter\n", 2, "no such stratum"),
    ],
)
def test_a_mistake_in_the_list_is_told_where_it_stands(text: str, line: int | None, what: str) -> None:
    with pytest.raises(DataInvalid) as refused:
        outside_list.read(text, PLAIN, target=2, file="the-list.csv")
    first = refused.value.problems[0]
    assert (first.file, first.line) == ("the-list.csv", line) and what in first.what


def test_a_stratum_without_places_is_named() -> None:
    text = "stratum,number,arm\none_yes/two_yes,1,letter\none_yes/two_yes,2,list\n"
    with pytest.raises(DataInvalid, match="one_no/two_no has no entry"):
        outside_list.read(text, IN_STRATA, target=2, file="l")


def test_where_clusters_are_the_unit_the_list_has_a_place_for_each_cluster_not_for_each_person() -> None:
    how = {"method": "listed", "outside_list": {"made_by": "A statistician", "how": "By dice"}}
    rows = [f"{n},{('list', 'letter')[n % 2]}" for n in range(1, 13)]
    text = "\n".join(["number,arm", *rows])
    assert len(outside_list.read(text, clustered(how), target=400, file="l")) == 12
    with pytest.raises(DataInvalid, match="11 places for 12 clusters"):
        outside_list.read("\n".join(["number,arm", *rows[:-1]]), clustered(how), target=4, file="l")
