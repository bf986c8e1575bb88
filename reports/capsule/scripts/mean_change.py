"""The primary analysis once more, from the CSV alone: the mean change from baseline of a single arm.

Run it in the folder of the capsule:  python3 scripts/primary_analysis.py
It needs Python 3.11 or later, numpy and scipy. It shares no code with the software that wrote results.json.
"""

import csv
from pathlib import Path

import numpy as np
from scipy.stats import t as student

with Path("@data@").open(encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
values = {(row["participant"], row["timepoint"]): float(row["@score@"]) for row in rows if row["@score@"]}
before = {person: value for (person, at), value in values.items() if at == "@baseline@"}
change = np.array(
    [v - before[person] for (person, at), v in values.items() if at == "@timepoint@" and person in before]
)

estimate, se, df = change.mean(), change.std(ddof=1) / np.sqrt(len(change)), len(change) - 1
half = student.ppf((1 + float("@level@")) / 2, df) * se
for name, value in {
    "estimate": estimate,
    "se": se,
    "df": df,
    "p": 2 * student.sf(abs(estimate / se), df),
    "ci_low": estimate - half,
    "ci_high": estimate + half,
}.items():
    print(f"{name} {value:.10g}")
print(f"n_@arm@ {len(change)}")
