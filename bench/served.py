"""The participants' application in a process of its own, as `equipoise serve` runs it, with one trivial page beside it.

python -m bench.served DATABASE_URL FOLDER PORT
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from fastapi.responses import HTMLResponse

from trial.storage.engine import connect
from trial.storage.keys import load_keys
from trial.storage.work import Store
from trial.web.participant.app import create_participant_app
from trial.web.rates import RateLimits

TRIVIAL = "/bench-trivial"


def main(database_url: str, folder: str, port: str) -> None:
    """Serve until ended."""
    store = Store(connect(database_url), load_keys(Path(folder) / "keys"))
    secret = b"s" * 32
    app = create_participant_app(
        open_work=store.open_work,
        secret=secret,
        https=False,
        ring=lambda: None,
        hosts=["127.0.0.1"],
        rates=RateLimits(secret),
    )
    app.router.routes.insert(0, _trivial(app))
    uvicorn.run(app, host="127.0.0.1", port=int(port), access_log=False, server_header=False, log_level="warning")


def _trivial(app: object) -> object:
    """The framework alone: the same headers and threads, a page of one line, no database."""
    from fastapi import FastAPI

    assert isinstance(app, FastAPI)

    def trivial() -> HTMLResponse:
        return HTMLResponse("<!DOCTYPE html><title>A page</title><p>Hello</p>")

    app.add_api_route(TRIVIAL, trivial)
    return app.router.routes.pop()


if __name__ == "__main__":
    main(*sys.argv[1:])
