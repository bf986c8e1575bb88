"""Mails to the team: a trial's name, a word that something waits, and links that ask for signing in. Nothing more."""

from __future__ import annotations

from typing import Literal

TeamMail = Literal["waits", "overdue", "test", "invitation"]
# where the links go, with the numbers of their matters
LINKS = "[[links]]"
SENDER = "Research study"

_TEXTS: dict[TeamMail, str] = {
    "waits": """Subject: Something waits for you

Hello,

in the trial {{ name_of_trial }} something waits for somebody of the team. Please look at it as soon as you can:

[[links]]

The page asks you to sign in. Once somebody has taken it, nobody else is called.
""",
    "overdue": """Subject: Something has waited for too long

Hello,

in the trial {{ name_of_trial }} nobody has taken up in time what is on a list of the desk. Please look at it:

[[links]]

The page asks you to sign in. Once somebody has taken it, nobody else is called.
""",
    "test": """Subject: Test: please say that this reached you

Hello,

this is a test of who is called in the trial {{ name_of_trial }}. No participant is concerned. Please sign in and say
that it reached you:

[[links]]
""",
    "invitation": """Subject: An invitation to a study team

Hello,

you are asked to join the team of the trial {{ name_of_trial }}. This link shows what you are asked to be, and lets you
choose how you sign in. It works once, within a week:

[[links]]

Did you not expect this? Then leave it: without you nothing happens.
""",
}


def team_template(kind: TeamMail) -> str:
    """Subject and Markdown, with placeholders as in a protocol's messages."""
    return _TEXTS[kind]
