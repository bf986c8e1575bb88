"""What people do beside what they are asked: cheat, get upset, write back, move, forward a mail. Each by their dice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trial.core import proof
from trial.mail.mailbox_files import StoredMail
from trial.rehearsal.forms import Form, Page
from trial.rehearsal.letters import AWAY, OWN_WORDS, STOP

if TYPE_CHECKING:
    from trial.rehearsal.person import PretendPerson

Act = Callable[[datetime], None]
_JUNK = "https://cheap-watches.example"
_OWN_PAGE = ("changes_zone", "changes_hour", "fewer_reminders", "pauses")


class Quirks:
    """Those of one person. What happens once happens at one of their first invitations, whichever the dice say."""

    def __init__(self, person: PretendPerson) -> None:
        self._person, self._dice, self._profile = person, person.dice, person.profile
        self._invitations = 0
        self._away_from: datetime | None = None
        self.robot = self._once("robots")

    def _once(self, name: str) -> bool:
        return self._dice.happens(getattr(self._profile, name), name)

    def _at(self, name: str) -> int:
        """At which of their invitations this happens, if it does."""
        return 1 + int(self._dice.uniform(name, "at") * max(self._person.setting.calendar.things, 1))

    # --- coming in -----------------------------------------------------------------------------------------------

    def screened(self, form: Form, answers: dict[str, str]) -> dict[str, str]:
        """What is sent at screening: a robot runs no script and fills in whatever takes words."""
        if not self.robot:
            return answers
        words = {one.name: _JUNK for one in form.fields.values() if one.type == "text" and one.name not in answers}
        return {**answers, **words, proof.PROOF: ""}

    def arrived(self, now: datetime) -> None:
        """Some come once more, days later, from another device: with their own address, or as somebody else."""
        person = self._person
        if person.again or self.robot:
            return
        if self._once("comes_again"):
            self._in_days(now, self._profile.days_to_come_again, "comes_again", person.arrive_again)
        if self._once("comes_as_another"):
            another: Act = lambda at: person.world.enrol_another(person, at)  # noqa: E731
            self._in_days(now, self._profile.days_to_come_again, "comes_as_another", another)

    def _in_days(self, now: datetime, days: tuple[float, float], name: str, act: Act) -> None:
        self._in_minutes(now, (days[0] * 1440, days[1] * 1440), name, act)

    def _in_minutes(self, now: datetime, span: tuple[float, float], name: str, act: Act) -> None:
        minutes = round(self._dice.between(*span, name, "when"))
        self._person.world.later(self._person, now + timedelta(minutes=minutes), act)

    # --- mails ---------------------------------------------------------------------------------------------------

    def got(self, mail: StoredMail, link: str, now: datetime, *, invitation: bool) -> None:
        """A mail of the trial's stream has come, with a personal link."""
        self._invitations += invitation
        if self._is_away(now, invitation=invitation):
            self._write(mail, AWAY, now, away=True)
        if not invitation:
            return
        if self._happens_now("forwards"):
            self._in_days(now, self._profile.days_to_forward, "forwards", lambda _: self._somebody_else(link))
        if self._happens_now("writes_back"):
            self._write(mail, self._dice.choice(OWN_WORDS, "own words"), now)
        if self._happens_now("writes_stop"):
            self._write(mail, STOP, now)
        wanted = [name for name in _OWN_PAGE if self._happens_now(name)]
        if wanted:
            span = self._profile.minutes_to_own_page
            self._in_minutes(now, span, "own page", lambda at: self._own_page(link, wanted))

    def _happens_now(self, name: str) -> bool:
        return self._once(name) and self._invitations == self._at(name)

    def _is_away(self, now: datetime, *, invitation: bool) -> bool:
        if self._away_from is None and invitation and self._happens_now("is_away"):
            self._away_from = now
        return self._away_from is not None and now < self._away_from + timedelta(weeks=self._profile.weeks_away)

    def _write(self, mail: StoredMail, words: str, now: datetime, *, away: bool = False) -> None:
        """A machine answers at once; a person within the hours that they take for it."""
        person = self._person
        minutes = (
            0
            if away
            else round(self._dice.between(*self._profile.minutes_to_write, "writes", words, self._invitations))
        )
        act = lambda at: person.world.write(person, mail, words, at, away=away)  # noqa: E731
        person.world.later(person, now + timedelta(minutes=minutes), act)

    def _somebody_else(self, link: str) -> None:
        """Whoever a mail was forwarded to opens its link on their own device, has a look and goes."""
        door = self._person.world.device()
        page = door.get(link)
        if any(form.method == "post" for form in page.forms):
            door.post(page.form, {})

    def _own_page(self, link: str, wanted: list[str]) -> None:
        person = self._person
        if person.open(f"{link}?to=me") is None:
            return
        changes = set(wanted) - {"pauses"}
        page = person.browser.get("/me/mails")
        if changes and any("zone" in form.fields for form in page.forms):
            person.browser.post(page.form, self.changed(page.form, changes))
        page = person.browser.get("/me/pause")
        if "pauses" in wanted and any("long" in form.fields for form in page.forms):
            person.browser.post(page.form, {"long": self._dice.choice(("7", "14"), "how long")})

    def changed(self, form: Form, changes: set[str]) -> dict[str, str]:
        """What they enter on their own page."""
        sent = {}
        if "changes_zone" in changes:
            others = [one for one in self._profile.zones if one != self._person.zone] or [self._person.zone]
            self._person.zone = sent["zone"] = self._dice.choice(others, "another zone")
        hours = [one for one in form.fields["hour"].options if one] if "hour" in form.fields else []
        if "changes_hour" in changes and hours:
            sent["hour"] = self._dice.choice(hours, "another hour")
        if "fewer_reminders" in changes:
            sent["fewer"] = "yes"
        return sent

    # --- doing ---------------------------------------------------------------------------------------------------

    def is_upset(self, page: Page, *occasion: object) -> bool:
        """Whether an exercise upsets them, and they say so instead of doing it."""
        if "/upset" not in page.links or not self._dice.happens(self._profile.upset, "upset", *occasion):
            return False
        shown = self._person.browser.get("/upset")
        if not any("wish" in form.fields for form in shown.forms):
            return False
        form = next(form for form in shown.forms if "wish" in form.fields)
        sent = {"wish": self._dice.choice(form.fields["wish"].options, "wish", *occasion)}
        if self._dice.happens(self._profile.wants_contact, "wants contact", *occasion):
            sent["contact"] = "yes"
        if self._dice.happens(self._profile.says_why, "says why", *occasion):
            sent["text"] = "I had to think of something that I would rather not think of in the evening."
        self._person.browser.post(form, sent)
        return True

    def leaves_it_open(self, now: datetime, come_back: Callable[[datetime], None], *occasion: object) -> bool:
        """Whether they look at a thing and go, to come back to it within hours."""
        if not self._dice.happens(self._profile.opens_and_leaves, "opens_and_leaves", *occasion):
            return False
        minutes = round(self._dice.between(*self._profile.minutes_to_come_back, "comes back", *occasion))
        self._person.world.later(self._person, now + timedelta(minutes=minutes), come_back)
        return True
