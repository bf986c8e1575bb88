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
