"""The primary analysis once more, from the CSV alone: shares by a logistic model, had everybody been given one arm.

Run it in the folder of the capsule:  python3 scripts/primary_analysis.py
It needs Python 3.11 or later, numpy and scipy. It shares no code with the software that wrote results.json.
"""

import csv
from pathlib import Path

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t as student

SCORE, TIMEPOINT, BASELINE = "@score@", "@timepoint@", "@baseline@"
ARM, REFERENCE, MEASURE = "@arm@", "@reference@", "@measure@"
# covariates, each as it was at the baseline
NUMBERS, FACTORS = [one for one in ["@numbers@"] if one], [one for one in ["@factors@"] if one]
LEVEL, POWER = float("@level@"), {"HC2": 0.5, "HC3": 1.0}["@covariance@"]
# 1 where a higher score is better, -1 where a lower one is; NA where the plan does not ask for it
SIDE, REACHES, IMPROVES_BY = float("@side@"), "@reaches@", "@improves_by@"

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


after, before = numeric(of(SCORE, TIMEPOINT)), numeric(of(SCORE, BASELINE))
responds = after if REACHES == IMPROVES_BY == "NA" else np.ones(len(arm_of))
for asked, gain in ((REACHES, after), (IMPROVES_BY, after - before)):
    if asked != "NA":
        over = SIDE * gain - float(asked) * (SIDE if gain is after else 1)
        responds = responds * np.where(np.isnan(over), np.nan, over >= -1e-9)
seen = ~np.isnan(responds)  # everybody of whom it is known, in the arm that they were allocated to
columns = {name: filled(numeric(of(name, BASELINE))) for name in NUMBERS}
for name in FACTORS:
    levels = of(name, BASELINE)
    for one in sorted({level for level, has in zip(levels, seen, strict=True) if has and level})[1:]:
        columns[name, one] = filled(np.array([float(level == one) if level else np.nan for level in levels]))
covariates = [each[seen] for each in columns.values()]
covariates = [each for each in covariates if np.ptp(each) > 1e-12 * np.max(np.abs(each))]

arms = np.array(list(arm_of.values()))[seen]
names = sorted(set(arms))
x = np.column_stack([*((arms == name).astype(float) for name in names), *covariates])
y = responds[seen]
coefficients = np.zeros(x.shape[1])
for _ in range(50):  # Newton's steps
    fitted = expit(x @ coefficients)
    inverse = np.linalg.inv((x * (fitted * (1 - fitted))[:, None]).T @ x)
    coefficients = coefficients + inverse @ x.T @ (y - fitted)
fitted = expit(x @ coefficients)
inverse = np.linalg.inv((x * (fitted * (1 - fitted))[:, None]).T @ x)
leverage = np.einsum("ij,jk,ik->i", x, inverse, x) * fitted * (1 - fitted)
residuals = (y - fitted) / (1 - leverage) ** POWER


def one_arm(name):
    """The share had everybody been given this arm, and what each person adds to its error."""
    given = x.copy()
    given[:, : len(names)] = [float(each == name) for each in names]
    shares = expit(given @ coefficients)
    gradient = (shares * (1 - shares)) @ given / len(y)
    return shares.mean(), (shares - shares.mean()) / len(y) + (x * residuals[:, None]) @ inverse @ gradient


(first, its), (second, other) = one_arm(ARM), one_arm(REFERENCE)
scale, slope = {
    "risk_difference": (lambda r: r, lambda r: 1.0),
    "risk_ratio": (np.log, lambda r: 1 / r),
    "odds_ratio": (logit, lambda r: 1 / (r * (1 - r))),
}[MEASURE]
back = (lambda value: value) if MEASURE == "risk_difference" else np.exp
found = scale(first) - scale(second)
se = np.sqrt(np.sum((slope(first) * its - slope(second) * other) ** 2))  # of a ratio, of its logarithm
df = len(y) - x.shape[1]
half = student.ppf((1 + LEVEL) / 2, df) * se

for name, value in {
    "estimate": back(found),
    "se": se,
    "df": df,
    "p": 2 * student.sf(abs(found / se), df),
    "ci_low": back(found - half),
    "ci_high": back(found + half),
}.items():
    print(f"{name} {value:.10g}")
for name in names:
    print(f"n_{name} {int(np.sum(arms == name))}")
