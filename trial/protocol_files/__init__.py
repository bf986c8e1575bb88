"""The only reader of YAML and Markdown: text in, core values or located problems out."""

from trial.protocol_files.folder import ProtocolFolder, read_files, read_folder, shipped, shipped_instruments

__all__ = ["ProtocolFolder", "read_files", "read_folder", "shipped", "shipped_instruments"]
