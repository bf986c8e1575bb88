"""A sealed file: what backups and copies of keys are written into, chunk by chunk, so that its size does not matter.

A fresh key for each file (AES-256) seals it in chunks with AES-GCM. The chunk's number and whether it is the last are
its nonce, the file's head its associated data: a chunk that was changed, moved, left out or cut off does not open. The
file key is wrapped for whoever may open it: for a passphrase (scrypt, RFC 7914) or a public key (X25519, RFC 7748, with
HKDF-SHA256, RFC 5869). The construction is that of STREAM (Hoang, Reyhanitabar, Rogaway and Vizár 2015).
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from trial.core.errors import BadInput, Problem

MAGIC = b"equipoise sealed 1\n"
CHUNK = 64 * 1024
TAG = 16
# 64 MB and a fifth of a second for each guess; what a file asks for beyond that is not spent on it
WORK_FACTOR, MOST_WORK = 2**16, 2**20
_LONGEST_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """Words that seal and open a file."""

    words: str

    def wrap(self, key: bytes) -> dict[str, Any]:
        salt = secrets.token_bytes(16)
        by = self._derived(salt, WORK_FACTOR)
        return {"way": "scrypt", "salt": salt.hex(), "n": WORK_FACTOR, "key": _wrapped(by, key)}

    def unwrap(self, row: dict[str, Any]) -> bytes | None:
        if row.get("way") != "scrypt":
            return None
        work = int(row["n"])
        if not 2 <= work <= MOST_WORK:
            raise ValueError("this work factor is not ours")
        return _unwrapped(self._derived(bytes.fromhex(row["salt"]), work), row["key"])

    def _derived(self, salt: bytes, work: int) -> bytes:
        return Scrypt(salt=salt, length=32, n=work, r=8, p=1).derive(self.words.encode())


@dataclass(frozen=True, slots=True)
class Recipient:
    """The public key of somebody who may open the file: whoever holds it can seal and cannot open."""

    public: bytes

    def wrap(self, key: bytes) -> dict[str, Any]:
        once = X25519PrivateKey.generate()
        ours = once.public_key().public_bytes_raw()
        shared = once.exchange(X25519PublicKey.from_public_bytes(self.public))
        return {"way": "x25519", "ours": ours.hex(), "key": _wrapped(_agreed(shared, ours, self.public), key)}


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """The other half of a recipient's key."""

    private: X25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def unwrap(self, row: dict[str, Any]) -> bytes | None:
        if row.get("way") != "x25519":
            return None
        ours = bytes.fromhex(row["ours"])
        shared = self.private.exchange(X25519PublicKey.from_public_bytes(ours))
        return _unwrapped(_agreed(shared, ours, self.public), row["key"])


Seals = Passphrase | Recipient
Opens = Passphrase | PrivateKey


def _agreed(shared: bytes, ours: bytes, theirs: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, ours + theirs, b"equipoise sealed 1 x25519").derive(shared)


def _wrapped(by: bytes, key: bytes) -> str:
    nonce = secrets.token_bytes(12)
    return (nonce + AESGCM(by).encrypt(nonce, key, MAGIC)).hex()


def _unwrapped(by: bytes, wrapped: str) -> bytes | None:
    sealed = bytes.fromhex(wrapped)
    try:
        return AESGCM(by).decrypt(sealed[:12], sealed[12:], MAGIC)
    except InvalidTag:
        return None


class SealingFile(io.RawIOBase):
    """Write to it; what lies below can be read by the recipients alone. Whole once it is closed."""

    def __init__(self, below: BinaryIO, recipients: list[Seals]) -> None:
        super().__init__()
        key = AESGCM.generate_key(256)
        head = json.dumps([one.wrap(key) for one in recipients]).encode() + b"\n"
        below.write(MAGIC + head)
        self.below, self.cipher, self.bound = below, AESGCM(key), hashlib.sha256(MAGIC + head).digest()
        self.number, self.waiting = 0, bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        while len(self.waiting) > CHUNK:  # the last chunk is written on closing, and says so
            self._put(bytes(self.waiting[:CHUNK]), last=False)
            del self.waiting[:CHUNK]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._put(bytes(self.waiting), last=True)
        super().close()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self.below.write(self.cipher.encrypt(_nonce(self.number, last), chunk, self.bound))
        self.number += 1


class OpenedFile(io.RawIOBase):
    """Reads what a SealingFile wrote; BadInput where the file is damaged or another secret sealed it."""

    def __init__(self, path: Path, secret: Opens) -> None:
        super().__init__()
        self.path = path
        self.below = path.open("rb")
        try:
            head = self._head()
            self.cipher = AESGCM(self._key(head, secret))
        except BaseException:
            self.below.close()
            raise
        self.bound = hashlib.sha256(MAGIC + head).digest()
        self.number, self.ready, self.ended = 0, b"", False
        self.next = self.below.read(CHUNK + TAG)

    def _head(self) -> bytes:
        if self.below.read(len(MAGIC)) != MAGIC:
            raise _damaged(self.path, "this is no sealed file of Equipoise.", "Name the file that `backup` wrote.")
        return self.below.readline(_LONGEST_HEAD)

    def _key(self, head: bytes, secret: Opens) -> bytes:
        try:
            keys = [secret.unwrap(one) for one in json.loads(head)]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise _damaged(self.path, "the head of this file is damaged.", _OTHER) from None
        found = next((one for one in keys if one is not None), None)
        if found is None:
            what = "this secret does not open the file."
            raise _damaged(self.path, what, "Use the passphrase, or the private key, that it was sealed for.")
        return found

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if not self.ready and not self.ended:
            self._take()
        count = min(len(into), len(self.ready))
        into[:count] = self.ready[:count]
        self.ready = self.ready[count:]
        return count

    def _take(self) -> None:
        chunk, self.next = self.next, self.below.read(CHUNK + TAG)
        self.ended = not self.next
        try:
            self.ready = self.cipher.decrypt(_nonce(self.number, self.ended), chunk, self.bound)
        except InvalidTag:
            raise _damaged(self.path, "this file is damaged or was changed.", _OTHER) from None
        self.number += 1

    def close(self) -> None:
        self.below.close()
        super().close()


_OTHER = "Nothing was changed. Use another copy."


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _damaged(path: Path, what: str, mend: str) -> BadInput:
    return BadInput([Problem(str(path), None, None, what, mend)])


def make_pair(passphrase: str) -> tuple[bytes, bytes]:
    """(private, public) of a custodian as PEM; the private half is locked with the passphrase."""
    private = X25519PrivateKey.generate()
    lock = serialization.BestAvailableEncryption(passphrase.encode())
    own = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    everybodys = serialization.PublicFormat.SubjectPublicKeyInfo
    return own, private.public_key().public_bytes(serialization.Encoding.PEM, everybodys)


def read_recipient(path: Path) -> Recipient:
    """A custodian's public key from its file."""
    try:
        found = serialization.load_pem_public_key(path.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, X25519PublicKey):
        raise _damaged(path, "this is no public key that can be used.", "Make a pair: equipoise keys custodian FILE")
    return Recipient(found.public_bytes_raw())


def read_private(path: Path, passphrase: str) -> PrivateKey:
    """A custodian's private key from its file."""
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode())
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, X25519PrivateKey):
        mend = "Check the file and its passphrase."
        raise _damaged(path, "this private key does not open.", mend)
    return PrivateKey(found)
