"""A backup taken of a test's database, and the empty one that it is put back into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.scene import OPERATOR
from tests.storage.stores import KEYS, opened
from trial.services import backups
from trial.services.backups import Place
from trial.storage import archives, keys, sealed_files
from trial.storage.archives import Archive
from trial.storage.engine import sqlite_url
from trial.storage.sealed_files import Passphrase
from trial.storage.work import Store

SECRET = Passphrase("data of the evening trial")
QUIET = lambda _: None  # noqa: E731


@pytest.fixture
def quick_sealing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a guess costs is not what is tried here."""
    monkeypatch.setattr(sealed_files, "WORK_FACTOR", 2)


@pytest.fixture
def fresh(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty database of the same kind, with the keys that a restore gives it."""
    on_sqlite = store.engine.dialect.name == "sqlite"
    url = sqlite_url(tmp_path / "fresh.sqlite") if on_sqlite else request.getfixturevalue("fresh_postgres_url")
    with opened(url) as found:
        yield Store(found.engine, keys.new_links_and_sessions(KEYS))


def taken(store: Store, folder: Path, show: archives.Show = QUIET) -> backups.BackedUp:
    return backups.back_up(store, OPERATOR, Place(folder, [SECRET]), None, show)


def returned(backup: backups.BackedUp, target: Store, *, replace: bool = False) -> dict[str, int]:
    archive = Archive(backup.file, SECRET)
    return backups.put_back(target, OPERATOR, archive, archive.manifest(), replace=replace, show=QUIET)
