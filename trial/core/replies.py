"""What people write back: which of it is a machine's, and which asks us to stop.

A word that asks to stop suspends all mail to its sender at once and calls a person, who decides what was meant. So the
list may be generous with what it takes for a stop; the whole line must be nothing else: "Please don't stop" is none.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum

# for so long a reply may wait, and one that asks to stop
ANSWER_WITHIN = timedelta(days=2)
STOP_WITHIN = timedelta(days=1)


class ReplyKind(StrEnum):
    """Human: somebody wrote. Stop: they ask for no more mails. Auto: a machine's answer. Bounce: a mail came back."""

    HUMAN = "human"
    STOP = "stop"
    AUTO = "auto"
    BOUNCE = "bounce"


# a whole line, without greeting and thanks, in small letters and without marks
_STOP = {
    "en": (
        "stop", "stop it", "stop this", "stop now", "stop mails", "stop emails", "stop all emails", "stop the emails",
        "stop sending", "stop sending emails", "stop sending mails", "stop sending me emails", "stop sending me mails",
        "stop writing to me", "stop emailing me", "stop mailing me", "unsubscribe", "unsubscribe me",
        "no more emails", "no more mails", "no more e mails", "remove me", "take me off", "take me off the list",
        "take me off your list", "do not write to me again", "do not write to me any more", "dont write to me again",
        "do not email me again", "dont email me again", "leave me alone", "opt out", "i want to stop",
        "i would like to stop", "i want to quit", "i quit", "quit", "end", "cancel",
    ),
    "de": (
        "stopp", "stopp bitte", "stoppen", "aufhören", "aufhoeren", "hören sie auf", "hört auf", "hör auf", "abmelden",
        "abmeldung", "melden sie mich ab", "ich möchte aufhören", "ich will aufhören", "ich höre auf", "abbestellen",
        "keine mails mehr", "keine e mails mehr", "keine emails mehr", "keine weiteren mails", "keine weiteren e mails",
        "nicht mehr schreiben", "schreiben sie mir nicht mehr", "schreibt mir nicht mehr", "lassen sie mich in ruhe",
        "nehmen sie mich aus dem verteiler", "austragen", "tragen sie mich aus", "abbrechen", "ich breche ab",
    ),
    "ar": (
        "توقف", "توقفوا", "توقفي", "قف", "كفى", "اوقفوا الرسائل", "اوقف الرسائل", "ايقاف", "ايقاف الرسائل",
        "اريد التوقف", "اود التوقف", "الغاء", "الغاء الاشتراك", "لا ترسلوا لي", "لا ترسلوا لي رسائل",
        "لا اريد رسائل", "لا اريد المزيد من الرسائل", "لا مزيد من الرسائل", "انسحاب", "اريد الانسحاب",
    ),
}  # fmt: skip
_POLITE = (
    "please", "pls", "thanks", "thank you", "many thanks", "hello", "hi", "dear team", "dear study team", "dear all",
    "bitte", "danke", "vielen dank", "hallo", "guten tag", "liebes team", "liebes studienteam",
    "من فضلك", "من فضلكم", "رجاء", "الرجاء", "لو سمحتم", "لو سمحت", "شكرا", "مرحبا", "السلام عليكم",
)  # fmt: skip
_MARKS = re.compile(r"[^\w\s]|_")
# Arabic is often written without its hamza, and never with the vowels that a dictionary shows
_SAME = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": None, "’": None, "'": None})


def asks_to_stop(text: str) -> bool:
    """Whether the whole message, or its first line that is no greeting, asks for no more mails, in any language.

    Every language counts for everybody: people do not always write in the one that they read in.
    """
    lines = [line for line in map(_bare, text.splitlines()) if line]
    return bool(lines) and (lines[0] in _WORDS or " ".join(lines) in _WORDS)


def _bare(line: str) -> str:
    """A line in small letters without marks, vowel signs, and words that are only polite."""
    unmarked = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", line).casefold().translate(_SAME))
    letters = "".join(one for one in unmarked if not "\u064b" <= one <= "\u0652")
    words = " ".join(_MARKS.sub(" ", unicodedata.normalize("NFC", letters)).split())
    changed = True
    while changed and words:
        changed = False
        for one in _POLITE:
            bare = words.removeprefix(f"{one} ").removesuffix(f" {one}") if words != one else ""
            changed, words = changed or bare != words, bare
    return words


_WORDS = frozenset(_bare(one) for words in _STOP.values() for one in words)
