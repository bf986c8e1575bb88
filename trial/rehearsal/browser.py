"""A pretend person's browser: speaks HTTP to the ASGI application, keeps cookies, follows redirects, reads forms."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from urllib.parse import urljoin

import httpx

from trial.rehearsal.door import proof_of
from trial.rehearsal.forms import Form, Page
from trial.rehearsal.witness import Kind, Onlooker, Press


class Jar:
    """One browser's cookies, all for the whole site: their header is made once for each change of them."""

    def __init__(self) -> None:
        self._cookies = httpx.Cookies()
        self._header: str | None = ""

    def send_with(self, request: httpx.Request) -> None:
        """Put the cookies into a request."""
        if self._header is None:
            self._cookies.set_cookie_header(request)
            self._header = request.headers.get("cookie", "")
        elif self._header:
            request.headers["cookie"] = self._header

    def take_from(self, response: httpx.Response) -> None:
        """Keep what a response sets."""
        if "set-cookie" in response.headers:
            self._cookies.extract_cookies(response)
            self._header = None


_Request = tuple[str, str, Jar, Mapping[str, str] | None, Mapping[str, str]]


class Web:
    """The application as pretend people reach it; one event loop for all of them."""

    def __init__(self, app: Any, base_url: str, witness: Onlooker | None = None) -> None:
        self.base_url = base_url
        self.witness = witness
        self._loop = asyncio.new_event_loop()
        self._asked: asyncio.Queue[tuple[asyncio.Future[httpx.Response], _Request]] = asyncio.Queue()
        self._answering = self._loop.create_task(self._answer_all())
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        self.requests = 0

    def browser(self, owner: int = 0) -> Browser:
        """A fresh browser without cookies, whose owner has set no language."""
        return Browser(self, Jar(), owner)

    def act(self) -> AbstractContextManager[None]:
        """Each page is a transaction of its own."""
        return nullcontext()

    def send(
        self,
        method: str,
        url: str,
        cookies: Jar,
        data: Mapping[str, str] | None,
        headers: Mapping[str, str],
    ) -> httpx.Response:
        """One request and its redirects."""
        answer: asyncio.Future[httpx.Response] = self._loop.create_future()
        self._asked.put_nowait((answer, (method, url, cookies, data, headers)))
        return self._loop.run_until_complete(answer)

    async def _answer_all(self) -> None:
        """All requests in one task: the application's threads live as long as the task that first needed them."""
        while True:
            answer, request = await self._asked.get()
            try:
                answer.set_result(await self._send(*request))
            except Exception as error:
                answer.set_exception(error)

    async def _send(
        self,
        method: str,
        url: str,
        cookies: Jar,
        data: Mapping[str, str] | None,
        headers: Mapping[str, str],
    ) -> httpx.Response:
        for _ in range(8):
            request = httpx.Request(method, urljoin(self.base_url + "/", url), data=data, headers=headers)
            cookies.send_with(request)
            response = await self._transport.handle_async_request(request)
            await response.aread()
            response.request = request
            cookies.take_from(response)
            self.requests += 1
            if not response.has_redirect_location:
                return response
            method, data = "GET", None
            url = urljoin(str(request.url), response.headers["location"])
        raise RuntimeError(f"{url} redirects in a circle")

    def close(self) -> None:
        self._answering.cancel()
        self._loop.run_until_complete(asyncio.gather(self._answering, return_exceptions=True))
        self._loop.close()


class Browser:
    """A browser of one person, number 1 to N; 0 is somebody else."""

    def __init__(self, web: Web, cookies: Jar, owner: int) -> None:
        self._web = web
        self._cookies = cookies
        self._owner = owner
        self._headers: dict[str, str] = {}
        self.page: Page | None = None
        self._kind: Kind | None = None

    def prefer(self, language: str) -> None:
        """Ask for pages in this language from now on."""
        self._headers = {"accept-language": language}

    def get(self, url: str) -> Page:
        """Open an address."""
        return self._read(self._web.send("GET", url, self._cookies, None, self._headers))

    def post(self, form: Form, values: Mapping[str, str]) -> Page:
        """Send a form with what it held and what was typed."""
        assert self.page is not None
        target = urljoin(self.page.path, form.action or self.page.path)
        sent = {**form.filled(), **proof_of(form), **values}
        press = next(((form.action, *one) for one in form.buttons if one[0] and sent.get(one[0]) == one[1]), None)
        response = self._web.send("POST", target, self._cookies, sent, self._headers)
        return self._read(response, press or (form.action, "", ""))

    def _read(self, response: httpx.Response, press: Press | None = None) -> Page:
        path = response.request.url.raw_path.decode()
        self.page = Page(response.status_code, path, response.text)
        if response.status_code >= 500:
            raise RuntimeError(f"{path} answered {response.status_code}")
        if self._web.witness is not None:
            self._kind = self._web.witness.saw(self._owner, response, self._kind, press)
        return self.page
