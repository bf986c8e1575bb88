"""Every mail of a protocol drawn with the longest values, and every other text, before the protocol is kept.

What cannot be drawn then would fail in the middle of the night.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from trial.core.errors import Problem, ProtocolInvalid
from trial.core.protocol import Message
from trial.core.texts import say
from trial.mail.specimen import MEMORY, SECONDS, Drawn, PageText, Specimen, draw
from trial.pages import service_mail
from trial.pages.moments import moment
from trial.pages.service_mail import OwnMail, own_message
from trial.pages.translations import translations
from trial.protocol_files import ProtocolFolder

# beside the processor time that the child allows itself: for one that waits instead of working
PATIENCE = 10.0
# so many times as long for its first text, for it has to start: on a busy machine that takes far longer than any text
STARTING = 6
CHILD = ("-m", "trial.mail.specimen")
LONGEST_TRIAL_DAYS = 999
LONGEST_ADDRESS = f"{'m' * 64}@{'.'.join(['m' * 60] * 3)}.org"
LONGEST_LINK = f"https://{'.'.join(['trial' * 8] * 2)}.example.org/go/{'m' * 43}"
# by digest: what was drawn once in this process is not drawn again
_known: dict[str, list[Drawn]] = {}
DAYS = [datetime(2026, 1, 1, 12, 59, tzinfo=UTC) + timedelta(days=number) for number in range(365)]


def require_drawable(folder: ProtocolFolder) -> None:
    """ProtocolInvalid names each text that cannot be drawn, and why."""
    problems = [problem(one, folder) for one in drawn(folder) if one.problem]
    if problems:
        raise ProtocolInvalid(problems)


def problem(one: Drawn, folder: ProtocolFolder, at: Path = Path()) -> Problem:
    """A text that cannot be drawn, as a mistake at its place; `at` is where the folder lies."""
    own = f"{one.name}.{one.language}.md"
    file = at / (own if own in folder.files else one.name)
    kind = (
        "mail cannot be drawn with the longest values" if one.name.startswith("messages/") else "text cannot be shown"
    )
    return Problem(str(file), None, None, f"the {kind}: {one.problem}.", "Mend or shorten it.")


def drawn(folder: ProtocolFolder) -> list[Drawn]:
    """Each message in each language of the protocol, in their order, and then every other text."""
    if folder.digest not in _known:
        _known[folder.digest] = _all_drawn(folder)
    return _known[folder.digest]


def _all_drawn(folder: ProtocolFolder) -> list[Drawn]:
    protocol = folder.protocol
    mails = {f"messages/{one.id}" for one in protocol.messages}
    wanted: list[Specimen | PageText] = [
        _specimen(folder, message, one) for message in protocol.messages for one in protocol.languages
    ]
    wanted += [
        PageText(name, language, text)
        for name in sorted(folder.texts.keys() - mails)
        for language, text in folder.texts[name].items()
    ]
    done: list[Drawn] = []
    while len(done) < len(wanted):
        done += _in_a_child(wanted[len(done) :])
    return done


def own_drawn(folder: ProtocolFolder, name: OwnMail, language: str) -> Drawn:
    """One of the product's own mails, whose words no protocol can change."""
    values = _values(folder, language)
    return draw(
        Specimen(
            name=own_message(name),
            language=language,
            template=service_mail.template(own_message(name), language),
            values=values,
            stream="service",
            sender_name=service_mail.sender_name(language),
            reply_to=values["contact_email"],
            recipient=LONGEST_ADDRESS,
            footer_links=service_mail.footer(language, LONGEST_LINK, stop=False),
            leave_link=None,
            marked=translations(language).gettext("Test trial. Nothing here counts."),
        )
    )


def _specimen(folder: ProtocolFolder, message: Message, language: str) -> Specimen:
    protocol, say_own = folder.protocol, translations(language).gettext
    stops = message.stream != "service"
    return Specimen(
        name=f"messages/{message.id}",
        language=language,
        template=folder.text(f"messages/{message.id}", language),
        values=_values(folder, language),
        stream=message.stream,
        sender_name=say(protocol.title, language),
        reply_to=protocol.administrative.contact_email,
        recipient=LONGEST_ADDRESS,
        footer_links=service_mail.footer(language, LONGEST_LINK, stop=stops),
        leave_link=f"{LONGEST_LINK}?to=stop" if stops else None,
        marked=say_own("Test trial. Nothing here counts."),
    )


def _values(folder: ProtocolFolder, language: str) -> dict[str, str]:
    """The longest that each placeholder can stand for."""
    protocol = folder.protocol
    return {
        "name_of_trial": say(protocol.title, language),
        "contact_email": protocol.administrative.contact_email,
        "link": LONGEST_LINK,
        "code": "000000",
        "closes": max((moment(day, "UTC", language) for day in DAYS), key=len),
        "days_left": str(LONGEST_TRIAL_DAYS),
        "minutes": str(max((one.minutes for one in protocol.activities), default=0)),
    }


def _in_a_child(wanted: Sequence[Specimen | PageText]) -> list[Drawn]:
    """The results of as many as one process lives through; the one that it died of is the last, with the reason."""
    command = [sys.executable, *CHILD]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        done: list[Drawn] = []
        for one in wanted:
            patience = PATIENCE if done else PATIENCE * STARTING
            line = _answer(child, child.stdin, child.stdout, one, patience)
            if not line:
                with suppress(BrokenPipeError):  # it may have died with words of ours on the way to it
                    child.stdin.close()
                why = _died_of(child.wait(), child.stderr.read())
                return [*done, Drawn(one.name, one.language, problem=why)]
            done.append(Drawn(**json.loads(line)))
        child.stdin.close()
        return done


def _answer(child: subprocess.Popen[str], to: IO[str], back: IO[str], one: Specimen | PageText, patience: float) -> str:
    """The line that it answers; empty where it died, or was ended for waiting."""
    clock = threading.Timer(patience, child.kill)
    clock.start()
    try:
        to.write(json.dumps(asdict(one)) + "\n")
        to.flush()
        return back.readline()
    except BrokenPipeError:
        return ""
    finally:
        clock.cancel()


def _died_of(code: int, said: str) -> str:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"it takes more than {SECONDS} seconds of a processor"
    if code == -signal.SIGABRT or "MemoryError" in said:
        return f"it needs more than {MEMORY >> 20} MB of memory"
    raise RuntimeError(f"drawing a mail ended with {code}: {said[-500:]}")
