"""Pretend people who stay at home: what they would do and answer, without a trial around them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.rehearsal.person import PretendPerson
from trial.rehearsal.profile import demo_profile, lifelike
from trial.rehearsal.profile_file import ProfileFile, read_profile
from trial.rehearsal.setting import setting_of

FOLDER = read_folder(shipped("shapira-mongrain-2010"))


def with_own_scores(profile: str, **of_scores: dict[str, float]) -> ProfileFile:
    """A shipped profile with figures of single scores, such as `who5={"effect": 0.5}`; `left` is gone in 20 days."""
    plain = read_profile(profile).model_dump(by_alias=True, exclude_none=True)
    for score, figures in of_scores.items():
        said = {key: {"value": value, "tag": "assumed", "source": "Made up."} for key, value in figures.items()}
        fading = {"fading": {"left": said.pop("left"), "after_days": 20}} if "left" in said else {}
        plain["scores"][score] = plain["scores"].get(score, {}) | said | fading
    return ProfileFile.model_validate(plain)


def people(
    count: int, *, effect: float = 0.3, seed: int = 1, folder: ProtocolFolder = FOLDER, **habits: Any
) -> list[PretendPerson]:
    """So many people of a demo with some habits changed; they have neither world nor browser."""
    setting = setting_of("at-home", folder, replace(demo_profile(), **habits), effect, seed)
    nowhere = cast(Any, None)
    return [PretendPerson(number, setting, nowhere, nowhere) for number in range(1, count + 1)]


def lifelike_people(
    count: int, folder: ProtocolFolder, profile: str | ProfileFile, *, effect: float = 0.3, seed: int = 1, **habits: Any
) -> list[PretendPerson]:
    """So many people of a profile's file, at home as well."""
    file = read_profile(profile) if isinstance(profile, str) else profile
    setting = setting_of("at-home", folder, replace(lifelike(file), **habits), effect, seed)
    nowhere = cast(Any, None)
    return [PretendPerson(number, setting, nowhere, nowhere) for number in range(1, count + 1)]
