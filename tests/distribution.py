"""Which process runs what, under pytest-xdist: a file's tests stay together, and so do files that share one rehearsal.

pytest-xdist's own groups (`--dist loadgroup`, 3.8.0) write into a field that pytest 9.2 no longer reads: the tests of
one file would be spread, and whatever a file sets up be set up twice.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

THE_WHOLE_TRIAL = (
    "tests/system/test_whole_trial.py",
    "tests/system/test_whole_trial_mail.py",
    "tests/system/test_whole_trial_record.py",
    "tests/system/test_serve_a_finished_demo.py",
    "tests/cli/test_analyse_and_report.py",
    "tests/cli/test_randomization_test.py",
    "tests/cli/test_randomization_verify.py",
    "tests/rehearsal/test_habits.py",
)

# what takes longest begins first, so that nobody waits for it at the end
FIRST = (
    "tests/system/test_same_seed.py",
    *THE_WHOLE_TRIAL,
    "tests/faults/",
    "tests/system/",
    "tests/rehearsal/",
    "tests/web/test_canaries.py",
    "tests/web/test_drafts_in_a_browser.py",
    "tests/web/test_scanner_in_a_browser.py",
    "tests/web/test_desk_arm_swap.py",
    "tests/web/test_desk_pages_in_a_browser.py",
)


def place(nodeid: str) -> int:
    """Where a test stands in the order of files."""
    return next((rank for rank, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))


class FileByFile(LoadFileScheduling):  # type: ignore[misc]
    """Hands out whole files, in the order of collection."""

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "the whole trial" if file in THE_WHOLE_TRIAL else file
