"""A thousand pretend trials from dataset to primary estimate by the mixed model, beside R fitting the same outcomes.

    python -m bench.powering [--trials 1000] [--people 400] [--processes 2] [--gls 5]

The trial is `larger-trial` with its primary analysis by `mmrm`, under the profile `realistic`: everything that
`equipoise power` does, over processes that start anew. The reference is `gls` of R's package nlme, which is given the
outcomes of the first `--gls` of these trials and does nothing but fit; both in the same run. Then what memory one
process adds between its first hundred trials and its last.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np

from bench.repeated import gls
from bench.saying import middle, say
from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.rehearsal.joint_model import JointModel, joint_model
from trial.rehearsal.power import Asked, jobs_of, one_by_one, over_processes, simulated, trial_of
from trial.rehearsal.profile_file import read_profile
from trial.stats.plan.repeated import visits_of
from trial.stats.plan.run import run_primary

SEED, EFFECT, FIRST = 7, 0.3, 100


def main() -> None:
    """Measure once: a thousand trials are their own repetition."""
    parser = argparse.ArgumentParser(prog="python -m bench.powering", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--gls", type=int, default=5, help="trials that R fits; 0 leaves it out")
    wish = parser.parse_args()
    asked = Asked(by_mixed_model(), read_profile("realistic"), SEED)
    began = time.perf_counter()
    (tally,) = simulated(
        asked, jobs_of([wish.people], [EFFECT], wish.trials), over_processes(wish.processes)
    ).values()  # fmt: skip
    seconds = round(time.perf_counter() - began, 1)
    figures: dict[str, object] = {"trials": wish.trials, "people": wish.people, "processes": wish.processes}
    figures |= {"seconds": seconds, "refused": tally.refused}
    words = (
        f"{wish.trials:,} trials of {wish.people} people by the mixed model, {wish.processes} processes: {seconds} s"
    )
    if wish.gls and shutil.which("Rscript"):
        theirs = middle(list(_by_gls(asked, wish.people, wish.gls)), 3)
        ratio = round(theirs * wish.trials / seconds, 1)
        figures |= {"gls_seconds": theirs, "ratio": ratio}
        words += f"; gls takes {theirs} s to fit one, one after another {ratio:.0f} times as long for all"
    grown = _grown(asked, wish.people, wish.trials)
    say("powering", figures | {"grown_megabytes": grown}, f"{words}. Trials after the first {FIRST} add {grown} MB.")


def by_mixed_model() -> ProtocolFolder:
    """The shipped trial with another method for its primary analysis, at its last follow-up."""
    folder = read_folder(shipped("larger-trial"))
    plan = folder.protocol.analysis
    primary = plan.primary.model_copy(update={"timepoint": "month_6", "method": "mmrm"})
    analysis = plan.model_copy(update={"primary": primary})
    return replace(folder, protocol=folder.protocol.model_copy(update={"analysis": analysis}))


def _by_gls(asked: Asked, people: int, trials: int) -> Iterator[float]:
    model = joint_model(asked.folder, asked.profile)
    for number in range(trials):
        yield _one_by_gls(model, people, number)


def _one_by_gls(model: JointModel, people: int, number: int) -> float:
    table = trial_of(model, SEED, people, EFFECT, number)
    visits = visits_of(model.protocol, table, model.primary)
    arms = np.where(np.array(table.arms) == model.primary.contrast[0], "a", "b").tolist()
    seconds, difference = gls(visits.values, arms, table.outcome(model.outcome.id, "baseline"))
    # its model has neither strata nor age, so that the two estimates are near and not the same
    ours = run_primary(model.protocol, table)
    if abs(difference - ours["estimate"]) > ours["se"]:
        raise SystemExit(f"gls found {difference}, we {ours['estimate']}")
    return seconds


def _grown(asked: Asked, people: int, trials: int) -> float:
    """Megabytes that a process of its own adds after its first hundred trials."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        first, last = pool.submit(_peaks, asked, people, (FIRST, trials)).result()
    return round((last - first) / 1024, 1)


def _peaks(asked: Asked, people: int, counts: Sequence[int]) -> list[int]:
    found = []
    for count in counts:
        simulated(asked, jobs_of([people], [EFFECT], count), one_by_one)
        found.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return found


if __name__ == "__main__":
    main()
