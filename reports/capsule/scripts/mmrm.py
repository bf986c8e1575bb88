"""The primary analysis once more, from the CSV alone: a model of every visit, with one covariance of visits for all.

Run it in the folder of the capsule:  python3 scripts/primary_analysis.py
It needs Python 3.11 or later, numpy and scipy. It shares no code with the software that wrote results.json.
"""

import csv
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.optimize import minimize

SCORE, TIMEPOINT, BASELINE = "@score@", "@timepoint@", "@baseline@"
ARM, REFERENCE = "@arm@", "@reference@"
VISITS = ["@visits@"]  # with the baseline among them (cLDA) the arms share one mean there
DEGREES, LEVEL = "@degrees@", float("@level@")  # satterthwaite or kenward_roger
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
each = np.column_stack([np.ones(len(arms)), *((arms == name).astype(float) for name in names), *covariates])
# of each visit the columns that have a line of their own there, and their places among the coefficients
shared, apart = [0, *range(1 + len(names), each.shape[1])], list(range(1, each.shape[1]))
own = [shared if visit == BASELINE else apart for visit in VISITS]
ends = np.cumsum([0, *map(len, own)])
values, known = values[seen], np.isfinite(values[seen])
spread, visits = float(np.nanstd(values)), len(VISITS)
values = values / spread
lower = np.tril_indices(visits)
# people with the same visits share the inverse of their covariance, so that sums over them are all that is needed
patterns = []
for which in np.unique(known, axis=0):
    who, at = (known == which).all(axis=1), np.flatnonzero(which)
    x, y = each[who], values[who][:, at]
    patterns.append((who.sum(), at, x.T @ x, x.T @ y, y.T @ y))


def summed(middles):
    """The sum over people of X'MX, X their lines at their visits, M that of their pattern."""
    total = np.zeros((ends[-1], ends[-1]))
    for (_, at, xx, _, _), middle in zip(patterns, middles, strict=True):
        for i, a in enumerate(at):
            for j, b in enumerate(at):
                total[ends[a] : ends[a + 1], ends[b] : ends[b + 1]] += middle[i, j] * xx[np.ix_(own[a], own[b])]
    return total


def symmetric(below):
    whole = np.zeros((visits, visits))
    whole[lower] = below
    return whole + np.tril(whole, -1).T


def fit(covariance):
    """Twice the negative restricted log-likelihood, the coefficients and their covariance, the weights of patterns."""
    blocks = [covariance[np.ix_(at, at)] for _, at, *_ in patterns]
    weights = [np.linalg.inv(block) for block in blocks]
    information, score, rest = summed(weights), np.zeros(ends[-1]), 0.0
    for (n, at, _, xy, yy), block, weight in zip(patterns, blocks, weights, strict=True):
        for i, a in enumerate(at):
            score[ends[a] : ends[a + 1]] += xy[own[a]] @ weight[i]
        rest += np.sum(weight * yy) + n * np.linalg.slogdet(block)[1]
    inverse = np.linalg.inv(information)
    rest += np.linalg.slogdet(information)[1] - score @ inverse @ score
    return rest, inverse @ score, inverse, weights


def of_root(below):
    root = np.zeros((visits, visits))
    root[lower] = below
    return root @ root.T


start = np.eye(visits)[lower]
for method in ("BFGS", "Nelder-Mead", "BFGS"):  # the second leaves a place where the first stops too early
    options = {"gtol": 1e-9, "maxiter": 5000} if method == "BFGS" else {"maxiter": 400, "xatol": 1e-9, "fatol": 1e-12}
    start = minimize(lambda below: fit(of_root(below))[0], start, method=method, options=options).x
covariance = of_root(start)
_, coefficients, inverse, weights = fit(covariance)
contrast = np.zeros(ends[-1])
place = ends[VISITS.index(TIMEPOINT)] - 1  # there `apart` begins with the first arm
contrast[place + 1 + names.index(ARM)], contrast[place + 1 + names.index(REFERENCE)] = 1.0, -1.0
reach, variance = inverse @ contrast, contrast @ inverse @ contrast

# by one entry of the covariance after the other: its derivative is made of zeros and ones
slots = [symmetric(np.arange(len(lower[0])) == one) for one in range(len(lower[0]))]
turned = [[w @ slot[np.ix_(at, at)] @ w for w, (_, at, *_) in zip(weights, patterns, strict=True)] for slot in slots]
first = [-summed(middles) for middles in turned]
if DEGREES == "kenward_roger":
    size = range(len(slots))
    expected, second = np.empty((len(slots), len(slots))), {}
    for i in size:
        for j in size:
            middles = [
                one @ slots[j][np.ix_(at, at)] @ w
                for one, w, (_, at, *_) in zip(turned[i], weights, patterns, strict=True)
            ]
            second[i, j] = summed(middles)
            traces = sum(
                n * np.trace(one @ slots[j][np.ix_(at, at)])
                for one, (n, at, *_) in zip(turned[i], patterns, strict=True)
            )
            both = np.trace(inverse @ first[i] @ inverse @ first[j])
            expected[i, j] = traces - 2 * np.trace(inverse @ second[i, j]) + both
    unsure = 2 * np.linalg.inv(expected)
    more = sum(unsure[i, j] * (second[i, j] - first[i] @ inverse @ first[j]) for i in size for j in size)
    se = np.sqrt(variance + 2 * reach @ more @ reach)
else:
    # the curvature that the data have, from differences of the likelihood's slopes
    def slopes(below):
        _, at_top, spreads, its = fit(symmetric(below))
        found = []
        for slot in slots:
            middles = [w @ slot[np.ix_(at, at)] @ w for w, (_, at, *_) in zip(its, patterns, strict=True)]
            total = -np.trace(spreads @ summed(middles))
            for (n, at, xx, xy, yy), w, middle in zip(patterns, its, middles, strict=True):
                b = np.zeros((each.shape[1], len(at)))
                for i, a in enumerate(at):
                    b[own[a], i] = at_top[ends[a] : ends[a + 1]]
                residuals = yy - b.T @ xy - xy.T @ b + b.T @ xx @ b
                total += n * np.trace(w @ slot[np.ix_(at, at)]) - np.sum(middle * residuals)
            found.append(total)
        return np.array(found)

    below, step = covariance[lower], 1e-4
    steps = step * np.eye(len(below))
    curved = [
        (8 * (slopes(below + one) - slopes(below - one)) - slopes(below + 2 * one) + slopes(below - 2 * one))
        / (12 * step)
        for one in steps
    ]
    unsure = 2 * np.linalg.inv((np.array(curved) + np.array(curved).T) / 2)
    se = np.sqrt(variance)
slope = np.array([reach @ one @ reach for one in first])
df = 2 * variance**2 / (slope @ unsure @ slope)

estimate, se = spread * (contrast @ coefficients), spread * se
half = stats.t.ppf((1 + LEVEL) / 2, df) * se
for name, value in (
    ("estimate", estimate),
    ("se", se),
    ("df", df),
    ("p", 2 * stats.t.sf(abs(estimate / se), df)),
    ("ci_low", estimate - half),
    ("ci_high", estimate + half),
):
    print(f"{name} {value:.10g}")
for name in names:
    print(f"n_{name} {int(np.sum(arms == name))}")
