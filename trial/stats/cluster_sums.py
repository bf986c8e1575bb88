"""Clusters of people as sums: what a clustered model needs of its data, at a cost by clusters and not by people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design

FEW_DEGREES = 4


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """`place` (n,) is everyone's cluster, from 0 in sorted order; `sizes` (m,); `per_arm` counts clusters with people.

    `largest` is the share of an arm's people who are in its largest cluster; `within` says that some cluster has people
    of more than one arm.
    """

    place: npt.NDArray[np.int64]
    sizes: FloatArray
    names: tuple[str, ...]
    per_arm: dict[str, int]
    largest: dict[str, float]
    within: bool

    def sums(self, values: FloatArray) -> FloatArray:
        """Each cluster's sums of `values` (n, p): (m, p)."""
        order = np.argsort(self.place, kind="stable")
        starts = np.concatenate([[0], np.cumsum(self.sizes[:-1])]).astype(np.int64)
        summed: FloatArray = np.add.reduceat(values[order], starts, axis=0)
        return summed


def clusters_of(design: Design, cluster: Sequence[object]) -> Clusters:
    """Who is together with whom; raises AnalysisImpossible where all are in one cluster, or an arm in one alone."""
    labels = [str(one) for one in cluster]
    names = tuple(sorted(set(labels)))
    number = {name: at for at, name in enumerate(names)}
    place = np.array([number[label] for label in labels], dtype=np.int64)
    inside = design.matrix[:, : len(design.arms)] > 0
    people = np.array([np.bincount(place[its], minlength=len(names)) for its in inside.T])
    met = people.T > 0
    if len(names) < 2:
        raise AnalysisImpossible("Everyone analysed is in one cluster: nothing tells how much clusters differ.")
    within = bool(np.any(met.sum(axis=1) > 1))
    per_arm = {arm: int(count) for arm, count in zip(design.arms, met.sum(axis=0), strict=True)}
    for arm, count in per_arm.items():
        if count == 1 and not within:
            raise AnalysisImpossible(
                f"Arm {arm!r} is one cluster: its effect cannot be told apart from what that cluster is like."
            )
    sizes = np.bincount(place, minlength=len(names)).astype(np.float64)
    largest = {arm: float(its.max() / its.sum()) for arm, its in zip(design.arms, people, strict=True)}
    return Clusters(place, sizes, names, per_arm, largest, within)


def design_effect(sizes: FloatArray, icc: float) -> float:
    """How many times larger the variance is than that of as many independent people: 1 + ((cv^2 + 1) m - 1) icc.

    m is the mean and cv the coefficient of variation (with the divisor m) of the clusters' sizes. Eldridge SM, Ashby D,
    Kerry S (2006), International Journal of Epidemiology 35(5), 1292-1300. For clusters that are whole in one arm.
    """
    return 1 + (float(np.mean(sizes**2)) / float(np.mean(sizes)) - 1) * icc


def warnings_of(clusters: Clusters, df: float) -> tuple[str, ...]:
    """What a reader has to know of these clusters, in sentences."""
    found = []
    for arm, count in clusters.per_arm.items():
        if count <= 2 and not clusters.within:
            found.append(f"Arm {arm!r} has only {count} clusters: the result rests on how alike those are.")
    if df < FEW_DEGREES:
        found.append(
            f"The comparison has {df:.1f} degrees of freedom; below {FEW_DEGREES} its p and interval are rough."
        )
    if clusters.within:
        found.append("Some clusters have people in more than one arm: the effect is taken to be the same in all.")
    for arm, share in clusters.largest.items():
        if share > 0.5 and not clusters.within:
            found.append(f"One cluster has {100 * share:.0f}% of the people of arm {arm!r}, and that much of the say.")
    alone = int(np.sum(clusters.sizes == 1))
    if alone:
        found.append(f"{alone} of {len(clusters.sizes)} clusters have one person only.")
    return tuple(found)
