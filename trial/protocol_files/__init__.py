"""The only reader of YAML and Markdown: text in, core values or located problems out."""

from trial.protocol_files.folder import (
    ProtocolFolder,
    examine,
    read_files,
    read_folder,
    shipped,
    shipped_instruments,
)
from trial.protocol_files.linting import Remark, remarks

__all__ = [
    "ProtocolFolder",
    "Remark",
    "examine",
    "read_files",
    "read_folder",
    "remarks",
    "shipped",
    "shipped_instruments",
]
