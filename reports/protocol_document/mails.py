"""Every mail as people get it, in every language of the trial, and when it leaves."""

from __future__ import annotations

from reports.document import Block, Paragraph, Row, Screen, Subheading, Table
from reports.methods import listed
from reports.protocol_document import examples, timetable
from reports.protocol_document.names import Names
from reports.protocol_document.screens import screen
from reports.variables import LANGUAGE
from trial.core.protocol import Message, Timepoint
from trial.core.texts import say
from trial.pages.message import message_html, read_markdown
from trial.pages.translations import own_name

CODE = "code"
_STREAMS = {"exercises": "exercises", "questionnaires": "questionnaires", "service": "service mail"}
STOP = "Stop or change"


def mails(names: Names) -> list[Block]:
    """A table of all mails, then each as it looks."""
    protocol = names.folder.protocol
    intro = (
        f"{len(protocol.messages)} mails, the same words for every arm that gets them. Every mail that asks for "
        f"something ends with the link “{STOP}”. What a mail is filled with is shown here by examples: a link and a "
        "code that lead nowhere, and times as if chance had decided on Monday 1 March 2027."
    )
    blocks: list[Block] = [Paragraph(intro), _table(names)]
    for language in protocol.languages:
        blocks.append(Subheading(f"mails-{language}", f"Mails in {own_name(language)} ({language})"))
        blocks += [_mail(names, message, language) for message in protocol.messages]
    return blocks


def subject(names: Names, message: str, language: str = LANGUAGE) -> str:
    """The subject of a mail with its examples."""
    text = names.folder.text(f"messages/{message}", language)
    return examples.fill(text, examples.values(names.folder.protocol, language, None, None))[0]


def _table(names: Names) -> Table:
    rows = []
    for message in names.folder.protocol.messages:
        when = _uses(names, message)
        condition = f"; only if {names.rule(message.only_if)}" if message.only_if else ""
        useful = f"up to {message.latest} late"
        rows.append(Row((subject(names, message.id), _STREAMS[message.stream], when + condition, useful)))
    note = "A mail that could not leave in time is left out once it is later than the last column says."
    columns = ("Subject", "Stream", "When", "Still sent")
    return Table("mails-table", "Every mail", columns, tuple(rows), note, alike=False, words=True)


def _uses(names: Names, message: Message) -> str:
    """When a mail leaves; timepoints that remind in the same way are named together."""
    if message.id == CODE:
        return "when an address is given, to confirm it"
    protocol = names.folder.protocol
    said, reminding = [], dict[str, list[str]]()
    for point in timetable.in_order(protocol):
        if point.invitation == message.id:
            said.append(f"{names.point(point)}: {timetable.days(protocol, point)}, {timetable.hour(point)}")
        for one in point.reminders:
            if one.message == message.id:
                short = ", with a link to the primary outcome alone" if one.primary_only else ""
                reminding.setdefault(f"{one.after} after the opening{short}", []).append(names.point(point))
    said += [f"{when} ({listed(points)}), if there is no answer yet" for when, points in reminding.items()]
    return "; ".join(said) or "at no timepoint"


def _mail(names: Names, message: Message, language: str) -> Screen:
    protocol = names.folder.protocol
    point = _first_use(names, message)
    activity = protocol.activity(point.activities[0]) if point else None
    template = names.folder.text(f"messages/{message.id}", language)
    about, body = examples.fill(template, examples.values(protocol, language, point, activity))
    links = ((STOP, f"{examples.LINK}?to=stop"),) if point else ()
    html = message_html(subject=about, body=read_markdown(body), language=language, footer_links=links)
    arms = _arms(names, point) if point else ""
    return screen(f"mail-{message.id}-{language}", f"Subject: {about}{arms}", html, language, kind="mail")


def _first_use(names: Names, message: Message) -> Timepoint | None:
    for point in timetable.in_order(names.folder.protocol):
        if message.id in [point.invitation, *(one.message for one in point.reminders)]:
            return point
    return None


def _arms(names: Names, point: Timepoint) -> str:
    protocol = names.folder.protocol
    arms = [arm.id for arm in protocol.arms if protocol.activities_at(point, arm.id)]
    if len(arms) == len(protocol.arms):
        return ""
    return f" (only {listed([say(protocol.arm(one).label, LANGUAGE) for one in arms])})"
