"""What the tests about the repository share: its root and the files that belong to it."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".venv", "node_modules", "__pycache__", ".hypothesis", "build", "dist", "demo"}


@cache
def files() -> list[Path]:
    """Return every file that is or may be committed, relative to the root; works in a copy without git, too."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists():
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
        found = [Path(name) for name in done.stdout.split("\0") if name]
    else:
        found = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
    return sorted(path for path in found if (ROOT / path).is_file() and not ours_to_ignore(path))


def ours_to_ignore(path: Path) -> bool:
    """Say whether a path lies in a folder that tools fill."""
    return any(part in NOT_OURS or part.endswith(("_cache", ".egg-info")) for part in path.parts)


def read(path: Path) -> str:
    """Return a file's text; a file that is not text reads as empty."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
