"""What the pretend trial would find with everyone answering: the true effects, and the power of a trial this size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from statistics import correlation, fmean, stdev
from typing import Any

import numpy as np

from trial.core.factor_effects import sides
from trial.core.instruments import Instrument
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.core.scoring import score_sheet
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.answering import SCORED, Lived, scale_scores
from trial.rehearsal.person import PretendPerson
from trial.stats.plan.outcome import responses
from trial.stats.plan.proportions import measure_of
from trial.stats.power import ancova_power, ancova_sample_size
from trial.stats.reliability import reliable_changes


def true_effects(folder: ProtocolFolder, randomized: Sequence[PretendPerson]) -> list[dict[str, Any]]:
    """The treatment-policy effect of each planned contrast: the mean difference of both potential outcomes.

    Of a single arm, which has no contrast, the mean change from the answers at baseline. Of a proportion the measure
    that the plan asks for, of the shares of everyone in both worlds. An odds ratio of people alike in the model's terms
    is no mean over people, so of an ordinal outcome nothing is said; nor of those who comply, whom no table names.
    """
    plan = folder.protocol.analysis
    planned = [plan.primary, *(plan.secondary.analyses if plan.secondary else [])]
    scores = cache(partial(_scores, folder, randomized))  # contrasts share their reference
    return [
        {
            "outcome": one.outcome,
            "timepoint": one.timepoint,
            "contrast": list(one.contrast),
            "factors": list(one.factors),
            "effect": round(_effect(folder, one, scores), 6),
        }
        for one in planned
        if folder.protocol.outcome(one.outcome).aggregation != "ordinal" and plan.method_of(one) != "complier_effect"
    ]


def _effect(
    folder: ProtocolFolder, planned: PlannedAnalysis, scores: Callable[[str, str, str | None], list[float]]
) -> float:
    baseline = folder.protocol.baseline.id
    if folder.protocol.outcome(planned.outcome).aggregation == "proportion":
        return _effect_on_shares(folder, planned, scores)
    if planned.factors:
        return _effect_of_factors(folder.protocol, planned, scores)
    arm = scores(planned.outcome, planned.timepoint, planned.contrast[0])
    if len(planned.contrast) == 1:
        reference = scores(planned.outcome, baseline, None)
    else:
        reference = scores(planned.outcome, planned.timepoint, planned.contrast[1])
    return fmean(a - r for a, r in zip(arm, reference, strict=True)) if arm else 0.0


def _effect_of_factors(
    protocol: TrialProtocol, planned: PlannedAnalysis, scores: Callable[[str, str, str | None], list[float]]
) -> float:
    """Of two factors of two levels: the mean of one side's arms less that of the other's, twice of an interaction."""
    plus, minus = (
        [fmean(its) for arm in side if (its := scores(planned.outcome, planned.timepoint, arm))]
        for side in sides(protocol, planned)
    )
    return len(planned.factors) * (fmean(plus) - fmean(minus)) if plus and minus else 0.0


def _effect_on_shares(
    folder: ProtocolFolder, planned: PlannedAnalysis, scores: Callable[[str, str, str | None], list[float]]
) -> float:
    """0 where nobody is in, and where a ratio has no number."""
    outcome = folder.protocol.outcome(planned.outcome)
    reliable = reliable_changes(folder.instruments.values())
    before = np.array(scores(planned.outcome, folder.protocol.baseline.id, None))
    one, other = (
        float(np.mean(responses(outcome, before, np.array(scores(planned.outcome, planned.timepoint, arm)), reliable)))
        if len(before)
        else 0.0
        for arm in planned.contrast
    )
    measure = measure_of(folder.protocol, planned)
    if measure == "risk_difference":
        return one - other
    if measure == "odds_ratio":
        one, other = one * (1 - other), other * (1 - one)
    return one / other if other > 0 else 0.0


def _scores(
    folder: ProtocolFolder, people: Sequence[PretendPerson], outcome: str, timepoint: str, arm: str | None
) -> list[float]:
    """Each person's score at this timepoint had they been in this arm (None: in none yet)."""
    wanted = folder.protocol.outcome(outcome).score
    instrument = next(one for one in folder.instruments.values() if any(s.id == wanted for s in one.scores))
    return [_score(person, instrument, wanted, timepoint, arm) for person in people]


def _score(person: PretendPerson, instrument: Instrument, wanted: str, timepoint: str, arm: str | None) -> float:
    lived = Lived(arm, person.habits.dose() if arm else 0.0)
    answers = {
        instrument.column(item): person.answerer.answer(instrument, item, timepoint, lived)
        for item in instrument.items
        if item.type in SCORED
    }
    score = score_sheet(instrument, scale_scores(answers, instrument))[wanted]
    assert score is not None
    return score


def _by_people_and_means(protocol: TrialProtocol) -> bool:
    """Whether the power is that of two means of people: not of shares, clusters, a margin, factors, or one arm."""
    primary = protocol.analysis.primary
    return (
        len(primary.contrast) > 1
        and not primary.factors
        and protocol.outcome(primary.outcome).aggregation == "mean"
        and protocol.allocation.cluster is None
        and protocol.design.framework == "superiority"
    )


def power_of_primary(
    folder: ProtocolFolder, randomized: Sequence[PretendPerson], analysed: dict[str, int]
) -> dict[str, Any]:
    """Power of the primary contrast at the true effect, with as many analysed as there were; people for 80 %."""
    primary = folder.protocol.analysis.primary
    if not _by_people_and_means(folder.protocol):
        return {"power": None, "participants_needed": None}
    arm, reference = primary.contrast
    control, treated = (
        _scores(folder, randomized, primary.outcome, primary.timepoint, one) for one in (reference, arm)
    )
    baseline = _scores(folder, randomized, primary.outcome, folder.protocol.baseline.id, None)
    n = min(analysed.get(arm, 0), analysed.get(reference, 0))
    if len(control) < 3 or n < 3:
        return {"power": None, "participants_needed": None}
    effect = fmean(treated) - fmean(control)
    d, r = abs(effect) / stdev(control), correlation(baseline, control)
    alpha = 1 - folder.protocol.analysis.level
    if d < 1e-9:
        return {"power": round(alpha, 4), "participants_needed": None}
    per_arm = ancova_sample_size(d, r, power=0.8, alpha=alpha)
    analysed_share = sum(analysed.values()) / len(randomized)
    needed = math.ceil(per_arm * len(folder.protocol.arms) / max(analysed_share, 0.01))
    return {"power": round(float(ancova_power(d, r, n, alpha=alpha)), 4), "participants_needed": needed}
