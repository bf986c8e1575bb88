"""A list of allocations as it is published, made by the core alone, and the script that checks such lists."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.core.sequences import seed_of
from trial.core.dataset import Disposition, StageRow, write_rows
from trial.core.protocol import TrialProtocol
from trial.core.published_list import LIST, SEAL, AllocationRow, opened, row_of
from trial.core.randomization import (
    STAGE,
    Kept,
    Last,
    allocate,
    commitment,
    configuration,
    configuration_digest,
    factors_of,
    record_of,
    rule_of,
    stages_of,
    standing,
)
from trial.core.replay import Declared, Recorded, Replay

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_allocation.py"
TRIAL, SEED, SALT = "evenings", seed_of("published"), seed_of("salt")
Files = dict[str, str]


def script() -> ModuleType:
    """The script as it is read from the documentation."""
    spec = importlib.util.spec_from_file_location("verify_allocation", SCRIPT)
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def declared(*versions: TrialProtocol) -> dict[str, list[Declared]]:
    """The rules of the versions of a trial, by stage."""
    found: dict[str, list[Declared]] = {}
    for one in versions:
        for stage in stages_of(one):
            rule = Declared(configuration_digest(one, stage), rule_of(one, stage), factors_of(one, stage))
            found.setdefault(stage, []).append(rule)
    return found


def people_of(protocol: TrialProtocol, count: int) -> list[dict[str, str]]:
    """Levels of people in an order that leaves no factor like another."""
    return [
        {
            factor.id: factor.levels[(n * n + n // 3 + 2 * place) % len(factor.levels)].id
            for place, factor in enumerate(protocol.allocation.strata)
        }
        for n in range(count)
    ]


def recorded(
    people: Iterable[tuple[TrialProtocol, Mapping[str, str]]], stage: str = STAGE, kept: dict[Any, Kept] | None = None
) -> tuple[list[Recorded], dict[Any, Kept]]:
    """Each person allocated by the version that they came in under; and what is kept after the last."""
    kept = {} if kept is None else kept
    last: Last | None = None
    found = []
    for n, (protocol, levels) in enumerate(people, 1):
        rule, digest = rule_of(protocol, stage), configuration_digest(protocol, stage)
        place = (stage, rule.key(levels))
        number, state, epoch = standing(rule, digest, kept.get(place), last)
        one = allocate(rule, SEED, TRIAL, stage, levels, number, state, epoch)
        kept[place], last = Kept(one.number, one.epoch, one.next_state), Last(n, one.epoch, digest)
        record = json.loads(json.dumps(record_of(one, digest)))
        found.append(Recorded(f"P{n:03d}", n, stage, n, one.stratum, one.number, one.arm, record))
    return found, kept


def published(versions: list[TrialProtocol], rows: list[Recorded], kept: Mapping[Any, Kept]) -> Files:
    """The files that the script reads."""
    digest = commitment(SEED, SALT, versions[0])
    seal = {"salt": SALT, "digest": digest, "rule_version": rule_of(versions[0]).version}
    said = [
        {
            "digest": configuration_digest(one, stage),
            "rule_version": rule_of(one, stage).version,
            "configuration": configuration(one, stage),
        }
        for one in versions
        for stage in stages_of(one)
    ]
    states = {place: (one.number, one.state) for place, one in kept.items()}
    ran = [str(one.record["configuration"]) for one in rows if one.stage == STAGE]
    amended = [(n, one) for n, (before, one) in enumerate(pairwise(ran), 1) if before != one]
    people = [
        Disposition(one.participant, "randomized", arm=one.arm, stratum=one.stratum, number=one.sequence)
        for one in rows
        if one.stage == STAGE
    ]
    further = [
        StageRow(one.participant, one.stage, "allocated", one.arm, one.sequence) for one in rows if one.stage != STAGE
    ]
    more = {"stages.csv": write_rows(further, StageRow)} if further else {}
    return {
        LIST: write_rows([row_of(one, declared(*versions)) for one in rows], AllocationRow),
        SEAL: opened(TRIAL, seal, SEED, said, states, amendments=amended),
        "disposition.csv": write_rows(people, Disposition),
        "freeze.json": json.dumps({"randomization": {"seed_digest": digest}}),
    } | more


def replay(versions: list[TrialProtocol]) -> Replay:
    """What the command checks a list with."""
    return Replay(SEED, TRIAL, declared(*versions))


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def as_text(rows: list[dict[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def laid_down(folder: Path, files: Files) -> Path:
    """The files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder
