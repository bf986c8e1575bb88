"""The arms that an effect of factors is told by: what a plan leaves out, worked out from its design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_contrasts(tree: Any) -> Any:
    """The tree with a contrast for each planned analysis of factors: the first levels against the second.

    Two arms that differ in the factors named and in nothing else. Where there are none the tree stays as it is.
    """
    if not isinstance(tree, Mapping) or not isinstance(tree.get("analysis"), Mapping):
        return tree
    plan = dict(tree["analysis"])
    if "primary" in plan:
        plan["primary"] = _with_contrast(tree, plan["primary"])
    for name in ("secondary", "exploratory"):
        family = plan.get(name)
        if isinstance(family, Mapping) and isinstance(family.get("analyses"), list):
            plan[name] = {**family, "analyses": [_with_contrast(tree, one) for one in family["analyses"]]}
    return {**tree, "analysis": plan}


def _with_contrast(tree: Mapping[str, Any], one: Any) -> Any:
    if not isinstance(one, Mapping) or not isinstance(one.get("factors"), list) or one.get("contrast"):
        return one
    design = tree.get("design")
    levels = {
        str(factor.get("id")): factor["levels"]
        for factor in _mappings(design.get("factors") if isinstance(design, Mapping) else None)
        if isinstance(factor.get("levels"), list)
    }
    arms = [arm for arm in _mappings(tree.get("arms")) if isinstance(arm.get("factors"), Mapping)]
    for first in arms:
        for second in arms:
            if _are_pair(first["factors"], second["factors"], one["factors"], levels):
                return {**one, "contrast": [first.get("id"), second.get("id")]}
    return one


def _are_pair(first: Mapping[str, Any], second: Mapping[str, Any], named: list[Any], levels: Mapping[str, Any]) -> bool:
    for name, its in levels.items():
        wanted = (its[0], its[1]) if name in named and len(its) > 1 else (first.get(name), first.get(name))
        if (first.get(name), second.get(name)) != wanted:
            return False
    return bool(levels) and set(map(str, named)) <= set(levels)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
