"""A finished demo is shown on its own clock: everything can be looked at, nothing can be sent, nothing changes."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.system import oracle
from tests.system.commands import PROTOCOL, whole_evidence
from tests.system.evidence import Evidence, Mail
from tests.system.serving import Served, Visitor, crawl, serving
from tests.system.test_killed_demo import contents
from trial.rehearsal.forms import Form


@pytest.fixture(scope="module")
def lived() -> Evidence:
    return whole_evidence()


@pytest.fixture(scope="module")
def before(lived: Evidence) -> dict[str, str]:
    """Every file of the demo with its digest, taken before anything is served."""
    return contents(lived.home)


@pytest.fixture(scope="module")
def served(lived: Evidence, before: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("serving")
    with serving("--home", lived.home, "--port", "0", cwd=place) as found:
        yield found


def mail_about(lived: Evidence, timepoint: str, *, answered: bool) -> Mail:
    """An invitation whose window was, or was not, made use of."""
    done = {one["id"]: one["done_at"] is not None for one in lived.all("occasion", timepoint=timepoint)}
    rows = lived.all("delivery", timepoint=timepoint, reminder=0, state="accepted")
    row = next(one for one in rows if done[one["occasion_id"]] is answered)
    wanted = oracle.message_id(lived, row)
    return next(mail for mail in lived.mails if mail.message_id == wanted)


def follow(served: Served, mail: Mail) -> Visitor:
    """The personal link of a mail, and the Continue button of its landing page."""
    visitor = Visitor(served.public)
    (token,) = mail.tokens
    landing = visitor.get(f"/go/{token}")
    assert landing.status == 200 and len(landing.forms) == 1
    visitor.submit(landing.form)
    return visitor


def test_the_trial_page_says_that_this_is_a_rehearsal(served: Served) -> None:
    page = Visitor(served.public).get(f"/{PROTOCOL}")
    assert page.status == 200
    assert "Rehearsal with pretend people" in page.words


@pytest.mark.parametrize("timepoint", ["evening", "month_1"])
def test_a_link_from_the_mailbox_opens_its_page_and_sending_answers_is_refused(
    served: Served, lived: Evidence, timepoint: str
) -> None:
    visitor = follow(served, mail_about(lived, timepoint, answered=True))
    page = visitor.page
    assert (page.status, page.path) == (200, "/now")
    asked = {name for form in page.forms for name in form.fields}
    assert ("writing" in asked) == (timepoint == "evening") and ("cesd_1" in asked) == (timepoint == "month_1")
    form = next((form for form in page.forms if form.fields.keys() & {"writing", "cesd_1"}), page.forms[0])
    refused = visitor.submit(form, {"writing": "one more", "cesd_1": "3", "go_on": "yes"})
    assert refused.status == 403 and "Nothing was sent" in refused.words


@pytest.mark.parametrize("path", [f"/{PROTOCOL}/notice", f"/{PROTOCOL}/screening", "/stop", "/report", "/now"])
def test_no_other_form_of_a_finished_demo_is_taken_either(served: Served, lived: Evidence, path: str) -> None:
    visitor = follow(served, mail_about(lived, "month_1", answered=True))
    visitor.get(path)
    answer = visitor.submit(Form(path, "post"), {"agree": "yes", "level": "everything", "text": "words"})
    assert answer.status == 403 and "Nothing was sent" in answer.words


def test_a_link_whose_window_closed_unused_opens_the_neutral_page(served: Served, lived: Evidence) -> None:
    lapsed = follow(served, mail_about(lived, "month_1", answered=False)).page
    forged = Visitor(served.public)
    forged.submit(forged.get("/go/" + "A" * 43).form)
    assert lapsed.status == forged.page.status == 404
    assert lapsed.words == forged.page.words


@pytest.fixture(scope="module")
def desk(served: Served) -> dict[str, httpx.Response]:
    """Every page and file that links on the desk lead to."""
    return crawl(served.desk, "/")


def test_the_desk_lists_every_mail_and_shows_the_report(desk: dict[str, httpx.Response], lived: Evidence) -> None:
    assert {one.status_code for one in desk.values()} == {200}
    assert {f"/mailbox/{mail.number}" for mail in lived.mails} <= desk.keys()
    first = lived.mails[0]
    assert first.recipient in desk[f"/mailbox/{first.number}"].text
    assert desk["/report/report.html"].content == (lived.home / "report.html").read_bytes()
    assert f"{len(lived.mails)} mails" in desk["/"].text


def test_the_public_pages_have_none_of_the_desk_and_lead_nowhere_near_it(
    served: Served, desk: dict[str, httpx.Response]
) -> None:
    public = {path for path in crawl(served.public, f"/{PROTOCOL}") if not path.startswith("/static/")}
    kinds = {re.sub(r"\d+", "N", path): path for path in desk if not path.startswith("/static/")}
    assert len(kinds) > 15 and len(public) >= 2 and not public & desk.keys()
    with httpx.Client(base_url=served.public) as client:
        for path in kinds.values():
            answer = client.get(path)
            assert answer.status_code in (403, 404), path
            assert answer.content != desk[path].content
    with httpx.Client(base_url=served.desk) as client:
        assert {client.get(path).status_code for path in public} == {404}


def test_both_applications_listen_on_loopback_only(served: Served) -> None:
    process = psutil.Process(served.process.pid)
    listening = {one.laddr for one in process.net_connections() if one.status == psutil.CONN_LISTEN}
    assert {address.ip for address in listening} == {"127.0.0.1"} and len(listening) == 2


def test_nothing_is_sent_and_nothing_on_the_disk_has_changed(
    served: Served, lived: Evidence, before: dict[str, str]
) -> None:
    """The last look: after all that the tests above have tried."""
    assert psutil.Process(served.process.pid).children() == []  # no mail server, no worker
    served.process.send_signal(signal.SIGINT)
    served.process.wait(20)
    assert contents(lived.home) == before
    assert len(list((lived.home / "mailbox").glob("*.eml"))) == len(lived.mails)
