"""The JSON Schema for editors: valid, true of every shipped file, and false of planted mistakes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from trial.protocol_files import schema, shipped

PROTOCOLS = sorted(shipped("").glob("*/protocol.yaml"))
INSTRUMENTS = sorted(shipped("instruments").glob("*.yaml"))
PROTOCOL = Draft202012Validator(schema.of_protocols())
INSTRUMENT = Draft202012Validator(schema.of_instruments())


def tree(path: Any) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def plant(place: str, value: Any) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        *keys, last = place.split(".")
        for key in keys:
            node = node[int(key)] if key.isdigit() else node[key]
        node[last] = value

    return change


@pytest.mark.parametrize("described", [schema.of_protocols(), schema.of_instruments()], ids=["protocol", "instrument"])
def test_it_is_a_json_schema(described: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(described)
    assert described["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize("path", PROTOCOLS, ids=lambda path: path.parent.name)
def test_it_accepts_every_shipped_protocol(path: Any) -> None:
    assert [error.message for error in PROTOCOL.iter_errors(tree(path))] == []


@pytest.mark.parametrize("path", INSTRUMENTS, ids=lambda path: path.stem)
def test_it_accepts_every_shipped_instrument(path: Any) -> None:
    assert [error.message for error in INSTRUMENT.iter_errors(tree(path))] == []


MISTAKES = [
    ("summry", {"en": "x"}, ""),
    ("design.framewrk", "superiority", "design"),
    ("design.framework", "hope", "design.framework"),
    ("arms.0.kind", "placebo", "arms.0.kind"),
    ("arms.0.label", "A letter", "arms.0.label"),
    ("languages", "en", "languages"),
    ("timepoints.1.time", "25:00", "timepoints.1.time"),
    ("timepoints.1.closes_after", "long", "timepoints.1.closes_after"),
    ("sample_size.target", "many", "sample_size.target"),
    ("administrative.contact_email", "team at trial", "administrative.contact_email"),
    ("waivers", [{"code": "P106"}], "waivers.0"),
    ("schema", 1, "schema"),
]


@pytest.mark.parametrize(("place", "value", "told"), MISTAKES, ids=[one[0] for one in MISTAKES])
def test_it_refuses_a_planted_mistake_at_its_place(place: str, value: Any, told: str) -> None:
    good = tree(shipped("shapira-mongrain-2010") / "protocol.yaml")
    bad = copy.deepcopy(good)
    plant(place, value)(bad)
    errors = list(PROTOCOL.iter_errors(bad))
    assert told in {".".join(map(str, error.absolute_path)) for error in errors}


@pytest.mark.parametrize(
    ("place", "value"),
    [("scores.0.revers", [4]), ("permission.status", "open"), ("items.0.topic", "Sad"), ("wording", "mine")],
)
def test_it_refuses_a_mistake_in_an_instrument(place: str, value: Any) -> None:
    bad = copy.deepcopy(tree(shipped("instruments") / "cesd.yaml"))
    plant(place, value)(bad)
    assert list(INSTRUMENT.iter_errors(bad))
