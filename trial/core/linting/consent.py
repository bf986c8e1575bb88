"""C: what people agree to, how old they are, and what becomes of their data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from trial.core import expressions
from trial.core.findings import Path
from trial.core.linting import mails
from trial.core.linting.rules import Found, Severity, Subject, rule
from trial.core.protocol import Statement
from trial.core.protocol.joining import Element

ERROR, WARNING, LATER = Severity.ERROR, Severity.WARNING, Severity.BEFORE_OPENING
ELEMENTS = {
    "purpose": "what the trial is for",
    "procedures": "what happens, and how long it takes",
    "chance": "that chance decides the arm",
    "risks": "what may be hard",
    "voluntary": "that people are free and may stop at any time",
    "data": "what becomes of the data, and which rights people have",
    "contact": "whom to write to",
    "not_treatment": "that this is research and no treatment",
    "emergency": "what the team can do, and cannot, if somebody is in danger",
}
assert set(ELEMENTS) == set(get_args(Element))  # the language and the checklist name the same


def covered(statement: Statement) -> set[str]:
    """The elements of consent that a statement stands for: those it names, or the one that is its id."""
    return {*statement.covers, statement.id} & set(ELEMENTS)


@rule("C501", WARNING, "Consent lacks an element",
      why="People can agree only to what they were told.",
      mend="Tell it in the information and name it in `covers` of a statement, or give a statement that "
           "id.")  # fmt: skip
def elements(trial: Subject) -> Iterator[Found]:
    held = {one for statement in trial.protocol.consent.statements for one in covered(statement)}
    for element, words in ELEMENTS.items():
        if element not in held and not (element == "chance" and trial.protocol.design.type == "single_arm"):
            yield Found(("consent", "statements"), f"no statement covers {words}.", element)


@rule("C502", ERROR, "Consent says something else than the team can do",
      why="People in danger rely on what they were told: the statement on alerts has to say exactly what is done.",
      mend="Name the statement that says what the team can do, and let it cover `emergency`.")  # fmt: skip
def says_what_is_done(trial: Subject) -> Iterator[Found]:
    on_call = trial.protocol.safety.on_call if trial.protocol.safety else None
    for one in trial.protocol.consent.statements:
        if on_call and one.id == on_call.told_in_consent and "emergency" not in covered(one):
            what = f"the statement {one.id!r} does not cover what the team can do in an emergency."
            yield Found(("safety", "on_call", "told_in_consent"), what)


@rule("C503", LATER, "No privacy notice",
      why="People have to learn who is responsible for their data, why they are kept, for how long, and what "
          "they can ask.",
      mend="Write `data_protection` with the person in your institution who answers for it.")  # fmt: skip
def no_notice(trial: Subject) -> Iterator[Found]:
    if trial.protocol.data_protection is None:
        yield Found(("data_protection",), "the part on data protection is not written yet.")


@rule("C504", LATER, "Recipient of data not named",
      why="A mail relay and a host hold addresses and answers, so the notice has to name them.",
      mend="Add it to `data_protection.recipients`; say `our own` where it is your institution.")  # fmt: skip
def recipients(trial: Subject) -> Iterator[Found]:
    notice = trial.protocol.data_protection
    roles = {one.role for one in notice.recipients} if notice else {"mail_relay", "host"}
    for role in ("mail_relay", "host"):
        if role not in roles:
            yield Found(("data_protection", "recipients"), f"no {role.replace('_', ' ')} is named.", role)


@rule("C505", WARNING, "Proof of consent thrown away too early",
      why="As long as answers that can be traced are kept, so must be the proof that people agreed.",
      mend="Keep `consent_proof` at least as long as `identity`, and the identity no longer than you need "
           "it.")  # fmt: skip
def proof(trial: Subject) -> Iterator[Found]:
    notice = trial.protocol.data_protection
    if notice and mails.minutes(notice.retention.consent_proof) < mails.minutes(notice.retention.identity):
        path: Path = ("data_protection", "retention", "consent_proof")
        yield Found(path, "the proof of consent is kept for less time than the identity it belongs to.")


@rule("C506", ERROR, "No age rule",
      why="Who is a child needs a guardian's consent, so a trial has to ask.",
      mend="Write `age: {question: …, minimum: 18}` under `eligibility`.")  # fmt: skip
def no_age(trial: Subject) -> Iterator[Found]:
    if trial.protocol.eligibility.age is None:
        yield Found(("eligibility",), "no rule says how old people must be.")


@rule("C507", ERROR, "Age rule that lets younger people in",
      why="The lowest age is kept by a criterion; without one that fails below it, the age rule is only words.",
      mend="Add a criterion with a rule such as `age >= 18`.")  # fmt: skip
def age_not_kept(trial: Subject) -> Iterator[Found]:
    eligibility = trial.protocol.eligibility
    question = next((q for q in eligibility.questions if eligibility.age and q.id == eligibility.age.question), None)
    if eligibility.age and question and question.type == "number" and eligibility.age.minimum:
        young = {eligibility.age.question: eligibility.age.minimum - 1}
        if not any(expressions.parse(one.rule).value(young) is False for one in eligibility.criteria):
            what = f"nobody is refused for being {eligibility.age.minimum - 1}."
            yield Found(("eligibility", "age"), what)


@rule("C508", ERROR, "No way to stop everything",
      why="Whoever takes part may end it at any time, all of it.",
      mend="Add `everything` to `withdrawal.levels`.")  # fmt: skip
def no_way_out(trial: Subject) -> Iterator[Found]:
    if "everything" not in trial.protocol.withdrawal.levels:
        yield Found(("withdrawal", "levels"), "people cannot stop everything.")
