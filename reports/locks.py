"""Every lock and unlock of the data: when, in whose roles, why, and the digest of the data at the lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.document import Block, Row, Table, Terms
from reports.labels import plain
from reports.numbers import NONE, count

_NOTE = (
    "Two people take part unless it says otherwise: who asked, who decided. Digests are SHA-256 over the data as they "
    "were at that lock; after the last lock it is the data digest of this report."
)


def blocks(results: Mapping[str, Any]) -> list[Block]:
    """The table, where the data were ever locked."""
    found = results.get("locks")
    if not found:
        return []
    rows = tuple(Row(_cells(one)) for one in found)
    columns = ("When (UTC)", "What", "Asked by", "Decided by", "Why", "Open then")
    caption = "Locks and unlocks of the data"
    # a digest has no place to break: it stands below, on a line of its own
    digests = [(f"Digest of the lock of {_when(one)}", f"{one['digest']}") for one in found if one["digest"]]
    table = Table("locks-table", caption, columns, rows, _NOTE, alike=False, words=True)
    return [table, Terms(tuple(digests))] if digests else [table]


def _when(one: Mapping[str, Any]) -> str:
    return f"{one['at'][:16]}".replace("T", " ")


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    decided = "the same person alone, as declared" if one["solo"] else _roles(one["decided_by"])
    still = ", ".join(f"{count(n)} {plain(kind)}" for kind, n in one["open"].items())
    return (
        _when(one),
        one["what"],
        _roles(one["asked_by"]),
        decided,
        f"{one['reason']}",
        still or NONE,
    )


def _roles(joined: str) -> str:
    return ", ".join(plain(one) for one in joined.split("+")) if joined else NONE
