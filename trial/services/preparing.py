"""A live trial before its gate: the protocol is stored, the team gathers, nothing is sealed and nobody may come in."""

from __future__ import annotations

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.trial import Trial, TrialKind, TrialState
from trial.protocol_files import ProtocolFolder
from trial.services.trials import require_name
from trial.storage import events, trials
from trial.storage.work import Work


def prepare(work: Work, protocol: ProtocolFolder, *, slug: str, base_url: str) -> Trial:
    """Prepare a live trial, or store what its folder says now where it is in preparation already."""
    access.require(work.by, Verb.PREPARE_TRIAL)
    require_name(slug)
    url, target = base_url.rstrip("/"), protocol.protocol.sample_size.target
    trial = trials.by_name(work, slug)
    if trial is None:
        trial = trials.add(
            work,
            slug=slug,
            kind=TrialKind.LIVE,
            target=target,
            base_url=url,
            code_key=None,
            folder=protocol,
            state=TrialState.PREPARING,
        )
        events.write(work, Event.TRIAL_PREPARED, trial_id=trial.id, detail={"digest": protocol.digest})
        events.write(work, Event.PROTOCOL_REGISTERED, trial_id=trial.id, detail={"digest": protocol.digest})
        return trial
    if trial.state is not TrialState.PREPARING:
        raise Refused(f"The trial {slug} is {trial.state.value}: what changes now is an amendment (protocol amend).")
    if trials.folder_of(work, trial.protocol_id).digest != protocol.digest:
        if trials.has_protocol(work, trial.id, protocol.digest):
            raise Refused(
                "This is an earlier version of the folder, byte by byte. Raise its `version` to go back to it."
            )
        trials.add_protocol(work, trial.id, protocol)
        events.write(work, Event.PROTOCOL_REGISTERED, trial_id=trial.id, detail={"digest": protocol.digest})
    trials.prepare_anew(work, trial, target=target, base_url=url)
    return trials.by_id(work, trial.id)
