"""Run the scripts of this folder again and say how far each stored file is from what they make now.

`.venv/bin/python -m tests.reference.again`, or with names of scripts (`again mmrm.R`) for those alone. It reads the
commands from README.md, works in a copy, and needs R with the packages named there.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COMMAND = re.compile(r"^ {4}Rscript (\S+\.R)(?: > (\S+))?$", re.MULTILINE)
CLOSE = 1e-6  # optimisers stop elsewhere on another machine; nothing here is held to more than they give


def commands() -> dict[str, str | None]:
    """Each script of README.md, in its order, and the file that its output is kept in; None where it writes its own."""
    return {script: kept or None for script, kept in COMMAND.findall((HERE / "README.md").read_text(encoding="utf-8"))}


def differences(kept: Any, now: Any, at: str = "") -> Iterator[tuple[float, str]]:
    """Where two JSON values differ and how much, relative; infinite where one has what the other has not."""
    if isinstance(kept, dict) and isinstance(now, dict) and kept.keys() == now.keys():
        for key in kept:
            yield from differences(kept[key], now[key], f"{at}.{key}")
    elif isinstance(kept, list) and isinstance(now, list) and len(kept) == len(now):
        for place, (one, other) in enumerate(zip(kept, now, strict=True)):
            yield from differences(one, other, f"{at}[{place}]")
    elif isinstance(kept, int | float) and isinstance(now, int | float):
        if kept != now:
            yield abs(kept - now) / max(abs(kept), abs(now)), at
    elif kept != now:
        yield float("inf"), at


def apart(kept: Path, now: Path) -> tuple[float, str]:
    """How far a stored file is from what was made now: 0, or the largest relative difference and where it is."""
    if kept.read_bytes() == now.read_bytes():
        return 0.0, ""
    if kept.suffix != ".json":
        return float("inf"), "the text"
    found = differences(json.loads(kept.read_text(encoding="utf-8")), json.loads(now.read_text(encoding="utf-8")))
    return max(found, default=(0.0, ""))


def main(only: list[str]) -> int:
    """Print a line for each stored file; 1 where one is further off than optimisers are."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(shutil.copytree(HERE, Path(made) / "reference"))
        for script, output in commands().items():
            if only and script not in only:
                continue
            done = subprocess.run(["Rscript", script], cwd=folder, capture_output=True, check=False)
            if done.returncode:
                print(f"{script}: R stopped: {done.stderr.decode(errors='replace').strip()[-300:]}")
                worst = float("inf")
                continue
            if output:
                (folder / output).write_bytes(done.stdout)
            said = (HERE / script).read_text(encoding="utf-8")
            wrote = re.findall(r'write\.csv\(.*?"(\w+\.csv)"', said, re.DOTALL)
            for name in [*wrote, *([output] if output else [])]:
                far, where = apart(HERE / name, folder / name)
                worst = max(worst, far)
                print(f"{script}: {name} " + (f"differs by {far:.1e}, relative, at {where}" if far else "is the same"))
    return int(worst > CLOSE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
