"""`equipoise mail doctor`: how server and domain stand, a test mail that is seen to arrive, and an answer to it."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.core.errors import BadInput, Problem, Refused, Unavailable
from trial.mail import resolver, sender_domain, server_check
from trial.mail.mailbox import started_mailbox
from trial.mail.mailbox_files import last_number, mail_path, read_mailbox
from trial.services import mail_doctor
from trial.services.mail_doctor import TestMail
from trial.settings import Settings

WAIT_SECONDS = 5.0


MARKS = {"good": "good", "look": "LOOK", "bad": "BAD "}


def examine(slug: str, *, selector: str, home: Path | None, database_url: str | None) -> bool:
    """Say how mail server and sending domain stand; whether nothing is bad."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, slug), write=False) as work:
        mail_doctor.require_may_look(work, slug)
    if not settings.smtp_url:
        typer.echo("EQUIPOISE_SMTP_URL is not set: mail goes to the local mailbox, and no server or domain is asked.")
        return True
    found = [*server_check.examine(settings.smtp_url, tokens=settings.tokens())]
    domain, comes_back = (one.rpartition("@")[2].casefold() for one in (settings.mail_from, settings.bounces))
    found += sender_domain.examine(domain, resolver.lookup, selector=selector)
    if comes_back not in ("", domain):
        found += sender_domain.examine_return(comes_back, resolver.lookup)
    for one in found:
        typer.echo(f"{MARKS[one.grade]}  {one.about:8} {one.seen}{f'. {one.mend}' if one.mend else ''}")
    bad = sum(one.grade == "bad" for one in found)
    typer.echo(_what_next(slug, bad), err=True)
    return not bad


def _what_next(slug: str, bad: int) -> str:
    """What the lines above come to, for whoever knows none of their words."""
    if bad:
        said = "One line is BAD" if bad == 1 else f"{bad} lines are BAD"
        return f"{said}: mails may not arrive. Have it mended by whoever runs the server or the domain; LOOK can wait."
    return f"Nothing is BAD. Now send a test mail: equipoise mail doctor {slug} --to you@example.org"


def send_test(slug: str, to: str, *, home: Path | None, database_url: str | None) -> None:
    """Send it, see it arrive, and keep that."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    box = settings.home / "mailbox"
    with store.open_work(acting(settings, store, slug), write=False) as work:
        try:
            test = mail_doctor.letter(work, slug, to=to, mail_from=settings.mail_from, bounces=settings.bounces)
        except ValueError as error:
            mend = "Write one mail address."
            raise BadInput([Problem("--to", None, None, f"{error}.", mend)]) from None
    box_url = ""
    with ExitStack() as stack:
        if not settings.smtp_url:
            box_url = stack.enter_context(started_mailbox(box)).url
            settings = settings.model_copy(update={"smtp_url": box_url})
        before = last_number(box)
        mailer = settings.sender().mailer
        stack.callback(mailer.close)
        reply = mailer.send(test.envelope, lambda: test.content)
    if reply.kind != "accepted":
        raise Unavailable("The mail server", "EQUIPOISE_SMTP_URL", f"it said: {reply.text}")
    typer.echo(f"The mail server took the test mail ({reply.code}).")
    number = _number_of(box, before, test)
    how = "local mailbox" if number else _typed(test)
    with store.open_work(acting(settings, store, slug)) as work:
        mail_doctor.arrived(work, slug, test, how)
    if box_url and number:
        _say_where(settings, box, number)
    typer.echo("It arrived. Now answer it, as a participant would, and look:")
    typer.echo(f"  equipoise mail doctor {slug} --reply")


def _say_where(settings: Settings, box: Path, number: int) -> None:
    """Without a mail server named here, the test went where nobody's mail goes; whoever reads on is told what to do."""
    desk = settings.desk_url.rstrip("/")
    typer.echo("EQUIPOISE_SMTP_URL is not set here: it went into the local mailbox of this home, to no mail server.")
    typer.echo("Does `serve` run with a mail server? Then name the same one for this command, and run it once more.")
    typer.echo(f"Else it lies in {mail_path(box, number)}; answer it there, while `serve` runs:")
    typer.echo(f"  {desk}/mailbox/{number}/answer")


def _number_of(box: Path, before: int, test: TestMail) -> int:
    """Its number in the mailbox of this home, 0 where it is not there; a mailbox that is used writes at once."""
    until = time.monotonic() + (WAIT_SECONDS if box.is_dir() else 0)
    while True:
        for one in read_mailbox(box, before):
            if one.headers.get("message-id") == test.message_id:
                return one.number
        if time.monotonic() >= until:
            return 0
        time.sleep(0.1)


def _typed(test: TestMail) -> str:
    if not sys.stdin.isatty():
        raise Refused("Nobody can type the code of the mail here. Run this in a terminal.")
    typed = typer.prompt("The code in the mail, as its reader says it", err=True)
    if "".join(typed.split()) != test.code:
        raise Refused("That is not the code of this mail. Nothing was recorded.")
    return "code typed"


def look_for_reply(slug: str, *, home: Path | None, database_url: str | None) -> None:
    """Pick up what has come, and say whether a test mail was answered."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    settings.postman().look(store.open_work)
    with store.open_work(acting(settings, store, slug), write=False) as work:
        if not mail_doctor.is_answered(work, slug):
            raise Refused("No answer to a test mail has come. Look where people's answers are picked up, and again.")
    typer.echo("An answer to a test mail stands among the replies of the desk.")
