"""Pretend people who stay at home: what they would do and answer, without a trial around them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.rehearsal.person import PretendPerson
from trial.rehearsal.profile import demo_profile
from trial.rehearsal.setting import setting_of

FOLDER = read_folder(shipped("shapira-mongrain-2010"))


def people(
    count: int, *, effect: float = 0.3, seed: int = 1, folder: ProtocolFolder = FOLDER, **habits: Any
) -> list[PretendPerson]:
    """So many people of a demo with some habits changed; they have neither world nor browser."""
    setting = setting_of("at-home", folder, replace(demo_profile(), **habits), effect, seed)
    nowhere = cast(Any, None)
    return [PretendPerson(number, setting, nowhere, nowhere) for number in range(1, count + 1)]
