"""A frozen trial as one study of a meta-analysis: its primary comparison, run anew from the verified files."""

from __future__ import annotations

from pathlib import Path

from reports.frozen import read_frozen
from reports.meta_table import Study
from trial.core.errors import DataInvalid, Problem
from trial.stats.meta_effects import standardized_adjusted
from trial.stats.plan.run import run_plan
from trial.stats.plan.table import Estimate

MARKER = "freeze.json"


def read_trial(directory: Path) -> Study:
    """The standardised primary difference, turned so that above 0 favours the first arm of the contrast.

    Raises DataInvalid where the folder was changed, or where the trial has no such difference: then it says why.
    """
    frozen = read_frozen(directory)
    primary = run_plan(frozen.folder.protocol, frozen.data.table)[0]
    problem = _why_not(primary)
    if problem:
        mend = "Leave this trial out."
        raise DataInvalid([Problem(str(directory), None, None, f"the trial cannot be pooled: {problem}", mend)])
    one, other = primary["contrast"]
    turned = primary["better"] == "lower"
    sign = -1 if turned else 1
    g = primary["g"]
    n1, n2 = (sum(primary["n"][arm] for arm in side) for side in primary["sides"])
    effect = standardized_adjusted(sign * g["estimate"], primary["se"], g["standardiser_value"], n1, n2)
    columns = {
        "outcome": primary["outcome"],
        "timepoint": primary["timepoint"],
        "contrast": f"{one} - {other}" + "".join(f", {name} at the margins" for name in primary["factors"]),
        "digest": frozen.record.digest,
    }
    kind = frozen.record.trial.kind
    return Study(frozen.record.trial.slug, effect, str(directory), None, turned, columns, pretend=kind != "live")


def _why_not(primary: Estimate) -> str:
    if primary["problem"]:
        return str(primary["problem"])
    if len(primary["contrast"]) != 2:
        return "it has one arm, and a change without a comparison is not an effect."
    return "" if primary["g"] else "its primary difference has no standard deviation to be measured by."
