"""An outside statistician's list, read from the file that `equipoise open --list` names."""

from __future__ import annotations

from pathlib import Path

from trial.core import outside_list as lists
from trial.core.errors import DataInvalid, Problem, Refused
from trial.core.randomization import Entries
from trial.protocol_files import ProtocolFolder

LARGEST = 8_000_000


def outside_list(folder: ProtocolFolder, path: Path) -> Entries:
    """Its entries, checked against the protocol; nothing of it is printed or kept but under the sealing key."""
    protocol = folder.protocol
    if protocol.allocation.method != "listed":
        raise Refused("The protocol does not go by a list: its allocation has another method than `listed`.")
    try:
        if path.stat().st_size > LARGEST:
            raise DataInvalid([Problem(str(path), None, None, "is too large for a list.", "Write fewer rows.")])
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        mend = "Name a file of comma-separated values in UTF-8."
        raise DataInvalid([Problem(str(path), None, None, "cannot be read.", mend)]) from error
    return lists.read(text, protocol, target=protocol.sample_size.target, file=str(path))
