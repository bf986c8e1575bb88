"""The copy of a consent by mail: only where the person asks, once a day, under a name that tells nothing."""

from __future__ import annotations

import email
import email.policy
import io
from dataclasses import replace

import pypdf
import pytest

from tests.core.protocols import FOLDER
from tests.services.post import Post
from tests.services.scene import Scene
from trial.core.delivery import ContactState
from trial.core.errors import NotFound
from trial.mail.mailbox_files import mail_path
from trial.services import consent_copies
from trial.services.delivery import run_once
from trial.storage.work import Store

HER, SIGNATURE = "her@mailbox.example", "R. Example"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def ask(scene: Scene, person: int) -> bool:
    with scene.work() as work:
        return consent_copies.ask(work, person)


def test_who_asks_gets_one_pdf_to_the_address_on_file_with_what_was_agreed_to_and_no_name(
    scene: Scene, post: Post
) -> None:
    person = scene.enrol(HER)
    post.deliver(scene)
    before = len(post.mails(HER))
    assert ask(scene, person)
    post.deliver(scene)
    (mail,) = post.mails(HER)[before:]
    content = mail_path(post.server.directory, mail.number).read_bytes()
    read = email.message_from_bytes(content, policy=email.policy.default)
    (paper,) = read.iter_attachments()
    assert (paper.get_content_type(), paper.get_filename()) == ("application/pdf", "my-copy.pdf")
    pages = pypdf.PdfReader(io.BytesIO(paper.get_content())).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert FOLDER.protocol.title["en"] in text and FOLDER.protocol.consent.statements[0].text["en"] in text
    assert SIGNATURE not in text
    seen = f"{mail.subject} {mail.text} {mail.headers}"
    assert FOLDER.protocol.title["en"] not in seen
    assert scene.events(person)[-1] == "copy_asked"


def test_a_second_one_within_a_day_is_not_sent(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    assert ask(scene, person)
    assert not ask(scene, person)
    scene.move(days=1, minutes=1)
    assert ask(scene, person)
    assert [one.message for one in scene.contacts(person)].count(consent_copies.CONSENT_COPY) == 2


def test_nobody_gets_a_copy_who_agreed_to_nothing(scene: Scene) -> None:
    person = scene.to_consent(HER)
    with pytest.raises(NotFound):
        ask(scene, person)


def test_a_copy_that_cannot_be_drawn_fails_alone_and_holds_up_no_other_mail(scene: Scene, post: Post) -> None:
    person = scene.enrol(HER)
    post.deliver(scene)
    ask(scene, person)
    other = scene.enrol("other@mailbox.example")
    run_once(scene.store.open_work, replace(post.sender(), paper=None))
    (copy,) = scene.contacts(person, consent_copies.CONSENT_COPY)
    assert (copy.state, copy.reason) == (ContactState.FAILED, "cannot_be_composed")
    assert post.mails("other@mailbox.example")
    assert scene.person(other)
