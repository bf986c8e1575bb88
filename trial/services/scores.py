"""The scores of one sheet, by the instruments of its protocol."""

from __future__ import annotations

from collections.abc import Mapping

from trial.core.expressions import Value
from trial.core.scoring import score_sheet
from trial.protocol_files import ProtocolFolder


def scores_of(folder: ProtocolFolder, answers: Mapping[str, Value]) -> dict[str, float | None]:
    """Every score of the instruments that these answers touch."""
    scores: dict[str, float | None] = {}
    for instrument in folder.instruments.values():
        columns = {instrument.column(item): item.id for item in instrument.items}
        if columns.keys() & answers.keys():
            given = {key: answers.get(column) for column, key in columns.items()}
            scores |= score_sheet(instrument, given)  # type: ignore[arg-type]
    return scores
