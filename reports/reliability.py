"""How reliable the scores were among the people of this trial, at each time they were asked: alpha and omega.

A score that the plan uses and that adds up several answers, or is the mean of other scores, has one line for each
timepoint: over everybody and in each arm. No reliability is compared with another, and none decides anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from reports import clustered, sentences
from reports.data_file import TrialData
from reports.document import Block, Paragraph, Row, Section, Table
from reports.harms import YES
from reports.labels import Labels
from reports.numbers import NONE, count, interval, number, size
from reports.variables import timepoints_of
from trial.core.dataset import ItemRow
from trial.core.instruments import Instrument, Score
from trial.core.rows import cells
from trial.core.scoring import span
from trial.protocol_files import ProtocolFolder
from trial.stats.arrays import FloatArray
from trial.stats.reliability import alpha_interval, cronbach_alpha, one_factor
from trial.stats.scores import parts_of_score

SAID = (
    "How much of the differences between people in a score is not chance, among those who took part: alpha of the "
    "score's parts, with its interval, and omega by one factor. It says nothing of what a score measures."
)
_CAUTIONS = (
    "People with every part of the score. Over everybody a difference between arms counts as one between people. Alpha "
    "falls short of the reliability where parts share unequally in what they have in common; omega supposes one common "
    "factor, and needs three parts. The interval of alpha takes answers for normal: where most people answer at one "
    "end of a few levels, it holds the truth less often than it says."
)
_HEYWOOD = " No omega is given where the factor left a part with no variance of its own."
_OFF_SCALE = " Answers off the scale of their item, as the protocol has it now, are left out."
_CLUSTERS = " The intervals take people of one cluster for independent, and are too narrow if they are alike."


def reliability(folder: ProtocolFolder, data: TrialData, items: Sequence[ItemRow]) -> list[dict[str, Any]]:
    """Of each score of several parts that the plan uses: at each timepoint, over everybody (`arm` None) and by arm.

    Answers that the plan leaves out of the scores for being late are left out here. `omega` is None where it cannot be
    had, and where its factor is improper, which `improper` says.
    """
    wanted = {
        code: scores
        for code, tool in folder.instruments.items()
        if (scores := [one for one in tool.scores if one.id in _used(folder) and _parts(tool, one) > 1])
    }
    sheets = _sheets(folder, [folder.instruments[code] for code in wanted], data, items)
    named = list(dict.fromkeys(one.score for one in folder.protocol.outcomes))
    in_order = sorted(  # as outcomes stand in the protocol; what is no outcome after them
        ((code, score) for code, scores in wanted.items() for score in scores),
        key=lambda one: named.index(one[1].id) if one[1].id in named else len(named),
    )
    return [
        line
        for code, score in in_order
        for point in timepoints_of(folder, score.id)
        if (code, point.id) in sheets
        for line in _at(folder, data, folder.instruments[code], score, point.id, sheets[code, point.id])
    ]


def _used(folder: ProtocolFolder) -> set[str]:
    plan = folder.protocol.analysis
    return {*(one.score for one in folder.protocol.outcomes), *plan.covariates, *plan.baseline_table}


def _parts(tool: Instrument, score: Score) -> int:
    return len(score.of or tool.scored_items(score))


def _sheets(
    folder: ProtocolFolder, tools: Sequence[Instrument], data: TrialData, items: Sequence[ItemRow]
) -> dict[tuple[str, str], FloatArray]:
    """By instrument and timepoint the answers of everybody randomised, (people, items): NaN where there is none,
    infinite where it is off its scale, as answers are that were given on a scale which an amendment has changed."""
    place = {
        tool.column(item): (tool, at, span(tool, item))
        for tool in tools
        for at, item in enumerate(tool.items)
        if any(item.id in tool.scored_items(score) for score in tool.scores)
    }
    person = {code: at for at, code in enumerate(data.table.participants)}
    excluded = folder.protocol.analysis.late_answers == "exclude"
    baseline = folder.protocol.baseline.id
    found: dict[tuple[str, str], FloatArray] = {}
    for item, value, timepoint, code, late in cells(items, "item", "value", "timepoint", "participant", "late"):
        if (known := place.get(item)) is None or code not in person or (late and excluded and timepoint != baseline):
            continue
        tool, at, ends = known
        sheet = found.get((tool.code, timepoint))
        if sheet is None:
            sheet = found[tool.code, timepoint] = np.full((len(person), len(tool.items)), np.nan)
        sheet[person[code], at] = _answer(value, *ends)
    return found


@lru_cache(maxsize=4096)
def _answer(value: str, low: float, high: float) -> float:
    """Yes is 1 and no 0, as in scoring."""
    if not value:
        return math.nan
    number = float(value in YES) if value in ("yes", "no") else _number(value)
    return number if low <= number <= high else math.inf


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.inf


def _at(
    folder: ProtocolFolder, data: TrialData, tool: Instrument, score: Score, timepoint: str, sheet: FloatArray
) -> list[dict[str, Any]]:
    wanted = set(tool.scored_items(score))
    off = np.isinf(sheet[:, [item.id in wanted for item in tool.items]])
    parts = parts_of_score(tool, score, np.where(np.isinf(sheet), np.nan, sheet))
    arms = np.array(data.table.arms, dtype=object)
    every = [arm.id for arm in folder.protocol.arms]
    groups = [(None, parts), *((arm, parts[arms == arm]) for arm in every if len(every) > 1)]
    place = {"score": score.id, "timepoint": timepoint, "off_scale": bool(off.any())}
    return [place | {"arm": arm} | _figures(its, folder.protocol.analysis.level) for arm, its in groups]


def _figures(parts: FloatArray, level: float) -> dict[str, Any]:
    n, k = int(np.sum(~np.isnan(parts).any(axis=1))), parts.shape[1]
    alpha, fit = cronbach_alpha(parts), one_factor(parts)
    return {
        "parts": k,
        "n": n,
        "alpha": alpha,
        "ci": None if alpha is None else list(alpha_interval(alpha, n, k, level)),
        "omega": fit.omega if fit is not None and fit.proper else None,
        "improper": fit is not None and not fit.proper,
    }


def sections(results: Mapping[str, Any], labels: Labels) -> list[Section]:
    """The section, where the record has answers to the parts of a score."""
    found = results.get("reliability")
    if not found:
        return []
    note = _CAUTIONS + (_HEYWOOD if any(one["improper"] for one in found) else "")
    note += _OFF_SCALE if any(one["off_scale"] for one in found) else ""
    note += _CLUSTERS if clustered.used(labels.folder.protocol) else ""
    level = sentences.level(results["estimates"][0])
    heads = ("", "People", "Alpha", f"{level} interval", "Omega")
    rows = _rows([one for one in found if one["arm"] is None], labels)
    pooled = Table("reliability-table", "Reliability of the scores, over everybody", heads, rows, note)
    blocks: list[Block] = [Paragraph(SAID), pooled]
    if any(one["arm"] is not None for one in found):
        blocks.append(_by_arm(found, labels))
    return [Section("reliability", "Reliability of the scores", tuple(blocks))]


def _rows(found: Sequence[Mapping[str, Any]], labels: Labels) -> tuple[Row, ...]:
    rows: list[Row] = []
    for score in dict.fromkeys(one["score"] for one in found):
        its = [one for one in found if one["score"] == score]
        rows.append(Row((_heading(its[0], labels),), "group"))
        rows += [
            Row(
                (
                    labels.timepoint(one["timepoint"]),
                    count(one["n"]),
                    number(one["alpha"], 2),
                    interval(one["ci"], 2),
                    number(one["omega"], 2),
                ),
                "under",
            )
            for one in its
        ]
    return tuple(rows)


def _heading(one: Mapping[str, Any], labels: Labels) -> str:
    return f"{labels.variable(one['score'])}, {count(one['parts'])} parts"


def _by_arm(found: Sequence[Mapping[str, Any]], labels: Labels) -> Table:
    by_place = {(one["score"], one["timepoint"], one["arm"]): one for one in found}
    rows: list[Row] = []
    for score in dict.fromkeys(one["score"] for one in found):
        rows.append(Row((labels.variable(score),), "group"))
        for point in labels.in_time({one["timepoint"] for one in found if one["score"] == score}):
            cells = (_cell(by_place[score, point, arm]) for arm in labels.arms)
            rows.append(Row((labels.timepoint(point), *cells), "under"))
    heads = ("", *(labels.arm(arm) for arm in labels.arms))
    note = "Alpha / omega, and how many people they rest on. With few people both are far from certain."
    return Table("reliability-arms-table", "Reliability of the scores, by arm", heads, tuple(rows), note)


def _cell(one: Mapping[str, Any]) -> str:
    if one["alpha"] is None:
        return NONE
    return f"{number(one['alpha'], 2)} / {number(one['omega'], 2)} {size(one['n'])}"
