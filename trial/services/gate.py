"""The opening gate: facts are gathered, each line is looked at, and only where all are green does a live trial open."""

from __future__ import annotations

from trial.core import access, gate
from trial.core.access import Role, Verb
from trial.core.errors import Refused
from trial.core.gate import Facts, Line, OnCall, Seen
from trial.core.linting import lint
from trial.core.randomization import Entries
from trial.core.trial import Trial
from trial.protocol_files import ProtocolFolder
from trial.protocol_files.linting import subject
from trial.services import call_tests
from trial.services.trials import Chance, seal_and_begin
from trial.storage import evidence, keys, member_secrets, members, trials
from trial.storage.work import Work


def lines(work: Work, slug: str, *, mail_from: str) -> list[Line]:
    """The gate as it stands now."""
    access.require(work.by, Verb.READ_GATE)
    return gate.lines(_facts(work, trials.by_slug(work, slug), mail_from))


def trial_at(work: Work, slug: str) -> Trial:
    """The trial whose gate it is."""
    access.require(work.by, Verb.READ_GATE)
    return trials.by_slug(work, slug)


def folder_at(work: Work, slug: str) -> ProtocolFolder:
    """The version that was prepared last."""
    return trials.folder_of(work, trial_at(work, slug).protocol_id)


def _facts(work: Work, trial: Trial, mail_from: str) -> Facts:
    folder = trials.folder_of(work, trial.protocol_id)
    seen = {line: Seen(one.at, one.digest, one.detail) for line, one in evidence.newest(work, trial.id).items()}
    return Facts(
        now=work.now,
        slug=trial.slug,
        protocol=folder.protocol,
        instruments=folder.instruments,
        resources=folder.resources,
        verdicts=lint(subject(folder)),
        digest=folder.digest,
        base_url=trial.base_url,
        keys=keys.fingerprint(work.keys),
        mail_from=mail_from,
        evidence=seen,
        ready=_ready(work, trial),
        on_call=_on_call(work, trial),
    )


def _on_call(work: Work, trial: Trial) -> list[OnCall]:
    found = call_tests.on_call(work, trial.id)
    return [OnCall(one.person.name, one.acknowledged_at, one.person.obstacle) for one in found]


def _ready(work: Work, trial: Trial) -> frozenset[Role]:
    """The roles that somebody holds who can sign in: a name on record alone watches nothing."""
    held = members.of_trial(work, trial.id)
    return frozenset(one.role for one in held if member_secrets.has(work, one.member_id))


def open_prepared(
    work: Work, slug: str, folder: ProtocolFolder, *, mail_from: str, chance: Chance, entries: Entries | None = None
) -> tuple[Trial, list[Line]]:
    """Open a trial in preparation where every line is green; with a refused one nothing changes.

    The folder is the one that the person at the keyboard means: it must be the version that was prepared and looked at.
    """
    access.require(work.by, Verb.OPEN_TRIAL)
    trial = trials.by_name(work, slug)
    if trial is None:
        raise Refused(f"There is no trial named {slug} in preparation. First: equipoise prepare … --name {slug}")
    if trial.has_begun:
        raise Refused(f"The trial {slug} is {trial.state.value} already.")
    if trials.folder_of(work, trial.protocol_id).digest != folder.digest:
        raise Refused(f"The folder is not the version that was prepared. First: equipoise prepare … --name {slug}")
    found = gate.lines(_facts(work, trial, mail_from))
    if all(one.green for one in found):
        trial = trials.open_prepared(work, trial)
        seal_and_begin(work, trial, folder, chance, entries)
    return trial, found
