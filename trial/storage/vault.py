"""Where identities and free text lie: encrypted under each person's own key, found without being read.

A person has two keys (AES-256), wrapped by the vault key, which lies outside the database: one for who they are, one
for what they answered and wrote (`answer_sheets` seals closed answers under it as well). Every value is sealed with
AES-GCM, a fresh 96-bit nonce, and the place it belongs to as associated data, so that a value moved to another row
does not open. Destroying the wrapped key destroys all that was sealed under it. An address is found by its blind
index, HMAC-SHA256(index key, trial, normalised address); NIST SP 800-38D for the mode.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Collection
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, delete, select, update

from trial.core.errors import NotFound
from trial.storage.rows import add_row
from trial.storage.tables import identity, participant, words
from trial.storage.work import Work

_NONCE = 12
# the kind of words that an answer sheet's free text is kept under
ANSWER = "answer"
# what a person typed and has not sent yet
DRAFT = "draft"
# the typed name under a consent, and what is kept of it once the person is erased
SIGNATURE = "signature"
PROOF = "proof"
# where a person was written to before, for as long as the change may be undone
FORMER_ADDRESS = "former_address"
# where something that was earned is sent to, by the number of the earning; not an answer, so it outlives those
PAYEE = "payee"
# sealed under the answers key
OF_ANSWERS = (ANSWER, DRAFT)
_LONGEST_ABOUT = 80


def seal(key: bytes, value: bytes, place: str) -> bytes:
    """Nonce and ciphertext of a value that belongs to this place."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, value, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """The value, or cryptography's InvalidTag where key, place or content differ."""
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())


def normalised(address: str) -> str:
    """One spelling per mailbox: NFKC, no surrounding space, small letters."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


def blind_index(work: Work, trial_id: int, address: str) -> bytes:
    """What an address is looked up by."""
    return hmac.new(work.keys.index, f"{trial_id}|{normalised(address)}".encode(), hashlib.sha256).digest()


def find(work: Work, trial_id: int, address: str) -> int | None:
    """The participant who gave this address, if any."""
    query = select(identity.c.participant_id).where(
        identity.c.trial_id == trial_id, identity.c.blind_index == blind_index(work, trial_id, address)
    )
    return work.rows.execute(query).scalar_one_or_none()


def keep_identity(work: Work, trial_id: int, participant_id: int, address: str) -> None:
    """A new person: their own key and their address."""
    key = AESGCM.generate_key(256)
    values = {
        "participant_id": participant_id,
        "trial_id": trial_id,
        "blind_index": blind_index(work, trial_id, address),
        "wrapped_key": seal(work.keys.vault, key, f"key|{participant_id}"),
        "wrapped_answers_key": _new_answers_key(work, participant_id)[1],
        "address": seal(key, address.strip().encode(), f"address|{participant_id}"),
    }
    add_row(work, identity, **values)


def address_of(work: Work, participant_id: int) -> str:
    """Where to write to this person; NotFound once erased."""
    found = addresses_of(work, [participant_id])
    if not found:
        raise NotFound("This person's data were erased.")
    return found[participant_id]


def addresses_of(work: Work, participant_ids: Collection[int]) -> dict[int, str]:
    """Where to write to each of several people; who was erased is left out."""
    if not participant_ids:
        return {}
    found = work.rows.execute(_ADDRESSES, {"people": list(participant_ids)})
    return {row.participant_id: _address(work, row) for row in found if row.wrapped_key is not None}


def _address(work: Work, row: Any) -> str:
    key = unseal(work.keys.vault, row.wrapped_key, f"key|{row.participant_id}")
    return unseal(key, row.address, f"address|{row.participant_id}").decode()


_ADDRESSES = select(identity.c.participant_id, identity.c.wrapped_key, identity.c.address).where(
    identity.c.participant_id.in_(bindparam("people", expanding=True))
)


def about_answer(sheet_id: int, column: str) -> str:
    """What a free answer is kept under: its sheet and column, or the column's SHA-256 where the two are too long."""
    about = f"{sheet_id}:{column}"
    return about if len(about) <= _LONGEST_ABOUT else f"{sheet_id}:{hashlib.sha256(column.encode()).hexdigest()}"


def keep_words(work: Work, trial_id: int, participant_id: int, kind: str, about: str, text: str) -> None:
    """Free text: writing, a signature, an open answer, a report. `about` names what it belongs to."""
    key = answers_key(work, participant_id) if kind in OF_ANSWERS else _key(work, participant_id)
    sealed = seal(key, text.encode(), f"{kind}|{about}|{participant_id}")
    values = {"trial_id": trial_id, "participant_id": participant_id, "kind": kind, "about": about, "sealed": sealed}
    add_row(work, words, **values)


def replace_words(work: Work, trial_id: int, participant_id: int, kind: str, about: str, text: str) -> None:
    """The same where words may stand already: what stood there is gone."""
    forget_words(work, participant_id, kind, about)
    keep_words(work, trial_id, participant_id, kind, about, text)


def words_of(work: Work, participant_id: int, kind: str, about: str) -> str:
    """Free text as it was entered."""
    query = select(words.c.sealed).where(
        words.c.participant_id == participant_id, words.c.kind == kind, words.c.about == about
    )
    sealed = work.rows.execute(query).scalar_one_or_none()
    if sealed is None:
        raise NotFound("No words were kept here.")
    place = f"{kind}|{about}|{participant_id}"
    if kind in OF_ANSWERS:
        try:
            return unseal(answers_key(work, participant_id), sealed, place).decode()
        except InvalidTag:
            pass  # from before answers had a key of their own
    return unseal(_key(work, participant_id), sealed, place).decode()


_KEYS = (
    select(identity.c.wrapped_key, identity.c.wrapped_answers_key, participant.c.data_withdrawn_at)
    .select_from(identity.join(participant, participant.c.id == identity.c.participant_id))
    .where(identity.c.participant_id == bindparam("person"))
)


def answers_key(work: Work, participant_id: int) -> bytes:
    """The key of what a person answered and wrote, apart from that of who they are: it may go alone.

    Somebody from before there was one gets it with the first answer that is kept; nobody gets a second one.
    """
    row = work.rows.execute(_KEYS, {"person": participant_id}).one_or_none()
    if row is None or row.wrapped_key is None:
        raise NotFound("This person's data were erased.")
    if row.data_withdrawn_at is not None:
        raise NotFound("This person's answers were withdrawn.")
    if row.wrapped_answers_key is not None:
        return unwrap_answers_key(work, participant_id, row.wrapped_answers_key)
    key, wrapped = _new_answers_key(work, participant_id)
    mine = update(identity).where(identity.c.participant_id == participant_id)
    work.rows.execute(mine.values(wrapped_answers_key=wrapped))
    return key


def unwrap_answers_key(work: Work, participant_id: int, wrapped: bytes) -> bytes:
    """A person's answers key out of its row."""
    return unseal(work.keys.vault, wrapped, f"answers key|{participant_id}")


def _new_answers_key(work: Work, participant_id: int) -> tuple[bytes, bytes]:
    key = AESGCM.generate_key(256)
    return key, seal(work.keys.vault, key, f"answers key|{participant_id}")


def destroy_answers(work: Work, participant_id: int) -> None:
    """The person takes back what they answered and wrote: its key goes, and so does every word kept under it."""
    work.rows.execute(
        update(identity).where(identity.c.participant_id == participant_id).values(wrapped_answers_key=None)
    )
    for kind in OF_ANSWERS:
        forget_words(work, participant_id, kind)


def forget_words(work: Work, participant_id: int, kind: str, about: str | None = None) -> None:
    """Words of a kind are kept no longer: those about one thing, or all of them."""
    mine = [words.c.participant_id == participant_id, words.c.kind == kind]
    if about is not None:
        mine.append(words.c.about == about)
    work.rows.execute(delete(words).where(*mine))


def change_address(work: Work, trial_id: int, participant_id: int, address: str) -> None:
    """The person is found by, and written to at, another address."""
    values = {
        "blind_index": blind_index(work, trial_id, address),
        "address": seal(_key(work, participant_id), address.strip().encode(), f"address|{participant_id}"),
    }
    work.rows.execute(update(identity).where(identity.c.participant_id == participant_id).values(values))


def all_words(work: Work, participant_id: int, kind: str) -> dict[str, str]:
    """Every text of a kind, by what it is about."""
    query = select(words.c.about).where(words.c.participant_id == participant_id, words.c.kind == kind)
    found = work.rows.execute(query.order_by(words.c.id)).scalars().all()
    return {about: words_of(work, participant_id, kind, about) for about in found}


def keep_proof(work: Work, trial_id: int, participant_id: int) -> None:
    """Before a person's key is destroyed: signatures are sealed anew under the vault key, which outlives it."""
    for about, signature in all_words(work, participant_id, SIGNATURE).items():
        sealed = seal(work.keys.vault, signature.encode(), f"{PROOF}|{about}|{participant_id}")
        values = {"trial_id": trial_id, "participant_id": participant_id, "kind": PROOF, "about": about}
        add_row(work, words, **values, sealed=sealed)
    forget_words(work, participant_id, SIGNATURE)


def proof_of(work: Work, participant_id: int, about: str) -> str:
    """The signature of somebody who was erased."""
    query = select(words.c.sealed).where(
        words.c.participant_id == participant_id, words.c.kind == PROOF, words.c.about == about
    )
    sealed = work.rows.execute(query).scalar_one_or_none()
    if sealed is None:
        raise NotFound("No proof was kept here.")
    return unseal(work.keys.vault, sealed, f"{PROOF}|{about}|{participant_id}").decode()


def forget_proof(work: Work, participant_id: int) -> None:
    """The time to keep a proof of consent is over: the typed name goes, wherever it lies. The rows of consent stay."""
    for kind in (SIGNATURE, PROOF):
        forget_words(work, participant_id, kind)


def destroy(work: Work, participant_id: int) -> None:
    """Erase a person: their key and address go; what was sealed under the key can no longer be read by anyone.

    Closed answers have a key of their own: `destroy_answers` where they are to go as well.
    """
    mine = update(identity).where(identity.c.participant_id == participant_id)
    work.rows.execute(mine.values(wrapped_key=None, address=None))


def _key(work: Work, participant_id: int) -> bytes:
    query = select(identity.c.wrapped_key).where(identity.c.participant_id == participant_id)
    wrapped = work.rows.execute(query).scalar_one_or_none()
    if wrapped is None:
        raise NotFound("This person's data were erased.")
    return unseal(work.keys.vault, wrapped, f"key|{participant_id}")
