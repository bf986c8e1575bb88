"""What changed while the trial ran: amendments part by part, stops of all mail, departures that were written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.document import Block, Paragraph, Row, Table, Terms
from reports.labels import plain, sentence
from reports.methods import listed
from reports.numbers import NONE, count
from trial.core.deviations import IN_WORDS, DeviationKind

One = Mapping[str, Any]
NO_LIST = "The frozen record holds no list of versions and deviations."
CLASSES = {
    "correction": "a correction",
    "substantial": "substantial",
    "urgent_safety": "urgent for safety",
    "randomization": "of the allocation",
}
_KINDS = {"correction": "correction", "substantial": "asks for consent again", "urgent_safety": "urgent for safety",
          "randomization": "another epoch of the allocation"}  # fmt: skip
_DIFF = "“equipoise protocol diff” lists every change between two versions."
_NOTE = (
    "Words of pages and mails are named and not repeated; “equipoise protocol diff” shows them. Why each was changed "
    "is for the authors to say (CONSORT 2025, item 10)."
)


def blocks(results: One) -> list[Block]:
    """Amendments, stops, deviations; of data from elsewhere nothing is known."""
    conduct = results.get("conduct")
    if conduct is None:
        return [] if results["trial"]["kind"] == "outside" else [Paragraph(NO_LIST, "note")]
    later, deviations = conduct["versions"][1:], conduct["deviations"]
    items = [("Amendments", _amended(later) if later else "None: one version ran throughout.")]
    items += [("Stops of all mail", _stopped(conduct["stops"]))] if conduct.get("stops") is not None else []
    items += [] if deviations else [("Deviations", "None was written down.")]
    found: list[Block] = [Terms(tuple(items))]
    found += [_changes(later)] if any(one["changes"] for one in later) else []
    return found + ([_deviations(deviations)] if deviations else [])


def _amended(later: Sequence[One]) -> str:
    said = [f"version {one['version']} on {one['registered']} ({_class(one)})" for one in later]
    return f"{sentence(listed(said))}. {_DIFF}"


def _class(one: One) -> str:
    """Every class of its changes; where these are not kept, that of the whole."""
    its = [change["change"] for change in one["changes"]] or [one["change"] or "no class kept"]
    order = [name for name in CLASSES if name in its and (name != "correction" or set(its) == {"correction"})]
    return listed([CLASSES[name] for name in order]) or plain(its[0])


def _changes(later: Sequence[One]) -> Table:
    rows = []
    for one in later:
        rows.append(Row((f"Version {one['version']}, {one['registered']}",), "group"))
        for change in one["changes"]:
            cells = (f"{change[part]}" or NONE for part in ("before", "after"))
            rows.append(Row((sentence(f"{change['part']}"), *cells, _KINDS[change["change"]]), "under"))
    columns = ("What changed", "Before", "After", "Kind")
    return Table("amendments-table", "Amendments, part by part", columns, tuple(rows), _NOTE, alike=False, words=True)


def _stopped(stops: Sequence[One]) -> str:
    if not stops:
        return "None."
    said = [f"from {_at(one['since'])} " + (f"to {_at(one['until'])}" if one["until"] else "on") for one in stops]
    times = {1: "Once", 2: "Twice"}.get(len(stops), f"{count(len(stops))} times")
    return (
        f"{times}, {listed(said)} UTC. What fell due meanwhile left afterwards where it was still worth sending, and "
        "was skipped where it was not."
    )


def _at(moment: str) -> str:
    return f"{moment}"[:16].replace("T", " ")


def _deviations(found: Sequence[One]) -> Table:
    rows = [Row((IN_WORDS[DeviationKind(one["kind"])], count(one["n"]), count(one["important"]))) for one in found]
    note = "As the team wrote them down and judged them; their words may name somebody, and stay in the desk."
    columns = ("Deviation", "Times", "Of these important")
    return Table("deviations-table", "Deviations from the protocol, by kind", columns, tuple(rows), note, alike=False)
