"""The report of a trial of clusters says how many there are, and refuses an analysis that would not know of them."""

from __future__ import annotations

import pytest

from reports.allocating import access, allocation, details
from reports.clusters import KNOWN, clusters
from tests.core.clustered import clustered
from tests.core.protocols import PROTOCOL
from trial.core.codebook import codebook
from trial.core.dataset import Disposition
from trial.core.errors import AnalysisImpossible
from trial.stats.plan.run import refuse_clusters

PEOPLE = [
    Disposition(f"P{n}", "randomized", arm=arm, stratum=team)
    for n, (team, arm) in enumerate([("a", "letter"), ("b", "list"), ("a", "letter"), ("c", "letter"), ("a", "letter")])
] + [Disposition("S1", "declined", stratum="d")]


def test_clusters_and_people_are_counted_by_arm() -> None:
    # worked by hand: a has three and c one in the arm letter, b one in the arm list
    assert clusters(clustered(), PEOPLE) == {
        "clusters": [
            {"arm": "letter", "clusters": 2, "people": 4, "smallest": 1, "largest": 3},
            {"arm": "list", "clusters": 1, "people": 1, "smallest": 1, "largest": 1},
        ]
    }
    assert clusters(PROTOCOL, PEOPLE) == {}


def test_the_unit_is_named_and_who_may_have_known_is_said() -> None:
    assert allocation(clustered()) == (
        "clusters (Team) allocated by permuted blocks of random size (2, 4), stratified by Size"
    )
    assert "everybody of it has its arm" in details(clustered())[0] and details(PROTOCOL) == []
    assert access(clustered()).endswith(KNOWN) and KNOWN not in access(PROTOCOL)


def test_an_analysis_that_takes_people_for_independent_is_refused_in_words() -> None:
    refuse_clusters(PROTOCOL, "mmrm")
    refuse_clusters(clustered(), "ancova")
    with pytest.raises(AnalysisImpossible, match="mmrm takes people for independent"):
        refuse_clusters(clustered(), "mmrm")


def test_the_codebook_says_where_the_cluster_stands() -> None:
    rows = {(one.file, one.column): one.label for one in codebook(clustered(), {}, [])}
    assert rows["disposition.csv", "stratum"] == "the cluster: Team"
    assert rows["allocation.csv", "participant"] == "study code; at the stage clusters the cluster"
