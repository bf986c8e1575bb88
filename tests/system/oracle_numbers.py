"""Allocation, scores and estimates, worked out anew: HMAC, sums by hand, least squares in numpy."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from tests.system.evidence import Evidence

Array = NDArray[np.float64]


def rehearsal_bytes(seed: int, purpose: str) -> bytes:
    """A rehearsal's chance follows from its seed; a real trial's comes from the system."""
    return hashlib.sha256(f"rehearsal|{seed}|{purpose}".encode()).digest()


def commitment(seed: int, protocol: dict[str, Any]) -> str:
    """The digest that was published before the first enrolment."""
    strata = [
        [one["id"], [[level["id"], level.get("when")] for level in one["levels"]]]
        for one in protocol["allocation"].get("strata", [])
    ]
    settings = {
        "arms": [[one["id"], one.get("ratio", 1)] for one in protocol["arms"]],
        "block_sizes": sorted(protocol["allocation"]["block_sizes"]),
        "protocol": protocol["id"],
        "strata": strata,
    }
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    parts = [rehearsal_bytes(seed, "seed"), rehearsal_bytes(seed, "salt"), b"permuted-blocks-1", text.encode()]
    return hashlib.sha256(b"".join(len(one).to_bytes(8, "big") + one for one in parts)).hexdigest()


def replay(seed: int, protocol: dict[str, Any], slug: str, strata: list[str]) -> list[tuple[str, int, int]]:
    """(arm, number in the stratum, block) for people in the order of randomisation, from the seed alone."""
    arms = [one["id"] for one in protocol["arms"]]
    sizes = sorted(protocol["allocation"]["block_sizes"])
    numbers: Counter[str] = Counter()
    blocks: Counter[str] = Counter()
    left: dict[str, list[str]] = {}
    found = []
    for stratum in strata:
        if not left.get(stratum):
            blocks[stratum] += 1
            size = sizes[_draw(seed, "size", slug, stratum, blocks[stratum], len(sizes))]
            left[stratum] = [arm for arm in arms for _ in range(size // len(arms))]
        numbers[stratum] += 1
        places = left[stratum]
        arm = places.pop(_draw(seed, "draw", slug, stratum, numbers[stratum], len(places)))
        found.append((arm, numbers[stratum], blocks[stratum]))
    return found


def _draw(seed: int, purpose: str, slug: str, stratum: str, number: int, among: int) -> int:
    text = json.dumps([purpose, slug, "main", stratum, number], separators=(",", ":"))
    drawn = hmac.new(rehearsal_bytes(seed, "seed"), text.encode(), hashlib.sha256).digest()
    return int.from_bytes(drawn, "big") * among // 2**256


def score(instrument: dict[str, Any], answers: dict[str, Any]) -> dict[str, float | None]:
    """Every score of an instrument: items reversed, summed or averaged; the person's mean for a few missing ones."""
    values = [one["value"] for one in instrument.get("response", {}).get("choices", [])]
    found: dict[str, float | None] = {}
    for one in instrument.get("scores", []):
        items = one.get("items") or [item["id"] for item in instrument["items"] if item.get("type", "scale") == "scale"]
        given = {item: answers.get(f"{instrument['code']}_{item}") for item in items}
        keyed = [
            min(values) + max(values) - value if item in one.get("reverse", []) else value
            for item, value in given.items()
            if value is not None
        ]
        gaps = len(items) - len(keyed)
        if not keyed or gaps > one.get("missing", {}).get("at_most", 0):
            found[one["id"]] = None
        else:
            found[one["id"]] = sum(keyed) / len(keyed) * (len(items) if one["method"] == "sum" else 1)
    return found


def scores_at(evidence: Evidence, participant_id: int, timepoint: str) -> dict[str, float | None]:
    """All scores of one person at one timepoint; nothing where no questionnaire was answered."""
    windows = {one["id"] for one in evidence.all("occasion", participant_id=participant_id, timepoint=timepoint)}
    sheets = [one for one in evidence.all("answer_sheet", participant_id=participant_id) if one["length"] is None]
    answers = {name: value for one in sheets if one["occasion_id"] in windows for name, value in one["answers"].items()}
    found: dict[str, float | None] = {}
    for instrument in evidence.instruments.values():
        if any(name.startswith(f"{instrument['code']}_") for name in answers):
            found |= score(instrument, answers)
    return found


def outcome_of(evidence: Evidence, participant_id: int, outcome: str, timepoint: str) -> float | None:
    """One outcome of one person."""
    name = next(one["score"] for one in evidence.protocol["outcomes"] if one["id"] == outcome)
    return scores_at(evidence, participant_id, timepoint).get(name)


def estimate(evidence: Evidence, planned: dict[str, Any]) -> dict[str, Any]:
    """Arm minus reference: outcome on all arms, its own baseline and the strata; HC3 errors, t with n - p."""
    baseline = next(one["id"] for one in evidence.protocol["timepoints"] if one.get("anchor") == "consent")
    arm, reference = planned["contrast"]
    others = [one["id"] for one in evidence.protocol["arms"] if one["id"] != reference]
    stratum = {one["participant_id"]: one["stratum"] for one in evidence.tables["allocation"]}
    rows, y, n = [], [], Counter[str]()
    for person, its in evidence.arm_of.items():
        value = outcome_of(evidence, person, planned["outcome"], planned["timepoint"])
        if value is not None:
            before = outcome_of(evidence, person, planned["outcome"], baseline)
            assert before is not None, "the pretend people answer every item that the strata need"
            rows.append([1.0, *(float(its == one) for one in others), before, float(stratum[person] == "high")])
            y.append(value)
            n[its] += 1
    x = np.array(rows)
    return _contrast(x[:, _varying(x)], np.array(y), 1 + others.index(arm)) | {"n": dict(n)}


def _varying(x: Array) -> list[int]:
    """The intercept, and every column that is not the same for everyone."""
    return [0, *(one for one in range(1, x.shape[1]) if np.ptp(x[:, one]) > 0)]


def _contrast(x: Array, y: Array, place: int) -> dict[str, float]:
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    meat = x.T @ (x * (((y - x @ beta) / (1 - leverage)) ** 2)[:, None])
    se = float(np.sqrt((inverse @ meat @ inverse)[place, place]))
    df = len(y) - x.shape[1]
    half = float(student.ppf(0.975, df)) * se
    b = float(beta[place])
    p = 2 * float(student.sf(abs(b / se), df))
    return {"estimate": b, "se": se, "df": df, "low": b - half, "high": b + half, "p": p}


def holm(p_values: list[float]) -> list[float]:
    """Adjusted p-values: the smallest times m, the next times m - 1, never below the one before."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, floor = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = floor
    return adjusted
