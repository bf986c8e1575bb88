"""With what a capsule was made: the version and digest of the code, Python, and every package pinned."""

from __future__ import annotations

import hashlib
import platform
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import reports
import trial

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def software() -> dict[str, Any]:
    """Name, version and digest of the code, and the Python that ran it."""
    return {
        "name": "equipoise",
        "version": metadata.version("equipoise"),
        "code_digest": code_digest(),
        "python": platform.python_version(),
    }


def code_digest() -> str:
    """SHA-256 over path and content of each Python file of the packages trial and reports, by path, each with its
    length (8 bytes, big endian) before it."""
    total = hashlib.sha256()
    for package in (reports, trial):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            name = f"{root.name}/{path.relative_to(root).as_posix()}"
            for part in (name.encode(), path.read_bytes()):
                total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def pinned() -> bytes:
    """Every package that the product needs, directly or not, as it is installed: a requirements file for pip."""
    waiting, found = ["equipoise"], {}
    while waiting:
        name = waiting.pop()
        if _normal(name) in found:
            continue
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # for another platform, or an extra that is not installed
        found[_normal(name)] = package.version
        needed = [one for one in package.requires or () if "extra ==" not in one]
        waiting += [match[0] for one in needed if (match := _NAME.match(one))]
    lines = [f"{name}=={version}" for name, version in sorted(found.items()) if name != "equipoise"]
    return "\n".join([*lines, ""]).encode()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
