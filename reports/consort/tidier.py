"""What each arm was given, item by item of TIDieR (Hoffmann et al., BMJ 2014;348:g1687): as planned, and as it went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.document import Block, Paragraph, Row, Table
from reports.labels import Labels
from reports.methods import listed
from reports.numbers import count, number, share
from reports.protocol_document import arms as planned
from reports.protocol_document.arms import PER_TABLE, Said
from reports.protocol_document.names import Names
from reports.variables import LANGUAGE
from trial.core.protocol import Arm
from trial.core.texts import say

Results = Mapping[str, Any]
WHOLE = (
    "After TIDieR. Every text, mail and page stands in full in the protocol's document, which “equipoise protocol "
    "show” draws from the same folder."
)
WHOLE_OUTSIDE = "After TIDieR, as the protocol plans it; whether it went so, the data file does not say."
NOT_RECORDED = "The data file does not hold this."


def blocks(results: Results, labels: Labels) -> list[Block]:
    """Tables of three arms at most, each with the twelve items."""
    outside = results["trial"]["kind"] == "outside"
    names = Names(labels.folder, outside=outside)
    found: list[Block] = [Paragraph(WHOLE_OUTSIDE if outside else WHOLE)]
    every = labels.folder.protocol.arms
    for at in range(0, len(every), PER_TABLE):
        its = every[at : at + PER_TABLE]
        rows = [Row((item, *(_as_planned(names, arm, item, said) for arm in its))) for item, said in ITEMS]
        rows.append(Row(("10. Modifications", *[_modifications(results)] * len(its))))
        rows.append(Row(("11. How well: planned", *(SAID["How well (fidelity)"](names, arm) for arm in its))))
        rows.append(Row(("12. How well: actual", *(_actual(results, labels, arm) for arm in its))))
        which = f": {listed([names.arm(arm) for arm in its])}" if len(every) > PER_TABLE else ""
        heads = ("Item", *(names.arm(arm) for arm in its))
        number_of = at // PER_TABLE + 1
        caption = f"What each arm was given{which}"
        found.append(Table(f"tidier-{number_of}", caption, heads, tuple(rows), words=True))
    return found


def _materials(names: Names, arm: Arm) -> str:
    stated = arm.intervention and arm.intervention.materials
    held = [f"“{names.activity(one)}” ({one.exercise})" for one in planned.exercises(names, arm)]
    texts = f"Texts, by their file: {listed(held)}." if held else "No exercise."
    return f"{say(stated, LANGUAGE).strip()} {texts}" if stated else texts


SAID = dict(planned.ITEMS)
ITEMS: tuple[tuple[str, Said], ...] = (
    ("1. Name, in short", lambda names, arm: f"{names.arm(arm)}. {SAID['In short'](names, arm)}"),
    ("2. Why", SAID["Why"]),
    ("3. What: materials", _materials),
    ("4. What: procedures", SAID["What: procedures"]),
    ("5. Who provided", SAID["Who provides"]),
    ("6. How", SAID["How"]),
    ("7. Where", SAID["Where"]),
    ("8. When and how much", SAID["When and how much"]),
    ("9. Tailoring", SAID["Tailoring"]),
)
OF_THIS_SOFTWARE = {"5. Who provided": "provided_by", "6. How": "", "7. Where": "", "9. Tailoring": "tailoring"}


def _as_planned(names: Names, arm: Arm, item: str, said: Said) -> str:
    """What the protocol says; of data from elsewhere, its own words alone where ours would tell of mails and pages."""
    if names.outside and item in OF_THIS_SOFTWARE:
        key = OF_THIS_SOFTWARE[item]
        return (planned.stated(names, arm, key) if key else "") or NOT_RECORDED
    return said(names, arm)


def _modifications(results: Results) -> str:
    """What the record says of changes on the way."""
    conduct = results.get("conduct")
    if conduct is None:
        return NOT_RECORDED if results["trial"]["kind"] == "outside" else "The frozen record holds no list of versions."
    later = [one["version"] for one in conduct["versions"][1:]]
    off = sum(one["n"] for one in conduct["deviations"] if one["kind"] == "intervention")
    said = (
        f"Amended: version{'s' if len(later) > 1 else ''} {listed(later)}."
        if later
        else "None: one version of the protocol ran throughout."
    )
    given = "once" if off == 1 else f"{count(off)} times"
    return f"{said} An exercise was not given as planned {given}." if off else said


def _actual(results: Results, labels: Labels, arm: Arm) -> str:
    """Mean done, received, minimum dose, mails that left."""
    found = next((one for one in results["adherence"] or () if one["arm"] == arm.id), None)
    if found is None:
        return NOT_RECORDED
    due, n = found["exercises_due"], found["allocated"]
    if not due:
        waits = labels.folder.protocol.design.waitlist
        while_waiting = " while it waited" if waits and waits.arm == arm.id else ""
        return f"No exercise was due{while_waiting}. {labels.received(arm.id)[0]}: {share(found['received'], n)}."
    return (
        f"On average {number(found['mean_done'], 1)} of {number(due / n, 1 if due % n else 0)} exercises done. "
        f"Received: {share(found['received'], n)}. Minimum dose: {share(found['minimum_dose'], n)}."
    )
