"""A pretend person: clicks, types, reads mail, follows links, drifts away. Never a shortcut past the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from trial.core.instruments import Item
from trial.core.protocol import Questionnaire
from trial.mail.mailbox_files import StoredMail
from trial.pages.service_mail import subjects
from trial.rehearsal.answering import CLOSED, Lived
from trial.rehearsal.calendar import Mailing, Thing
from trial.rehearsal.dice import Dice
from trial.rehearsal.door import Door
from trial.rehearsal.exercises import Exerciser
from trial.rehearsal.forms import Form, Page
from trial.rehearsal.quirks import Quirks
from trial.rehearsal.screening import screening_answers
from trial.rehearsal.setting import Setting, is_lost

_LINK = re.compile(r"https?://\S+/go/[A-Za-z0-9_-]{43}")
_END = re.compile(_LINK.pattern + r"\?to=end")
_CODE = re.compile(r"\b\d{6}\b")
TRIES = 4
ASKED_AGAIN = 422


class World(Protocol):
    """What a person can do to the world around them: plan an act of their own, let their mailbox die, take another
    device, come as somebody else, write to the study; and which arm the trial put them into, which they do not know
    themselves, and which moves them all the same."""

    def later(self, person: PretendPerson, at: datetime, act: Callable[[datetime], None]) -> None: ...
    def refuse_mail(self, address: str) -> None: ...
    def allocated(self, person: PretendPerson) -> str | None: ...
    def device(self, owner: int = 0) -> Door: ...
    def enrol_another(self, person: PretendPerson, at: datetime) -> None: ...
    def write(self, person: PretendPerson, answers: StoredMail, words: str, at: datetime, *, away: bool) -> None: ...


class PretendPerson:
    """One person, number 1 to N; every choice comes from their own dice. `again`: who has enrolled before."""

    def __init__(self, number: int, setting: Setting, world: World, browser: Door, *, again: bool = False) -> None:
        self.number = number
        self.setting = setting
        self.world = world
        self.browser = browser
        self.dice = Dice(setting.seed, number)
        self.profile = setting.profile
        self.habits = setting.habits(self.dice)
        self.answerer = setting.answerer(self.dice)
        self.language = self.dice.choice(setting.folder.protocol.languages, "language")
        self.exerciser = Exerciser(self.dice, setting.folder, self.language)
        self.zone = self.dice.choice(self.profile.zones, "zone")
        self.again = again
        self.address = f"p{number:05d}{'.other' if again else ''}@mailbox.example"
        self.invited: dict[str, int] = {}
        self.exercises_done = 0
        self.arm: str | None = None
        self.left = self.came = False
        self.acted_on: set[tuple[str, int]] = set()
        self.quirks = Quirks(self)

    # --- joining -----------------------------------------------------------------------------------------------

    def arrive(self, now: datetime) -> None:
        """From the trial's page to the address; the code comes by mail."""
        if len(self.setting.folder.protocol.languages) > 1:
            self.browser.prefer(self.language)
        if not self.came:
            self.came = True
            self.quirks.arrived(now)
        source = self.dice.choice(self.profile.sources, "source")
        page = self.browser.get(f"/{self.setting.slug}" + (f"?from={source}" if source else ""))
        notice = next((link for link in page.links if "/notice" in link), None)
        if notice is None:
            return
        page = self._post(self.browser.get(notice).form, _ticked)
        if not any(str(one.id) in form.fields for form in page.forms for one in self._questions()):
            return
        page = self._post(page.form, lambda form: self.quirks.screened(form, self._screening()))
        if not any("email" in form.fields for form in page.forms):
            return
        if not self.again and self._leaves_off(self.profile.mistypes_address, "mistypes"):
            self.address = f"p{self.number:05d}.mistyped@mailbox.example"
            self.world.refuse_mail(self.address)
        self._post(page.form, lambda form: {"email": self.address, "zone": self.zone, "language": self._language(form)})

    def arrive_again(self, now: datetime) -> None:
        """Once more from another device, with the same address."""
        self.browser = self.world.device(self.number)
        self.arrive(now)

    def _leaves_off(self, chance: float, *occasion: object) -> bool:
        """Whether a person stops short here; a robot goes on to the end."""
        return not self.quirks.robot and self.dice.happens(chance, *occasion)

    def _language(self, form: Form) -> str:
        """Their own, unless the page offers a choice without it: then what the page has chosen."""
        offered = form.fields.get("language")
        if offered is None or not offered.options or self.language in offered.options:
            return self.language
        return offered.value or offered.options[0]

    def _questions(self) -> list[Item]:
        return self.setting.folder.protocol.eligibility.questions

    def _screening(self) -> dict[str, str]:
        wanted = self.quirks.robot or self.dice.happens(self.profile.eligible, "eligible")
        return screening_answers(self.setting.folder.protocol.eligibility, self.dice, eligible=wanted)

    def _type_code(self, code: str) -> Callable[[datetime], None]:
        def act(now: datetime) -> None:
            page = self.browser.page
            if page is None or not any("code" in form.fields for form in page.forms):
                return
            page = self._post(page.form, lambda _: {"code": code})
            if any("signature" in form.fields for form in page.forms):
                self._consent(page)

        return act

    def _consent(self, page: Page) -> None:
        if self._leaves_off(self.profile.leaves_at_consent, "leaves_at_consent"):
            return
        declines = self._leaves_off(self.profile.declines, "declines")
        choice = next((name, value) for name, value in page.form.buttons if ("decline" in value) == declines)
        signed = {} if declines else {"signature": f"Pretend Person {self.number}"}
        for attempt in range(TRIES):
            understood = {} if declines else self._understanding(attempt)
            page = self._post(page.form, partial(self._agreed, {**understood, **signed, **dict([choice])}))
            if page.status != ASKED_AGAIN:
                break
        if declines or self._leaves_off(self.profile.leaves_baseline, "leaves_baseline"):
            return
        baseline = self.setting.folder.protocol.baseline.id
        for _ in self.setting.folder.protocol.timepoint(baseline).activities:
            page = self._do(page, baseline)
        for thing in self.setting.calendar.at_once:
            self.invited[thing.stream] = thing.number
        self._go_on(page)

    def _agreed(self, said: Mapping[str, str], form: Form) -> dict[str, str]:
        """What is said, and every box ticked but for the one that is each person's own choice."""
        ticked = _ticked(form)
        if "data_sharing" in ticked and not self.dice.happens(self.profile.shares_data, "shares_data"):
            del ticked["data_sharing"]
        return {**ticked, **said}

    def _understanding(self, attempt: int) -> dict[str, str]:
        """Answers to the questions about the information; some take two looks at it."""
        answers = {}
        for one in self.setting.folder.protocol.consent.comprehension:
            values = [str(choice.value) for choice in one.choices]
            misreads = not attempt and self.dice.happens(self.profile.misreads, "misreads", one.id)
            others = [value for value in values if value != str(one.correct)]
            answers[f"question_{one.id}"] = (
                self.dice.choice(others, "misread", one.id) if misreads else str(one.correct)
            )
        return answers

    # --- mail --------------------------------------------------------------------------------------------------

    def receive(self, mail: StoredMail, now: datetime) -> None:
        """Read a mail and decide whether and when to act on it."""
        mailing = self.setting.calendar.mailing(mail.subject)
        if mailing is None and mail.subject in subjects(tuple(self.setting.folder.protocol.languages)):
            self._read_to_the_end(mail, now)  # a mail of the product's own
            return
        if mailing is None:
            raise RuntimeError(f"pretend person {self.number} cannot make sense of the mail {mail.subject!r}")
        if mailing.stream == "service":
            self._receive_code(mail, now)
            return
        link = _LINK.search(mail.text)
        if link is None:
            raise RuntimeError(f"the mail {mail.subject!r} to pretend person {self.number} holds no link")
        if mailing.reminder == 0:
            before = self.invited.get(mailing.stream, 0)
            self.invited[mailing.stream] = self.setting.calendar.next_of(mailing, before)
        self.quirks.got(mail, link[0], now, invitation=mailing.reminder == 0)
        thing = self.setting.calendar.thing(mailing.stream, self.invited.get(mailing.stream, 0))
        if thing is not None:
            self._consider(thing, mailing, link[0], now)

    def _read_to_the_end(self, mail: StoredMail, now: datetime) -> None:
        """The last mail leads to a page to read; any other of the product's own is read and left at that."""
        link = _END.search(mail.text)
        if link is not None:
            self._soon(now, lambda _: self._look_at(link[0]), "end")

    def _receive_code(self, mail: StoredMail, now: datetime) -> None:
        code = _CODE.search(mail.text)
        if code and not self._leaves_off(self.profile.never_confirms, "never_confirms"):
            self._soon(now, self._type_code(code[0]), "code")

    def _consider(self, thing: Thing, mailing: Mailing, link: str, now: datetime) -> None:
        habits, key = self.habits, (thing.stream, thing.number)
        if self._is_lost(thing):
            self._leave(link, now)
            return
        if mailing.reminder == 0 and habits.leaves_all_at == key:
            self._soon(now, lambda at: self._stop(link, "everything"), *key, "stop")
            return
        if thing.stream == "exercises":
            leaving = thing.number == habits.last_exercise + 1 and habits.says_so and not mailing.reminder
            if leaving:
                self._soon(now, lambda at: self._stop(link, "exercises"), *key, "stop")
                return
            wanted = habits.does_exercise(thing.number)
        else:
            wanted = habits.answers_questionnaire(thing.number)
            if habits.loses_mailbox(thing.number):
                self.world.refuse_mail(self.address)
        if wanted and self._is_the_mail(mailing, habits.waits_for(*key, thing.reminders), key):
            self.acted_on.add(key)
            self._soon(now, lambda at: self._follow(link, thing, at), *key, mailing.reminder)

    def _is_the_mail(self, mailing: Mailing, waited_for: int, key: tuple[str, int]) -> bool:
        """Whether this is the mail that they act on: the one waited for, or the next where that one never came."""
        later = mailing.reminder > waited_for and self.setting.knows_arms
        return mailing.reminder == waited_for or (later and key not in self.acted_on)

    def _is_lost(self, thing: Thing) -> bool:
        """Whether they answer nothing any more by then, in the arm that the trial put them into."""
        return is_lost(self.answerer, self._allocated(), thing) if self.setting.knows_arms else False

    def _allocated(self) -> str | None:
        if self.arm is None:
            self.arm = self.world.allocated(self)
        return self.arm

    def _leave(self, link: str, now: datetime) -> None:
        """Whoever is lost says so on the page for stopping, or their mailbox dies, or they are just not heard of."""
        if self.left:
            return
        self.left = True
        if self.dice.happens(self.profile.says_so, "says_so"):
            self._soon(now, lambda at: self._stop(link, "everything"), "stop")
        elif self.dice.happens(self.profile.lost_mailbox, "lost_mailbox"):
            self.world.refuse_mail(self.address)

    def _soon(self, now: datetime, act: Callable[[datetime], None], *occasion: object) -> None:
        minutes = 0 if self.quirks.robot else round(self.habits.minutes_until(*occasion))
        self.world.later(self, now + timedelta(minutes=minutes), act)

    # --- doing -------------------------------------------------------------------------------------------------

    def open(self, link: str) -> Page | None:
        """Follow a personal link through its landing page; None where it has lapsed."""
        page = self.browser.get(link)
        return self._post(page.form, lambda _: {}) if any(form.method == "post" for form in page.forms) else None

    def _look_at(self, link: str) -> None:
        self.open(link)

    def _go_on(self, page: Page) -> None:
        """Whatever the study asks in the same sitting, as far as the person wants to."""
        for thing in self.setting.calendar.at_once:
            exercise = thing.stream == "exercises"
            if not self._has_activity(page):
                return
            if exercise != self._is_exercise(page):  # nothing of the kind in this person's arm, or done already
                continue
            habits = self.habits
            wanted = habits.does_exercise(thing.number) if exercise else habits.answers_questionnaire(thing.number)
            if not wanted or self._is_lost(thing):
                return
            page = self._do(page, thing.timepoint.id)

    def _is_exercise(self, page: Page) -> bool:
        return self.exerciser.is_exercise(next(form for form in page.forms if "submission" in form.fields))

    def _follow(self, link: str, thing: Thing, now: datetime, *, back: bool = False) -> None:
        page = self.open(link)
        if page is None or not self._has_activity(page):
            return
        come_back = partial(self._follow, link, thing, back=True)
        if not back and self.quirks.leaves_it_open(now, come_back, thing.stream, thing.number):
            return
        self._go_on(self._do(page, thing.timepoint.id))
        exercise = thing.stream == "exercises"
        if exercise and self.exercises_done == 1 and self.dice.happens(self.profile.reports_a_problem, "problem"):
            report = self.browser.get("/report")
            self._post(report.form, lambda _: {"text": "Thinking about this made me feel worse for the evening."})

    def _stop(self, link: str, level: str) -> None:
        if self.open(link) is None:
            return
        page = self.browser.get("/stop")
        reasons = page.form.fields["reason"].options
        self._post(page.form, lambda _: {"level": level, "reason": self.dice.choice(reasons, "reason", level)})

    def _has_activity(self, page: Page) -> bool:
        return any("submission" in form.fields for form in page.forms)

    def _do(self, page: Page, timepoint: str) -> Page:
        """Fill in whatever the page asks, as often as it asks again: first once more with the gaps, then without."""
        attempt = 0
        while attempt < TRIES:
            if not self._has_activity(page):
                return page
            form = next(form for form in page.forms if "submission" in form.fields)
            if self.exerciser.is_exercise(form):
                if not self.setting.knows_arms:
                    self._learn_arm(page)
                if self.quirks.is_upset(page, timepoint, self.exercises_done) and self.browser.page is not None:
                    return self.browser.page
                page = self.browser.post(form, self.exerciser.fill(form, timepoint, self.exercises_done))
                self.exercises_done += page.status != ASKED_AGAIN
            else:
                page = self.browser.post(form, self._answers(form, timepoint, complete=attempt > 1))
            if page.status == ASKED_AGAIN:
                attempt += 1
            elif "page" in form.fields and self._is_turned(page, form):
                attempt = 0
            else:
                return self.browser.get("/now") if "/now" in page.links else page
        raise RuntimeError(f"{page.path} asks pretend person {self.number} the same thing again and again")

    def _is_turned(self, page: Page, form: Form) -> bool:
        """Whether this is another page of the same questionnaire."""
        sent = form.fields["submission"].value
        return any(one.fields["submission"].value == sent for one in page.forms if "submission" in one.fields)

    def _answers(self, form: Form, timepoint: str, *, complete: bool) -> dict[str, str]:
        if self.setting.knows_arms:
            self._allocated()
        lived = Lived(self.arm, self.exercises_done / max(self.habits.exercises, 1))
        answers: dict[str, str] = {}
        for instrument in self.setting.folder.instruments.values():
            if not any(one in form.fields for item in instrument.items for one in instrument.columns(item)):
                continue
            answers |= self.answerer.sheet(instrument, timepoint, lived)
            if complete:
                for item in instrument.items:
                    if item.type in CLOSED and not answers.keys() & set(instrument.columns(item)):
                        answers |= self.answerer.given(instrument, item, timepoint, lived)
        return {name: value for name, value in answers.items() if name in form.fields}

    def _learn_arm(self, page: Page) -> None:
        """By reading the exercise: the arm whose text this page shows; an exercise for every arm tells nothing new."""
        protocol = self.setting.folder.protocol
        shown = set(page.words.lower().split())

        def overlap(activity_id: str) -> float:
            activity = protocol.activity(activity_id)
            exercise = None if isinstance(activity, Questionnaire) else activity.exercise
            words = set(self.setting.folder.text(exercise, self.language).lower().split()) if exercise else set()
            return len(words & shown) / max(len(words), 1)

        exercises = [one.id for one in protocol.activities if protocol.is_exercise(one.id)]
        best = protocol.activity(max(exercises, key=overlap))
        # what a further stage adds leaves the arm what it was
        arms = [one.id for one in protocol.arms if best.arms == [one.id]]
        self.arm = arms[0] if arms else self.arm

    def _post(self, form: Form, fill: Callable[[Form], dict[str, str]]) -> Page:
        return self.browser.post(form, fill(form))


def _ticked(form: Form) -> dict[str, str]:
    return {one.name: one.options[0] for one in form.fields.values() if one.type == "checkbox"}
