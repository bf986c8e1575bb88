"""What a refusal means for the person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from trial.mail.bounces import BACK_OFF, classify, pause_before
from trial.mail.mailer import Reply


@pytest.mark.parametrize(
    ("code", "text", "verdict"),
    [
        (550, "5.1.1 <her@mailbox.example>: no such person", "bounced"),
        (550, "5.1.10 RESOLVER.ADR.RecipientNotFound", "bounced"),
        (550, "no such person", "bounced"),
        (551, "not local", "bounced"),
        (553, "name not allowed", "bounced"),
        (550, "5.1.8 sender's domain does not exist", "policy"),
        (550, "5.7.1 policy", "policy"),
        (550, "5.7.515 the domain does not meet the required level", "policy"),
        (550, "SPF check failed", "policy"),
        (554, "Relay access denied", "policy"),
        (550, "listed at an RBL", "policy"),
        (550, "user rejected: account blocked", "bounced"),
        (552, "5.2.2 mailbox full", "failed"),
        (554, "transaction failed", "failed"),
        (550, "blocked; see 10.5.1.1 for 5 reasons", "bounced"),
    ],
)
def test_only_a_dead_address_counts_as_a_bounce(code, text, verdict):
    assert classify(Reply("refused", code, text)) == verdict


def test_a_bare_550_counts_only_where_the_recipient_was_named():
    assert classify(Reply("refused", 550, "no", "rcpt")) == "bounced"
    assert classify(Reply("refused", 550, "no", "mail")) == "policy"
    assert classify(Reply("refused", 550, "no", "content")) == "failed"


def test_whatever_was_put_off_is_tried_again():
    assert classify(Reply("deferred", 451, "4.7.1 later")) == "retry"
    assert classify(Reply("deferred", None, "connection refused")) == "retry"


@pytest.mark.parametrize("kind", ["accepted", "unknown", "withdrawn"])
def test_a_mail_that_was_not_refused_has_no_verdict(kind):
    with pytest.raises(ValueError, match=kind):
        classify(Reply(kind, 250, ""))


def test_pauses_grow_to_four_hours_and_stay_there():
    assert [pause_before(attempt) for attempt in (1, 2, 3, 4, 5, 9)] == [*BACK_OFF, timedelta(hours=4)]
    assert [pause.total_seconds() / 60 for pause in BACK_OFF] == [1, 5, 15, 60, 240]
