"""A study of one arm with a guide, in the words of its report: no comparison, and no more online than it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reports.claims import conclusion
from reports.consort import lay, paragraphs
from reports.frozen import Frozen, read_frozen
from reports.html import render_html
from reports.labels import Labels
from reports.results import frozen_results
from reports.sections import document
from reports.sentences import decimals_of, meaning
from tests.reports.builder import build_freeze
from trial.pages.lay_summary import verdict
from trial.protocol_files import shipped


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Frozen:
    return read_frozen(build_freeze(tmp_path_factory.mktemp("one"), protocol=shipped("neff-2007")))


@pytest.fixture(scope="module")
def results(frozen: Frozen) -> dict[str, Any]:
    return frozen_results(frozen)


def test_what_a_guide_says_is_not_called_online(frozen: Frozen, results: dict[str, Any]) -> None:
    page = render_html(document(results, frozen.folder)).lower()
    assert "fully online" not in page and "online and with a guide" in page
    assert "without a comparison, online and with a guide; its registration" in paragraphs.how(
        results, Labels(frozen.folder)
    )


def test_it_says_that_there_was_nobody_to_compare_with(frozen: Frozen, results: dict[str, Any]) -> None:
    primary = results["estimates"][0]
    assert meaning(primary, Labels(frozen.folder)).startswith("There was nobody to compare with")
    told = " ".join(one for part in lay.summary(results, frozen.folder, "en").parts for one in part.paragraphs)
    assert "compared" not in told and "This was looked at first of all: " in told


def test_a_change_that_could_not_be_estimated_names_its_arm_once(frozen: Frozen, results: dict[str, Any]) -> None:
    undone = results["estimates"][0] | {"estimate": None, "ci": None}
    told = replace(lay.outcome(results | {"estimates": [undone]}, frozen.folder, "en").finding, verdict="not_estimated")
    assert verdict(told, "en") == "The answers did not let us say whether people changed."
    assert conclusion(undone, "The dialogue", "The dialogue", None) == (
        "How people changed with The dialogue could not be estimated."
    )


def test_its_decimals_are_those_of_the_spread_of_its_change(results: dict[str, Any]) -> None:
    primary = results["estimates"][0]
    arm = primary["arms"][primary["contrast"][0]]
    small = primary | {"arms": {primary["contrast"][0]: arm | {"sd": 0.5}}}
    assert decimals_of(small | {"estimate": 0.31, "ci": [0.12, 0.52]}) == 2
