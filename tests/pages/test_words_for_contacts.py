"""The team reads what every mail was, and where it stands, in plain words."""

from __future__ import annotations

from trial.core import contact_words
from trial.core.delivery import ContactState
from trial.pages.service_mail import OWN_MAILS


def test_every_mail_of_our_own_and_every_state_has_words_for_the_team() -> None:
    assert set(contact_words.OWN) == set(OWN_MAILS)
    assert set(contact_words.STATES) == set(ContactState)
