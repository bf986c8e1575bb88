"""Why a model could not be fitted: arms, timepoints and variables by their labels, where it names their ids."""

from __future__ import annotations

import re
from typing import Any

from reports.labels import Labels
from reports.variables import variable

_TEXTS = frozenset({"problem", "fallback"})
_QUOTED = re.compile(r"'([a-z][a-z0-9_]*)(?:: ([^']+))?'")  # an id, or a variable and one of its levels


def in_labels(value: Any, labels: Labels) -> Any:
    """The same tree, with each id that its reasons quote as the label in quotation marks: `Arm “Kind touch” has …`."""
    if isinstance(value, dict):
        return {
            key: reason(one, labels) if key in _TEXTS and isinstance(one, str) else in_labels(one, labels)
            for key, one in value.items()
        }
    return [in_labels(one, labels) for one in value] if isinstance(value, list) else value


def reason(text: str, labels: Labels) -> str:
    """One such reason; what is quoted and is no id of the protocol stays as it is."""
    return _QUOTED.sub(lambda found: _label(found[1], labels, found[2]) or found[0], text)


def _label(name: str, labels: Labels, level: str | None = None) -> str | None:
    protocol = labels.folder.protocol
    if level is not None:
        found = variable(labels.folder, name)
        return f"“{labels.variable(name)}: {labels.level(name, level)}”" if found else None
    if name in labels.arms:
        return f"“{labels.arm(name)}”"
    if any(one.id == name for one in protocol.timepoints):
        return f"“{labels.timepoint(name)}”"
    if any(one.id == name for one in protocol.outcomes):
        return f"“{labels.outcome(name)}”"
    return f"“{labels.variable(name)}”" if variable(labels.folder, name) else None
