"""What the page of one matter says and does for its kind alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trial.core.matters import Matter
from trial.storage.work import Work
from trial.web.forms import Form


@dataclass(frozen=True, slots=True)
class About:
    """What one kind adds: a template inside the page with its values, and acts by the name that their forms give."""

    template: str
    values: Callable[[Work, Matter], Mapping[str, Any]]
    acts: Mapping[str, Callable[[Work, Matter, Form], None]] = field(default_factory=dict)
