"""`equipoise prepare`, `gate …`, `mail doctor` and `open` of a live trial, as an operator types them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.core.ready import READY, ready_files
from trial.mail.sender_domain import Finding

ADDRESS = "--base-url=https://trial.example.org"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def prepared(equipoise: Shell) -> Shell:
    """A live trial named `evenings`, in preparation in `home`."""
    write(equipoise.folder / "mine", ready_files())
    done = equipoise("prepare", "mine", "--name=evenings", ADDRESS, "--home=home")
    assert done.code == 0 and "Nobody can take part yet" in done.out, done
    return equipoise


def test_a_refused_gate_says_what_to_do_and_opens_nothing(prepared: Shell) -> None:
    shown = prepared("gate", "show", "evenings", "--home=home")
    assert shown.code == 1 and "equipoise drill DIR" in shown.out and "lines are refused" in shown.out
    done = prepared("open", "mine", "--name=evenings", "--home=home")
    assert done.code == 1 and "does not open" in done.err and "REFUSED" in done.out
    told = json.loads(prepared("gate", "show", "evenings", "--home=home", "--json").out)
    assert {"ethics", "backup", "rehearsal"} <= {one["code"] for one in told}
    assert "preparing" in prepared("status", "evenings", "--home=home").out
    assert prepared.rows().all("seal") == []


def test_a_seed_from_two_contributions_is_committed_to_and_given_and_printed_nowhere(prepared: Shell) -> None:
    words = "the forty-second number of tonight's draw"
    (prepared.folder / "line.txt").write_text(words + "\n", encoding="utf-8")
    give = ("randomization", "contribute", "evenings", "--from=line.txt", "--by=Somebody outside", "--home=home")
    assert "randomization share evenings" in prepared.refused(1, *give)
    drawn = prepared("randomization", "share", "evenings", "--home=home")
    commitment = drawn.out.split("commitment  ")[1].split()[0]
    assert drawn.code == 0 and len(commitment) == 64 and "--home home" in drawn.out
    status = prepared("status", "evenings", "--home=home").out
    assert commitment in status and "waited for" in status
    given = prepared(*give)
    receipt = given.out.split("receipt  ")[1].split()[0]
    assert given.code == 0 and words not in given.out + given.err
    assert receipt == hashlib.sha256(words.encode()).hexdigest()
    status = prepared("status", "evenings", "--home=home").out
    assert f"by Somebody outside, receipt {receipt}" in status
    assert "stays" in prepared.refused(1, *give)
    assert "cannot be read" in prepared.refused(2, *give[:3], "--from=nowhere.txt", *give[4:])


def test_a_live_trial_is_prepared_before_it_opens(equipoise: Shell) -> None:
    write(equipoise.folder / "mine", ready_files())
    equipoise("open", "shapira-mongrain-2010", "--test", "--placeholder-wording", "--home=home")
    said = equipoise.refused(1, "open", "mine", "--name=evenings", "--home=home")
    assert "equipoise prepare" in said


def test_only_a_finished_demo_of_this_very_version_counts_and_only_once_it_was_read(prepared: Shell) -> None:
    demo = prepared.folder / "demo"
    said = prepared.refused(2, "gate", "rehearsal", "evenings", "demo", "--home=home")
    assert "no finished demo" in said
    demo.mkdir()
    marker = {"finished": True, "trial": "quiet", "digest": "other", "participants": 20, "seed": 1}
    (demo / "rehearsal.json").write_text(json.dumps(marker))
    said = prepared.refused(1, "gate", "rehearsal", "evenings", "demo", "--read", "--home=home")
    assert "another version" in said
    (demo / "rehearsal.json").write_text(json.dumps(marker | {"digest": READY.digest}))
    assert "--read" in prepared.refused(1, "gate", "rehearsal", "evenings", "demo", "--home=home")
    assert prepared("gate", "rehearsal", "evenings", "demo", "--read", "--home=home").code == 0
    [kept] = prepared.rows().all("evidence")
    assert kept["line"] == "rehearsal"


def test_the_doctor_says_how_server_and_domain_stand_and_ends_with_1_where_something_is_bad(
    prepared: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = prepared("mail", "doctor", "evenings", "--home=home")
    assert quiet.code == 0 and "local mailbox" in quiet.out
    records = {"s1._domainkey.trial.example": ["p=x"], "trial.example": ["v=spf1 -all"]}
    monkeypatch.setattr("trial.mail.resolver.lookup", lambda name, kind: records.get(name, []) if kind == "TXT" else [])
    ours = {"SMTP_URL": "smtp://127.0.0.1:1", "MAIL_FROM": "study@trial.example"}
    done = prepared("mail", "doctor", "evenings", "--selector=s1", "--home=home", **ours)
    assert done.code == 1
    lines = [line.split()[:2] for line in done.out.splitlines()]
    assert lines == [["BAD", "Server"], ["good", "SPF"], ["good", "DKIM"], ["BAD", "DMARC"], ["LOOK", "Answers"]]
    assert "2 lines are BAD: mails may not arrive." in done.err


def test_the_doctor_says_what_comes_next_where_nothing_is_bad(prepared: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    good = Finding("Server", "good", "it answers")
    monkeypatch.setattr("trial.mail.server_check.examine", lambda url, tokens=None: [good])
    monkeypatch.setattr("trial.mail.sender_domain.examine", lambda domain, lookup, selector="": [good])
    done = prepared("mail", "doctor", "evenings", "--home=home", SMTP_URL="smtp://127.0.0.1:1")
    assert done.code == 0
    assert "Nothing is BAD. Now send a test mail: equipoise mail doctor evenings --to" in done.err


def test_a_test_mail_is_seen_in_the_local_mailbox(prepared: Shell) -> None:
    done = prepared("mail", "doctor", "evenings", "--to=tester@mailbox.example", "--home=home")
    assert done.code == 0 and "It arrived" in done.out, done
    assert "EQUIPOISE_SMTP_URL is not set here" in done.out and "run it once more" in done.out
    assert "mailbox/000001.eml" in done.out and "/mailbox/1/answer" in done.out
    said = prepared.refused(1, "mail", "doctor", "evenings", "--reply", "--home=home")
    assert "No answer" in said
    said = prepared.refused(2, "mail", "doctor", "evenings", "--to=nobody", "--home=home")
    assert "--to" in said
