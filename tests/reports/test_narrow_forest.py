"""The forest on a phone: the same rows, in no more width than there is."""

from __future__ import annotations

from pathlib import Path

from reports import figures, narrow_forest
from reports.frozen import read_frozen
from reports.keys import keyed
from reports.labels import Labels
from reports.results import frozen_results

MOST_POINTS = 340  # of a column of 358 pixels, in which letters of 9 points then keep more than 9 pixels


def test_it_says_what_the_wide_one_says_and_is_narrow(frozen_trial: Path) -> None:
    frozen = read_frozen(frozen_trial)
    results, labels = frozen_results(frozen), Labels(frozen.folder)
    wide, narrow = figures.forest(results, labels), narrow_forest.forest(results, labels)
    assert narrow.description == wide.description and narrow.title == wide.title
    assert narrow.width <= MOST_POINTS < wide.width


def test_the_keys_of_numbers_are_no_letters_of_its_lines(frozen_trial: Path) -> None:
    frozen = read_frozen(frozen_trial)
    results, labels = frozen_results(frozen), Labels(frozen.folder)
    assert narrow_forest.forest(keyed(results), labels).svg == narrow_forest.forest(results, labels).svg
