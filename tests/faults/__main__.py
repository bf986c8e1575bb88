"""Fault runs: a load, faults in the middle of it, and what became of every mail, counted at the mailbox.

    python -m tests.faults --list              what there is, with its forms and parameters
    python -m tests.faults T1                  the long forms of T1, minutes each
    python -m tests.faults T1 --form short     what CI runs
    python -m tests.faults T1 --form every-2s --mails 2000 --seed 7
    python -m tests.faults all --write         everything, and the table of docs/reliability.md

One JSON line for each form on standard output, progress on standard error. Exit code 1 when a bound is broken; then
the schedule of faults is printed, and `--seed` brings it back.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.faults.runs import page
from tests.faults.runs.frame import Chance, Finding, Run, Value, Watch, all_runs, perform


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="T1, T2, …, or all")
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--form", action="append", help="only this form; may be given several times")
    parser.add_argument("--seed", type=int, default=1, help="of the faults (1)")
    parser.add_argument("--write", action="store_true", help="write the rows into docs/reliability.md")
    given, rest = parser.parse_known_args()
    runs = all_runs()
    if given.list or not given.names:
        print(_listed(runs))
        return 0
    names = list(runs) if given.names == ["all"] else [name.upper() for name in given.names]
    if missing := [name for name in names if name not in runs]:
        parser.error(f"there is no {', '.join(missing)}; there are {', '.join(runs)}")
    findings = []
    for name in names:
        for form in given.form or runs[name].long_forms:
            if form not in runs[name].forms:
                parser.error(f"{name} has no form {form}; it has {', '.join(runs[name].forms)}")
            findings.append(_one(runs[name], form, given.seed, _changed(parser, runs[name], form, rest)))
            if given.write and form in runs[name].long_forms:
                page.write(findings[-1:])
    return 0 if all(one.result.held for one in findings) else 1


def _one(run: Run, form: str, seed: int, changed: Mapping[str, Value]) -> Finding:
    began = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {words}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="equipoise-faults-") as folder:
        watch = Watch(Chance(seed), Path(folder), say)
        try:
            finding = perform(run, form, watch, changed)
        except BaseException:
            _say_schedule(watch)
            raise
    print(json.dumps(finding.line(), ensure_ascii=False), flush=True)
    if not finding.result.held:
        say(f"BROKEN: {'; '.join(finding.result.broken)}. Again: {finding.command}")
        _say_schedule(watch)
    return finding


def _say_schedule(watch: Watch) -> None:
    for title, faults in (("planned", watch.schedule), ("injected", watch.done)):
        print(f"faults {title}, seed {watch.chance.seed}:", *map(str, faults), sep="\n  ", file=sys.stderr, flush=True)


def _changed(parser: argparse.ArgumentParser, run: Run, form: str, words: list[str]) -> dict[str, Value]:
    """Parameters named on the command line, each of the kind that the form has."""
    options = argparse.ArgumentParser(prog=f"{parser.prog} {run.name}", add_help=False)
    for name, value in run.forms[form].items():
        options.add_argument(f"--{name.replace('_', '-')}", dest=name, type=type(value), default=argparse.SUPPRESS)
    return vars(options.parse_args(words))


def _listed(runs: Mapping[str, Run]) -> str:
    lines = []
    for run in runs.values():
        lines.append(f"{run.name}  {run.claim}")
        for form, parameters in run.forms.items():
            options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in parameters.items())
            lines.append(f"      --form {form}: {options}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
