"""yaml-language-server on a pipe: what an editor asks it, and what it answers."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SERVER = Path(__file__).parents[2] / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
_FEATURES = {"yaml": {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}}


class LanguageServer:
    """Speaks the Language Server Protocol: each message is JSON after a Content-Length header."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._in, self._out, self._asked = process.stdin, process.stdout, 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}

    def _send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._in.flush()

    def _next(self) -> dict[str, Any]:
        length = 0
        while (line := self._out.readline().strip()) or not length:
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            elif not line and not length:
                raise EOFError("the language server has ended")
        message: dict[str, Any] = json.loads(self._out.read(length))
        return message

    def _heed(self, message: dict[str, Any]) -> None:
        """Answer what the server asks of an editor, and keep what it says about a file."""
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            asked = message["params"]["items"]
            self._send(id=message["id"], result=[_FEATURES.get(one.get("section")) for one in asked])
        elif "id" in message and "method" in message:
            self._send(id=message["id"], result=None)

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a request."""
        self._asked += 1
        self._send(id=self._asked, method=method, params=params)
        while (message := self._next()).get("id") != self._asked or "method" in message:
            self._heed(message)
        assert "error" not in message, message
        return message["result"]

    def tell(self, method: str, **params: Any) -> None:
        self._send(method=method, params=params)

    def open(self, file: Path) -> list[dict[str, Any]]:
        """Open a file as an editor does: what is marked in it."""
        item = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": file.read_text(encoding="utf-8")}
        self.tell("textDocument/didOpen", textDocument=item)
        while file.as_uri() not in self._diagnostics:
            self._heed(self._next())
        return self._diagnostics.pop(file.as_uri())

    def offered(self, file: Path, line: int, character: int) -> list[str]:
        """The labels that are offered at a place, lines and characters counting from 0."""
        place = {"line": line, "character": character}
        found = self.ask("textDocument/completion", textDocument={"uri": file.as_uri()}, position=place)
        return [one["label"] for one in found["items"]]


@contextmanager
def language_server(folder: Path) -> Iterator[LanguageServer]:
    """Start the server for the files of a folder, and end it."""
    node = shutil.which("node")
    if node is None or not SERVER.exists():
        raise RuntimeError("yaml-language-server is not installed: run 'bash .ci/setup --tests'")
    command = [node, str(SERVER), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder) as process:
        try:
            server = LanguageServer(process)
            able = {"workspace": {"configuration": True}, "textDocument": {"completion": {"completionItem": {}}}}
            server.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities=able)
            server.tell("initialized")
            server.tell("workspace/didChangeConfiguration", settings=_FEATURES)
            yield server
        finally:
            process.kill()
