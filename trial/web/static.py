"""Our own few files, for browsers: kept for long under the address that names their content."""

from __future__ import annotations

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from trial.pages.assets import NAMES, asset

_FOR_LONG = "public, max-age=31536000, immutable"


def serve_asset(request: Request, name: str) -> Response:
    """A file of `trial.pages`; 304 where the browser has it already, 404 for any other name."""
    if name not in NAMES:
        raise HTTPException(404)
    found = asset(name)
    etag = f'"{found.digest}"'
    headers = {
        "etag": etag,
        "cache-control": _FOR_LONG if request.query_params.get("v") == found.digest else "no-cache",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)
