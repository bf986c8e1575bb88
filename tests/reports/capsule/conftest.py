"""A frozen trial whose consent form asks about sharing: four of five agreed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reports.capsule.making import Capsule, Wish, make_capsule
from tests.reports.builder import SMALL_TRIAL, build_freeze, resealed
from trial.core.dataset import Disposition, read_rows, write_rows

PUBLISHED = "2031-05-20"
ASKED = "  data_sharing: {id: sharing, text: {en: My answers may be shared with other researchers.}}\n"
PUBLIC = Wish("public", PUBLISHED, b"a key that is thrown away")
RESTRICTED = Wish("restricted", PUBLISHED)


def asking(folder: Path) -> Path:
    """The small trial's protocol, asking whether answers may be shared."""
    shutil.copytree(SMALL_TRIAL, folder)
    text = (folder / "protocol.yaml").read_text(encoding="utf-8")
    before = "instruments: [feeling, after]\n"
    assert text.count(before) == 1
    (folder / "protocol.yaml").write_text(text.replace(before, ASKED + before), encoding="utf-8")
    return folder


def answered(frozen: Path, agrees: Callable[[int, Disposition], bool | None]) -> Path:
    """The freeze where everyone randomised said what `agrees` gives for their place."""
    rows = read_rows((frozen / "disposition.csv").read_text(encoding="utf-8"), Disposition)
    people = [one for one in rows if one.stage == "randomized"]
    said = {one.participant: agrees(place, one) for place, one in enumerate(people)}
    whole = [replace(one, data_sharing=said.get(one.participant)) for one in rows]
    return resealed(frozen, {"disposition.csv": write_rows(whole, Disposition)})


@pytest.fixture(scope="session")
def frozen_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("shared")
    frozen = build_freeze(place / "frozen", protocol=asking(place / "protocol"), randomized=80, seed=13)
    return answered(frozen, lambda place, _: place % 5 != 0)


@pytest.fixture
def frozen(frozen_once: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(frozen_once, tmp_path / "frozen"))


@pytest.fixture(scope="session")
def public_capsule(frozen_once: Path) -> Capsule:
    return make_capsule(frozen_once, PUBLIC)


@pytest.fixture(scope="session")
def restricted_capsule(frozen_once: Path) -> Capsule:
    return make_capsule(frozen_once, RESTRICTED)
