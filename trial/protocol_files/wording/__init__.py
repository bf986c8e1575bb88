"""Official wording from the files of other programs: the format is told from the content, each has a module.

Bytes in; wording that fits the key, or located problems, out. XLSX is not read: a sheet is saved as CSV first.
"""

from __future__ import annotations

from dataclasses import dataclass

from trial.core.errors import Problem
from trial.core.instruments import Instrument
from trial.core.official_wording import Fitted, Written, fit
from trial.protocol_files.wording import formr, pasted, picking, plain_csv, qualtrics, redcap, tables
from trial.protocol_files.wording.picking import Question
from trial.protocol_files.wording.text import Unusable, decode

MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Wording:
    """What was read: in which format, why it was taken for that, and the words by item."""

    format: str
    why: str
    fitted: Fitted
    instructions: str


@dataclass(frozen=True, slots=True)
class _Read:
    format: str
    why: str
    written: list[Written]
    instructions: str = ""


def read(
    raw: bytes, file: str, instrument: Instrument, *, language: str, only: str | None = None
) -> tuple[Wording | None, list[Problem]]:
    """(wording, problems): wording only where every item of the key has its words and nothing else is wrong."""
    try:
        found = _read(decode(raw), file, instrument, language, only)
    except Unusable as wrong:
        return None, [Problem(file, wrong.line, None, wrong.what, wrong.mend)]
    fitted, misfits = fit(found.written, instrument)
    if fitted is None:
        prefix = f"read as {found.format}: "
        misfits.sort(key=lambda one: (one.line is None, one.line))
        return None, [
            Problem(file, one.line, None, (prefix if place == 0 else "") + one.what, one.mend)
            for place, one in enumerate(misfits[:MOST_PROBLEMS])
        ]
    return Wording(found.format, found.why, fitted, found.instructions), []


def _read(text: str, file: str, instrument: Instrument, language: str, only: str | None) -> _Read:
    if qualtrics.recognised(text):
        questions, instructions = qualtrics.read(text, language)
        return _picked(qualtrics.NAME, "it is JSON", questions, instructions, instrument, only)
    columns = tables.header(text)
    if redcap.recognised(columns):
        questions, instructions = redcap.read(tables.read(text))
        return _picked(redcap.NAME, "its header has field names and labels", questions, instructions, instrument, only)
    if plain_csv.recognised(columns):
        why = "its header has item and text"
        return _Read(plain_csv.NAME, why, plain_csv.read(tables.read(text), language))
    if formr.recognised(columns):
        questions, instructions = formr.read(tables.read(text))
        return _picked(formr.NAME, "its header has type, name and label", questions, instructions, instrument, only)
    if file.lower().endswith((".csv", ".tsv")):
        mend = "Known: a REDCap data dictionary, a formr sheet, or the columns item and text."
        raise Unusable(1, "the header of this table is not one that is known.", mend)
    return _Read(pasted.NAME, "it is neither a table nor JSON", pasted.read(text))


def _picked(
    name: str, why: str, questions: list[Question], instructions: str, instrument: Instrument, only: str | None
) -> _Read:
    ids = [item.id for item in instrument.items]
    chosen, how = picking.pick(questions, instrument.code, ids, only)
    why = f"{why}; of its {len(questions)} closed questions {how} were taken"
    return _Read(name, why, picking.written(chosen, instrument.code, ids), instructions)
