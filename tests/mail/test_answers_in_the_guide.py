"""The operator's table of what a mail server's answer leads to is what the code does, row by row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trial.mail.bounces import BACK_OFF, classify
from trial.mail.mailer import Reply, Stage

GUIDE = (Path(__file__).parents[2] / "docs" / "guide-operator.md").read_text(encoding="utf-8")
TABLE = GUIDE.split("| answer | when | it says | what is done |")[1].split("\n\n")[0]
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in TABLE.splitlines()[2:]]
STAGES: dict[str, tuple[Stage, ...]] = {
    "any": ("rcpt", "data", "content"),
    "naming the recipient": ("rcpt",),
    "naming the sender": ("mail",),
    "after the mail": ("content",),
    "connecting": ("connect",),
    "connecting, signing in": ("connect",),
}
DONE = {
    "tried again": "retry", "the same": None, "came back": "bounced", "**policy**": "policy", "policy": "policy",
    "**account**": "account", "failed": "failed",
}  # fmt: skip


def replies(answer: str, when: str) -> list[Reply]:
    """Every answer that a row names, at every step that it is about."""
    codes = re.findall(r"`(\d{3}(?: \d\.\d+\.\d+)?)`", answer) + re.findall(r"other `(5\.\d\.)x`", answer)
    words = re.search(r"with the words (.*)", answer)
    found = []
    for code in codes:
        number, _, enhanced = (f"550 {code}99" if code.startswith("5.") else code).partition(" ")
        for said in re.split(r", ", words[1]) if words else ["Requested action not taken"]:
            for stage in STAGES[when]:
                kind = "deferred" if number.startswith("4") or stage == "connect" else "refused"
                found.append(Reply(kind, int(number), f"{enhanced} {said}".strip(), stage))
    return found


def expected() -> list[tuple[str, Reply]]:
    found, before = [], ""
    for answer, when, _, done in ROWS:
        name = next((one for one in DONE if done == one or done.startswith((f"{one}:", f"{one} "))), None)
        verdict = before if name == "the same" else DONE.get(name or "")
        if verdict:
            found += [(verdict, one) for one in replies(answer, when)]
            before = verdict
    return found


@pytest.mark.parametrize(("verdict", "reply"), expected(), ids=str)
def test_each_answer_in_the_guide_leads_to_what_the_guide_says(verdict: str, reply: Reply) -> None:
    assert classify(reply) == verdict


def test_the_table_names_every_verdict_and_the_pauses_are_those_of_the_code() -> None:
    assert {verdict for verdict, _ in expected()} == {"retry", "bounced", "policy", "account", "failed"}
    assert len(expected()) > 60
    assert [one.total_seconds() / 60 for one in BACK_OFF] == [1, 5, 15, 60, 240]
    assert "after 1, 5, 15 minutes, 1 and then 4 hours" in TABLE


def test_a_connection_that_does_not_come_about_is_tried_again_as_the_guide_says() -> None:
    assert classify(Reply("deferred", None, "connection refused", "connect")) == "retry"
