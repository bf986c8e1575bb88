"""The oracle is a second opinion: it shares no code with what it judges."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "trial" / "rehearsal" / "oracle"
# the one module that reads the trial's record; it works nothing out
READS = "reading"
PACKAGE = "trial.rehearsal.oracle"


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            here = node.module == PACKAGE  # then the names are modules
            found |= {f"{PACKAGE}.{one.name}" for one in node.names} if here else {node.module or "."}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return found


def test_what_works_out_the_schedule_and_the_counts_imports_nothing_of_the_product() -> None:
    plain = [one for one in FOLDER.glob("*.py") if one.stem not in (READS, "__init__")]
    assert len(plain) > 8
    for path in plain:
        own = {one for one in _imported(path) if one.split(".")[0] in ("trial", "workers", "reports")}
        assert own <= {f"{PACKAGE}.{one.stem}" for one in plain}, path.name


def test_a_contract_of_the_imports_keeps_it_so_for_every_module() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = (one for one in contracts if "oracle" in one["name"])
    modules = {f"{PACKAGE}.{one.stem}" for one in FOLDER.glob("*.py")}
    assert set(contract["source_modules"]) == modules - {f"{PACKAGE}.{one}" for one in (READS, "__init__")}
    assert {"trial.core", "trial.services", "trial.storage", "trial.stats"} <= set(contract["forbidden_modules"])
