"""What gets installed is pinned by hash, names no index, agrees with pyproject.toml, and may be shipped."""

import re
import tomllib
from importlib.metadata import distribution
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from tests.house.repository import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN_TIME: list[str] = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["full"],
]
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
LOCKS = {
    "requirements.lock": RUN_TIME,
    "requirements-test.lock": RUN_TIME + GROUPS["dev"],
    ".ci/installer.lock": GROUPS["setup"],
}


def text(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def pins(lock: str) -> list[Requirement]:
    """Return the pinned packages that apply to this machine."""
    found = [Requirement(line.rstrip(" \\")) for line in text(lock).splitlines() if re.match(r"\w", line)]
    return [pin for pin in found if applies(pin.marker)]


def applies(marker: Marker | None) -> bool:
    return marker is None or marker.evaluate()


def name(requirement: Requirement) -> str:
    return re.sub(r"[-_.]+", "-", requirement.name).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_carries_a_hash_for_every_package_and_no_address(lock: str) -> None:
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text(lock))
    packages = re.split(r"\n(?=\w)", text(lock))[1:]
    assert len(packages) >= len(LOCKS[lock])
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_locked_at_a_version_that_pyproject_allows(lock: str) -> None:
    pinned = {name(pin): next(iter(pin.specifier)).version for pin in pins(lock)}
    for wanted in map(Requirement, LOCKS[lock]):
        assert name(wanted) in pinned, f"{wanted} is not locked: run 'bash .ci/lock'"
        assert wanted.specifier.contains(pinned[name(wanted)]), f"{wanted} is locked at {pinned[name(wanted)]}"


def test_the_locks_agree_with_each_other() -> None:
    everything = {name(pin): pin.specifier for pin in pins("requirements-test.lock") + pins(".ci/installer.lock")}
    for lock in LOCKS:
        assert {name(pin): pin.specifier for pin in pins(lock)}.items() <= everything.items()


def licence(package: str) -> str:
    metadata = distribution(package).metadata.json
    classifiers = [entry for entry in metadata.get("classifier", []) if entry.startswith("License")]
    # some put the whole licence text into the field; its first line names it
    field = str(metadata.get("license", "")).strip().partition("\n")[0]
    return " ".join([str(metadata.get("license_expression", field)), *classifiers]).strip()


def copyleft(text_of_licence: str) -> bool:
    """Say whether a licence is the GPL or the AGPL; the Lesser GPL is neither."""
    return bool(re.search(r"\bA?GPL|(?<!Lesser )General Public License", text_of_licence, re.I))


def test_no_run_time_dependency_is_under_a_licence_that_we_could_not_ship() -> None:
    assert copyleft("GNU General Public License v2 (GPLv2)")
    assert not copyleft("GNU Lesser General Public License v3 (LGPLv3)")
    licences = {name(pin): licence(pin.name) for pin in pins("requirements.lock")}
    assert [package for package, found in licences.items() if not found] == []
    assert {package: found for package, found in licences.items() if copyleft(found)} == {}
