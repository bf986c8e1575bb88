"""`equipoise demo`: a whole trial with pretend people, from protocol to report."""

from __future__ import annotations

import time

from trial.cli.living import Wish, finish, live, write_report
from trial.cli.recounting import held_to_report, recounted
from trial.services.freeze import write_freeze


def run_demo(wish: Wish, *, as_json: bool) -> None:
    """Rehearse, freeze, report, and say where everything lies."""
    began = time.monotonic()
    with live(wish, quiet=as_json) as lived:
        write_freeze(lived.files, wish.out)
        recount = recounted(lived, wish, quiet=True)
    results = write_report(wish.out, quiet=as_json)
    held_to_report(recount, results, wish)
    finish(lived, wish)
    from trial.cli.summary import print_summary

    seconds = time.monotonic() - began
    print_summary(wish.out, results, seconds=seconds, as_json=as_json, elsewhere=wish.database_url is not None)
