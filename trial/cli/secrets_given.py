"""Passphrases and keys that a command is given: from files, or typed where somebody sits at a terminal."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import typer

from trial.core.errors import BadInput, Problem
from trial.storage.sealed_files import Opens, Passphrase, Recipient, Seals, read_private, read_recipient

SHORTEST = 12


@dataclass(frozen=True, slots=True)
class Given:
    """What was named for one sealed file; `about` is what a prompt asks the passphrase of."""

    about: str
    option: str
    passphrase_file: Path | None = None
    recipients: tuple[Path, ...] = ()
    private_key: Path | None = None

    def sealing(self) -> list[Seals]:
        """Who may open what is written."""
        named: list[Seals] = [read_recipient(one) for one in self.recipients]
        if self.passphrase_file or not named:
            named.append(self._new_passphrase())
        return named

    def opening(self) -> Opens:
        """What opens the file that is read."""
        words = self._words(confirm=False)
        return read_private(self.private_key, words) if self.private_key else Passphrase(words)

    def both(self) -> tuple[list[Seals], Opens]:
        """To write a file and read it again."""
        if self.private_key:
            private = read_private(self.private_key, self._words(confirm=False))
            return [Recipient(private.public)], private
        words = self._new_passphrase()
        return [words], words

    def _new_passphrase(self) -> Passphrase:
        words = self._words(confirm=True)
        if len(words) < SHORTEST:
            mend = "Take several words."
            what = f"a passphrase of fewer than {SHORTEST} characters is guessed."
            raise BadInput([Problem(self.option, None, None, what, mend)])
        return Passphrase(words)

    def _words(self, *, confirm: bool) -> str:
        if self.passphrase_file:
            return self.passphrase_file.read_text(encoding="utf-8").rstrip("\r\n")
        if not sys.stdin.isatty():
            mend = f"Name a file that holds it: {self.option}."
            raise BadInput([Problem(self.option, None, None, f"no passphrase was given for {self.about}.", mend)])
        asked: str = typer.prompt(f"Passphrase of {self.about}", hide_input=True, confirmation_prompt=confirm, err=True)
        return asked
