"""`equipoise demo`: a whole trial with pretend people, from protocol to report."""

from __future__ import annotations

import time

from trial.cli.living import Wish, finish, live, write_report
from trial.services.freeze import write_freeze


def run_demo(wish: Wish, *, as_json: bool) -> None:
    """Rehearse, freeze, report, and say where everything lies."""
    began = time.monotonic()
    with live(wish, quiet=as_json) as lived:
        pass
    write_freeze(lived.files, wish.out)
    results = write_report(wish.out, quiet=as_json)
    finish(lived, wish)
    from trial.cli.summary import print_summary

    seconds = time.monotonic() - began
    print_summary(wish.out, results, seconds=seconds, as_json=as_json, elsewhere=wish.database_url is not None)
