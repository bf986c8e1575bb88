"""Each method of allocation lives a whole trial, from the first click to the report that names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.published import script
from tests.rehearsal.morning_walks import written
from tests.reports.reading import page_of
from tests.system.commands import in_this_process
from tests.system.evidence import read_sqlite

BLOCKS = "  method: permuted_blocks\n  block_sizes: [2]\n"
STRATA = """\
  strata:
    - id: home
      label: {en: Where they live}
      levels:
        - {id: in_town, label: {en: In a town}, when: place == "town"}
        - {id: elsewhere, label: {en: Elsewhere}}
"""
MINIMISED = (
    "  method: minimisation\n  imbalance: range\n  probability: 0.8\n  weights: {home: 2}\n  overall_weight: 1\n"
    "  first_simple: 2\n"
)
LONG = pytest.mark.long
METHODS = [
    pytest.param(MINIMISED + STRATA, "minimisation", id="minimisation"),
    pytest.param("  method: simple\n", "simple randomisation", id="simple", marks=LONG),
    pytest.param("  method: big_stick\n  largest_imbalance: 3\n", "big stick", id="big stick", marks=LONG),
    pytest.param("  method: biased_coin\n  probability: 2/3\n" + STRATA, "biased coin", id="coin", marks=LONG),
    pytest.param(
        "  method: listed\n  outside_list: {made_by: A statistician, how: By dice}\n" + STRATA,
        "could know it. The account",
        id="list",
        marks=LONG,
    ),
    pytest.param(
        BLOCKS + "  unit: cluster\n  cluster: {question: place, label: {en: Place}}\n",
        "clusters (Place) allocated by permuted blocks",
        id="clusters",
    ),
    pytest.param("  method: urn\n  urn: {start: 1, added: 1}\n", "urn", id="urn", marks=LONG),
]


@pytest.mark.parametrize(("said", "words"), METHODS)
def test_a_trial_allocates_by_its_method_and_its_report_says_so(tmp_path: Path, said: str, words: str) -> None:
    folder = tmp_path / written(tmp_path)
    protocol = folder / "protocol.yaml"
    protocol.write_text(protocol.read_text(encoding="utf-8").replace(BLOCKS, said), encoding="utf-8")
    done = in_this_process("demo", str(folder), "--participants", "12", "--seed", "3", "--out", "lived", cwd=tmp_path)
    assert done.code == 0, done.err
    lived = tmp_path / "lived"
    rows = read_sqlite(lived / "equipoise.sqlite")
    allocated, teams = rows["allocation"], rows["cluster_allocation"]
    results = json.loads((lived / "results.json").read_text(encoding="utf-8"))
    assert len(allocated) == results["flow"]["randomised"] > 4
    assert len({json.dumps(one["record"], sort_keys=True) for one in allocated}) == len(allocated)
    assert words in page_of(lived)
    trial = json.loads((lived / "freeze.json").read_text(encoding="utf-8"))["trial"]["slug"]
    verified = in_this_process("randomization", "verify", trial, "--home", "lived", cwd=tmp_path)
    assert verified.code == 0 and f"All {len(allocated) + len(teams)} allocations" in verified.out, verified
    assert f"All {len(allocated) + len(teams)} allocations" in script().verify(lived, published_digest(lived))
    assert len(teams) == (2 if "unit: cluster" in said else 0)
    assert ("Clusters and people by arm" in page_of(lived)) == bool(teams)


def test_a_trial_of_clusters_is_analysed_with_them(tmp_path: Path) -> None:
    folder = tmp_path / written(tmp_path)
    protocol = folder / "protocol.yaml"
    more = "".join(
        f"        - {{value: {one}, label: {{en: By the {one}}}}}\n" for one in ("sea", "lake", "hill", "wood")
    )
    last = "        - {value: land, label: {en: In the country}}\n"
    unit = BLOCKS + "  unit: cluster\n  cluster: {question: place, label: {en: Place}}\n"
    text = protocol.read_text(encoding="utf-8").replace(BLOCKS, unit)
    assert last in text
    protocol.write_text(text.replace(last, last + more), encoding="utf-8")
    done = in_this_process("demo", str(folder), "--participants", "24", "--seed", "3", "--out", "lived", cwd=tmp_path)
    assert done.code == 0 and "not rehearsed" not in done.err, done.err
    results = json.loads((tmp_path / "lived" / "results.json").read_text(encoding="utf-8"))
    primary, counted = results["estimates"][0], {one["arm"]: one["clusters"] for one in results["clusters"]}
    assert primary["problem"] is None and primary["covariance"] == "CR2"
    assert all(1 < primary["clusters"]["n"][arm] <= n for arm, n in counted.items())
    page = page_of(tmp_path / "lived")
    assert "Clusters and people in the model" in page and "its power is" not in page


def published_digest(lived: Path) -> str:
    """The digest that was published, as the database kept it."""
    return str(read_sqlite(lived / "equipoise.sqlite")["seal"][0]["digest"])
