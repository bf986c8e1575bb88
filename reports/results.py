"""Everything that a report says, as one dictionary: the same input gives the same bytes.

It holds no date of today and no path. Numbers are rounded to twelve significant digits on writing, so that the last
bits, which may differ between processors, do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from itertools import compress
from typing import Any

from reports import final_look, plan_history, recruiting
from reports.adherence_map import adherence_map
from reports.attrition import attrition
from reports.clusters import clusters
from reports.consort.other_help import other_help
from reports.data_file import TrialData
from reports.delivery import adherence, delivery
from reports.description import baseline, over_time
from reports.dropout import dropout
from reports.enrolment_errors import enrolment_errors
from reports.followup import late, left_out, missing, recruitment, withdrawals
from reports.frozen import Frozen
from reports.guesses import allocation_guess
from reports.harms import harms
from reports.in_labels import in_labels
from reports.labels import Labels
from reports.raincloud import raincloud
from reports.reliability import reliability
from reports.stages import stages
from reports.variables import LANGUAGE
from trial.core.consort import (
    ArmFlow,
    CountsDisagree,
    FlowCounts,
    PrimaryOutcome,
    Tally,
    count_flow,
    count_outside_flow,
    prove,
    rules_of,
)
from trial.core.dataset import Disposition
from trial.core.protocol import TrialProtocol
from trial.core.published_list import AllocatedPeople
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder
from trial.stats.plan.clinical_change import run_clinical_change
from trial.stats.plan.explored import run_subgroups
from trial.stats.plan.run import in_model, run_plan, run_primary, with_outcome
from trial.stats.plan.table import Estimate
from trial.stats.sensitivity import run_sensitivity

Results = dict[str, Any]
FORMAT = 1
SIGNIFICANT = 12


def frozen_results(frozen: Frozen) -> Results:
    """The results of a frozen trial. Raises CountsDisagree where files contradict one another."""
    folder, data, record = frozen.folder, frozen.data, frozen.record
    protocol = folder.protocol
    randomized, known = _known(frozen)
    estimates = run_plan(protocol, known.table)
    looked = final_look.at_the_end(protocol, estimates[0], record.looks)
    final_look.gate(protocol, estimates, looked)
    flow = count_flow(frozen.dispositions, rules_of(protocol), _primary(folder, data, estimates))
    _proved(flow, estimates)
    kept = _common(folder, known, estimates, flow)
    plan_history.marked(frozen, kept)
    kept["trial"] |= {"slug": record.trial.slug, "kind": record.trial.kind}
    kept["provenance"] |= {
        "data_digest": record.digest,
        "frozen_with": record.software.model_dump(),
        "randomization": record.randomization.model_dump(exclude_unset=True),
    }
    told: Results = in_labels(
        kept
        | clusters(protocol, frozen.dispositions)
        | enrolment_errors(frozen.dispositions)
        | stages(protocol, frozen.stages, {code: one.arm for code, one in randomized.items()})
        | other_help(folder, data, frozen.items)
        | {
            "missing": missing(protocol, data, randomized),
            "delivery": delivery(protocol, frozen.contacts, data.arm_of),
            "adherence": adherence(protocol, frozen.dispositions, frozen.events, frozen.items),
            "adherence_map": adherence_map(protocol, frozen.dispositions, frozen.events),
            "withdrawals": withdrawals(protocol, frozen.dispositions),
            "harms": harms(frozen),
            "reliability": reliability(folder, data, frozen.items),
            "allocation_guess": allocation_guess(folder, data, frozen.items),
            "recruitment": _recruitment(frozen, flow),
            "acts": [one.model_dump() for one in record.acts],
            "looks": list(record.looks),
            "interim": looked,
            "locks": [one.model_dump() for one in record.locks],
            "conduct": frozen.conduct.model_dump(mode="json") if frozen.conduct else None,
            "attrition": attrition(protocol, data, frozen.events),
            "dropout": dropout(protocol, data, frozen.dispositions, frozen.events),
            "rehearsal": record.rehearsal.model_dump() if record.rehearsal else None,
        },
        Labels(folder),
    )
    return told


def flow_of(frozen: Frozen) -> Results:
    """The flow of a frozen trial alone: of the analyses only the primary is run. Raises as `frozen_results` does."""
    folder = frozen.folder
    estimates = [run_primary(folder.protocol, _known(frozen)[1].table)]
    flow = count_flow(frozen.dispositions, rules_of(folder.protocol), _primary(folder, frozen.data, estimates))
    _proved(flow, estimates)
    return flow_values(flow)


def _known(frozen: Frozen) -> tuple[dict[str, Disposition], TrialData]:
    """(everybody randomised, the data with what the record knows of them)."""
    randomized = {one.participant: one for one in frozen.dispositions if one.stage == "randomized"}
    _same_people(frozen.data, {code: one.arm for code, one in randomized.items()})
    return randomized, _with_record(frozen.data, randomized, frozen.allocated)


def _recruitment(frozen: Frozen, flow: FlowCounts) -> Results:
    """Sources and the course by week; a folder without dates has no course."""
    planned, conduct = frozen.record.recruitment, frozen.conduct
    weeks, opened = (conduct.randomised_by_week, date.fromisoformat(conduct.opened)) if conduct else (None, None)
    course = recruiting.by_week(frozen.folder.protocol, planned.target, weeks, opened)
    return recruitment(flow, planned.target, planned.weeks) | course


def outside_results(folder: ProtocolFolder, data: TrialData) -> Results:
    """The results of a dataset collected elsewhere: what such a file cannot tell is None."""
    estimates = run_plan(folder.protocol, data.table)
    arms = [arm.id for arm in folder.protocol.arms]
    flow = count_outside_flow(data.arm_of, arms, _primary(folder, data, estimates))
    _proved(flow, estimates)
    kept = _common(folder, data, estimates, flow)
    plan_history.unknown(kept)
    # a time of which the file has no row at all was perhaps never asked: no figure falls to nothing there
    kept["outcome_over_time"] = [one for one in kept["outcome_over_time"] if data.answered[one["timepoint"]]]
    absent = (
        "delivery",
        "adherence",
        "withdrawals",
        "harms",
        "reliability",
        "allocation_guess",
        "recruitment",
        "acts",
        "looks",
        "interim",
        "locks",
        "conduct",
        "rehearsal",
        "dropout",
        "adherence_map",
    )
    found = {"missing": missing(folder.protocol, data, None), "attrition": attrition(folder.protocol, data, None)}
    told: Results = in_labels(kept | found | dict.fromkeys(absent), Labels(folder))
    return told


def write_results(results: Results) -> bytes:
    """The dictionary as JSON in UTF-8: keys sorted, two spaces, twelve significant digits, one newline at the end."""
    return (
        json.dumps(_rounded(results), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()


def _common(folder: ProtocolFolder, data: TrialData, estimates: list[Estimate], flow: FlowCounts) -> Results:
    protocol = folder.protocol
    return {
        "format": FORMAT,
        "protocol": {"id": protocol.id, "version": protocol.version, "digest": folder.digest},
        "trial": {"slug": None, "kind": "outside", "title": say(protocol.title, LANGUAGE)},
        "flow": flow_values(flow),
        "baseline": baseline(folder, data),
        "estimates": estimates,
        "sensitivity": _sensitivity(folder.protocol, data),
        "subgroups": run_subgroups(folder.protocol, data.table),
        "clinical_change": run_clinical_change(folder.protocol, data.table),
        "outcome_over_time": over_time(folder, data),
        "raincloud": raincloud(folder, data),
        "late_answers": late(protocol, data),
        "provenance": {
            "data_digest": data.digest,
            "protocol_digest": folder.digest,
            "reported_with": {"name": "equipoise", "version": version("equipoise")},
            "frozen_with": None,
            "randomization": None,
        },
        "warnings": list(data.warnings),
    }


def _with_record(
    data: TrialData, randomized: Mapping[str, Disposition], allocated: AllocatedPeople | None
) -> TrialData:
    """The data with who received the content and the minimum dose of their arm, and how chance allocated."""
    people = [randomized[code] for code in data.table.participants]
    reached = tuple(one.minimum_dose is True for one in people)
    had = tuple(one.received is True for one in people)
    return replace(data, table=replace(data.table, minimum_dose=reached, received=had, allocated=allocated))


def _sensitivity(protocol: TrialProtocol, data: TrialData) -> list[Estimate]:
    """Each sensitivity analysis, with its assumption in the words of the protocol."""
    words = [say(one.assumption, LANGUAGE) for one in protocol.analysis.sensitivity]
    found = run_sensitivity(protocol, data.table)
    return [one | {"assumption": assumption} for one, assumption in zip(found, words, strict=True)]


def _primary(folder: ProtocolFolder, data: TrialData, estimates: list[Estimate]) -> PrimaryOutcome:
    planned = folder.protocol.analysis.primary
    table = data.table
    seen = frozenset(compress(table.participants, with_outcome(folder.protocol, table, planned)))
    taken = frozenset(compress(table.participants, in_model(folder.protocol, table, planned)))
    analysed = taken if estimates[0]["problem"] is None else frozenset()
    answered = data.answered[planned.timepoint]
    late = left_out(folder.protocol, data, planned.timepoint) - seen
    return PrimaryOutcome(answered, seen, analysed & seen, late, analysed - seen)


def _proved(flow: FlowCounts, estimates: list[Estimate]) -> None:
    """The diagram adds up, and says the same n as the model that was fitted."""
    prove(flow)
    in_model = sum(estimates[0]["n"].values())
    analysed = {one.arm: one.analysed for one in flow.arms if one.analysed}
    if estimates[0]["n"] != analysed:
        raise CountsDisagree(f"The model took in {in_model} participants, the flow diagram says {analysed}.")


def _same_people(data: TrialData, randomized: dict[str, str]) -> None:
    if data.arm_of != randomized:
        odd = sorted(code for code, _ in data.arm_of.items() ^ randomized.items())
        raise CountsDisagree(f"dataset.csv and disposition.csv differ on who was randomised to what: {odd[0]!r}.")


def flow_values(flow: FlowCounts) -> dict[str, Any]:
    """The counts as plain values, in the words of results.json."""
    return {
        "assessed": flow.assessed,
        "excluded": flow.excluded,
        "excluded_by_stage": [
            {"stage": one.stage, "n": one.n, "reasons": _tallies(one.reasons)} for one in flow.stages
        ],
        "randomised": flow.randomized,
        "screenings": flow.tries,
        "repeated": flow.repeated,
        "flagged": flow.flagged,
        "flags": _tallies(flow.flags),
        "arms": [_arm_values(one) for one in flow.arms],
    }  # fmt: skip


def _arm_values(one: ArmFlow) -> dict[str, Any]:
    return {
        "arm": one.arm,
        "allocated": one.allocated,
        "received": one.received,
        "not_received": one.not_received,
        "not_received_reasons": _tallies(one.not_received_reasons),
        "discontinued": one.discontinued,
        "discontinued_reasons": _tallies(one.discontinued_reasons),
        "lost": one.lost,
        "lost_reasons": _tallies(one.lost_reasons),
        "lost_analysed": one.lost_analysed,
        "analysed": one.analysed,
        "excluded_from_analysis": one.excluded,
        "excluded_from_analysis_reasons": _tallies(one.excluded_reasons),
    }


def _tallies(tallies: Iterable[Tally]) -> list[dict[str, Any]]:
    return [{"reason": tally.code, "n": tally.n} for tally in tallies]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        rounded = float(f"{value:.{SIGNIFICANT}g}")
        return 0.0 if rounded == 0 else rounded
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value
