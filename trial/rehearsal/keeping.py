"""The people whom a researcher keeps in a stepped rehearsal: name, address, and how far each one's browser came."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from trial.core.errors import BadInput

FILE = "people.json"
LONGEST_NAME = 60
DOMAIN = "mailbox.example"


@dataclass(frozen=True, slots=True)
class Kept:
    """One of them. `participant` is known from the moment the address is confirmed; `browser` is what the cookie held
    when this person was left, and means something to the participants' pages alone."""

    number: int
    name: str
    address: str
    participant: int | None = None
    browser: Mapping[str, Any] = field(default_factory=dict)


class People:
    """All of them, in a file beside the database; `current` is whose the researcher's browser is."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        held = json.loads(self._path.read_text(encoding="utf-8")) if self._path.is_file() else {}
        self._kept = {one["number"]: Kept(**one) for one in held.get("people", [])}
        self._current: int | None = held.get("current")

    def all(self) -> list[Kept]:
        """In the order in which they came."""
        return [self._kept[number] for number in sorted(self._kept)]

    def by_number(self, number: int) -> Kept | None:
        """The one with this number."""
        return self._kept.get(number)

    def of_participant(self, participant_id: int) -> Kept | None:
        """The one who is this participant."""
        return next((one for one in self.all() if one.participant == participant_id), None)

    @property
    def current(self) -> Kept | None:
        return None if self._current is None else self._kept.get(self._current)

    def add(self, name: str) -> Kept:
        """Somebody new under the researcher's own name for them; without one, a number."""
        number = max(self._kept, default=0) + 1
        said = " ".join(name.split()) or f"Person {number}"
        if len(said) > LONGEST_NAME:
            raise BadInput.at("Name", "this name is very long.", f"Use at most {LONGEST_NAME} letters.")
        kept = Kept(number, said, _address(said, number, {one.address for one in self.all()}))
        self._keep(kept)
        return kept

    def change(self, kept: Kept, **values: Any) -> Kept:
        """Keep something more about one of them."""
        changed = replace(kept, **values)
        if changed != kept:
            self._keep(changed)
        return changed

    def turn_to(self, kept: Kept | None) -> None:
        """From now on the browser is this person's."""
        if self._current != (kept.number if kept else None):
            self._current = kept.number if kept else None
            self._write()

    def _keep(self, kept: Kept) -> None:
        self._kept[kept.number] = kept
        self._write()

    def _write(self) -> None:
        held = {"current": self._current, "people": [asdict(one) for one in self.all()]}
        unfinished = self._path.with_suffix(".part")
        unfinished.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self._path)


def _address(name: str, number: int, taken: Collection[str]) -> str:
    """The name as the local part of an address of the local mailbox."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    local = re.sub(r"[^a-z0-9]+", ".", plain).strip(".") or f"person.{number}"
    address = f"{local}@{DOMAIN}"
    return address if address not in taken else f"{local}.{number}@{DOMAIN}"
