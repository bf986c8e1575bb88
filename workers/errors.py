"""The workers' one map from errors to what becomes of a task: no task is tried again by the broker, for what is due
stands in the database and the next tick finds it."""

from __future__ import annotations

import logging

from trial.core import errors

LEVELS: dict[type[Exception], int] = {
    errors.Unavailable: logging.WARNING,
    errors.BadInput: logging.ERROR,
    errors.EquipoiseError: logging.ERROR,
}


def level_of(error: Exception) -> int | None:
    """How loudly the worker's log says it; None for what is not ours, which the task raises."""
    return next((LEVELS[kind] for kind in type(error).__mro__ if kind in LEVELS), None)
