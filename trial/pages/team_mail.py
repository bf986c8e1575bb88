"""Mails to the team: a trial's name, a word that something waits, and links that ask for signing in. Nothing more."""

from __future__ import annotations

from typing import Literal

TeamMail = Literal[
    "waits", "overdue", "restored", "test", "invitation", "new_browser", "changed", "mails_late", "mails_refused"
]
# where the links go, with the numbers of their matters, and what a mail server said
LINKS, SAID = "[[links]]", "[[said]]"
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
    "restored": """Subject: Please look once more: a backup was put back

Hello,

the trial {{ name_of_trial }} was put back from a backup. What the team did after the backup was taken is not known any
more, so this stands open again, although it may be done already. Please look at it as soon as you can:

[[links]]

The page asks you to sign in. Once somebody has taken it, nobody else is called.
""",
    "mails_late": """Subject: Mails of the study do not leave in time

Hello,

in the trial {{ name_of_trial }} mails have been due for more than half an hour and were not sent. Nothing is lost: each
leaves as soon as it can, or is put aside where it would come too late. Please tell whoever runs the server:

[[links]]

`equipoise delivery status` and the log of the workers say more. You are not told again for six hours.
""",
    "mails_refused": """Subject: A mail server refuses mails of the study

Hello,

a mail server does not take mails of the trial {{ name_of_trial }}. It says:

[[said]]

That is not about the addresses of participants, and none of them was marked. The mails wait and are tried again,
slowly, for as long as they are of use. Somebody has to mend it: usually the domain that mails come from (SPF, DKIM,
DMARC), the account of the mail server, or a list of senders of spam. Please tell whoever runs the server;
`equipoise mail doctor` says what is wrong, and `equipoise delivery status` how it goes:

[[links]]

You are told again only if it goes on for a day, or begins anew.
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
    "new_browser": """Subject: You signed in in another browser

Hello,

somebody signed in to the pages of the study team as you, with your password and a code, in a browser in which you had
not signed in before. Was it you? Then leave this mail.

If it was not you, sign in, end all other sessions and choose another password, in this order:

[[links]]

Then tell the owner of the trial and whoever runs the server.
""",
    "changed": """Subject: How you sign in was changed

Hello,

your password, your authenticator app or your recovery codes for the pages of the study team were changed. Was it you?
Then leave this mail.

If it was not you, sign in, end all other sessions and choose both anew. If you cannot sign in any more, ask whoever
runs the server to renew how you sign in; that ends every session too:

[[links]]
""",
}


def team_template(kind: TeamMail) -> str:
    """Subject and Markdown, with placeholders as in a protocol's messages."""
    return _TEXTS[kind]
