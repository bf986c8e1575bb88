"""Every page in every state, drawn from the shipped protocol: what the pictures show and the browser tests look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, get_args

from tests.core import kinds
from tests.pages.samples_of_help import END, HELP
from tests.pages.samples_of_my_page import MY_PAGE
from trial.core import exercises as kept
from trial.core import proof
from trial.core.answers import Asked, Fault, asked_by, asked_plainly
from trial.core.instruments import Instrument, Item
from trial.core.participant import StopLevel
from trial.core.protocol import Exercise, Recall, Writing
from trial.core.recall import filled
from trial.core.trial import MARKS, TrialKind
from trial.pages import activities, aside, consent_copy, exercises, joining, leaving, notices, privacy
from trial.pages.activities import Unsent
from trial.pages.fields import NOTHING, Typed, plain_fields, sections
from trial.pages.frame import Frame
from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.services.harms import WISHES

SEVEN = datetime(2026, 3, 3, 19, 0, tzinfo=UTC)
FRAME = Frame(
    contact_name="The study team",
    contact_email="team@trial.example.org",
    home="/evening-writing",
    csrf="0" * 64,
)
BARE = Frame(csrf="0" * 64)
PERSONAL = replace(FRAME, personal=True)
MARKED = replace(FRAME, mark="Rehearsal with pretend people. Nothing here is real.")
SHEET = activities.Sheet("How you have been", 10, SEVEN, "Europe/London", "1" * 64, "")

FRESH = Unsent()

Sample = Callable[[], str]


@lru_cache(maxsize=1)
def folder() -> ProtocolFolder:
    return read_folder(shipped("shapira-mongrain-2010"))


def _text(name: str) -> str:
    return folder().text(name, "en")


LANGUAGES = (("en", "?lang=en"), ("de", "?lang=de"), ("ar", "?lang=ar"))


def _privacy() -> str:
    said = read_folder(shipped("larger-trial")).protocol.data_protection
    given = read_folder(shipped("examples/attention-control")).protocol.incentives
    assert said is not None and given[0].given_by == "post"
    return privacy.privacy_page(replace(FRAME, privacy=True), privacy.notice_of(said, "en", given))


def _copy(
    *,
    signature: str = "Robin Example",
    sharing: str = "My answers may be shared.",
    mark: bool = False,
    **state: object,
) -> str:
    form = folder().protocol.consent
    ticked = tuple(one.text["en"] for one in form.statements)
    view = consent_copy.CopyPage(
        folder().protocol.title["en"], _text(form.information), form.version, ticked, sharing, True, signature, SEVEN,
        "Europe/London", folder().digest, **state,  # type: ignore[arg-type]
    )  # fmt: skip
    return consent_copy.copy_page(replace(PERSONAL, mark=MARKED.mark if mark else None, privacy=True), view)


def _public(*, recruits: bool = True, preparing: bool = False, frame: Frame | None = None) -> str:
    title, summary = folder().protocol.title["en"], folder().protocol.summary["en"]
    view = joining.TrialPage(title, summary, _text(folder().protocol.trial_page), recruits, preparing)
    return joining.trial_page(frame or (MARKED if recruits else FRAME), view)


def _researchers() -> str:
    protocol, about = folder().protocol, folder().protocol.administrative
    view = joining.ResearchersPage(
        protocol.title["en"], about.registration, about.sponsor, about.funder, about.ethics,
        protocol.id, protocol.version, folder().digest, "9f" * 32, SEVEN, ((31, "5c" * 32),), "3c" * 32,
    )  # fmt: skip
    return joining.researchers_page(FRAME, view)


def _notice(*, missing: bool = False) -> str:
    return joining.notice_page(FRAME, joining.NoticePage(_text("messages/notice"), missing=missing))


def screening(typed: Typed = NOTHING, frame: Frame = FRAME, *, challenge: str = "") -> str:
    asked = asked_plainly(folder().protocol.eligibility.questions)
    work = challenge or str(proof.challenge(b"sample", "", SEVEN, 1))
    return joining.screening_page(frame, joining.ScreeningPage(plain_fields(asked, "en", typed), work))


def _consent(**state: object) -> str:
    consent = folder().protocol.consent
    words = tuple((one.id, one.text["en"]) for one in consent.statements)
    view = joining.ConsentPage(_text(consent.information), consent.version, words, **state)  # type: ignore[arg-type]
    return joining.consent_page(FRAME, view)


CHANGES = (
    ("statement 2 of the consent form", "… up to «ten» minutes …", "… up to «fifteen» minutes …", "en"),
    ("who else receives data", "nothing", "The relay that sends our e-mail", "en"),
)
SHARING = "If you like: my answers, without my name, may be given to other researchers."


def _questions(**state: object) -> tuple[joining.Comprehension, ...]:
    """Two questions about the information; the first is answered, the second stands as `state` says."""
    first, second = (("chance", "Chance"), ("me", "I do")), (("stop", "I stop"), ("end", "I go on until the end"))
    return (
        joining.Comprehension("who_decides", "Who decides what you get?", first, chosen="chance"),
        joining.Comprehension("stopping", "What if you no longer want to?", second, **state),  # type: ignore[arg-type]
    )


def _questionnaire(codes: tuple[str, ...], typed: Typed = NOTHING, frame: Frame = PERSONAL) -> str:
    return _sheet([folder().instruments[code] for code in codes], typed, frame)


def _sheet(
    instruments: list[Instrument], typed: Typed, frame: Frame = PERSONAL, *, first: bool = False, **more: object
) -> str:
    asked: list[Asked] = asked_by(instruments)
    shown = sections(instruments, asked, "en", typed)
    view = activities.QuestionnairePage(SHEET, shown, typed.gaps, first, **more)  # type: ignore[arg-type]
    return activities.questionnaire_page(frame, view)


# one item of every type, and a scale too long to stand in a row
_TYPES = Instrument.model_validate(
    {
        "schema": 2,
        "permission": {"status": "free"},
        "code": "types",
        "name": "Every type of item",
        "instructions": {"en": "Please answer for the **past week**."},
        "wording": "own",
        "response": {"choices": [{"value": n, "label": {"en": str(n)}} for n in range(11)]},
        "items": [
            Item(id="rating", topic={"en": "How satisfied are you with your life these days?"}),
            Item(id="sleep", topic={"en": "How long do you sleep at night?"}, type="number", minimum=0, maximum=24,
                 unit={"en": "hours"}),
            Item(id="last", topic={"en": "The next questions are about your **days**. There are no wrong answers."},
                 type="info"),
            Item(id="energy", topic={"en": "How much energy do you have?"}, type="slider", minimum=0, maximum=100,
                 low={"en": "None at all"}, high={"en": "As much as I want"}),
            Item(id="rest", topic={"en": "What gives you rest?"}, type="choices",
                 choices=[{"value": value, "label": {"en": value.capitalize()}}
                          for value in ("walks", "music", "friends", "nothing")]),
            Item(id="help", topic={"en": "Do you get help from somebody?"}, type="yes_no"),
            Item(id="words", topic={"en": "Is there something else that we should know?"}, type="text"),
        ],
        "licence": "Our own words.",
        "source": "Written for these pictures.",
    }
)  # fmt: skip


def _writing(value: str = "", fault: Fault | None = None, unsent: Unsent = FRESH) -> str:
    exercise = next(one for one in folder().protocol.activities if isinstance(one, Writing))
    typed = Typed({"writing": value}, {"writing": fault} if fault else {})
    return _exercise(exercise, _text(exercise.exercise), typed, unsent=unsent)


def _exercise(
    exercise: Exercise, text: str, typed: Typed = NOTHING, *, due: int = 9, unsent: Unsent = FRESH, **more: object
) -> str:
    sheet = replace(SHEET, title=exercise.title["en"], minutes=exercise.minutes, unsent=unsent)
    asked = kept.asked(exercise, exercise.cards[:due] if isinstance(exercise, Recall) else ())
    page = exercises.ExercisePage(sheet, exercise, text, asked, typed, **more)  # type: ignore[arg-type]
    return exercises.exercise_page(PERSONAL, page)


def _kind(name: str, typed: Typed = NOTHING, **more: object) -> str:
    """A page of the small trial that holds every kind of exercise."""
    exercise = kinds.exercise(name)
    return _exercise(exercise, kinds.FOLDER.text(exercise.exercise, "en"), typed, **more)  # type: ignore[arg-type]


def _read_by_the_team() -> str:
    voices = kinds.exercise("voices").model_copy(update={"read_by": "team"})
    return _exercise(voices, kinds.FOLDER.text(voices.exercise, "en"))


def _went(*remembered: str, leads_on: str = "") -> str:
    cards = kinds.exercise("cards")
    assert isinstance(cards, Recall)
    said = [(filled(one, "en"), one.remembered if one.id in remembered else one.forgotten) for one in cards.cards]
    pairs = tuple((whole, words["en"]) for whole, words in said)
    return exercises.went_page(PERSONAL, exercises.WentPage(pairs, leads_on))


def _gaps() -> str:
    typed = Typed({"swls_1": "4", "swls_3": "6"}, {}, ("swls_2", "swls_4", "swls_5"))
    return _questionnaire(("swls",), typed)


def _stop(*levels: StopLevel, missing: bool = False) -> str:
    return leaving.stop_page(PERSONAL, leaving.StopPage(levels, missing=missing))


BOTH = (StopLevel.EXERCISES, StopLevel.EVERYTHING)
LATE = "It was late, and the words did not come at once. Then they did, and I could not stop."
EARLIER = (
    ("Why does it make sense that you feel this way?", "I had slept badly.\nAnd then the phone rang all morning."),
    ("What do you need to hear now?", "That one bad morning is one bad morning."),
)

SAMPLES: dict[str, Sample] = {
    "trial": _public,
    "trial-closed": lambda: _public(recruits=False),
    "trial-preparing": lambda: _public(recruits=False, preparing=True),
    "researchers": _researchers,
    "trial-languages": lambda: _public(frame=replace(FRAME, languages=LANGUAGES, chosen="en", privacy=True)),
    "privacy": _privacy,
    "consent-copy": _copy,
    "consent-copy-by-link": lambda: _copy(signature=""),
    "consent-copy-sent": lambda: _copy(signature="", said="sent"),
    "consent-copy-not-ticked": lambda: _copy(fault=True),
    "consent-copy-saved": lambda: _copy(saved=True, sharing="", mark=True),
    "notice": _notice,
    "notice-not-ticked": lambda: _notice(missing=True),
    "screening": screening,
    "screening-faults": lambda: screening(Typed({"age": "old"}, {"age": "not_a_number", "daily_email": "needed"})),
    "screening-once-more": lambda: screening(Typed({"age": "34"}, {}), replace(FRAME, again=True)),
    "address": lambda: joining.address_page(FRAME, joining.AddressPage()),
    "address-fault": lambda: joining.address_page(
        FRAME, joining.AddressPage(("en", "de", "ar"), "robin@", "en", "Europe/Berlin", "bad_address")
    ),
    "address-no-zone": lambda: joining.address_page(FRAME, joining.AddressPage(fault="bad_zone")),
    "code": lambda: joining.code_page(FRAME, joining.CodePage()),
    "code-wrong": lambda: joining.code_page(FRAME, joining.CodePage(wrong=True)),
    "consent": _consent,
    "consent-missing": lambda: _consent(missing=("free", "signature"), ticked=("understood", "chance")),
    "consent-questions": lambda: _consent(questions=_questions(), sharing=SHARING),
    "consent-questions-again": lambda: _consent(
        questions=_questions(explanation="You may stop at any time, and need not say why."), sharing=SHARING
    ),
    "consent-questions-open": lambda: _consent(
        missing=("question_stopping", "signature"), questions=_questions(open=True), sharing=SHARING, shares=True
    ),
    "consent-again": lambda: _consent(again=True, changes=CHANGES, questions=_questions(), sharing=SHARING),
    "consent-again-missing": lambda: _consent(again=True, changes=CHANGES, missing=("free", "signature")),
    "changed": lambda: joining.changed_page(PERSONAL, joining.ChangedPage("Somebody of the team reads it.", CHANGES)),
    "consent-changed": lambda: _consent(missing=("version",)),
    "questionnaire": lambda: _questionnaire(("about_you", "swls", "since_last_time")),
    "questionnaire-topics": lambda: _questionnaire(("cesd",)),
    "questionnaire-first": lambda: _sheet([folder().instruments["about_you"]], NOTHING, first=True),
    "questionnaire-types": lambda: _sheet([_TYPES], NOTHING),
    "questionnaire-types-answered": lambda: _sheet(
        [_TYPES], Typed({"types_energy": "40", "types_rest_walks": "yes", "types_help": "no"}, {})
    ),
    "questionnaire-page": lambda: _sheet(
        [folder().instruments["swls"]], NOTHING, place=2, pages=5, here=("swls_1",), before=9
    ),
    "questionnaire-nothing-answered": lambda: _sheet(
        [folder().instruments["swls"]], Typed({}, {}, (), empty=True), empty=True
    ),
    "questionnaire-late": lambda: _sheet([folder().instruments["since_last_time"]], NOTHING, late=True),
    "questionnaire-short": lambda: _sheet([folder().instruments["swls"]], NOTHING, short=True),
    "questionnaire-gaps": _gaps,
    "questionnaire-faults": lambda: _sheet(
        [_TYPES],
        Typed(
            {"types_sleep": "30", "types_energy": "much"},
            {"types_sleep": "too_large", "types_energy": "not_a_number", "types_rest": "not_a_choice"},
        ),
    ),
    "questionnaire-read-only": lambda: _questionnaire(
        ("since_last_time",), frame=replace(PERSONAL, read_only=True, mark=MARKED.mark)
    ),
    "writing": _writing,
    "writing-empty": lambda: _writing(fault="needed"),
    "writing-too-long": lambda: _writing(LATE, "too_long"),
    "writing-draft": lambda: _writing(LATE, unsent=Unsent("shown", 130)),
    "writing-draft-elsewhere": lambda: _writing(unsent=Unsent("elsewhere")),
    "writing-prompts": lambda: _kind("letter"),
    "writing-prompts-empty": lambda: _kind("letter", Typed({}, {"letter_sense": "needed"})),
    "writing-prompts-too-long": lambda: _kind("letter", Typed({"letter_need": LATE}, {"letter_need": "too_long"})),
    "writing-goes-on": lambda: _kind("answer", earlier=EARLIER),
    "writing-goes-on-locked": lambda: _kind("answer", locked=True),
    "writing-goes-on-from-nothing": lambda: _kind("answer"),
    "reading": lambda: _kind("article"),
    "reading-not-confirmed": lambda: _kind("article", Typed({}, {"article_read": "needed"})),
    "recall": lambda: _kind("cards"),
    "recall-nothing-due": lambda: _kind("cards", due=0),
    "recall-too-long": lambda: _kind("cards", Typed({"cards_caring": LATE}, {"cards_caring": "too_long"})),
    "recall-went": lambda: _went("caring", "people"),
    "recall-went-on": lambda: _went("failures", leads_on="/now"),
    "timed-practice": lambda: _kind("breathing"),
    "timed-practice-not-chosen": lambda: _kind(
        "breathing", Typed({"breathing_seconds": "41"}, {"breathing_done": "needed"})
    ),
    "dialogue": lambda: _kind("voices"),
    "dialogue-read-by-the-team": _read_by_the_team,
    "dialogue-empty": lambda: _kind("voices", Typed({}, {"voices_1_harsh": "needed"})),
    "dialogue-too-long": lambda: _kind("voices", Typed({"voices_2_kind": LATE}, {"voices_2_kind": "too_long"})),
    "checklist-undecided": lambda: _kind("small_things", Typed({}, {"nothing": "needed"})),
    "recall-undecided": lambda: _kind("cards", Typed({}, {"nothing": "needed"})),
    "checklist": lambda: _kind("small_things"),
    "checklist-fault": lambda: _kind(
        "small_things", Typed({"small_things_outside": "yes"}, {"small_things_rest": "not_a_choice"})
    ),
    "allocated": lambda: activities.allocated_page(PERSONAL, activities.Allocated(SEVEN, "Europe/London")),
    "allocated-soon": lambda: activities.allocated_page(PERSONAL, activities.Allocated(None, "Europe/London")),
    "stop": lambda: _stop(*BOTH),
    "stop-everything": lambda: _stop(StopLevel.EVERYTHING),
    "stop-questionnaires-too": lambda: _stop(StopLevel.EXERCISES, StopLevel.QUESTIONNAIRES, StopLevel.EVERYTHING),
    "stop-not-chosen": lambda: _stop(*BOTH, missing=True),
    "not-today": lambda: aside.not_today_page(PERSONAL, aside.NotTodayPage()),
    "not-today-not-chosen": lambda: aside.not_today_page(PERSONAL, aside.NotTodayPage(missing=True)),
    "upset": lambda: aside.upset_page(PERSONAL, aside.UpsetPage(WISHES)),
    "upset-not-chosen": lambda: aside.upset_page(PERSONAL, aside.UpsetPage(("today", "help"), missing=True)),
    "upset-too-long": lambda: aside.upset_page(
        PERSONAL, aside.UpsetPage(WISHES, "mute", contact=True, text=LATE, too_long=True)
    ),
    "report": lambda: leaving.report_page(PERSONAL, leaving.ReportPage()),
    "report-nothing": lambda: leaving.report_page(PERSONAL, leaving.ReportPage(missing=True)),
    "report-too-long": lambda: leaving.report_page(PERSONAL, leaving.ReportPage(LATE, too_long=True)),
    "no-session": lambda: notices.no_session(Frame()),
    "no-session-text": lambda: notices.no_session(Frame(), LATE),
}


def _after(name: activities.After) -> Sample:
    frame = FRAME if name in ("not_eligible", "declined", "form_not_valid") else PERSONAL
    return lambda: activities.after_page(frame, name)


def _notice_page(name: notices.Notice) -> Sample:
    return lambda: notices.notice(BARE, name)


SAMPLES["after-enrolment-held-in-a-test"] = lambda: activities.after_page(
    replace(PERSONAL, mark=MARKS[TrialKind.TEST]), "enrolment_held"
)
SAMPLES |= HELP | END | MY_PAGE
SAMPLES |= {f"after-{one.replace('_', '-')}": _after(one) for one in activities.AFTER}
SAMPLES["notice-too-many-typed"] = lambda: notices.too_many(BARE, {"email": "robin@mailbox.example"})
SAMPLES |= {f"notice-{one.replace('_', '-')}": _notice_page(one) for one in notices.NOTICES}
Width = Literal["phone", "desktop"]
WIDTHS: dict[Width, int] = dict(zip(get_args(Width), (360, 1280), strict=True))
