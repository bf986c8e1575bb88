"""What a command's options point at: a protocol folder, an installation, the person at the keyboard."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trial.core.access import Actor, Role
from trial.core.errors import BadInput, Problem, ProtocolInvalid
from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.services.specimens import require_drawable
from trial.settings import Settings
from trial.storage import schema
from trial.storage.work import Store


def find_folder(name: str) -> Path:
    """A folder on disk, or that of a protocol that ships."""
    folder = Path(name)
    if not folder.is_dir() and "/" not in name and (shipped(name) / "protocol.yaml").is_file():
        folder = shipped(name)
    if not folder.is_dir():
        known = ", ".join(sorted(path.parent.name for path in shipped("").glob("*/protocol.yaml")))
        problem = Problem(name, None, None, "there is no such folder.", f"Shipped protocols: {known}.")
        raise ProtocolInvalid([problem])
    return folder


def find_protocol(name: str) -> ProtocolFolder:
    """The protocol in a folder on disk, or one that ships."""
    return read_folder(find_folder(name))


def find_drawable(name: str) -> ProtocolFolder:
    """The same for a trial: each of its mails and pages can be drawn, within time and size, whatever the values."""
    folder = find_protocol(name)
    require_drawable(folder)
    return folder


def settings_of(**given: Any) -> Settings:
    """Settings from the environment, overruled by the options that were given."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = [(f"EQUIPOISE_{one['loc'][0]}".upper(), one["msg"]) for one in error.errors()]
        raise BadInput([Problem(name, None, None, f"{what}.", "Mend or unset it.") for name, what in wrong]) from None


def operator() -> Actor:
    """Whoever runs the command, by OS account."""
    return Actor(f"operator:{getpass.getuser()}", Role.OPERATOR)


def ready_store(settings: Settings, *, new: bool = False) -> Store:
    """The store with a schema that fits; a SQLite home is brought up to date without being asked.

    A home that is not there is made where `new` allows it, and named as missing elsewhere: a slip of the keyboard must
    not leave an empty installation behind.
    """
    if not (new or settings.database_url or settings.database_file.is_file()):
        mend = "Name the trial's folder with --home; `equipoise open` makes a new one."
        raise BadInput([Problem(str(settings.home), None, None, "no trial was ever opened here.", mend)])
    store = settings.store()
    if settings.database().startswith("sqlite"):
        schema.upgrade(store.engine)
    schema.require_current(store.engine)
    return store
