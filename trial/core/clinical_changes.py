"""Whether a planned clinically significant change can be told: the figures of its instrument, and its cut-off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trial.core.aggregations import has_figures
from trial.core.findings import Finding, Path, shown, walk


def find(tree: Any, instruments: Mapping[str, Any]) -> Iterator[Finding]:
    """Every planned change without figures for it, or whose populations lie the wrong way round."""
    outcomes = {one.get("id"): one for _, one in walk(tree, "outcomes.*") if isinstance(one, Mapping)}
    for path, planned in walk(tree, "analysis.clinical_change.*"):
        name = planned.get("outcome") if isinstance(planned, Mapping) else None
        outcome = outcomes.get(name) if isinstance(name, str) else None
        if outcome is None:
            continue
        if not has_figures(outcome.get("score"), instruments):
            what = f"the instrument of {shown(outcome.get('score'))} does not say what reliable change of it is."
            yield Finding((*path, "outcome"), what, "Give its score a `reliability` with `sd` and `alpha` or `retest`.")
        yield from _populations((*path, "cut_off"), planned.get("cut_off"), outcome.get("better"))


def _populations(path: Path, cut: Any, better: Any) -> Iterator[Finding]:
    if not isinstance(cut, Mapping):
        return
    clinical, general = (_mean(cut.get(one)) for one in ("clinical", "general"))
    if clinical is None or general is None or better not in ("lower", "higher"):
        return
    if clinical == general or (general > clinical) != (better == "higher"):
        what = f"the general population does not score better than the clinical one, where {better} is better."
        yield Finding(path, what, "Look whether the two stand the wrong way round.")


def _mean(population: Any) -> float | None:
    found = population.get("mean") if isinstance(population, Mapping) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
