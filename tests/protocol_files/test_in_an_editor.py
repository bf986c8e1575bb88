"""The two steps of docs/checking.md make an editor complete the keys of a protocol, and mark what is unknown."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.servers.language_server import language_server
from tests.system.commands import equipoise
from trial.protocol_files import shipped

FIRST_LINE = "# yaml-language-server: $schema=protocol.schema.json\n"


def test_an_editor_completes_keys_and_marks_unknown_ones(tmp_path: Path) -> None:
    folder = tmp_path / "my-trial"
    shutil.copytree(shipped("larger-trial"), folder)
    schema = equipoise("schema", cwd=tmp_path)
    (folder / "protocol.schema.json").write_text(schema.out, encoding="utf-8")
    file = folder / "protocol.yaml"
    lines = [FIRST_LINE, *file.read_text(encoding="utf-8").splitlines(keepends=True)]
    with language_server(folder) as editor:
        file.write_text("".join(lines), encoding="utf-8")
        assert editor.open(file) == []

        at = lines.index("design:\n") + 1
        typed = folder / "typed.yaml"
        others = [line for line in lines[at:] if not line.startswith("  disclosure:")]
        typed.write_text("".join([*lines[:at], "  disc\n", *others]), encoding="utf-8")
        editor.open(typed)
        assert "disclosure" in editor.offered(typed, at, len("  disc"))

        wrong = folder / "wrong.yaml"
        wrong.write_text("".join([*lines[:at], "  framewrk: superiority\n", *lines[at:]]), encoding="utf-8")
        marked = editor.open(wrong)
        assert [(one["range"]["start"]["line"], one["message"]) for one in marked] == [
            (at, "Property framewrk is not allowed.")
        ]


def test_without_the_comment_line_nothing_is_marked(tmp_path: Path) -> None:
    file = tmp_path / "plain.yaml"
    file.write_text("design:\n  framewrk: superiority\n", encoding="utf-8")
    with language_server(tmp_path) as editor:
        assert editor.open(file) == []
