"""django-post-office with the same mail, in an environment of its own: queue so many, or send what is queued.

    python with_post_office.py GIVEN.json queue 2000
    python with_post_office.py GIVEN.json send

GIVEN.json names the database, the mail server, the parts of the mail and settings of POST_OFFICE. Run by
bench.throughput with the Python that has the package; nothing of ours is imported here.
"""

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Queue or send."""
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    _begin(given)
    from django.core.management import call_command  # type: ignore[import-not-found, unused-ignore]

    if sys.argv[2] == "queue":
        call_command("migrate", verbosity=0)
        _queue(given["parts"], int(sys.argv[3]))
    else:
        call_command("send_queued_mail", processes=2)


def _begin(given: dict[str, Any]) -> None:
    import django  # type: ignore[import-not-found, unused-ignore]
    from django.conf import settings  # type: ignore[import-not-found, unused-ignore]

    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", **given["database"]}},
        EMAIL_HOST=given["host"],
        EMAIL_PORT=given["port"],
        EMAIL_BACKEND="post_office.EmailBackend",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        POST_OFFICE=given["post_office"],
        USE_TZ=True,
    )
    django.setup()


def _queue(parts: dict[str, Any], mails: int) -> None:
    from post_office import mail  # type: ignore[import-not-found, unused-ignore]

    heads = dict(parts["heads"])
    own = {name: heads[name] for name in ("Reply-To", "List-Id", "Auto-Submitted") if name in heads}
    mail.send_many(
        [
            {
                "recipients": [f"p{number:05d}@mailbox.example"],
                "sender": "study@equipoise.example",
                "subject": "This evening",
                "message": parts["text"].replace(parts["token"], f"{number:043d}"),
                "html_message": parts["html"].replace(parts["token"], f"{number:043d}"),
                "headers": own,
            }
            for number in range(mails)
        ]
    )


if __name__ == "__main__":
    main()
