"""`equipoise rehearse`: a whole trial lived by the engine of the demo, and everything that can be read from it."""

from __future__ import annotations

import time

from trial.cli.booking import write_book
from trial.cli.living import Wish, finish, live, write_report
from trial.cli.recounting import held_to_report, recounted
from trial.cli.rehearsal_findings import gather, tell, write_page
from trial.cli.under_faults import say_faults
from trial.services.freeze import write_freeze


def run_rehearsal(wish: Wish, *, report: bool, as_json: bool) -> None:
    """Live the trial, then write what can be read from it, and mark the folder as finished."""
    began = time.monotonic()
    with live(wish, quiet=as_json, watched=True) as lived:
        write_freeze(lived.files, wish.out)
        recount = recounted(lived, wish, quiet=as_json)
        write_book(lived, wish.out)
        page = gather(lived, wish)
        say_faults(lived.faults, lived.mailbox, recount, wish.out, quiet=as_json)
    if report:
        held_to_report(recount, write_report(wish.out, quiet=as_json), wish)
    finish(lived, wish)
    write_page(page)
    tell(page, seconds=time.monotonic() - began, as_json=as_json)
