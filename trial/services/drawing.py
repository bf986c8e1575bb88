"""One mail as it goes out, drawn from ledger, protocol and keys: the same at each attempt, and whenever it is shown.

Nothing of it is kept, so what the desk shows of a mail is drawn anew, as of the time at which it was sent.
"""

from __future__ import annotations

from trial.core.delivery import Contact
from trial.core.links import make_code, make_message_id, make_token
from trial.core.local_time import local_day
from trial.core.participant import Occasion, Participant
from trial.core.texts import say
from trial.mail.compose import Mail, Stream, fill
from trial.pages import service_mail
from trial.pages.moments import moment
from trial.pages.translations import translations
from trial.services import service_mails
from trial.services.enrolment import CODE_MESSAGE
from trial.storage import trials
from trial.storage.situations import Situation
from trial.storage.work import Work


def mail(work: Work, contact: Contact, around: Situation, address: str, mail_from: str) -> Mail:
    """The mail as it is now, to this address."""
    person, trial, occasion = around.person, around.trial, around.occasion
    folder = trials.folder_of(work, person.protocol_id)
    protocol = folder.protocol
    link = f"{trial.base_url}/go/{make_token(work.keys, contact.id, contact.generation)}"
    values = {
        "name_of_trial": say(protocol.title, person.language),
        "contact_email": protocol.administrative.contact_email,
        "link": link,
        "code": make_code(work.keys.link, person.id, contact.occurrence) if contact.message == CODE_MESSAGE else "",
        **(_window(occasion, person, work, protocol.activity(occasion.activity).minutes) if occasion else {}),
    }
    own = service_mail.is_own(contact.message)
    if own:
        values |= service_mails.values_of(work, contact, person)
        template = service_mail.template(contact.message, person.language)
    else:
        template = folder.text(f"messages/{contact.message}", person.language)
    subject, body = fill(template, values)
    if contact.message in service_mails.WITH_WORDS:
        body = service_mails.with_answer(work, contact, body)
    return Mail(
        sender_name=service_mail.sender_name(person.language) if own else say(protocol.title, person.language),
        sender_email=mail_from,
        reply_to=protocol.administrative.contact_email,
        recipient=address,
        subject=subject,
        body_markdown=body,
        language=person.language,
        message_id=make_message_id(work.keys.link, contact.id, mail_from.rpartition("@")[2]),
        stream=_stream(contact.stream),
        date=work.now,
        footer_links=_footer(contact, person, link) if occasion or own else (),
        marked=trial.mark and translations(person.language).gettext(trial.mark),
        leave_link=f"{link}?to=stop" if contact.stream != "service" and not own else None,
    )


def _footer(contact: Contact, person: Participant, link: str) -> tuple[tuple[str, str], ...]:
    """Nothing leads from another address to the person's own page."""
    if contact.message in service_mails.TO_ANOTHER:
        return ()
    return service_mail.footer(person.language, link, stop=contact.occasion_id is not None)


def _window(occasion: Occasion, person: Participant, work: Work, minutes: int) -> dict[str, str]:
    closes = moment(occasion.closes_at, person.zone, person.language)
    left = (local_day(occasion.closes_at, person.zone) - local_day(work.now, person.zone)).days
    return {"closes": closes, "days_left": str(max(left, 0)), "minutes": str(minutes)}


def _stream(name: str) -> Stream:
    return "exercises" if name == "exercises" else "questionnaires" if name == "questionnaires" else "service"
