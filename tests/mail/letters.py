"""A message as a researcher writes it, and the mail it becomes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from trial.mail.compose import Mail, fill

LINK = "https://trial.example/t/q-9_XaB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z_A"
STOP = "https://trial.example/s/_b2C4e6G8i0K2m4O6q8S0u2W4y6A8c0E2g4I6k8M0o-"

TEMPLATE = """Subject: Your exercise for today

Hello,

your exercise for today is ready. It takes about **{{ minutes }} minutes**.

[Open today’s exercise]({{ link }})

What helps:

- a place where *nobody* interrupts you
- a quiet quarter of an hour

It stays open until {{ closes }}. The team of {{ name_of_trial }} reads replies on working days:
[{{ contact_email }}](mailto:{{ contact_email }}). More is written on [our page](https://trial.example/about).
"""

VALUES = {
    "name_of_trial": "Letters to myself",
    "link": LINK,
    "code": "482 913",
    "closes": "Friday, 3 May 2030, 23:59",
    "minutes": "12",
    "contact_email": "first_last@trial.example",
    "days_left": "2",
}


def written(template: str = TEMPLATE, **changed: object) -> Mail:
    """The mail of this template, with some fields or placeholder values changed."""
    values = VALUES | {name: str(changed.pop(name)) for name in list(changed) if name in VALUES}
    subject, body = fill(template, values)
    fields = {
        "sender_name": "Letters to myself",
        "sender_email": "study@trial.example",
        "reply_to": "team@trial.example",
        "recipient": "her@mailbox.example",
        "subject": subject,
        "body_markdown": body,
        "language": "en",
        "message_id": "<17.0a1b2c3d@trial.example>",
        "stream": "exercises",
        "date": datetime(2030, 5, 1, 19, 0, tzinfo=timezone(timedelta(hours=2))),
        "footer_links": (("Pause or stop", STOP),),
        "marked": "Test trial",
    }
    return Mail(**(fields | changed))
