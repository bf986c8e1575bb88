"""`equipoise randomization test`: the planned comparisons of a frozen folder, judged by new lists of its own rule."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import typer

from reports.frozen import read_frozen
from reports.numbers import count, number
from trial.core.errors import BadInput, Problem
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.planned_rerandomization import Tested, rerandomized_plan
from trial.stats.randomization_test import Over, sizes

METHOD = "randomization_test"
WORTH_PROCESSES = 5_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command was asked for."""

    outcome: str | None
    timepoint: str | None
    reps: int
    seed: str | None
    workers: int


def test_frozen(directory: Path, wish: Wish, *, as_json: bool) -> None:
    """Print what came of each comparison; AnalysisImpossible, in words, where the design cannot be run again."""
    frozen = read_frozen(directory)
    protocol = frozen.folder.protocol
    planned = _planned(protocol, wish)
    seed = wish.seed if wish.seed is not None else _seed(protocol)
    people = len(frozen.data.table.participants)
    batches = sum(1 for _ in sizes(max(people, 1), wish.reps))
    with _over(_workers(wish, people), batches) as over:
        found = rerandomized_plan(protocol, frozen.data.table, frozen.allocated, planned, seed, wish.reps, over)
    if as_json:
        typer.echo(json.dumps({"trial": frozen.record.trial.slug, "reps": wish.reps, "seed": seed, "tests": found}))
        return
    typer.echo(f"{count(wish.reps)} lists by the rule of {frozen.record.trial.slug}, dice seeded by {seed!r}.")
    for one in found:
        for line in _lines(one, protocol.analysis.level):
            typer.echo(line)


def _workers(wish: Wish, people: int) -> int:
    """As many as were asked for; starting processes takes longer than a small trial does."""
    if wish.workers or people * wish.reps < WORTH_PROCESSES:
        return wish.workers or 1
    return os.cpu_count() or 1


def _planned(protocol: TrialProtocol, wish: Wish) -> list[PlannedAnalysis]:
    """The comparisons of the plan that were asked for, the primary first."""
    plan = protocol.analysis
    every = [plan.primary, *(plan.secondary.analyses if plan.secondary else [])]
    found = [
        one
        for one in every
        if wish.outcome in (None, one.outcome) and wish.timepoint in (None, one.timepoint) and len(one.contrast) == 2
    ]
    if not found and len(plan.primary.contrast) == 2:
        there = "; ".join(dict.fromkeys(f"{one.outcome} at {one.timepoint}" for one in every))
        raise BadInput([Problem("--outcome", None, None, "the plan has no such comparison.", f"It has: {there}.")])
    return found


def _seed(protocol: TrialProtocol) -> str:
    """That of the report where it plans the test, so that the two say the same."""
    declared = [one.id for one in protocol.analysis.sensitivity if one.method == METHOD]
    return f"{protocol.id} {declared[0]}" if declared else protocol.id


def _lines(one: Tested, level: float) -> Iterator[str]:
    yield f"\n{one['outcome']} at {one['timepoint']}: {one['contrast'][0]} minus {one['contrast'][1]}"
    if one["problem"]:
        yield f"  cannot be tested: {one['problem']}"
        return
    test = one["rerandomization"]
    analysed = " v. ".join(count(one["n"].get(arm, 0)) for arm in one["contrast"])
    yield f"  analysed {analysed}; adjusted difference {number(one['estimate'], 3)}"
    for name, key in (("t of the plan", "studentised"), ("difference of means", "difference")):
        yield f"  {name:<20} {number(test[key]['observed'], 3):>8}   {_judged(test[key], test['reps'])}"
    if test["critical"] is not None:
        share = f"{100 * level:g}%"
        by_t = number(test["critical_t"], 3)
        yield f"  {share + ' keep |t| below':<20} {number(test['critical'], 3):>8}   by the t distribution {by_t}"
    if test["arms"] > 2:
        yield f"  all {test['arms']} arms were allocated anew: the hypothesis is about all of them"
    if test["effective"] is not None:
        yield (
            f"  lists came twice as often as if {count(round(test['effective']))} were equally likely; the real one "
            f"came {count(test['same'])} times"
        )
    if test["undefined"]:
        yield f"  {count(test['undefined'])} lists gave no t and count as extreme"


def _judged(one: dict[str, Any], reps: int) -> str:
    digits = max(4, len(str(reps)) - 1)
    p, error, low, high = (number(each, digits) for each in (one["p"], one["error"], *one["interval"]))
    return f"p = {p} ± {error} ({low} to {high}), {count(one['extreme'])} lists as extreme"


@contextmanager
def _over(workers: int, batches: int) -> Iterator[Over]:
    """Goes through the batches in so many processes, and shows on stderr how far it is where somebody watches."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Running the design again …", total=batches)

        def told(results: Iterable[Any]) -> Iterator[Any]:
            for each in results:
                progress.advance(task)
                yield each

        if min(workers, batches) == 1:
            yield _counted(map, told)
            return
        # each process takes one processor, not all of them
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        with ProcessPoolExecutor(min(workers, batches), mp_context=get_context("spawn")) as pool:
            yield _counted(pool.map, told)


def _counted(each: Callable[..., Iterable[Any]], told: Callable[[Iterable[Any]], Iterator[Any]]) -> Over:
    return lambda work, jobs: told(each(work, jobs))
