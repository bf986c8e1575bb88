"""A batch of pretend trials as plain data, for a machine that shares no disk with this one, and its tally back.

A message holds the protocol's files and the profile themselves, and who made it: figures are the same to the last
digit only where the same version works them out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from trial.core.errors import BadInput, Refused
from trial.protocol_files import read_files
from trial.rehearsal.joint_model import JointModel, joint_model
from trial.rehearsal.power import Asked, Job, carried_out
from trial.rehearsal.profile_file import ProfileFile
from trial.stats.simulated_power import Tally

# bytes of JSON; the shipped protocols take a tenth of it
LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Shared:
    """What all messages of a run have in common, as JSON."""

    text: str

    def with_job(self, job: Job) -> dict[str, Any]:
        """The message of one batch."""
        return {"shared": self.text, "job": asdict(job)}


def shared(asked: Asked) -> Shared:
    """Put what is asked into words; BadInput where it is too much to send with every batch."""
    profile = asked.profile.model_dump(mode="json", by_alias=True)
    said = {
        "version": version("equipoise"),
        "files": dict(asked.folder.files),
        "profile": profile,
        "seed": asked.seed,
        "analysis": asked.analysis,
    }
    text = json.dumps(said, sort_keys=True)
    if len(text) > LARGEST:
        what = f"protocol and profile take {len(text):,} bytes, and a message to a worker holds {LARGEST:,}."
        raise BadInput.at("--broker-url", what, "Shorten the texts, or run on this machine: leave --broker-url out.")
    return Shared(text)


def answered(message: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out the batch of a message: its tally, as plain values.

    Raises Refused for a message of another version, BadInput for a protocol that this one cannot read.
    """
    model, seed, analysis = _read(str(message["shared"]))
    return asdict(carried_out(model, seed, Job(**message["job"]), analysis))


def tally_of(answer: Mapping[str, Any]) -> Tally:
    """The tally as it was counted."""
    return Tally(**answer)


@lru_cache(maxsize=2)
def _read(text: str) -> tuple[JointModel, int, str]:
    if len(text) > LARGEST:
        raise Refused(f"A message of {len(text):,} bytes is more than a worker takes.")
    said = json.loads(text)
    ours = version("equipoise")
    if said["version"] != ours:
        raise Refused(f"This worker has version {ours}, who asks has {said['version']}: install the same on both.")
    model = joint_model(read_files(said["files"]), ProfileFile.model_validate(said["profile"]))
    return model, int(said["seed"]), str(said["analysis"])
