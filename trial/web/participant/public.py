"""The trial's public pages and the notice before screening."""

from __future__ import annotations

from fastapi import Response

from trial.core.consent import is_valid_somewhere
from trial.core.errors import NotFound
from trial.core.protocol import SLUG
from trial.core.texts import say
from trial.core.trial import Trial
from trial.pages import joining, privacy
from trial.pages.activities import after_page
from trial.protocol_files import ProtocolFolder
from trial.services import contributing, designs, trials
from trial.storage.work import Work
from trial.web.participant.session import new_session
from trial.web.participant.visit import VISITOR, Page, Visit


def found(work: Work, visit: Visit) -> tuple[Trial, ProtocolFolder]:
    """The trial that the address names, and its protocol."""
    if not SLUG.match(visit.slug):
        raise NotFound("There is no such trial.")
    trial = trials.find(work, visit.slug)
    return trial, trials.folder(work, trial.protocol_id)


def is_open(visit: Visit, work: Work, trial: Trial, folder: ProtocolFolder) -> bool:
    """Whether anybody could sign the consent form now: where nobody could, nobody is asked to begin."""
    if not trial.has_begun:
        return False
    return visit.site.read_only or is_valid_somewhere(folder.protocol.consent, work.now)


def show_trial(visit: Visit) -> Response:
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = found(work, visit)
        valid = is_open(visit, work, trial, folder)
    frame = visit.frame(trial, folder)
    protocol = folder.protocol
    view = joining.TrialPage(
        title=say(protocol.title, frame.language),
        summary=say(protocol.summary, frame.language),
        text=folder.text(protocol.trial_page, frame.language),
        recruits=trial.recruits and valid,
        preparing=not trial.has_begun,
    )
    return visit.page(joining.trial_page(frame, view))


def show_researchers(visit: Visit) -> Response:
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = found(work, visit)
        seed_digest = trials.seed_digest(work, trial.id)
        rules = tuple((one.allocated_before + 1, one.configuration) for one in designs.published(work, trial.id))
        parts = contributing.told(work, trial.id)
    frame = visit.frame(trial, folder)
    protocol = folder.protocol
    view = joining.ResearchersPage(
        title=say(protocol.title, frame.language),
        registration=_words(protocol.administrative.registration),
        sponsor=protocol.administrative.sponsor,
        funder=protocol.administrative.funder,
        ethics=_words(protocol.administrative.ethics),
        protocol_id=protocol.id,
        version=protocol.version,
        digest=folder.digest,
        seed_digest=seed_digest,
        opened_at=trial.opened_at if trial.has_begun else None,
        rules=rules,
        commitment=parts.commitment if parts else None,
    )
    return visit.page(joining.researchers_page(frame, view))


def _words(part: object | None) -> str | None:
    return None if part is None else str(part)


def show_notice(visit: Visit, *, missing: bool = False) -> Response:
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = found(work, visit)
        valid = is_open(visit, work, trial, folder)
    frame = visit.frame(trial, folder)
    if not trial.has_begun:
        return visit.go(f"/{trial.slug}")
    if not trial.recruits and not visit.site.read_only:
        return visit.notice("recruitment_closed")
    if not valid:
        return visit.page(after_page(frame, "form_not_valid"))
    text = folder.text(folder.protocol.eligibility.notice, frame.language)
    view = joining.NoticePage(text, source=visit.source, missing=missing)
    return visit.page(joining.notice_page(frame, view), 422 if missing else 200)


def agree(visit: Visit) -> Response:
    """The agreement to be screened starts the way in; it is kept in the cookie alone."""
    if visit.form.get("agree") != "yes":
        return show_notice(visit, missing=True)
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = found(work, visit)
        if not is_open(visit, work, trial, folder):
            return visit.go(f"/{trial.slug}/notice")
    before = visit.session if visit.session.slug == trial.slug else new_session()
    kept = {"language": visit.session.language, "first": before.first, "first_eligible": before.first_eligible}
    session = new_session(slug=trial.slug, agreed=True, source=visit.source, **kept)
    return visit.go(f"/{trial.slug}/screening", session)


def show_privacy(visit: Visit) -> Response:
    with visit.site.open_work(VISITOR, write=False) as work:
        trial, folder = found(work, visit)
    data = folder.protocol.data_protection
    if data is None:
        raise NotFound("This trial has no privacy notice.")
    frame = visit.frame(trial, folder)
    return visit.page(privacy.privacy_page(frame, privacy.notice_of(data, frame.language, folder.protocol.incentives)))


PAGES = (
    Page("/{slug}/privacy", show_privacy),
    Page("/{slug}", show_trial),
    Page("/{slug}/", show_trial),
    Page("/{slug}/researchers", show_researchers),
    Page("/{slug}/notice", show_notice, agree),
)
