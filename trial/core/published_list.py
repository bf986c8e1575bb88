"""The list of allocations as it is published once the data are locked, and what opens the seal beside it.

    allocation.csv   one row per allocation, in the order in which they were made: its whole decision record
    allocation.json  the seed and the salt, the digest that was published before the first enrolment, each
                     configuration that ever ran, from which number on, and the states after the last allocation

`docs/verify_allocation.py` checks the one against the other without any other part of this software.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trial.core.dataset import read_rows
from trial.core.randomization import STAGE, Entries, in_order
from trial.core.replay import Declared, Recorded, in_full

LIST, SEAL = "allocation.csv", "allocation.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """One allocation under the study code that the other files name the person by."""

    stage: str
    sequence: int  # order in the stage, from 1
    participant: str
    rule_version: str
    configuration: str  # the digest of one of the configurations in allocation.json
    epoch: int
    stratum: str  # what the running state is kept under
    number: int  # order within the stratum, from 1
    levels: str  # JSON: factor to level
    state_seen: str  # JSON: the running state before
    probabilities: str  # JSON: arm to its chance, as a fraction
    draw: str  # 256 bits, hexadecimal
    arm: str


@dataclass(frozen=True, slots=True, eq=False)
class AllocatedPeople:
    """Everybody allocated, in the order in which they were, and each configuration that ever ran by its digest."""

    rows: tuple[AllocationRow, ...]
    configurations: Mapping[str, Mapping[str, Any]]


def read_published(list_text: str, seal_text: str) -> AllocatedPeople:
    """The two files as they were published; KeyError or ValueError where they are none."""
    rows = [row for row in read_rows(list_text, AllocationRow) if row.stage == STAGE]
    said = {one["digest"]: one["configuration"] for one in json.loads(seal_text)["configurations"]}
    return AllocatedPeople(tuple(sorted(rows, key=lambda row: row.sequence)), said)


def row_of(one: Recorded, declared: Mapping[str, Sequence[Declared]]) -> AllocationRow:
    """One allocation as the list shows it; `declared` by stage."""
    record = in_full(one, list(declared.get(one.stage, ())))
    return AllocationRow(
        stage=one.stage,
        sequence=one.sequence,
        participant=one.participant,
        rule_version=record.get("rule_version", ""),
        configuration=record.get("configuration", ""),
        epoch=record.get("epoch", 0),
        stratum=one.stratum,
        number=one.number,
        levels=text(record.get("levels")),
        state_seen=text(record.get("state_seen")),
        probabilities=text(record.get("probabilities")),
        draw=record.get("draw", ""),
        arm=one.arm,
    )


def opened(
    trial: str,
    seal: Mapping[str, Any],
    seed: bytes,
    configurations: Iterable[Mapping[str, Any]],
    states: Mapping[tuple[str, str], tuple[int, Mapping[str, Any]]],
    entries: Entries | None = None,
    amendments: Sequence[tuple[int, str]] = (),
    contribution: Mapping[str, Any] | None = None,
) -> str:
    """allocation.json: with this and the list anybody can make every decision again."""
    whole = {
        "format": FORMAT,
        "trial": trial,
        "seed": seed.hex(),
        "salt": bytes(seal["salt"]).hex(),
        "digest": seal["digest"],
        "rule_version": seal["rule_version"],
        "configurations": list(configurations),
        "states_after": [
            {"stage": stage, "stratum": key, "number": number, "state": dict(state)}
            for (stage, key), (number, state) in sorted(states.items())
        ],
    }
    if amendments:
        whole["amendments"] = [{"allocated_before": n, "configuration": digest} for n, digest in amendments]
    if entries:
        whole["list"] = in_order(entries)
    if contribution:
        whole["contribution"] = dict(contribution)
    return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def text(value: Any) -> str:
    """JSON on one line that is the same from both databases."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
