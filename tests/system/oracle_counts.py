"""The flow of participants, counted anew from the rows of the database, in the words of results.json."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.system.evidence import Evidence, Row
from tests.system.oracle import for_arm
from tests.system.oracle_numbers import outcome_of

STAGES = {
    "address_given": "address_not_confirmed",
    "declined": "declined",
    "confirmed": "consent_not_given",
    "consented": "baseline_not_finished",
    "recruitment_closed": "recruitment_closed",
}
ORDER = ("not_eligible", *dict.fromkeys(STAGES.values()))


def tally(reasons: Iterable[str]) -> list[dict[str, Any]]:
    """Reasons with their counts, most frequent first."""
    counted = Counter(reasons)
    return [{"reason": one, "n": counted[one]} for one in sorted(counted, key=lambda one: (-counted[one], one))]


def flow(evidence: Evidence) -> dict[str, Any]:
    """The whole diagram."""
    randomized = list(evidence.arm_of)
    stages = _excluded(evidence)
    screenings = evidence.tables["screening"]
    assessed = {one["participant_id"] or f"screening {one['id']}" for one in screenings}
    odd = _odd(evidence)
    return {
        "screenings": len(screenings),
        "repeated": len(screenings) - len(assessed),
        "flagged": len(odd),
        "flags": tally("+".join(signals) for signals in odd.values()),
        "assessed": len(assessed),
        "excluded": sum(len(reasons) for reasons in stages.values()),
        "excluded_by_stage": [
            {"stage": one, "n": len(stages[one]), "reasons": tally(stages[one]) if any(stages[one]) else []}
            for one in ORDER
            if stages.get(one)
        ],
        "randomised": len(randomized),
        "arms": [_arm(evidence, arm) for arm in evidence.protocol["arms"]],
    }


def _odd(evidence: Evidence) -> dict[Any, list[str]]:
    """Whoever was flagged, with everything that looked odd about them."""
    of_screening = {one["id"]: one["participant_id"] for one in evidence.tables["screening"]}
    found: dict[Any, list[str]] = {}
    for one in evidence.tables["flag"]:
        person = one["participant_id"] or of_screening[one["screening_id"]] or f"screening {one['screening_id']}"
        found.setdefault(person, []).append(one["signal"])
    return found


def _excluded(evidence: Evidence) -> dict[str, list[str]]:
    """Stage to the reason of each person who left there."""
    found: dict[str, list[str]] = {}
    for one in evidence.tables["screening"]:
        if not one["eligible"]:
            found.setdefault("not_eligible", []).append(one["reason"])
        elif one["participant_id"] is None:
            found.setdefault("address_not_confirmed", []).append("")
        elif evidence.people[one["participant_id"]]["state"] != "randomized":
            found.setdefault(STAGES[evidence.people[one["participant_id"]]["state"]], []).append("")
    return found


def _arm(evidence: Evidence, arm: dict[str, Any]) -> dict[str, Any]:
    people = [evidence.people[one] for one, its in evidence.arm_of.items() if its == arm["id"]]
    last = _last_day_of_exercises(evidence, arm["id"])
    missed = [one for one in people if not _received(evidence, arm, one)]
    stopped = [one for one in people if _stopped_by(evidence, one, last)]
    without = [one for one in people if _primary(evidence, one) is None]
    return {
        "arm": arm["id"],
        "allocated": len(people),
        "received": len(people) - len(missed),
        "not_received": len(missed),
        "not_received_reasons": tally(_why_not(evidence, one, last) for one in missed),
        "discontinued": len(stopped),
        "discontinued_reasons": tally(one["stop_reason"] for one in stopped),
        "lost": len(without),
        "lost_analysed": 0,  # by analysis of covariance nobody is without the outcome itself
        "lost_reasons": tally(_why_lost(evidence, one) for one in without),
        "analysed": len(people) - len(without),
        "excluded_from_analysis": 0,
        "excluded_from_analysis_reasons": [],
    }


def exercises_done(evidence: Evidence, person: Row) -> int:
    """Windows of writing exercises that the person finished."""
    writing = {one["id"] for one in evidence.protocol["activities"] if one["type"] == "writing"}
    windows = evidence.all("occasion", participant_id=person["id"])
    return sum(one["activity"] in writing and one["done_at"] is not None for one in windows)


def _received(evidence: Evidence, arm: dict[str, Any], person: Row) -> bool:
    rule = re.fullmatch(r"exercises_done >= (\d+)", arm["received"])
    assert rule, arm["received"]
    return exercises_done(evidence, person) >= int(rule[1])


def _last_day(point: dict[str, Any]) -> int:
    number, unit = point["closes_after"].split()
    return int(max(point["days"])) + (int(number) if unit.startswith("day") else -(-int(number) // 24))


def _last_day_of_exercises(evidence: Evidence, arm: str) -> int:
    protocol = evidence.protocol
    writing = {one["id"] for one in protocol["activities"] if one["type"] == "writing"}
    points = [one for one in protocol["timepoints"] if writing & set(for_arm(protocol, one, arm))]
    return max((_last_day(one) for one in points), default=-1)


def _stopped_by(evidence: Evidence, person: Row, last: int) -> bool:
    day = evidence.days_since(person, person["stopped_at"])
    return day is not None and day <= last


def _why_not(evidence: Evidence, person: Row, last: int) -> str:
    if _stopped_by(evidence, person, last):
        return "stopped"
    day = evidence.days_since(person, person["bounced_at"])
    return "address_bounced" if day is not None and day <= last else "too_few_done"


def _primary(evidence: Evidence, person: Row) -> float | None:
    planned = evidence.protocol["analysis"]["primary"]
    return outcome_of(evidence, person["id"], planned["outcome"], planned["timepoint"])


def _why_lost(evidence: Evidence, person: Row) -> str:
    planned = evidence.protocol["analysis"]["primary"]["timepoint"]
    window = evidence.one("occasion", participant_id=person["id"], timepoint=planned)
    if window["done_at"] is not None:
        return "score_incomplete"
    point = next(one for one in evidence.protocol["timepoints"] if one["id"] == planned)
    if person["stopped"] == "everything" and _stopped_by(evidence, person, _last_day(point)):
        return "withdrew"
    day = evidence.days_since(person, person["bounced_at"])
    return "address_bounced" if day is not None and day <= _last_day(point) else "no_answer"
