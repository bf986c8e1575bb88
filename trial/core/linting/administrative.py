"""A: what only the team can fill in before a real trial opens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trial.core.findings import Path
from trial.core.linting.asked import text_lines
from trial.core.linting.rules import Found, Severity, Subject, rule

LATER = Severity.BEFORE_OPENING
OFFICE: Path = ("administrative",)
_NOTE = re.compile(r"\*\[[^\]]+\]\*")
_EXAMPLE = re.compile(r"@(?:[^@\s]*\.)?(?:example\.(?:org|com|net)|example|test|invalid)$")


@rule("A001", LATER, "Not registered",
      why="A trial that is registered after its first participant may have chosen its outcome by the results.",
      mend="Register the trial and write `registration: {registry: …, number: …}`.")  # fmt: skip
def registration(trial: Subject) -> Iterator[Found]:
    if trial.protocol.administrative.registration is None:
        yield Found((*OFFICE, "registration"), "the trial has no registration yet.")


@rule("A002", LATER, "No ethics decision",
      why="Nobody may be invited before a committee has agreed, or has said that it need not.",
      mend="Write `ethics: {committee: …, reference: …, date: …}`.")  # fmt: skip
def ethics(trial: Subject) -> Iterator[Found]:
    if trial.protocol.administrative.ethics is None:
        yield Found((*OFFICE, "ethics"), "no ethics committee is named yet.")


@rule("A003", LATER, "Sponsor or funder not named",
      why="Readers and participants need to know who is responsible and who pays.",
      mend="Write who it is; `none` in words where there is none.")  # fmt: skip
def money(trial: Subject) -> Iterator[Found]:
    for key in ("sponsor", "funder"):
        if getattr(trial.protocol.administrative, key) is None:
            yield Found((*OFFICE, key), f"the {key} is not named yet.", key)


@rule("A004", LATER, "Dates not planned",
      why="Without dates nobody can see which follow-up falls on a holiday, or when the trial ends.",
      mend="Write `dates: {recruitment_from: …, recruitment_until: …, last_follow_up: …}`, as far as they are "
           "known.")  # fmt: skip
def dates(trial: Subject) -> Iterator[Found]:
    planned = trial.protocol.administrative.dates
    if not (planned.recruitment_from and planned.recruitment_until):
        yield Found((*OFFICE, "dates"), "the dates of recruitment are not planned yet.")


@rule("A005", LATER, "Nobody named in a role",
      why="Every trial has somebody who answers for it and somebody who answers for its numbers.",
      mend="Add `people:` with at least a principal_investigator and a statistician.")  # fmt: skip
def people(trial: Subject) -> Iterator[Found]:
    roles = {one.role for one in trial.protocol.administrative.people}
    for role in ("principal_investigator", "statistician"):
        if role not in roles:
            yield Found((*OFFICE, "people"), f"nobody is named as {role.replace('_', ' ')} yet.", role)


@rule("A006", LATER, "No word on sharing the data",
      why="What will be shared has to be settled before people consent to it.",
      mend="Write `data_sharing: {statement: …}`; that nothing is shared is an answer too.")  # fmt: skip
def sharing(trial: Subject) -> Iterator[Found]:
    if trial.protocol.administrative.data_sharing is None:
        yield Found((*OFFICE, "data_sharing"), "whether data will be shared is not said yet.")


@rule("A007", LATER, "Nobody watches",
      why="Somebody has to look while the trial runs, and has to know what would end it early.",
      mend="Write `monitoring: {stopping: …}`, with a `committee` if there is one.")  # fmt: skip
def monitoring(trial: Subject) -> Iterator[Found]:
    if trial.protocol.monitoring is None:
        yield Found(("monitoring",), "how the trial is monitored is not said yet.")


@rule("A008", LATER, "Example address",
      why="Participants write to the contact address, and mail to an example address reaches nobody.",
      mend="Write the address of the mailbox that your team reads.")  # fmt: skip
def address(trial: Subject) -> Iterator[Found]:
    given = trial.protocol.administrative.contact_email
    if _EXAMPLE.search(given):
        yield Found((*OFFICE, "contact_email"), f"{given} is an example address.")


@rule("A009", LATER, "Note to the team in a text",
      why="A participant must not read what was meant for the team, and what the note asks for is still missing.",
      mend="Write what the note asks for in its place.")  # fmt: skip
def notes(trial: Subject) -> Iterator[Found]:
    for name in dict.fromkeys(trial.protocol.text_files):
        for language, text in trial.texts.get(name, {}).items():
            line = next((number for number, words in text_lines(text) if _NOTE.search(words)), None)
            if line:
                where = name.partition("/")[2].replace("-", "_")
                file = f"{name}.{language}.md"
                yield Found((), "a note to the team still stands in this text.", where, file, line)
