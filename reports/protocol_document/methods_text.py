"""The methods as text, from design to dissemination.

What the report of a finished trial says in the same words comes from `reports.methods`, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from reports import methods
from reports.allocating import allocation, details
from reports.document import Block, Paragraph, Row, Subheading, Table, Terms
from reports.interim import NAMES
from reports.methods import UNSTATED, listed
from reports.numbers import count
from reports.protocol_document import outcomes, timetable
from reports.protocol_document.names import Names
from reports.protocol_document.objectives import objectives
from reports.stages import in_words
from reports.variables import LANGUAGE
from trial.core.protocol import Incentive, SafetyRule
from trial.core.texts import say

BLINDING = {
    "full": "People know which arm they are in and what is expected of it.",
    "hypothesis_withheld": (
        "People know what they do and that chance decided it. They are not told before the end which arm is expected "
        "to help."
    ),
    "arm_known": "People know their arm; nothing is withheld.",
}
NOBODY_ELSE = (
    "Outcomes are what people say of themselves, so those who assess the outcome know what they did. Mails have the "
    "same subjects, sender and times in every arm wherever the arms share a timepoint. The team's pages and previews "
    "show no arm to those whose role must not know it."
)
CONCEALED = (
    "The software draws each allocation after the baseline is sent in, from a seed that is sealed when the trial opens "
    "and whose digest is published then; nobody on the team sees what comes next. Whoever controls the server itself "
    "could open the seed."
)
CONCEALED_LIST = (
    "The list is sealed place by place when the trial opens and its digest is published then. A place is opened after "
    "a baseline is sent in; no page or command shows what comes next. Whoever made the list, and whoever controls the "
    "server itself, could know it."
)
TIERS = {"resources": "shows the page with where to find help", "alert": "raises an alert that a person acknowledges"}
REACH = {
    "mail": "write to the person",
    "phone_asked_at_consent": "call the number that was asked for at consent",
    "general_practitioner": "turn to the general practitioner named at consent",
}
RECONSENT = {
    "never": "A new version of the information does not ask for consent again.",
    "substantial": "A substantial amendment asks everyone for consent again.",
    "every_version": "Every new version of the information asks everyone for consent again.",
}


def text(names: Names, without: Collection[str] = ()) -> list[Block]:
    """Every part under its own heading, but those `without`."""
    parts = (
        ("Objectives", objectives),
        ("Design", _design),
        ("Allocation", _allocation),
        ("Blinding and disclosure", _blinding),
        ("Eligibility", _eligibility),
        ("Consent", _consent),
        ("Interventions", _interventions),
        ("Outcomes", outcomes.measured),
        ("Estimands", outcomes.estimands),
        ("Sample size", outcomes.sample_size),
        ("Analysis", outcomes.analysis),
        ("Sensitivity", outcomes.sensitivity),
        ("Harms", _harms),
        ("Safety", _safety),
        ("Incentives", _incentives),
        ("Withdrawal", _withdrawal),
        ("Monitoring", _monitoring),
        ("Data protection and sharing", _data),
        ("Dissemination", _dissemination),
    )
    blocks: list[Block] = []
    for heading, made in (one for one in parts if one[0] not in without):
        blocks += [Subheading(f"methods-{heading.split()[0].lower()}", heading), *made(names)]
    return blocks


def _design(names: Names) -> Iterator[Block]:
    protocol, design = names.folder.protocol, names.folder.protocol.design
    said = f"{methods.shape(protocol)}{'' if names.outside else f'; {methods.online(protocol)}'}."
    if design.margin is not None:
        said += f" Margin: {design.margin:g} on the primary outcome's scale ({design.margin_source or UNSTATED})."
    for factor in design.factors:
        said += f" Factor {say(factor.label, LANGUAGE)}: {listed(list(factor.levels))}."
    if design.waitlist:
        waits = design.waitlist
        said += (
            f" {names.arm(protocol.arm(waits.arm))} waits and is told so; after day {waits.release_after_day} it is "
            f"given what {names.arm(protocol.arm(waits.content_of))} gets."
        )
    if design.other_exercises_after:
        said += " After the last questionnaire people may try the other arms' exercises."
    yield Paragraph(said[:1].upper() + said[1:])


def _allocation(names: Names) -> Iterator[Block]:
    protocol = names.folder.protocol
    said = allocation(protocol)
    if protocol.allocation.method == "none":
        yield Paragraph(f"Allocation: {said}.")
        return
    concealed = CONCEALED_LIST if protocol.allocation.method == "listed" else CONCEALED
    kept = [] if names.outside else [concealed]
    yield Paragraph(" ".join([f"Allocation: {said}.", *details(protocol), *kept]))
    yield from (Paragraph(one) for one in in_words(protocol))
    for factor in protocol.allocation.strata:
        levels = [
            f"{say(one.label, LANGUAGE)}" + (f" ({names.rule(one.when)})" if one.when else "") for one in factor.levels
        ]
        kind = "Factor" if protocol.allocation.method == "minimisation" else "Stratum"
        yield Paragraph(f"{kind} “{say(factor.label, LANGUAGE)}”: {'; '.join(levels)}. The first that fits counts.")


def _blinding(names: Names) -> Iterator[Block]:
    if names.folder.protocol.allocation.method == "none":
        yield Paragraph("There is one arm, so nothing is blinded. People are told what they do and why.")
        return
    yield Paragraph(f"{BLINDING[names.folder.protocol.design.disclosure]} {NOBODY_ELSE}")


def _eligibility(names: Names) -> Iterator[Block]:
    protocol = names.folder.protocol
    age = protocol.eligibility.age
    if age is None:
        yield Paragraph("The protocol states no age rule.", "mark")
    else:
        guarded = " Below 18 a parent or guardian consents and the young person assents." if age.guardian else ""
        asked = "" if names.outside else f"{guarded} No date of birth is asked."
        yield Paragraph(f"The lowest age is {age.minimum}.{asked}")
    rows = tuple(Row((names.rule(one.rule), say(one.reason, LANGUAGE))) for one in protocol.eligibility.criteria)
    heads = ("Someone takes part only where", "Else" if names.outside else "Else the flow diagram says")
    yield Table("criteria", "Criteria of eligibility, all of which must hold", heads, rows, alike=False, words=True)


def _consent(names: Names) -> Iterator[Block]:
    consent = names.folder.protocol.consent
    valid = f", valid from {consent.valid_from}" if consent.valid_from else ""
    valid += f", valid until {consent.valid_until}" if consent.valid_until else ""
    asked, ticks = len(consent.comprehension), len(consent.statements)
    questions = (
        f" {asked} question{'' if asked == 1 else 's'} about the information {'is' if asked == 1 else 'are'} asked; a "
        "wrong answer is explained and asked again, and is never a score."
        if asked
        else ""
    )
    share = " Sharing data is a tick of its own." if consent.data_sharing else ""
    yield Paragraph(
        f"Consent form, version {consent.version}{valid}: information to read, "
        f"{ticks} statement{'' if ticks == 1 else 's'} to tick, and a typed signature.{questions}{share} "
        f"{RECONSENT[consent.reconsent]}"
    )


def _interventions(names: Names) -> Iterator[Block]:
    yield methods.arms(names.labels)
    yield Paragraph("Side by side, and with every text in full, they stand in their own sections of this document.")


def _harms(names: Names) -> Iterator[Block]:
    protocol = names.folder.protocol
    harms = protocol.harms
    question = names.labels.variable(f"{harms.instrument}_{harms.item}")
    points = [
        point
        for point in timetable.in_order(protocol)
        if any(harms.instrument in getattr(protocol.activity(one), "instruments", ()) for one in point.activities)
    ]
    alike = all(_asked_of_all(names, point.id) for point in points)
    where = "at the same times in every arm" if alike else "not at the same times in every arm"
    times = listed([names.point(one) for one in points]) or "never"
    yield Paragraph(
        f"Harm is asked about with one question, {where} ({times}): “{question}” It can also be reported unasked, by "
        f"a link on the pages of everybody who is in. {methods.HARM} {methods.ASSESSED}"
    )


def _asked_of_all(names: Names, point_id: str) -> bool:
    protocol = names.folder.protocol
    point, code = protocol.timepoint(point_id), protocol.harms.instrument
    return all(
        any(code in getattr(one, "instruments", ()) for one in protocol.activities_at(point, arm.id))
        for arm in protocol.arms
    )


def _safety(names: Names) -> Iterator[Block]:
    safety = names.folder.protocol.safety
    if safety is None:
        yield Paragraph("The protocol states no safety rules, and nobody watches answers as they come in.")
        return
    if safety.rules:
        rows = tuple(_safety_row(names, one) for one in safety.rules)
        heads = ("Where", "The software", "Why")
        yield Table("safety-rules", "Safety rules", heads, rows, alike=False, words=True)
    else:
        yield Paragraph("There is a page with where to find help, and no rule that shows it after an answer.")
    if call := safety.on_call:
        can = listed([REACH[one] for one in call.can])
        told = next((one for one in names.folder.protocol.consent.statements if one.id == call.told_in_consent), None)
        said = f" Consent says so: “{say(told.text, LANGUAGE).strip()}”" if told else ""
        who = call.role.replace("_", " ")
        yield Paragraph(f"Alerts are acknowledged within {call.within} by the {who}, who can {can}.{said}")
    elif any(one.tier == "alert" for one in safety.rules):
        yield Paragraph("Nobody is named who acknowledges alerts.", "mark")


def _safety_row(names: Names, one: SafetyRule) -> Row:
    return Row((names.rule(one.when), TIERS[one.tier], say(one.why, LANGUAGE)))


def _incentives(names: Names) -> Iterator[Block]:
    protocol = names.folder.protocol
    if not protocol.incentives:
        yield Paragraph("None.")
        return
    items = tuple((names.point(protocol.timepoint(one.earned_at)), _incentive(one)) for one in protocol.incentives)
    yield Paragraph("Earned by sending in a questionnaire, never by practising, by arm or by what is answered.")
    yield Terms(items)


_WAYS = {"code": "a code by mail", "transfer": "a transfer to an account", "post": "by post"}


def _incentive(one: Incentive) -> str:
    said = f"{say(one.what, LANGUAGE).strip()} ({_WAYS[one.given_by]})"
    if one.given_by == "code":
        return said
    return f"{said}. Where to is asked after it was earned, kept apart from answers, and erased {one.keep_payee} after."


def _withdrawal(names: Names) -> Iterator[Block]:
    leaving = names.folder.protocol.withdrawal
    what = {
        "exercises": "the exercises alone",
        "questionnaires": "the questionnaires alone",
        "everything": "everything",
    }
    kept = {"kept": "is kept", "erased_on_request": "is erased where the person asks for it"}[leaving.data_until_then]
    levels = " or ".join(what[one] for one in what if one in leaving.levels)
    words = f" {say(leaving.explanation, LANGUAGE).strip()}" if leaving.explanation else ""
    yield Paragraph(
        f"People may stop {levels} at any time, by a link in every "
        f"mail that asks for something, without giving a reason. What was given until then {kept}.{words}"
    )


def _monitoring(names: Names) -> Iterator[Block]:
    watching = names.folder.protocol.monitoring
    if watching is None:
        yield Paragraph(f"Who looks at the data while the trial runs, and what would end it early, is {UNSTATED}.")
        return
    looks = watching.interim_analyses
    interim = f"{looks} interim analys{'is' if looks == 1 else 'es'}" if looks else "no interim analysis"
    if looks and watching.bounds:
        interim += f" with stopping bounds by {NAMES[watching.bounds]} spending (Lan and DeMets 1983)"
    audits = f" {say(watching.audits, LANGUAGE).strip()}" if watching.audits else ""
    yield Paragraph(
        f"Committee: {watching.committee or 'none'}; {interim}. {say(watching.stopping, LANGUAGE).strip()}{audits}"
    )


def _data(names: Names) -> Iterator[Block]:
    yield Paragraph(
        "Names, addresses and what people write are encrypted, each person's under a key of their own, and are kept "
        "apart from the answers. Results hold study codes and days, no names. The privacy notice stands in a section "
        "of its own of the protocol's document."
    )
    shared = names.folder.protocol.administrative.data_sharing
    if shared is None:
        yield Paragraph(f"What is shared afterwards is {UNSTATED}.")
        return
    more = [f"Where: {shared.where}." if shared.where else "", f"Licence: {shared.licence}." if shared.licence else ""]
    more.append(f"From: {shared.from_date}." if shared.from_date else "")
    yield Paragraph(" ".join([say(shared.statement, LANGUAGE).strip(), *filter(None, more)]))


def _dissemination(names: Names) -> Iterator[Block]:
    planned = names.folder.protocol.administrative.dissemination
    yield Paragraph(say(planned, LANGUAGE) if planned else f"How results are made known is {UNSTATED}.")
    yield Paragraph(
        f"The software prints the report of the finished trial from its frozen data and from this protocol; the number "
        f"sought is {count(names.folder.protocol.sample_size.target)} people."
    )
