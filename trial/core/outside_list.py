"""The file of an outside statistician's list, read and checked. No message quotes an arm that somebody would get."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import product

from trial.core.errors import DataInvalid, Problem
from trial.core.protocol import TrialProtocol

HEADS = (["stratum", "number", "arm"], ["number", "arm"])
MOST = 100_000
Row = tuple[int, str, str, str]


def read(text: str, protocol: TrialProtocol, *, target: int, file: str) -> dict[tuple[str, int], str]:
    """(stratum, number) to arm. Raises DataInvalid with every mistake found."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    stratified = bool(protocol.allocation.strata)
    head = HEADS[0] if stratified else HEADS[1]
    if not rows or [one.strip() for one in rows[0]] != head:
        raise DataInvalid([Problem(file, 1, 1, "this is not the head of a list.", f"Write: {','.join(head)}")])
    found: dict[tuple[str, int], str] = {}
    problems = list(_rows(rows[1:], protocol, found, file))
    problems += _gaps(protocol, found, target, file) if not problems else []
    if problems:
        raise DataInvalid(problems[:50])
    return found


def strata(protocol: TrialProtocol) -> list[str]:
    """Every stratum by its name: the levels joined as `stratum_name` joins them, or `all`."""
    levels = [[level.id for level in factor.levels] for factor in protocol.allocation.strata]
    return ["/".join(one) for one in product(*levels)] if levels else ["all"]


def _rows(
    rows: list[list[str]], protocol: TrialProtocol, found: dict[tuple[str, int], str], file: str
) -> Iterator[Problem]:
    arms, known = {arm.id for arm in protocol.arms}, set(strata(protocol))
    if len(rows) > MOST:
        yield Problem(file, None, None, f"the list has more than {MOST} rows.", "Write those that the trial can use.")
        return
    for line, row in enumerate(rows, start=2):
        if not row:
            continue
        cells = [one.strip() for one in row]
        stratum, number, arm = cells if len(cells) == 3 else ["all", *cells] if len(cells) == 2 else ["", "", ""]
        if stratum not in known:
            yield Problem(file, line, 1, "there is no such stratum.", f"Known: {', '.join(sorted(known)[:12])}.")
        elif not (number.isascii() and number.isdigit() and 0 < int(number) <= MOST):
            yield Problem(file, line, 1, "the number is not a whole number from 1.", "Count from 1 in each stratum.")
        elif arm not in arms:
            yield Problem(file, line, 1, "there is no such arm.", f"Known: {', '.join(sorted(arms))}.")
        elif (stratum, int(number)) in found:
            yield Problem(file, line, 1, f"number {int(number)} stands twice.", "Count from 1 in each stratum.")
        else:
            found[stratum, int(number)] = arm


def _gaps(protocol: TrialProtocol, found: dict[tuple[str, int], str], target: int, file: str) -> Iterator[Problem]:
    for stratum in strata(protocol):
        numbers = [number for name, number in found if name == stratum]
        if not numbers:
            yield Problem(file, None, None, f"the stratum {stratum} has no entry.", "Write a list for each stratum.")
        elif max(numbers) != len(numbers):
            yield Problem(file, None, None, f"numbers are left out in {stratum}.", "Count from 1 without a gap.")
    needed, of = (_clusters(protocol), "clusters") if protocol.allocation.cluster else (target, "people")
    if len(found) < needed:
        what = f"the list has {len(found)} places for {needed} {of}."
        yield Problem(file, None, None, what, "Write at least as many, and more in each stratum than will come.")
    if missing := sorted({arm.id for arm in protocol.arms} - set(found.values())):
        yield Problem(file, None, None, f"no place is for {', '.join(missing)}.", "Every arm stands in the list.")


def _clusters(protocol: TrialProtocol) -> int:
    """How many there may be: the answers to the question that names them."""
    unit = protocol.allocation.cluster
    return next(len(one.choices) for one in protocol.eligibility.questions if unit and str(one.id) == unit.question)
