"""The primary analysis once more, from the CSV alone: analysis of covariance with robust errors.

Run it in the folder of the capsule:  python3 scripts/primary_analysis.py
It needs Python 3.11 or later, numpy and scipy. It shares no code with the software that wrote results.json.
"""

import csv
from pathlib import Path

import numpy as np
from scipy.stats import t as student

SCORE, TIMEPOINT, BASELINE = "@score@", "@timepoint@", "@baseline@"
ARM, REFERENCE = "@arm@", "@reference@"
# covariates, each as it was at the baseline
NUMBERS, FACTORS = [one for one in ["@numbers@"] if one], [one for one in ["@factors@"] if one]
LEVEL, POWER = float("@level@"), {"HC2": 1, "HC3": 2}["@covariance@"]

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
if "@metric@" == "change":
    outcome = outcome - columns[SCORE]
covariates = [each[seen] for each in columns.values()]
covariates = [each for each in covariates if np.ptp(each) > 1e-12 * np.max(np.abs(each))]

arms = np.array(list(arm_of.values()))[seen]
names = sorted(set(arms))
design = np.column_stack(
    [*((arms == name).astype(float) for name in names), *(each - each.mean() for each in covariates)]
)
inverse = np.linalg.inv(design.T @ design)
coefficients = inverse @ design.T @ outcome[seen]
residuals = outcome[seen] - design @ coefficients
leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
meat = design.T @ (design * (residuals**2 / (1 - leverage) ** POWER)[:, None])
contrast = np.array([(name == ARM) - float(name == REFERENCE) for name in names] + [0.0] * len(covariates))
estimate = contrast @ coefficients
se = np.sqrt(contrast @ inverse @ meat @ inverse @ contrast)
df = len(arms) - design.shape[1]
half = student.ppf((1 + LEVEL) / 2, df) * se

for name, value in {
    "estimate": estimate,
    "se": se,
    "df": df,
    "p": 2 * student.sf(abs(estimate / se), df),
    "ci_low": estimate - half,
    "ci_high": estimate + half,
}.items():
    print(f"{name} {value:.10g}")
for name in names:
    print(f"n_{name} {int(np.sum(arms == name))}")
