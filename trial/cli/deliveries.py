"""`equipoise delivery …`: how sending goes, and the story of each mail of a person."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from trial.cli.places import ready_store, settings_of
from trial.cli.proofs import acting
from trial.services import clocks, delivery_status, delivery_story
from trial.services.delivery_status import COLUMNS, Sending
from trial.services.delivery_story import Story, Told
from trial.services.troubles import Standing

TOO_LATE = timedelta(minutes=5)
EVERY_SECONDS = 5.0


def show_status(
    slug: str, *, hours: int, watch: bool, as_json: bool, home: Path | None, database_url: str | None
) -> None:
    """Once, or again and again."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    while True:
        with store.open_work(acting(settings, store, slug), write=False) as work:
            found = delivery_status.sending_of(work, slug, behind=hours)
        if watch:
            typer.echo("\x1b[2J\x1b[H", nl=False)
        typer.echo(json.dumps(asdict(found), indent=2, default=str) if as_json else _table(found))
        if not watch:
            raise typer.Exit(1 if found.lag > TOO_LATE else 0)
        time.sleep(EVERY_SECONDS)


def _table(found: Sending) -> str:
    shown = [name for name in COLUMNS if found.totals[name]]
    wide = max([len("message"), *(len(one.message) for one in found.lines)])
    lines = [f"{'hour (UTC)':16}  {'message':{wide}}" + "".join(f"  {name:>10}" for name in shown)]
    before = ""
    for one in found.lines:
        hour = f"{one.hour:%Y-%m-%d %H:00}"
        numbers = "".join(f"  {one.numbers.get(name) or '':>10}" for name in shown)
        lines.append(f"{'' if hour == before else hour:16}  {one.message:{wide}}{numbers}")
        before = hour
    if not found.lines:
        lines = ["Nothing fell due in these hours, and nothing is planned for the next ones."]
    elif shown:
        lines.append(f"{'':16}  {'all':{wide}}" + "".join(f"  {found.totals[name]:>10}" for name in shown))
    late = found.late
    if late.since is None:
        lines += ["", f"Nothing is late; {late.in_hand} being sent now."]
    else:
        number = f"{late.number:,}" if late.number < 10_000 else "10,000 or more"
        where = ", over all trials" if found.everywhere else ""
        lines += ["", f"Due and not sent{where}: {number}, the oldest for {_long(found.lag)}; "
                      f"{late.in_hand} being sent now."]  # fmt: skip
    lines.append(_worker(found))
    if found.held or found.in_doubt:
        lines.append(f"Held in this trial: {found.held}; in doubt: {found.in_doubt}.")
    lines += map(_trouble, found.troubles)
    if found.made_up:
        last = f"{found.made_up.last_at:%Y-%m-%d %H:%M} UTC"
        lines.append(f"Sent back to return addresses that nobody here made, and left alone: {found.made_up.number:,}, "
                     f"last on {last}.")  # fmt: skip
    if found.leaves_out:
        lines.append("Timepoints that not every arm has are left out.")
    return "\n".join(lines)


def _worker(found: Sending) -> str:
    if found.looked is None:
        return "No worker has looked for mails yet."
    ago = f"{_long(found.looked)} ago" if found.looked >= timedelta(minutes=1) else "less than a minute ago"
    return f"A worker looked for mails {ago}." + ("" if found.worker_lives else " None seems to be running.")


def _trouble(one: Standing) -> str:
    """What a mail server refuses, and what to do."""
    where = " (told by reports that came back)" if one.by_report else ""
    number = f", {one.refused:,} so far" if one.refused else ""
    pause = f" Sending pauses for {_long(one.paused_for)} more, then tries one mail." if one.paused_for else ""
    said = f"\n  It says: {one.said}" if one.said else ""
    return f"Refused for {_long(one.for_long)}{where}{number}. {one.mend}{pause}{said}\n  See: equipoise mail doctor"


def _long(lag: timedelta) -> str:
    minutes = int(lag.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def show_story(slug: str, code: str, *, as_json: bool, home: Path | None, database_url: str | None) -> None:
    """Every mail of one person."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    with store.open_work(acting(settings, store, slug), write=False) as work:
        story = delivery_story.explain(work, slug, code)
    if as_json:
        typer.echo(json.dumps(asdict(story), indent=2, default=str))
        return
    typer.echo(f"{story.code}, {story.zone}, {len(story.mails)} mails. Times are the person's own.\n")
    for one in story.mails:
        typer.echo(_told(story, one))
    if story.leaves_out:
        typer.echo("Mails of timepoints that not every arm has are left out.")


def _told(story: Story, one: Told) -> str:
    zone = ZoneInfo(story.zone)
    when = f"{one.due_at.astimezone(zone):%a %d %b %Y %H:%M}"
    ended = f" at {one.ended_at.astimezone(zone):%d %b %H:%M:%S}" if one.ended_at else ""
    tries = f", a worker took it {one.tries} times" if one.tries > 1 else ""
    again = f", in {_long(one.again)}" if one.again else ""
    lines = [f"{when}  {one.about} ({one.rule})", f"  {one.state}{again}{ended}{tries}"]
    lines += [f"  {one.reason}"] if one.reason else []
    lines += [f"  the mail server said: {one.said}"] if one.said else []
    return "\n".join(lines) + "\n"


def follow_clocks(slug: str, *, home: Path | None, database_url: str | None) -> None:
    """Plan what is to come by the zones' rules of now, and say how much moved."""
    settings = settings_of(home=home, database_url=database_url)
    store = ready_store(settings)
    done = clocks.follow(store.open_work, acting(settings, store, slug), slug)
    if not done.windows:
        typer.echo("Nothing moved: all that is to come lies at its hour by the time zones' rules of this machine.")
        return
    typer.echo(f"{done.windows:,} windows of {done.people:,} people moved to their hour, with the mails not yet sent.")
