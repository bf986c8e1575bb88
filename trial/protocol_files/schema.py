"""JSON Schema of the files that researchers write: an editor completes keys by it and marks the unknown ones.

It holds what can be said of one value alone. That parts name each other rightly is for `equipoise check`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from trial.core.instruments import Instrument
from trial.core.protocol import TrialProtocol
from trial.core.resources import Resources

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def of_protocols() -> dict[str, Any]:
    """The schema of `protocol.yaml`."""
    return _schema(TrialProtocol)


def of_instruments() -> dict[str, Any]:
    """The schema of an instrument file."""
    return _schema(Instrument)


def of_resources() -> dict[str, Any]:
    """The schema of `resources.yaml`."""
    return _schema(Resources)


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": DIALECT, **model.model_json_schema(by_alias=True)}
