"""The team's own `resources.yaml`: places to turn to, or located problems."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from babel import Locale

from trial.core.errors import Problem
from trial.core.resources import ANOTHER, EVERYWHERE, Resource, Resources
from trial.protocol_files import yaml_text
from trial.protocol_files.problems import validate

FILE = "resources.yaml"


def read(files: Mapping[str, str], folder: str) -> tuple[tuple[Resource, ...], list[Problem]]:
    """(places, problems); neither where the folder has no such file."""
    if FILE not in files:
        return (), []
    file = str(Path(folder) / FILE)
    tree, problems = yaml_text.read(files[FILE], file)
    if tree is None:
        return (), problems
    found, invalid = validate(Resources, tree, file)
    problems += invalid
    if found is None:
        return (), problems
    known = Locale("en").territories
    for place, one in enumerate(found.resources):
        if one.country != EVERYWHERE and (one.country == ANOTHER or one.country not in known):
            line, column = yaml_text.place(tree, ("resources", place, "country"))
            mend = "Use the two letters of ISO 3166-1, such as NL, or `everywhere`."
            problems.append(Problem(file, line, column, f"there is no country {one.country}.", mend))
    return tuple(found.resources), problems
