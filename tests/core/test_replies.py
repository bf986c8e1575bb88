"""What asks for no more mails, and what only looks like it."""

from __future__ import annotations

import pytest

from trial.core.links import delivery_of, make_message_id
from trial.core.replies import asks_to_stop

KEY = b"k" * 32


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "Stop!", "Please stop.", "stop, please", "Hello,\n\nplease stop sending me emails.\nThank you, R.",
        "Unsubscribe", "No more e-mails!", "Don't write to me again", "Stopp", "Bitte aufhören!",
        "Keine Mails mehr, bitte",
        "Hallo,\nbitte schreiben Sie mir nicht mehr", "توقف", "توقّف!", "أوقفوا الرسائل من فضلكم", "إلغاء الاشتراك",
        "stop\n\nSent from my telephone",
    ],
)  # fmt: skip
def test_a_line_that_says_nothing_but_stop_asks_to_stop(text: str) -> None:
    assert asks_to_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "Please don't stop", "Do not stop!", "I could not stop", "I stop by the office", "Non-stop work", "",
        "The bus stop was full.\nStop", "Bitte nicht aufhören", "Stoppen Sie bitte nicht", "Hello", "Thank you",
        "لا تتوقفوا",
        "I cannot stop thinking about it", "When does it stop?\nUnsubscribe from what?", "...", "Wann hört das auf",
    ],
)  # fmt: skip
def test_a_false_friend_of_stop_does_not(text: str) -> None:
    assert not asks_to_stop(text)


@pytest.mark.parametrize("number", [0, 1, 17, 2**31 - 1, 2**63])
def test_our_message_id_says_which_mail_it_was_to_who_holds_the_key(number: int) -> None:
    made = make_message_id(KEY, number, "trial.example")
    assert delivery_of(KEY, made) == delivery_of(KEY, made.strip("<>")) == number
    assert delivery_of(b"o" * 32, made) is None


@pytest.mark.parametrize("foreign", ["", "<>", "<abc@mail.example>", f"<{'0' * 32}@trial.example>", "<x@y> <z@y>"])
def test_a_message_id_that_is_not_ours_says_nothing(foreign: str) -> None:
    assert delivery_of(KEY, foreign) is None


def test_a_message_id_with_one_changed_figure_is_not_ours() -> None:
    made = make_message_id(KEY, 17, "trial.example")
    for place in range(1, 33):
        other = made[:place] + ("0" if made[place] != "0" else "1") + made[place + 1 :]
        assert delivery_of(KEY, other) is None
