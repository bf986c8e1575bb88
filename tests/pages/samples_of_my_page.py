"""A person's own page and those it leads to, in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.pages.samples_of_help import FRAME
from trial.core.durations import Length
from trial.pages import my_page, payee

SEVEN = datetime(2026, 3, 3, 19, 0, tzinfo=UTC)
_COMING = (
    my_page.Coming("questionnaire", SEVEN, SEVEN, 2, open=True),
    my_page.Coming("exercise", SEVEN, SEVEN, 3, open=False),
    my_page.Coming("step", SEVEN, SEVEN, None, open=False),
)
_WAITING = (my_page.Waiting(1, "withdraw_data", SEVEN), my_page.Waiting(2, "erase", SEVEN))
_ZONE = "Europe/London"


def _me(**state: Any) -> str:
    return my_page.my_page(FRAME, my_page.MyPage(**({"coming": _COMING, "zone": _ZONE} | state)))


def _mails(**state: Any) -> str:
    known = {"zone": _ZONE, "language": "en", "languages": ("en",)}
    return my_page.mails_page(FRAME, my_page.MailsPage(**(known | state)))


def _code(**state: Any) -> str:
    return my_page.code_page(FRAME, my_page.CodePage(**state))


def _data(**state: Any) -> str:
    known = {"zone": _ZONE, "free_from": SEVEN, "owed_until": SEVEN, "kept": False, "frozen": False}
    return my_page.data_page(FRAME, my_page.DataPage(**(known | state)))


_ASKS = payee.Earned("A small thank-you", "transfer", "asks")
_TOLD = payee.Earned("A small thank-you", "transfer", "told")


def _payee(*earned: payee.Earned, **state: Any) -> str:
    known: dict[str, Any] = {
        "zone": _ZONE,
        "earned": earned,
        "keep": {"transfer": Length(days=30), "post": Length(days=30)},
    }
    return payee.payee_page(FRAME, payee.PayeePage(**(known | state)))


def _pause(**state: Any) -> str:
    return my_page.pause_page(FRAME, my_page.PausePage(_ZONE, **state))


MY_PAGE: dict[str, Callable[[], str]] = {
    "me": _me,
    "me-nothing": lambda: _me(coming=()),
    "me-waiting": lambda: _me(waiting=_WAITING, paused_until=SEVEN, said="wish"),
    "me-stopped": lambda: _me(coming=(), stopped="everything", may_take_up_again=True),
    "me-stopped-questionnaires": lambda: _me(stopped="questionnaires", said="paused"),
    "me-muted": lambda: _me(muted=(("breathing", "Breathing slowly"),), said="back"),
    "me-over": lambda: _me(coming=(), over=True),
    "me-changed": lambda: _me(changed=True),
    "me-erased": lambda: _me(erased=True),
    "me-thanked": lambda: _me(thanked=True, asks_where=True),
    "me-payee": lambda: _payee(_ASKS),
    "me-payee-told": lambda: _payee(_TOLD, keep={"transfer": Length(days=30), "post": Length(days=7)}),
    "me-payee-given": lambda: _payee(payee.Earned("A book", "post", "given", SEVEN)),
    "me-payee-nothing": _payee,
    "me-payee-fault": lambda: _payee(
        _ASKS, way="transfer", faults={"name": "missing", "account": "mistyped"}, typed={"name": "", "account": "GB00"}
    ),
    "me-payee-not-ticked": lambda: _payee(_TOLD, not_ticked="transfer"),
    "me-pause": _pause,
    "me-pause-on": lambda: _pause(paused_until=SEVEN),
    "me-pause-fault": lambda: _pause(fault="bad_day", day="2020-01-01"),
    "me-mails": _mails,
    "me-mails-hours": lambda: _mails(languages=("en", "de", "ar"), hours=("08:00", "19:00"), hour="19:00"),
    "me-mails-fault": lambda: _mails(fault="bad_zone", fewer_reminders=True),
    "me-code": _code,
    "me-code-sent": lambda: _code(sent=True),
    "me-code-wrong": lambda: _code(fault="wrong"),
    "me-code-not-ticked": lambda: _code(fault="not_ticked"),
    "me-code-new-address": lambda: _code(to_new=True),
    "me-address": lambda: my_page.address_page(FRAME, my_page.AddressPage()),
    "me-address-fault": lambda: my_page.address_page(FRAME, my_page.AddressPage("robin@", "bad_address")),
    "address-back": lambda: my_page.back_page(FRAME, my_page.BackPage()),
    "address-back-wrong": lambda: my_page.back_page(FRAME, my_page.BackPage(wrong=True)),
    "me-data": _data,
    "me-data-kept": lambda: _data(kept=True),
    "me-data-frozen": lambda: _data(frozen=True),
    "me-data-withdrawn": lambda: _data(withdrawn=True),
    "me-data-not-ticked": lambda: _data(fault="withdraw"),
}
