"""The primary analysis once more, from the CSV alone: one odds ratio at every cut of ordered levels, robust errors.

Run it in the folder of the capsule:  python3 scripts/primary_analysis.py
It needs Python 3.11 or later, numpy and scipy. It shares no code with the software that wrote results.json.
"""

import csv
from pathlib import Path

import numpy as np
from scipy.special import expit
from scipy.stats import norm

SCORE, TIMEPOINT, BASELINE = "@score@", "@timepoint@", "@baseline@"
ARM, REFERENCE = "@arm@", "@reference@"
# covariates, each as it was at the baseline
NUMBERS, FACTORS = [one for one in ["@numbers@"] if one], [one for one in ["@factors@"] if one]
LEVEL = float("@level@")

with Path("@data@").open(encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
arm_of = {row["participant"]: row["arm"] for row in rows}
cells = {(row["participant"], row["timepoint"]): row for row in rows}


def of(name, timepoint):
    """A column at a timepoint for everybody, as text; empty where it is missing."""
    return [cells.get((one, timepoint), {}).get(name, "") for one in arm_of]


def numeric(texts):
    return np.array([float(text) if text else np.nan for text in texts])


def filled(values):
    """A covariate that is missing gets the mean of everybody randomised."""
    return np.where(np.isnan(values), np.nanmean(values), values)


outcome = numeric(of(SCORE, TIMEPOINT))
seen = ~np.isnan(outcome)  # everybody with the outcome, in the arm that they were allocated to
columns = {name: filled(numeric(of(name, BASELINE))) for name in NUMBERS}
for name in FACTORS:
    levels = of(name, BASELINE)
    for one in sorted({level for level, has in zip(levels, seen, strict=True) if has and level})[1:]:
        columns[name, one] = filled(np.array([float(level == one) if level else np.nan for level in levels]))
covariates = [each[seen] for each in columns.values()]
covariates = [each for each in covariates if np.ptp(each) > 1e-12 * np.max(np.abs(each))]

arms = np.array(list(arm_of.values()))[seen]
names = sorted(set(arms))
design = np.column_stack(
    [
        *((arms == name).astype(float) for name in names if name != REFERENCE),
        *((each - each.mean()) / each.std() for each in covariates),
    ]
)
level_of = np.unique(outcome[seen], return_inverse=True)[1]  # levels count by their order
cuts = level_of.max()


def slopes(theta):
    """Each person's slopes of the log-likelihood, by the cuts and then by the columns of the design."""
    ends = np.concatenate(([-np.inf], theta[:cuts], [np.inf]))
    high, low = (expit(ends[level_of + up] - design @ theta[cuts:]) for up in (1, 0))
    steep = [share * (1 - share) / (high - low) for share in (high, low)]
    by_cut = np.zeros((len(level_of), cuts + 2))
    people = np.arange(len(level_of))
    by_cut[people, level_of + 1] += steep[0]
    by_cut[people, level_of] -= steep[1]
    return np.column_stack([by_cut[:, 1:-1], design * (steep[1] - steep[0])[:, None]])


def curvature(theta):
    """Minus the second derivatives of the log-likelihood, by differences of its slopes."""
    found = []
    for one in np.eye(len(theta)) * 1e-4:
        near, far = (slopes(theta + at * one).sum(axis=0) - slopes(theta - at * one).sum(axis=0) for at in (1, 2))
        found.append(-(8 * near - far) / 12e-4)
    return (np.array(found) + np.array(found).T) / 2


shares = np.cumsum(np.bincount(level_of))[:-1] / len(level_of)
theta = np.concatenate([np.log(shares / (1 - shares)), np.zeros(design.shape[1])])
for _ in range(100):
    step = np.linalg.solve(curvature(theta), slopes(theta).sum(axis=0))
    theta = theta + step / max(1.0, np.max(np.abs(step)))  # no step further than one
    if np.max(np.abs(step)) < 1e-11:
        break
contrast = np.zeros(len(theta))
for place, name in enumerate([name for name in names if name != REFERENCE]):
    contrast[cuts + place] = name == ARM
estimate = contrast @ theta
n, parameters = len(level_of), len(theta)
each = slopes(theta) @ np.linalg.solve(curvature(theta), contrast)
se = np.sqrt(np.sum(each**2) * n / (n - parameters))  # of the logarithm
half = norm.ppf((1 + LEVEL) / 2) * se

for name, value in {
    "estimate": np.exp(estimate),
    "se": se,
    "p": 2 * norm.sf(abs(estimate / se)),
    "ci_low": np.exp(estimate - half),
    "ci_high": np.exp(estimate + half),
}.items():
    print(f"{name} {value:.10g}")
for name in names:
    print(f"n_{name} {int(np.sum(arms == name))}")
