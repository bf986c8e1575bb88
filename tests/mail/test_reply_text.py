"""What a mail server said is kept outside the vault: no address stays in it, and what it means is still read."""

from __future__ import annotations

import pytest

from trial.mail.bounces import classify
from trial.mail.mailer import Reply


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("5.1.1 <her@mailbox.example>: Recipient address rejected", "5.1.1 <(address)>: Recipient address rejected"),
        ("5.1.1 her+x@mailbox.example unknown", "5.1.1 (address) unknown"),
        ("2.0.0 OK: queued as 4XyZ", "2.0.0 OK: queued as 4XyZ"),
        ("4.2.1 (HER@MAILBOX.EXAMPLE), try later", "4.2.1 ((address)), try later"),
    ],
)
def test_an_address_that_a_server_repeats_is_not_kept(said: str, kept: str) -> None:
    assert Reply("refused", 550, said, "rcpt").text == kept


def test_what_the_answer_means_is_read_all_the_same() -> None:
    assert classify(Reply("refused", 550, "5.1.1 <her@mailbox.example>: unknown", "rcpt")) == "bounced"
    assert classify(Reply("refused", 554, "5.7.1 her@mailbox.example: spam", "content")) != "bounced"
