"""How a pretend person does an exercise: from the fields of its page alone, whatever kind it is.

Texts get pretend words, choices and ticks are drawn, a button that says something is pressed. A card's word is
remembered or not; who remembers it knows the lesson, as the protocol's own answers tell it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from trial.core.exercises import CONFIRMED, NOTHING, column
from trial.core.protocol import Reading, Recall
from trial.core.recall import answers_of
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.dice import Dice
from trial.rehearsal.forms import Field, Form

# assumptions of no more weight than others: nothing is known of these from a trial
REMEMBERS, PRACTISES, TICKS = 0.7, 0.75, 0.5
_GIVEN = ("text", "checkbox")


@dataclass(frozen=True)
class Exerciser:
    """The exercises of one person, who knows each lesson in one language."""

    dice: Dice
    folder: ProtocolFolder
    language: str = "en"

    @cached_property
    def _questions(self) -> frozenset[str]:
        instruments = self.folder.instruments.values()
        return frozenset(one.column(item) for one in instruments for item in one.items)

    @cached_property
    def _lesson(self) -> Mapping[str, str]:
        """Column of a card to a word that fills its gap."""
        recalls = [one for one in self.folder.protocol.activities if isinstance(one, Recall)]
        return {column(one, card.id): answers_of(card, self.language)[0] for one in recalls for card in one.cards}

    @cached_property
    def _readings(self) -> frozenset[str]:
        """The ticks that say that a text was read."""
        readings = [one for one in self.folder.protocol.activities if isinstance(one, Reading)]
        return frozenset(column(one, CONFIRMED) for one in readings)

    def is_exercise(self, form: Form) -> bool:
        """Whether a form asks nothing that belongs to an instrument: then it is no questionnaire."""
        return not self._questions & form.fields.keys()

    def fill(self, form: Form, *occasion: object) -> dict[str, str]:
        """What this person enters; `occasion` is which exercise this is, for their dice."""
        filled = {name: value for name, value in form.buttons if name}
        for one in form.fields.values():
            entered = "" if one.name == NOTHING else self._enter(one, occasion)
            if entered:
                filled[one.name] = entered
        if NOTHING in form.fields and not set(filled) & {
            one.name for one in form.fields.values() if one.type in _GIVEN
        }:
            filled[NOTHING] = "yes"
        return filled

    def _enter(self, one: Field, occasion: tuple[object, ...]) -> str:
        key = (one.name, *occasion)
        match one.type:
            case "textarea":
                # the one field of a plain writing needs no name of its own in the dice
                return self._own_words(*occasion if one.name == "writing" else key)
            case "text":
                remembers = self.dice.happens(REMEMBERS, "remembers", *key)
                return self._lesson.get(one.name, "something") if remembers else ""
            case "radio":
                practises = self.dice.happens(PRACTISES, "practises", *key)
                return one.options[0] if practises else self.dice.choice(one.options, "says", *key)
            case "checkbox" if one.name in self._readings:
                return "yes"
            case "checkbox":
                return one.options[0] if self.dice.happens(TICKS, "ticks", *key) else ""
        return ""

    def _own_words(self, *occasion: object) -> str:
        sentences = 3 + int(self.dice.uniform("sentences", *occasion) * 12)
        return " ".join(["These are pretend words, as long as a real entry might be."] * sentences)
