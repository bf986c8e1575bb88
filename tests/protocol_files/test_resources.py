"""`resources.yaml`: the team's own places to turn to, each with where it was read, when it was checked and by whom."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.protocol_files.test_guide import GUIDE
from tests.services.watched import PLACES
from trial.core import resources as core
from trial.pages import countries
from trial.protocol_files import examine, read_folder, resources, schema, shipped, yaml_text

FOLDERS = sorted(path.parent for path in shipped("").rglob("protocol.yaml"))


def read(text: str) -> tuple[list[str], list[str]]:
    """(names, problems) of such a file."""
    found, problems = resources.read({"resources.yaml": text}, "")
    return [one.name["en"] for one in found], [str(one) for one in problems]


def test_a_file_is_read_in_its_order() -> None:
    assert read(PLACES) == (["A made-up line", "A made-up site"], [])


def test_a_folder_without_the_file_has_no_places() -> None:
    assert resources.read({}, "") == ((), [])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: one.name)
def test_nothing_that_ships_names_a_place_or_a_number(folder: Path) -> None:
    assert read_folder(folder).resources == () and not (folder / "resources.yaml").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("    source: Made up for tests.\n    checked_on: 2026-10-01\n", "    checked_on: 2026-10-01\n"), "source"),
        (("    checked_on: 2026-10-01\n", ""), "checked_on"),
        (("checked_on: 2026-10-01", "checked_on: October"), "checked_on"),
        (("    number: 000-EXAMPLE\n", ""), "a `number`, a `url`, or both"),
        (("country: NL", "country: nl"), "country"),
        (("country: NL", "country: QQ"), "there is no country QQ"),
        (("country: NL", "country: ZZ"), "there is no country ZZ"),
        (("url: https://help", "url: javascript://help"), "url"),
        (("url: https://help", "url: http://help"), "url"),
        (("number: 000-EXAMPLE", "phone: 000-EXAMPLE"), "phone"),
        (("schema: 1", "schema: 9"), "schema"),
    ],
)
def test_a_mistake_is_told_with_its_line(change: tuple[str, str], said: str) -> None:
    assert PLACES.count(change[0]) == 1
    _, problems = read(PLACES.replace(*change))
    assert problems and all(re.match(r"resources\.yaml:\d+:", one) for one in problems)
    assert any(said in one for one in problems)


def test_norway_is_a_country_and_no_no() -> None:
    assert read(PLACES.replace("country: NL", "country: NO"))[1] == []


def test_the_places_of_a_country_come_before_those_that_hold_everywhere() -> None:
    found, _ = resources.read({"resources.yaml": PLACES}, "")
    turned = [*reversed(found)]
    assert [one.country for one in core.for_country(turned, "NL")] == ["NL", "everywhere"]
    assert [one.country for one in core.for_country(turned, "DE")] == ["everywhere"]
    assert [one.country for one in core.for_country(turned, "")] == ["everywhere"]
    assert core.countries(found) == ["NL"]


def test_countries_have_names_in_each_language_and_unions_are_none() -> None:
    assert dict(countries.named(["NL", "DE"], "de")) == {"DE": "Deutschland", "NL": "Niederlande"}
    known = countries.names("en")
    assert len(known) > 240 and not {"EU", "UN", "ZZ", "001"} & set(known)


def test_the_example_of_the_guide_can_be_read_and_holds_no_real_number() -> None:
    (example,) = re.findall(r"```text\n(schema: 1\nresources:.*?)```", GUIDE, flags=re.S)
    names, problems = read(example)
    assert problems == [] and len(names) == 2
    assert "000-EXAMPLE" in example and ".example.org" in example


def test_the_guide_names_every_key() -> None:
    keys = [field.alias or name for model in (core.Resource, core.Resources) for name, field in
            model.model_fields.items()]  # fmt: skip
    assert [key for key in keys if not re.search(rf"\b{key}\b", GUIDE)] == []


def test_the_schema_for_editors_accepts_it_and_refuses_a_slip() -> None:
    described = schema.of_resources()
    Draft202012Validator.check_schema(described)
    tree, _ = yaml_text.read(PLACES, "resources.yaml")
    plain = json.loads(json.dumps(tree))
    assert list(Draft202012Validator(described).iter_errors(plain)) == []
    plain["resources"][0]["phone"] = "1"
    assert len(list(Draft202012Validator(described).iter_errors(plain))) == 1


def test_the_file_is_part_of_the_protocol_and_of_its_digest(tmp_path: Path) -> None:
    place = Path(shutil.copytree(shipped("larger-trial"), tmp_path / "trial"))
    before = read_folder(place)
    (place / "resources.yaml").write_text(PLACES)
    found, problems = examine(place)
    assert problems == [] and found is not None
    assert len(found.resources) == 2 and found.digest != before.digest
