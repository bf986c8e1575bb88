"""Specimens of pages that need something to have happened: an amendment, something earned, a code for the copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reports.protocol_document import examples
from trial.core.amendment import compare
from trial.core.protocol import TrialProtocol
from trial.core.texts import say
from trial.pages.frame import Frame
from trial.pages.joining import ChangedPage, Comprehension, ConsentPage, changed_page, consent_page
from trial.pages.my_page import CodePage, code_page
from trial.pages.payee import Earned, PayeePage, payee_page
from trial.protocol_files import ProtocolFolder
from trial.services import payees
from trial.services.amendments import version_of

_EARLIER = "an earlier one"


def later_pages(folder: ProtocolFolder, frame: Frame) -> Iterator[tuple[str, str]]:
    """(address, its document)."""
    changes = _changes(folder)
    text = folder.text(folder.protocol.consent.information, frame.language)
    yield "/again", consent_page(frame, replace(_consent(folder, frame.language, text), again=True, changes=changes))
    yield "/changed", changed_page(frame, ChangedPage(text, changes))
    yield "/copy/named", code_page(frame, CodePage())
    if page := _payee(folder.protocol, frame.language):
        yield "/me/payee", payee_page(frame, page)


def _changes(folder: ProtocolFolder) -> tuple[tuple[str, str, str, str], ...]:
    """What a change looks like: of the consent's version alone, which every amendment of it has."""
    protocol = folder.protocol
    consent = protocol.consent.model_copy(update={"version": _EARLIER})
    before = replace(folder, protocol=protocol.model_copy(update={"consent": consent}))
    found = compare(version_of(before), version_of(folder)).changes
    return tuple((one.part, one.before, one.after, "en") for one in found)


def _consent(folder: ProtocolFolder, language: str, text: str) -> ConsentPage:
    form = folder.protocol.consent
    return ConsentPage(
        text,
        form.version,
        tuple((one.id, say(one.text, language)) for one in form.statements),
        questions=tuple(
            Comprehension(
                one.id,
                say(one.question, language),
                tuple((str(each.value), say(each.label, language)) for each in one.choices),
            )
            for one in form.comprehension
        ),
        sharing=say(form.data_sharing.text, language) if form.data_sharing else "",
    )


def _payee(protocol: TrialProtocol, language: str) -> PayeePage | None:
    """With all that can be earned and sent; None where nothing is."""
    sent = payees.sent(protocol)
    earned = tuple(Earned(say(one.what, language), way, "asks") for one, way in sent)
    return PayeePage(examples.ZONE, earned, {way: one.keep_payee for one, way in sent}) if earned else None
