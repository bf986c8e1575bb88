"""The keys that lie outside the database: made on first run, one file each, readable by this account alone."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from trial.core.errors import BadInput, Problem
from trial.storage.sealed_files import OpenedFile, Opens, SealingFile, Seals

_NAMES = ("vault", "index", "sealing", "link", "cookie")


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """`vault` wraps each person's key, `index` finds an address blindly and a mail by its link, `sealing` closes the
    seed, `link` makes personal links, `cookie` signs participants' sessions. 32 bytes each."""

    vault: bytes
    index: bytes
    sealing: bytes
    link: bytes
    cookie: bytes


def fingerprint(keys: Keys) -> str:
    """Tells whether two sets of keys are the same for what lies in a database, and nothing else about them."""
    return hashlib.sha256(b"equipoise keys\n" + keys.vault + keys.index + keys.sealing).hexdigest()[:32]


def write_copy(keys: Keys, path: Path, recipients: list[Seals]) -> None:
    """All keys into a sealed file of their own; FileExistsError where there is one."""
    said = {name: getattr(keys, name).hex() for name in _NAMES}
    with path.open("xb") as below, SealingFile(below, recipients) as sealing:
        sealing.write(json.dumps({"equipoise keys": said}).encode())


def read_copy(path: Path, secret: Opens) -> Keys:
    """The keys out of such a file."""
    with OpenedFile(path, secret) as opened:
        try:
            said = json.loads(opened.read())["equipoise keys"]
            return Keys(**{name: bytes.fromhex(said[name]) for name in _NAMES})
        except (ValueError, KeyError, TypeError):
            what = "this file holds no copy of keys."
            raise BadInput([Problem(str(path), None, None, what, "Name the one that `--keys-to` wrote.")]) from None


def new_links_and_sessions(keys: Keys) -> Keys:
    """The same keys for what is sealed, with new ones for links and sessions: those given out fit no more."""
    return replace(keys, link=secrets.token_bytes(32), cookie=secrets.token_bytes(32))


def keep(folder: Path, keys: Keys) -> None:
    """These keys are the installation's from now on; each file is exchanged whole."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in _NAMES:
        unfinished = folder / f"{name}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(getattr(keys, name).hex())
        unfinished.replace(folder / f"{name}.key")


def missing_keys(folder: Path) -> list[str]:
    """The key files that are not there."""
    return [f"{name}.key" for name in _NAMES if not (folder / f"{name}.key").is_file()]


def load_keys(folder: Path) -> Keys:
    """Read the keys of an installation, making those that are missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Keys(**{name: _load(folder / f"{name}.key") for name in _NAMES})


def _load(path: Path) -> bytes:
    if not path.exists():
        _make(path)
    return _read(path)


def _make(path: Path) -> None:
    """Whole or not at all: processes that start together agree on one key, and none reads half of it."""
    unfinished = path.with_suffix(f".{secrets.token_hex(8)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_bytes(32).hex())
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        unfinished.unlink()


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        mend = "Put the file back from a backup: what was sealed with it cannot be read without."
        raise BadInput([Problem(str(path), None, None, "this file does not hold a key of 32 bytes.", mend)])
    return key
