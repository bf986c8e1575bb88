"""Somebody who types a canary into every field of every page, and everything that came of it."""

from __future__ import annotations

import atexit
import io
import logging
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import quote, urljoin

import httpx
from starlette.testclient import TestClient

from reports import build_report
from tests.core.kinds import PATH
from tests.web.place import SLUG, Person, Place, Reply, full_answers, solved
from trial.core.links import make_code
from trial.mail.mailbox_files import mail_path
from trial.mail.mailer import Envelope
from trial.mail.mailer import Reply as Answer
from trial.services import freeze, trials
from trial.services.delivery import Sender, run_once
from trial.storage import fresh_codes
from trial.web.desk.viewer import create_viewer
from trial.web.participant.checks import TRAP

CANARY = "canary7x"
ELSEWHERE = "elsewhere.example"
PAYLOADS = {
    "header": f"{CANARY}\r\nBcc: {CANARY}@{ELSEWHERE}\r\nX-{CANARY}: 1\r\n\r\n{CANARY}",
    "encoded header": f"=?utf-8?q?{CANARY}=0D=0ABcc:_{CANARY}@{ELSEWHERE}?= %0d%0aX-{CANARY}:1",
    "host": f"http://{ELSEWHERE}/{CANARY}",
    "formula": f'=HYPERLINK("http://{ELSEWHERE}/{CANARY}")',
    "formula after a tab": f"\t=1+{CANARY}",
    "at": f"@SUM(1)*{CANARY}",
    "plus": f"+{CANARY}",
    "minus": f"-{CANARY}",
    "HTML": f"\"'></textarea></title><script>{CANARY}()</script><img src=x onerror={CANARY}()>"
    f'<a href="javascript:{CANARY}()">{CANARY}</a>',
    "Markdown": f"[{CANARY}](javascript:{CANARY}) ![{CANARY}](http://{ELSEWHERE}/x) <http://{ELSEWHERE}/{CANARY}>",
    "template": f"{{{{ 7 * 7 }}}}{CANARY}{{% raw %}}{{{{ link }}}} %(num)s {{0.__class__}} ${{7*7}}",
    "control": f"\x00\x07\x1b[31m{CANARY}\x7f\x85\u2028\u202e\ufeff\ufffe",
}
# what an address may begin with that a spreadsheet would take for a formula
ADDRESSES = {"formula": "=robin@mailbox.example", "plus": "+robin@mailbox.example", "minus": "-robin@mailbox.example"}
MORE = """
  comprehension:
    - id: stop
      question: {en: May you stop?}
      choices: [{value: 1, label: {en: 'Yes'}}, {value: 0, label: {en: 'No'}}]
      correct: 1
      explanation: {en: You may.}
  data_sharing: {id: sharing, text: {en: My answers may be shared.}}
withdrawal: {data_until_then: erased_on_request}
instruments: [feeling, after]
"""
PLACES = """
schema: 1
resources:
  - {country: NL, name: {en: Somebody}, number: "000", source: Made up, checked_on: 2026-01-01, checked_by: A test}
  - {country: DE, name: {en: Somebody}, number: "000", source: Made up, checked_on: 2026-01-01, checked_by: A test}
"""
# what a browser or a proxy says by itself
TOLD = (b"accept-language", b"x-forwarded-host", b"x-forwarded-for", b"forwarded", b"referer", b"user-agent")
FIRST = {"question_stop": "1", "answer": "agree"}


@lru_cache(maxsize=1)
def protocol() -> Path:
    """The trial with every kind of exercise, with questions about the consent form as well."""
    folder = Path(mkdtemp(prefix="equipoise-canary-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(PATH, folder / "trial")
    file = folder / "trial" / "protocol.yaml"
    text = file.read_text().replace("\ninstruments: [feeling, after]\n", MORE, 1)
    file.write_text(text)
    (file.parent / "resources.yaml").write_text(PLACES)
    return folder / "trial"


class Keeping:
    """A mail server that keeps every mail as it came."""

    def __init__(self) -> None:
        self.mails: list[tuple[Envelope, bytes]] = []

    def send(self, envelope: Envelope, content: Callable[[], bytes | None]) -> Answer:
        mail = content()
        if mail is None:
            return Answer("withdrawn", 250, "")
        self.mails.append((envelope, mail))
        return Answer("accepted", 250, "taken")

    def check(self) -> None:
        pass

    def close(self) -> None:
        pass


class WatchedPlace(Place):
    """A place whose mails are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, protocol=protocol())
        self.server = Keeping()

    def send_due(self) -> None:
        while run_once(self.store.open_work, Sender(self.server, "study@trial.example.org", "test")):
            pass

    def move(self, **later: float) -> None:
        self.send_due()
        super().move(**later)
        self.send_due()


class Typist(Person):
    """Types the payload wherever something can be typed: first into every field at once, then only where words go."""

    def __init__(self, place: WatchedPlace, payload: str, address: str) -> None:
        super().__init__(place, address)
        self.payload = payload
        self.answers: list[httpx.Response] = []
        self.typed: set[str] = set()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        raw = self.payload.encode()
        for name in (
            b"accept-language",
            b"x-forwarded-host",
            b"x-forwarded-for",
            b"forwarded",
            b"referer",
            b"user-agent",
        ):
            request.headers.raw.append((name, raw))
        response = await super()._answer(request)
        self.answers.append(response)
        return response

    def fill(self, good: dict[str, str] | None = None, *, number: int = 0) -> Reply:
        """The form on show, once hostile in all its fields, then as one fills it in, with the payload as the words."""
        path = self.page.path
        hostile = self._sent(path, number, {})
        self._post(path, hostile | dict.fromkeys(self._asked(number), self.payload))
        self.get(path)
        if not self.page.forms:
            return self.page
        return self._post(path, self._sent(path, number, self._words(number) | (good or {})))

    def _sent(self, path: str, number: int, more: dict[str, str]) -> dict[str, str]:
        form = self._forms()[number]
        self._target = urljoin(path, form.action or path)
        return form.filled() | solved(form) | more

    def _forms(self) -> list[Any]:
        return [one for one in self.page.forms if one.method == "post"]

    def _asked(self, number: int) -> list[str]:
        form = self._forms()[number]
        found = [one.name for one in form.fields.values() if one.name != "csrf"]
        named = [*found, *(name for name, _ in form.buttons if name)]
        self.typed |= set(named)
        return named

    def _words(self, number: int) -> dict[str, str]:
        fields = self._forms()[number].fields.values()
        return {one.name: self.payload for one in fields if one.type in ("text", "textarea") and one.name != TRAP}

    def _post(self, path: str, fields: dict[str, str]) -> Reply:
        return self.post(self._target, fields)

    # --- the way ---------------------------------------------------------------------------------------------

    def live(self) -> None:
        place, said = self.place, quote(self.payload)
        for path in (f"/{SLUG}", f"/{SLUG}/notice", f"/{SLUG}/help", f"/{said}", f"/go/{said}", "/resources"):
            self.get(f"{path}?from={said}&lang={said}&to={said}&{said}={said}")
            self.get(path, headers={"host": f"{ELSEWHERE}"})
            self.get(path, headers={"cookie": b"equipoise=" + self.payload.encode("utf-8", "replace")})
        self.get(f"/{SLUG}/help")
        if self._forms():
            self.fill()
        self.get(f"/{SLUG}/notice?from={said}&lang={said}")
        self.fill({"agree": "yes"})
        self.fill({"age": "34", "reads_english": "yes"})
        self.get(f"/{SLUG}/address")
        self.fill({"email": self.address, "zone": "Europe/Berlin", "language": "en", "country": ""})
        self.id = place.everyone()[-1].id
        place.send_due()
        self.get(f"/{SLUG}/code")
        self.fill({"code": place.code(self.id)})
        self.get(f"/{SLUG}/consent")
        self.fill({"statement_free": "yes", "data_sharing": "yes", **FIRST})
        self.get("/now")
        self.fill(full_answers(self._forms()[0]) | {"feeling_sleep": "7"})
        for day in range(1, 11):
            self.evening(day)
        self.mine()
        self.leave()

    def evening(self, day: int) -> None:
        self.place.move(days=1, hours=10 if day == 1 else 0)
        self.get(self.place.links(self.id, "evening")[day - 1])
        self.submit()
        for path in ("/not-today", "/upset"):
            if day in (2, 7):
                self.get(path)
                self.fill(
                    {"when": "", "wish": "", "wordless": "", "contact": "yes"} if path == "/upset" else {"when": ""}
                )
        self.get("/now")
        if not self._forms():
            return
        self.post("/draft", self._sent("/draft", 0, self._words(0)))
        self.get("/now")
        closed = {name: value for name, value in full_answers(self._forms()[0]).items() if name != "nothing"}
        self.fill(closed | ({"breathing_seconds": "41"} if day == 3 else {}))

    def mine(self) -> None:
        for path in ("/me", "/me/pause", "/me/mails", "/report"):
            for number in range(len(self._forms_at(path))):
                self.get(path)
                self.fill({"again": "", "long": "", "zone": "Europe/Berlin", "language": "en"}, number=number)
        self.get("/me/code")
        self.post("/me/code", self._sent("/me/code", 0, {"send": "yes"}))
        self.place.send_due()
        self.get("/me/code")
        self.fill({"code": self.code_for("me")}, number=len(self._forms()) - 1)
        for path in ("/copy", "/copy/pdf", "/copy/page"):
            self.get(path)
        for number in range(len(self._forms_at("/me/data"))):
            self.get("/me/data")
            if "download" in self._asked(number):
                self.fill({"download": "yes"}, number=number)
                self.zipped = self.page.response.content
                self.get("/me/data")
            self._post("/me/data", self._sent("/me/data", number, dict.fromkeys(self._asked(number), self.payload)))
        self.get("/me/address")
        self.fill({"email": "second" + self.address})
        self.get("/me/address/code")
        self.fill({"code": "000000"})
        self.place.send_due()

    def leave(self) -> None:
        self.get("/stop")
        self.fill({"level": "everything", "reason": self.payload})
        self.get("/done")
        self.place.send_due()

    def _forms_at(self, path: str) -> list[Any]:
        self.get(path)
        return self._forms()

    def code_for(self, purpose: str) -> str:
        with self.place.store.open_work(self.place.operator, write=False) as work:
            known = fresh_codes.state(work, self.id, purpose)
        assert known is not None
        return make_code(self.place.keys.link, self.id, known.generation, purpose)


class Life:
    """One payload's whole way, and what each place that words can come out of holds afterwards."""

    def __init__(self, payload: str) -> None:
        folder = Path(mkdtemp(prefix="equipoise-canary-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self.place = WatchedPlace(folder / "place")
        self.said = io.StringIO()
        handler = logging.StreamHandler(self.said)
        root = logging.getLogger()
        before = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        for chatty in ("asyncio", "httpx"):  # of the test itself
            logging.getLogger(chatty).setLevel(logging.WARNING)
        try:
            with redirect_stderr(self.said), redirect_stdout(self.said):
                address = ADDRESSES.get(payload, "robin@mailbox.example")
                self.person = Typist(self.place, PAYLOADS[payload], address)
                self.person.live()
                self.frozen = self._freeze(folder / "frozen")
                self.desk = self._desk(folder)
        finally:
            root.removeHandler(handler)
            root.setLevel(before)

    def _freeze(self, out: Path) -> Path:
        with self.place.store.open_work(self.place.operator) as work:
            trials.close(work, SLUG)
            freeze.write_freeze(freeze.freeze(work, SLUG), out)
        build_report(out)
        return out

    def _desk(self, folder: Path) -> list[httpx.Response]:
        mailbox = folder / "mailbox"
        mailbox.mkdir()
        for number, (envelope, mail) in enumerate(self.place.server.mails, 1):
            head = f"X-Envelope-From: {envelope.sender}\r\nX-Envelope-To: {envelope.recipient}\r\n".encode()
            mail_path(mailbox, number).write_bytes(head + mail)
        app = create_viewer(mailbox=mailbox, report=self.frozen, title="Trial", status=lambda: {})
        desk, total = TestClient(app, base_url="http://127.0.0.1"), len(self.place.server.mails)
        paths = [
            "/",
            "/report",
            "/mailbox",
            f"/mailbox?search={quote(self.person.payload)}",
            f"/{quote(self.person.payload)}",
        ]
        paths += [f"/mailbox/{number}{part}" for number in range(1, total + 1) for part in ("", "/html")]
        return [desk.get(path) for path in paths]
