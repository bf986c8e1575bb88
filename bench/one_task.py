"""One Celery task for each mail, as one writes it first: it builds the mail and sends it, and nothing is kept.

    celery -A bench.one_task worker

The parts of the mail lie in a file, EQUIPOISE_HOME/parts.json. Used by bench.throughput.
"""

from __future__ import annotations

import json
import os
import smtplib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from celery import Celery

from bench.classic import Parts, build

app = Celery("one_task", broker=os.environ.get("EQUIPOISE_BROKER_URL"), broker_connection_retry_on_startup=True)


@cache
def _parts() -> Parts:
    found: Parts = json.loads((Path(os.environ["EQUIPOISE_HOME"]) / "parts.json").read_text(encoding="utf-8"))
    return found


@app.task(name="one_task.send", ignore_result=True)  # type: ignore[untyped-decorator]
def send(number: int) -> None:
    """Send the mail with this number over a connection of its own."""
    server = urlsplit(os.environ["EQUIPOISE_SMTP_URL"])
    address, content = build(_parts(), number)
    with smtplib.SMTP(str(server.hostname), int(server.port or 0), local_hostname="[127.0.0.1]") as client:
        client.sendmail("study@equipoise.example", [address], content)
