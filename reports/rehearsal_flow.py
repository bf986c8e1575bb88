"""The flow of a frozen rehearsal: who came, was randomised, stayed and was analysed, without the whole report."""

from __future__ import annotations

from pathlib import Path

from reports.document import Figure
from reports.flow_diagram import flow_diagram
from reports.frozen import read_frozen
from reports.labels import Labels
from reports.results import flow_of


def flow_figure(directory: Path) -> Figure:
    """The diagram of the frozen files, as the report draws it; raises as reading them does."""
    frozen = read_frozen(directory)
    labels, flow = Labels(frozen.folder), flow_of(frozen)
    wide, narrow = (flow_diagram(flow, labels, narrow=each) for each in (False, True))
    name = "Flow diagram of a single-arm study" if labels.single else "CONSORT 2025 flow diagram"
    return Figure("flow-diagram", f"{name} of the pretend people. Lost and discontinued may overlap.", wide, narrow)
