"""How pytest runs a short form: servers lent, the JSON line printed, and a broken bound told with its faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.faults.runs.frame import Chance, Finding, Watch, all_runs, perform


def keeps_its_bounds(name: str, form: str, folder: Path, *, seed: int = 1, **lent: Any) -> Finding:
    """Perform it and assert that every bound held."""
    watch = Watch(Chance(seed), folder, lent=lent)
    try:
        finding = perform(all_runs()[name], form, watch)
    except BaseException:
        print("faults injected:", *map(str, watch.done), sep="\n  ")
        raise
    print(json.dumps(finding.line(), ensure_ascii=False))
    assert finding.result.held, "\n  ".join([f"{finding.result.broken}; {finding.command}", *map(str, watch.done)])
    return finding
