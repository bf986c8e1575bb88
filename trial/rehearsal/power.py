"""Thousands of pretend trials from dataset to planned estimate: how often the planned analysis finds what is there.

A trial is keyed by (seed, size, effect, its number) alone, and trials are counted in batches of a fixed size that are
added up in order. So the same seed gives the same figures to the last digit, however the batches are spread.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process

import numpy as np

from trial.core.errors import BadInput
from trial.core.planned_size import tested_alpha
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.counted import PRIMARY, analysed, declared
from trial.rehearsal.dice import secret_bytes
from trial.rehearsal.joint_model import JointModel, joint_model
from trial.rehearsal.profile_file import ProfileFile
from trial.rehearsal.true_value import true_value
from trial.stats.dice import Dice
from trial.stats.plan.table import AnalysisTable, Estimate
from trial.stats.simulated_power import Tally

BATCH = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What every batch shares: plain values, so that a batch can be done by another process or another machine."""

    folder: ProtocolFolder
    profile: ProfileFile
    seed: int
    analysis: str = PRIMARY


@dataclass(frozen=True, slots=True)
class Job:
    """Trials number `first` to before `last`, of `n` people with a true difference of `effect` standard deviations."""

    n: int
    effect: float
    first: int
    last: int


# how batches are carried out: any way that gives a tally for each job, in the order of the jobs
Spread = Callable[[Asked, Sequence[Job]], Iterable[Tally]]


def one_by_one(asked: Asked, jobs: Sequence[Job]) -> Iterator[Tally]:
    """In this process."""
    model = joint_model(asked.folder, asked.profile)
    for job in jobs:
        yield carried_out(model, asked.seed, job, asked.analysis)


def over_processes(processes: int) -> Spread:
    """Over so many processes of this machine."""
    if processes == 1:
        return one_by_one

    def spread(asked: Asked, jobs: Sequence[Job]) -> Iterator[Tally]:
        with ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(asked,)
        ) as pool:
            yield from pool.map(_done, jobs)

    return spread


_OF_THIS_PROCESS: list[tuple[JointModel, int, str]] = []


def _begin(asked: Asked) -> None:
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    _OF_THIS_PROCESS[:] = [(joint_model(asked.folder, asked.profile), asked.seed, asked.analysis)]


def _end_with_parent() -> None:
    """A pool of processes waits for ever for a parent that was killed."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _done(job: Job) -> Tally:
    model, seed, analysis = _OF_THIS_PROCESS[0]
    return carried_out(model, seed, job, analysis)


def jobs_of(sizes: Sequence[int], effects: Sequence[float], replicates: int) -> list[Job]:
    """Every batch, sizes within effects."""
    return [
        Job(n, effect, first, min(first + BATCH, replicates))
        for effect in effects
        for n in sizes
        for first in range(0, replicates, BATCH)
    ]


def simulated(
    asked: Asked, jobs: Sequence[Job], spread: Spread, told: Callable[[Job], None] = lambda _: None
) -> dict[tuple[int, float], Tally]:
    """(size, effect) to its tally; `told` hears of every batch that is done."""
    found: dict[tuple[int, float], Tally] = {}
    for job, tally in zip(jobs, spread(asked, jobs), strict=True):
        found.setdefault((job.n, job.effect), Tally()).add(tally)
        told(job)
    return found


def carried_out(model: JointModel, seed: int, job: Job, analysis: str = PRIMARY) -> Tally:
    """One batch."""
    tally, truth, planned = Tally(), true_value(model, job.effect), declared(model.protocol, analysis)
    for number in range(job.first, job.last):
        table = trial_of(model, seed, job.n, job.effect, number)
        one, seen, crossed = analysed(model.protocol, table, planned)
        count(model, seen, one, truth, tally, crossed)
    return tally


def trial_of(model: JointModel, seed: int, n: int, effect: float, number: int) -> AnalysisTable:
    """One pretend trial, the same whenever and wherever it is asked for."""
    key = f"power|{seed}|{n}|{effect!r}|{number}"
    return model.draw(n, effect, Dice(key), secret_bytes(seed, key))


def count(
    model: JointModel, table: AnalysisTable, one: Estimate, truth: float, tally: Tally, crossed: bool | None = None
) -> None:
    """Take one estimate in; `crossed` is the verdict of stopping bounds, where there are some."""
    if one["estimate"] is None or one["se"] is None or one["ci"] is None:
        tally.refuse()
        return
    seen = np.isfinite(table.outcome(model.outcome.id, model.primary.timepoint))
    people = (sum(one["n"].values()), int(seen.sum()))
    ends = (float(one["ci"][0]), float(one["ci"][1]))
    shown = finds(model, one) if crossed is None else crossed
    tally.count(truth=truth, estimate=one["estimate"], se=one["se"], ci=ends, shown=shown, people=people)


def finds(model: JointModel, one: Estimate) -> bool:
    """Whether an estimate shows what the design asks: a difference either way, or that it lies within the margin."""
    if one["margin"] is not None:
        return bool(one["margin"]["shown"])
    return one["p"] is not None and bool(one["p"] <= tested_alpha(model.protocol))


def nothing_there(model: JointModel) -> float:
    """The true difference, in standard deviations, at which to find something is an error: none, or the margin.

    Raises BadInput where the margin is not one of means.
    """
    design = model.protocol.design
    if design.margin is None:
        return 0.0
    if model.protocol.outcome(model.primary.outcome).aggregation != "mean":
        what = "the margin is one of proportions, and an effect here is in standard deviations of a score."
        raise BadInput.at("design.margin", what, "Plan such a trial by its closed formula: docs/statistics.md.")
    return -abs(design.margin) / model.outcome.sd
