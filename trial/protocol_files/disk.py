"""The files of a protocol folder, read once: regular files only, UTF-8, within limits; every refusal names its file."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from trial.core.errors import Problem, ProtocolInvalid

LARGEST_FILE = 1_000_000
LARGEST_FOLDER = 5_000_000
MOST_FILES = 1000
PATTERNS = ("messages/*.md", "exercises/*.md", "instruments/*.yaml", "resources.yaml")


def read(folder: Path) -> dict[str, str]:
    """Path inside the folder to text, for every file that makes the protocol; raise ProtocolInvalid otherwise.

    A byte order mark at the start is dropped and line ends become `\\n`, so that editors do not change a protocol.
    """
    paths = [folder / "protocol.yaml"]
    for pattern in PATTERNS:
        paths += sorted(islice(folder.glob(pattern), MOST_FILES + 1))
    problems = _too_much(folder, paths)
    found: dict[str, str] = {}
    if not problems:
        for path in paths:
            text, problem = _text(path)
            found[path.relative_to(folder).as_posix()] = text
            problems += [problem] if problem else []
    if problems:
        raise ProtocolInvalid(problems)
    return found


def _too_much(folder: Path, paths: list[Path]) -> list[Problem]:
    if len(paths) > MOST_FILES:
        return [
            Problem(str(folder), None, None, f"the folder holds more than {MOST_FILES} texts.", "Keep what it needs.")
        ]
    problems, total = [], 0
    for path in paths:
        if not path.is_file():
            problems.append(Problem(str(path), None, None, "this is not a file.", "Put a text file here."))
            continue
        size = path.stat().st_size
        total += size
        if size > LARGEST_FILE:
            what = f"the file holds {size / 1e6:.1f} MB; a protocol's file holds at most {LARGEST_FILE / 1e6:.0f} MB."
            problems.append(Problem(str(path), None, None, what, "Keep words here, nothing else."))
    if not problems and total > LARGEST_FOLDER:
        what = f"the folder holds more than {LARGEST_FOLDER / 1e6:.0f} MB."
        problems.append(Problem(str(folder), None, None, what, "Keep what the protocol needs."))
    return problems


def _text(path: Path) -> tuple[str, Problem | None]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        return "", Problem(
            str(path), None, None, f"the file cannot be read: {error.strerror}.", "Check its permissions."
        )
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"), None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        column = error.start - raw[: error.start].rfind(b"\n")
        what = f"the byte 0x{raw[error.start]:02x} is not UTF-8 text."
        return "", Problem(str(path), line, column, what, "Save the file as UTF-8.")
