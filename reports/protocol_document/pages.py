"""Every page as people see it, in every language of the trial: the pages of the product, filled from the protocol."""

from __future__ import annotations

from collections.abc import Iterator

from reports.document import Block, Paragraph, Screen, Subheading
from reports.protocol_document import examples, exercises, timetable
from reports.protocol_document.names import Names
from reports.protocol_document.screens import screen
from reports.variables import LANGUAGE
from trial.core.answers import asked_by, asked_plainly
from trial.core.exercises import asked
from trial.core.participant import StopLevel
from trial.core.protocol import Activity, Questionnaire, Recall, Timepoint
from trial.core.texts import say
from trial.pages.activities import Allocated, QuestionnairePage, Sheet, allocated_page, questionnaire_page
from trial.pages.environment import environment
from trial.pages.exercises import ExercisePage, exercise_page
from trial.pages.fields import plain_fields, sections
from trial.pages.frame import Frame
from trial.pages.joining import (
    AddressPage,
    CodePage,
    ConsentPage,
    NoticePage,
    ScreeningPage,
    TrialPage,
    address_page,
    code_page,
    consent_page,
    notice_page,
    screening_page,
    trial_page,
)
from trial.pages.leaving import ReportPage, StopPage, report_page, stop_page
from trial.pages.privacy import notice_of, privacy_page
from trial.pages.translations import own_name

_TEXT_PAGE = (
    '{% extends "base.html" %}{% block main %}{% if view.title %}<h1>{{ view.title }}</h1>{% endif %}'
    "{% for one in view.parts %}"
    '{% if one.kind == "prose" %}<div class="prose">{{ one.text | markdown }}</div>'
    '{% elif one.kind == "question" %}<p><strong>{{ one.text }}</strong></p>'
    '{% elif one.kind == "list" %}<ul>{% for line in one.lines %}<li>{{ line }}</li>{% endfor %}</ul>'
    '{% else %}<p class="quiet">{{ one.text }}</p>{% endif %}{% endfor %}{% endblock %}'
)


def pages(names: Names) -> list[Block]:
    """The pages in the order in which people meet them."""
    protocol = names.folder.protocol
    placeholder = [one.name for one in names.folder.instruments.values() if one.wording == "topics"]
    intro = (
        "These pages are drawn by the same templates as those of the running trial; nothing in them can be pressed or "
        "filled in here. Times are examples."
    )
    blocks: list[Block] = [Paragraph(intro)]
    if placeholder:
        said = (
            "Placeholder wording: the questions of the following instruments are shown as short topics. "
            f"People would see the official wording, which the team has to put in: {'; '.join(placeholder)}."
        )
        blocks.append(Paragraph(said, "mark"))
    for language in protocol.languages:
        blocks.append(Subheading(f"pages-{language}", f"Pages in {own_name(language)} ({language})"))
        blocks += _Pages(names, language).all()
    return blocks


class _Pages:
    """The pages of one language."""

    def __init__(self, names: Names, language: str) -> None:
        self.names, self.folder, self.language = names, names.folder, language
        self.protocol = names.folder.protocol
        office = self.protocol.administrative
        self.frame = Frame(language=language, contact_name=office.contact_name, contact_email=office.contact_email)
        self.personal = Frame(
            language=language, contact_name=office.contact_name, contact_email=office.contact_email, personal=True
        )

    def all(self) -> list[Screen]:
        return [*self._joining(), *self._activities(), *self._afterwards()]

    def _screen(self, key: str, caption: str, page: str) -> Screen:
        return screen(f"page-{key}-{self.language}", caption, page, self.language)

    def _text(self, key: str, caption: str, name: str, title: str = "") -> Screen:
        parts = [exercises.Part("prose", self.folder.text(name, self.language))]
        return self._plain(key, caption, title, parts)

    def _plain(self, key: str, caption: str, title: str, parts: list[exercises.Part]) -> Screen:
        template = environment(self.language).from_string(_TEXT_PAGE)
        return self._screen(key, caption, template.render(frame=self.frame, view={"title": title, "parts": parts}))

    def _joining(self) -> Iterator[Screen]:
        protocol, frame, language = self.protocol, self.frame, self.language
        text = self.folder.text
        title, summary = say(protocol.title, language), say(protocol.summary, language)
        arrived = TrialPage(title, summary, text(protocol.trial_page, language), recruits=True)
        yield self._screen("trial", "The trial's public page", trial_page(frame, arrived))
        if protocol.data_protection:
            page = privacy_page(frame, notice_of(protocol.data_protection, language, protocol.incentives))
            yield self._screen("privacy", "Privacy notice, linked from every page", page)
        notice = NoticePage(text(protocol.eligibility.notice, language))
        yield self._screen("notice", "Notice before the first questions", notice_page(frame, notice))
        fields = plain_fields(asked_plainly(protocol.eligibility.questions), language)
        yield self._screen("screening", "Questions about eligibility", screening_page(frame, ScreeningPage(fields)))
        languages = tuple(protocol.languages) if len(protocol.languages) > 1 else ()
        yield self._screen("address", "E-mail address", address_page(frame, AddressPage(languages)))
        yield self._screen("code", "Confirming the address", code_page(frame, CodePage()))
        guardian = protocol.eligibility.age.guardian if protocol.eligibility.age else None
        if guardian:
            yield self._text("guardian", "What a parent or guardian reads and agrees to", guardian.consent)
            yield self._text("assent", "What the young person reads and assents to", guardian.assent)
        yield self._consent()
        yield from self._comprehension()

    def _consent(self) -> Screen:
        consent = self.protocol.consent
        statements = [*consent.statements, *([consent.data_sharing] if consent.data_sharing else [])]
        shown = tuple((one.id, say(one.text, self.language)) for one in statements)
        view = ConsentPage(self.folder.text(consent.information, self.language), consent.version, shown)
        return self._screen("consent", "Information and consent", consent_page(self.frame, view))

    def _comprehension(self) -> Iterator[Screen]:
        questions = self.protocol.consent.comprehension
        if not questions:
            return
        parts = []
        for one in questions:
            parts.append(exercises.Part("question", say(one.question, self.language)))
            parts.append(exercises.Part("list", lines=tuple(say(each.label, self.language) for each in one.choices)))
            parts.append(exercises.Part("quiet", say(one.explanation, self.language)))
        caption = "Questions about the information; what is said after a wrong answer stands below each"
        yield self._plain("comprehension", caption, "", parts)

    def _activities(self) -> Iterator[Screen]:
        for activity in self.protocol.activities:
            point = self._first(activity)
            if point is not None:
                yield from self._activity(activity, point)
        if self.protocol.design.type != "single_arm":
            view = Allocated(None, examples.ZONE)
            yield self._screen("allocated", "After the first questionnaire", allocated_page(self.personal, view))

    def _first(self, activity: Activity) -> Timepoint | None:
        found = [one for one in timetable.in_order(self.protocol) if activity.id in one.activities]
        return found[0] if found else None

    def _activity(self, activity: Activity, point: Timepoint) -> Iterator[Screen]:
        about = [self.names.kind(activity), self.names.some_arms(activity.arms)]
        title = say(activity.title, LANGUAGE)
        if isinstance(activity, Questionnaire):
            yield self._screen(activity.id, f"{title} ({'; '.join(about)})", self._questionnaire(activity, point))
            return
        caption = f"{title} ({'; '.join([*about, *exercises.remarks(activity)])})"
        text = self.folder.text(activity.exercise, self.language)
        cards = activity.cards if isinstance(activity, Recall) else ()
        view = ExercisePage(self._sheet(activity, point), activity, text, asked(activity, cards))
        yield self._screen(activity.id, caption, exercise_page(self.personal, view))
        if isinstance(activity, Recall):
            inside = exercises.cards(activity, self.language)
            yield self._plain(f"{activity.id}-cards", f"{title}: what the cards accept and say", "", inside)

    def _sheet(self, activity: Activity, point: Timepoint) -> Sheet:
        title = say(activity.title, self.language)
        return Sheet(title, activity.minutes, examples.closes(point), examples.ZONE, "", "")

    def _questionnaire(self, activity: Questionnaire, point: Timepoint) -> str:
        tools = [self.folder.instruments[code] for code in activity.instruments]
        shown = sections(tools, asked_by(tools), self.language)
        baseline = point.anchor == "consent"
        view = QuestionnairePage(self._sheet(activity, point), shown, all_needed=baseline)
        return questionnaire_page(self.frame if baseline else self.personal, view)

    def _afterwards(self) -> Iterator[Screen]:
        levels = self.protocol.withdrawal.levels
        stopping = [one for one in StopLevel if one.value in levels or one is StopLevel.EVERYTHING]
        yield self._screen("stop", "Stopping or changing", stop_page(self.personal, StopPage(tuple(stopping))))
        report = report_page(self.personal, ReportPage())
        yield self._screen("report", "Telling the team that something is not right", report)
        if self.protocol.safety:
            caption = "Where to find help (shown after answers that call for it)"
            yield self._text("resources", caption, self.protocol.safety.resources)
        yield self._text("debrief", "The last step for everybody: what was compared", self.protocol.debrief)
        if self.protocol.results:
            yield self._text("results", "What came out, once it is known", self.protocol.results)
