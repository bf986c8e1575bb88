"""The team's application: it shows a rehearsal's mails and report, changes nothing, and lets nothing out."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from tests.mail.letters import LINK, written
from trial.core.errors import Unavailable
from trial.mail.compose import compose
from trial.mail.mailbox_files import mail_path
from trial.web.desk.viewer import create_viewer

MAILS = 120
HOME = "http://127.0.0.1"
EACH_KIND = (
    "/",
    "/desk.css",
    "/mailbox",
    "/mailbox/7",
    "/mailbox/7/html",
    "/mailbox/7/eml",
    "/report",
    "/report/dataset.csv",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A mailbox of 120 mails, the report's files, and beside them what nobody should see."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "mailbox").mkdir()
    for number in range(1, MAILS + 1):
        address = f"p{number:05d}@mailbox.example"
        subject = "Your code for today" if number % 40 == 0 else "Übung für heute"
        head = f"X-Envelope-From: study@trial.example\r\nX-Envelope-To: {address}\r\n".encode()
        mail_path(folder / "mailbox", number).write_bytes(head + compose(written(recipient=address, subject=subject)))
    (folder / "report" / "protocol").mkdir(parents=True)
    for name in (
        "report.html",
        "report.pdf",
        "report.docx",
        "results.json",
        "dataset.csv",
        "notes.txt",
        "protocol/inner.csv",
    ):
        (folder / "report" / name).write_bytes(b"content of " + name.encode())
    (folder / "keys.csv").write_text("sealed")
    (folder / "report" / "escape.csv").symlink_to(folder / "keys.csv")
    return folder


@pytest.fixture(scope="module")
def desk(folder):
    app = create_viewer(
        mailbox=folder / "mailbox",
        report=folder / "report",
        title="Letters <rehearsal>",
        status=lambda: {"randomised": 96, "mails_sent": "1 & 2"},
    )
    return TestClient(app, base_url=HOME)


def every_path(desk: TestClient) -> list[str]:
    """All addresses that following links from the first page leads to."""
    seen, waiting = {"/"}, ["/"]
    while waiting:
        response = desk.get(waiting.pop())
        assert response.status_code == 200, response.url
        if response.headers["content-type"].startswith("text/html") and "report.html" not in str(response.url):
            links = re.findall(r'(?:href|src)="(/[^"]*)"', response.text)
            fresh = {link.replace("&amp;", "&") for link in links} - seen
            seen |= fresh
            waiting += fresh
    return sorted(seen)


def test_the_first_page_tells_what_there_is(desk):
    page = desk.get("/").text
    assert "Letters &lt;rehearsal&gt;" in page
    assert "<dt>mails sent</dt><dd>1 &amp; 2</dd>" in page
    assert "120 mails" in page
    for name in ("report.html", "report.pdf", "report.docx", "results.json", "dataset.csv"):
        assert f'href="/report/{name}"' in page


def test_every_mail_and_file_can_be_reached_by_links_alone(desk):
    paths = every_path(desk)
    assert set(EACH_KIND) <= set(paths)
    assert {f"/mailbox/{number}" for number in range(1, MAILS + 1)} <= set(paths)
    assert {"/mailbox/7/html", "/mailbox/7/eml", "/report/dataset.csv"} <= set(paths)


def test_the_newest_mails_come_first_and_pages_turn(desk):
    def numbers(address: str) -> list[int]:
        return [int(found) for found in re.findall(r'<td class="number">(\d+)</td>', desk.get(address).text)]

    assert numbers("/mailbox") == list(range(120, 70, -1))
    assert numbers("/mailbox?page=3") == list(range(20, 0, -1))
    assert numbers("/mailbox?page=99") == numbers("/mailbox?page=3")
    assert numbers("/mailbox?page=minus+one") == numbers("/mailbox")
    assert numbers("/mailbox?search=P00042@") == [42]
    assert numbers("/mailbox?search=CODE") == [120, 80, 40]
    assert numbers("/mailbox?search=%C3%BCbung&page=2") == [one for one in range(120, 0, -1) if one % 40][50:100]
    assert "Page 2 of 3" in desk.get("/mailbox?search=%C3%BCbung&page=2").text


def test_a_search_without_a_hit_says_so_and_what_was_typed_stays_text(desk):
    page = desk.get("/mailbox", params={"search": '"><script>alert(1)</script>'}).text
    assert "No mail has" in page
    assert "<script" not in page


def test_a_mail_is_shown_as_text_with_its_headers_and_its_bytes_can_be_saved(desk, folder):
    page = desk.get("/mailbox/7").text
    assert "p00007@mailbox.example" in page
    assert f"Open today’s exercise:\n{LINK}" in page
    assert "<dt>auto-submitted</dt><dd>auto-generated</dd>" in page
    saved = desk.get("/mailbox/7/eml")
    assert saved.content == mail_path(folder / "mailbox", 7).read_bytes()
    assert saved.headers["content-disposition"].startswith("attachment")


def test_the_html_of_a_mail_stands_in_a_frame_that_may_do_nothing(desk):
    frame = re.search(r"<iframe[^>]*>", desk.get("/mailbox/7").text)[0]
    assert 'src="/mailbox/7/html"' in frame
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame
    shown = desk.get("/mailbox/7/html")
    assert '<base target="_blank">' in shown.text and f'href="{LINK}"' in shown.text
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "sandbox allow-popups" in policy and "allow-scripts" not in policy
    assert shown.headers["x-frame-options"] == "SAMEORIGIN"


def test_every_answer_carries_the_headers_that_keep_it_in(desk):
    for path in ("/", "/mailbox", "/mailbox/7", "/mailbox/7/html", "/mailbox/7/eml", "/report/report.html", "/nowhere"):
        headers = desk.get(path).headers
        assert headers["cache-control"] == "no-store", path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] in ("DENY", "SAMEORIGIN")
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]


def test_the_pages_load_nothing_from_elsewhere(desk):
    for path in ("/", "/mailbox", "/mailbox/7", "/report", "/nowhere"):
        page = desk.get(path).text
        assert "<script" not in page and "style=" not in page
        assert all(
            found.startswith("/") for found in re.findall(r'<(?:link|iframe|img)[^>]*(?:href|src)="([^"]*)"', page)
        )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_sent_to_the_desk(desk, method):
    for path in EACH_KIND:
        response = desk.request(method, path)
        assert response.status_code == 405, path
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_looking_changes_no_file(desk, folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    for path in EACH_KIND:
        assert desk.get(path).status_code == 200
        assert desk.head(path).status_code == 200
        assert desk.head(path).content == b""
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.parametrize(
    "path",
    [
        "/report/../keys.csv", "/report/..%2fkeys.csv", "/report/%2e%2e%2fkeys.csv", "/report/..%5ckeys.csv",
        "/report/%2fetc%2fpasswd", "/report/escape.csv", "/report/notes.txt", "/report/protocol",
        "/report/protocol%2finner.csv", "/report/protocol/inner.csv", "/report/dataset.csv%00", "/report/nothing.csv",
        "/mailbox/0", "/mailbox/121", "/mailbox/-1", "/mailbox/7/../../keys.csv", "/mailbox/..%2f..%2fkeys.csv/eml",
        "/mailbox/99999999999999999999999999/eml", "/docs", "/openapi.json",
    ],
)  # fmt: skip
def test_only_listed_files_and_mails_are_served(desk, path):
    response = desk.get(path)
    assert response.status_code == 404
    assert "sealed" not in response.text and "content of" not in response.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.2", "", "localhost@evil.example"])
def test_only_loopback_names_are_answered(desk, host):
    response = desk.get("/mailbox", headers={"host": host})
    assert response.status_code == 400
    assert "mailbox.example" not in response.text


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "localhost", "[::1]:8001"])
def test_each_loopback_name_is_answered(desk, host):
    assert desk.get("/", headers={"host": host}).status_code == 200


def test_a_desk_with_nothing_yet_says_so(tmp_path):
    bare = TestClient(create_viewer(mailbox=None, report=None, title="New"), base_url=HOME)
    assert "nothing to show yet" in bare.get("/").text
    assert bare.get("/mailbox").status_code == bare.get("/report").status_code == 404
    early = TestClient(create_viewer(mailbox=tmp_path / "box", report=tmp_path / "out", title="New"), base_url=HOME)
    assert "no mails yet" in early.get("/mailbox").text
    assert "no report yet" in early.get("/report").text


def test_a_database_that_is_away_is_named(tmp_path):
    def status():
        raise Unavailable("The database", "EQUIPOISE_DATABASE_URL")

    desk = TestClient(create_viewer(mailbox=None, report=None, title="New", status=status), base_url=HOME)
    response = desk.get("/")
    assert response.status_code == 503
    assert "EQUIPOISE_DATABASE_URL" in response.text


def test_a_mail_that_is_no_mail_of_ours_is_shown_all_the_same(tmp_path):
    mail_path(tmp_path, 1).write_bytes(
        b"Subject: =?utf-8?q?=3Cb=3E?=\r\nDate: yesterday\r\n\r\n<script>alert(1)</script>\xff\r\n"
    )
    mail_path(tmp_path, 2).write_bytes(b"")
    mail_path(tmp_path, 3).write_bytes(b"Content-Type: text/html; charset=nonsense\r\n\r\n<head><script>x</script>")
    desk = TestClient(create_viewer(mailbox=tmp_path, report=None, title="Odd"), base_url=HOME)
    page = desk.get("/mailbox/1").text
    assert "&lt;b&gt;" in page and "&lt;script&gt;" in page
    assert all(
        desk.get(path).status_code == 200 for path in ("/mailbox", "/mailbox/2", "/mailbox/3", "/mailbox/3/html")
    )
