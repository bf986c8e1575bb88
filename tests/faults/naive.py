"""What everybody writes first: one Celery task per mail, no ledger. The control that must lose mails when killed.

NAIVE, a JSON object in the environment, holds further Celery settings.
"""

from __future__ import annotations

import json
import os
import smtplib
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import urlsplit

from celery import Celery

app = Celery("naive", broker=os.environ.get("EQUIPOISE_BROKER_URL"), broker_connection_retry_on_startup=True)
app.conf.update(json.loads(os.environ.get("NAIVE", "{}")))


@app.task(name="naive.send", ignore_result=True)  # type: ignore[untyped-decorator]
def send(number: int) -> None:
    """Send the mail with this number."""
    server = urlsplit(os.environ["EQUIPOISE_SMTP_URL"])
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Naive", "team@trial.example.org", f"p{number}@mailbox.example"
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{number}@trial.example.org>"
    letter.set_content("One line.")
    with smtplib.SMTP(str(server.hostname), int(server.port or 0), local_hostname="[127.0.0.1]") as client:
        client.send_message(letter)
