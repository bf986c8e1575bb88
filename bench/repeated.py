"""The mixed model for repeated measures over two hundred people and over a million, beside nlme::gls where R is there.

    python -m bench.repeated [--most 1000000] [--gls 1000]

Five timepoints, two arms, a baseline, a fifth of all outcomes missing at random; unstructured covariance, degrees of
freedom by Satterthwaite. The reference is `gls` of R's package nlme on the same data in the same run, up to `--gls`
people: it takes minutes beyond. Memory is what the fit adds, beside the outcomes themselves.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.saying import middle, say
from trial.stats.arrays import FloatArray
from trial.stats.mmrm.model import MmrmResult, mmrm

SIZES = (200, 1000, 2000, 20_000, 200_000, 1_000_000)
TIMEPOINTS, ROUNDS = 5, 3
_GLS = """
suppressPackageStartupMessages(library(nlme))
d <- read.csv(commandArgs(TRUE)[1]); d$t <- factor(d$t)
began <- proc.time()[["elapsed"]]
m <- gls(y ~ t:arm - 1 + t:x, d, correlation = corSymm(form = ~ as.integer(t) | id), weights = varIdent(form = ~ 1 | t),
         control = glsControl(apVar = FALSE))
last <- paste0("t", tail(levels(d$t), 1), ":arm")
cat(proc.time()[["elapsed"]] - began, coef(m)[[paste0(last, "a")]] - coef(m)[[paste0(last, "b")]])
"""


def main() -> None:
    """Every size in turn."""
    parser = argparse.ArgumentParser(prog="python -m bench.repeated", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--most", type=int, default=SIZES[-1], help="people at most")
    parser.add_argument("--gls", type=int, default=1000, help="people at most for R; 0 leaves it out")
    given = parser.parse_args()
    for n in (size for size in SIZES if size <= given.most):
        outcomes, arm, baseline = people(n)
        seconds, result = _fitted(outcomes, arm, baseline)
        figures: dict[str, object] = {"people": n, "seconds": seconds, "steps": result.steps}
        figures |= {"megabytes": _megabytes(outcomes, arm, baseline), "data_megabytes": round(outcomes.nbytes / 1e6, 2)}
        words = f"{n:,} people: {seconds} s"
        if n <= given.gls and shutil.which("Rscript"):
            theirs, difference = gls(outcomes, arm, baseline)
            ours = result.differences[str(TIMEPOINTS)].estimate
            if abs(difference - ours) > 1e-3 * abs(ours):
                raise SystemExit(f"gls found {difference}, we {ours}")
            figures |= {"gls_seconds": theirs, "ratio": round(theirs / seconds, 1)}
            words += f"; gls {theirs} s, {theirs / seconds:.0f} times as long"
        say("repeated", figures, f"{words}. It adds {figures['megabytes']} MB.")


def people(n: int) -> tuple[FloatArray, list[str], FloatArray]:
    """(outcomes (n, 5), arms, baseline (n,)), the same each time."""
    rng = np.random.default_rng(n)
    steps = np.arange(TIMEPOINTS)
    near = 9 * 0.6 ** np.abs(np.subtract.outer(steps, steps))
    baseline = rng.normal(20, 5, n)
    arm = rng.integers(0, 2, n)
    outcomes = 8 + 0.6 * baseline[:, None] + 0.5 * arm[:, None] * steps
    outcomes += rng.normal(size=(n, TIMEPOINTS)) @ np.linalg.cholesky(near).T
    outcomes[rng.random((n, TIMEPOINTS)) < 0.2] = np.nan
    return outcomes, ["ab"[one] for one in arm], baseline


def _fit(outcomes: FloatArray, arm: list[str], baseline: FloatArray) -> MmrmResult:
    names = [str(t) for t in range(1, TIMEPOINTS + 1)]
    return mmrm(outcomes, arm, baseline[:, None], ("a", "b"), timepoints=names, names=["baseline"])


def _fitted(outcomes: FloatArray, arm: list[str], baseline: FloatArray) -> tuple[float, MmrmResult]:
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        result = _fit(outcomes, arm, baseline)
        found.append(time.perf_counter() - began)
    return middle(found, 3), result


def _megabytes(outcomes: FloatArray, arm: list[str], baseline: FloatArray) -> float:
    tracemalloc.start()
    _fit(outcomes, arm, baseline)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return round(peak / 1e6, 1)


def gls(outcomes: FloatArray, arm: Sequence[str], baseline: FloatArray) -> tuple[float, float]:
    """(seconds within R, the difference at the last timepoint) of arms `a` and `b` with outcomes (n, T)."""
    with tempfile.TemporaryDirectory() as folder:
        file, script = Path(folder) / "long.csv", Path(folder) / "gls.R"
        lines = ["id,arm,x,t,y"]
        for person, row in enumerate(outcomes):
            lines += [
                f"{person},{arm[person]},{baseline[person]:.17g},{t + 1},{y:.17g}"
                for t, y in enumerate(row)
                if np.isfinite(y)
            ]
        file.write_text("\n".join(lines), encoding="utf-8")
        script.write_text(_GLS, encoding="utf-8")
        done = subprocess.run(["Rscript", str(script), str(file)], capture_output=True, text=True, check=True)
    seconds, difference = map(float, done.stdout.split())
    return round(seconds, 3), difference


if __name__ == "__main__":
    main()
