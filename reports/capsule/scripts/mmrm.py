"""The primary analysis once more, from the CSV alone: a model of every visit, with one covariance of visits for all.

Run it in the folder of the capsule:  python3 scripts/primary_analysis.py
It needs Python 3.11 or later, numpy and scipy. It shares no code with the software that wrote results.json. The error
is that of the model; the degrees of freedom by Satterthwaite are not made again here.
"""

import csv
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

SCORE, TIMEPOINT, BASELINE = "@score@", "@timepoint@", "@baseline@"
ARM, REFERENCE, VISITS = "@arm@", "@reference@", ["@visits@"]
# covariates, each as it was at the baseline
NUMBERS, FACTORS = [one for one in ["@numbers@"] if one], [one for one in ["@factors@"] if one]

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


values = np.column_stack([numeric(of(SCORE, visit)) for visit in VISITS])
seen = np.isfinite(values).any(axis=1)  # everybody with the outcome at any visit, in the arm of their allocation
columns = {name: filled(numeric(of(name, BASELINE))) for name in NUMBERS}
for name in FACTORS:
    levels = of(name, BASELINE)
    for one in sorted({level for level, has in zip(levels, seen, strict=True) if has and level})[1:]:
        columns[name, one] = filled(np.array([float(level == one) if level else np.nan for level in levels]))
covariates = [each[seen] for each in columns.values()]
covariates = [each for each in covariates if np.ptp(each) > 1e-12 * np.max(np.abs(each))]

arms = np.array(list(arm_of.values()))[seen]
names = sorted(set(arms))
each = np.column_stack([*((arms == name).astype(float) for name in names), *covariates])
values, known = values[seen], np.isfinite(values[seen])
spread, visits = float(np.nanstd(values)), len(VISITS)
lower = np.tril_indices(visits)
patterns = [(np.flatnonzero(which), (known == which).all(axis=1)) for which in np.unique(known, axis=0)]
# a line of each arm and each covariate at each visit, for the people of each pattern of visits
parts = [
    (
        at,
        values[who][:, at] / spread,
        np.einsum("vw,ip->ivwp", np.eye(visits)[at], each[who]).reshape(who.sum(), len(at), -1),
    )
    for at, who in patterns
]


def fit(below):
    """Twice the negative restricted log-likelihood of a Cholesky factor, the coefficients and their covariance."""
    root = np.zeros((visits, visits))
    root[lower] = below
    covariance = root @ root.T
    information, score, outside, fixed = 0.0, 0.0, 0.0, 0.0
    for at, y, x in parts:
        block = covariance[np.ix_(at, at)]
        weight = np.linalg.inv(block)
        information = information + np.einsum("ivp,vw,iwq->pq", x, weight, x)
        score = score + np.einsum("ivp,vw,iw->p", x, weight, y)
        outside += np.einsum("iv,vw,iw->", y, weight, y)
        fixed += len(y) * np.linalg.slogdet(block)[1]
    inverse = np.linalg.inv(information)
    return fixed + np.linalg.slogdet(information)[1] + outside - score @ inverse @ score, inverse @ score, inverse


start = np.eye(visits)[lower]
for method in ("BFGS", "Nelder-Mead", "BFGS"):  # the second leaves a place where the first stops too early
    options = {"gtol": 1e-9, "maxiter": 5000} if method == "BFGS" else {"maxiter": 400, "xatol": 1e-9, "fatol": 1e-12}
    start = minimize(lambda below: fit(below)[0], start, method=method, options=options).x
_, coefficients, inverse = fit(start)
contrast = np.zeros(len(coefficients))
place = VISITS.index(TIMEPOINT) * each.shape[1]
contrast[place + names.index(ARM)], contrast[place + names.index(REFERENCE)] = 1.0, -1.0

print(f"estimate {spread * (contrast @ coefficients):.10g}")
print(f"se {spread * np.sqrt(contrast @ inverse @ contrast):.10g}")
for name in names:
    print(f"n_{name} {int(np.sum(arms == name))}")
