"""Hostile files: each is refused within a second and 256 MB of a process of its own, with a place and no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.protocol_files.folders import Folder

ROOT = Path(__file__).parents[2]
MEGABYTES = 256
# One process imports the reader, then forks one child for each folder; the child's limits count from there. Processor
# time, not the clock: a busy machine is no fault of the reader's.
SCRIPT = """
import json, os, resource, sys, time, traceback
from pathlib import Path
from trial.core.errors import ProtocolInvalid
from trial.protocol_files import examine, remarks

def read(folder):
    spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    room = pages * os.sysconf("SC_PAGE_SIZE") + 256 * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent) + 3, int(spent) + 3))
    began = time.process_time()
    try:
        found, problems = examine(folder)
        problems = problems or remarks(found, folder)
    except ProtocolInvalid as invalid:
        problems = invalid.problems
    spent = time.process_time() - began
    return spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, [str(one)[:400] for one in problems[:50]]

for name in sys.argv[1:]:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            print(json.dumps(read(Path(name))), flush=True)
        except BaseException:
            print(json.dumps([99, 9999, [traceback.format_exc(limit=-3)]]), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(json.dumps([99, 9999, ["ended by its limits"]]), flush=True)
"""


class Cost(NamedTuple):
    """Processor time of one reading in seconds, the most memory in megabytes, and what was told."""

    seconds: float
    megabytes: int
    told: list[str]


def bomb(levels: int, width: int) -> str:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "schema: 2\n" + "\n".join(rows) + "\n"


def beside(key: str, value: str) -> str:
    """A protocol in which one hostile value stands."""
    return f"schema: 2\nid: hostile\n{key}: {value}\n"


def many(text: str, times: int) -> str:
    return "schema: 2\n" + "".join(text.format(n=n) for n in range(times))


HOSTILE = {
    "aliases that unfold to nine to the twelfth": bomb(12, 9),
    "a mapping merged a thousand times": many("k{n}: {{<<: *b}}\n", 1000).replace("2\n", "2\nb: &b {a: 1}\n", 1),
    "an alias of itself": "a: &a [*a]\n",
    "ten megabytes of comment": "schema: 2\n# " + "x" * 10_000_000,
    "ten megabytes of one text": beside("title", "{en: " + "x" * 10_000_000 + "}"),
    "ten megabytes of keys": many("k{n}: 1\n", 1_000_000),
    "one text just under the largest file": beside("title", "{en: " + "x" * 999_950 + "}"),
    "one text just under the longest YAML": beside("title", "{en: " + "x" * 199_900 + "}"),
    "lists ninety thousand deep": beside("arms", "[" * 90_000 + "]" * 90_000),
    "lists ninety thousand deep, never closed": beside("arms", "[" * 90_000),
    "mappings forty thousand deep": beside("arms", "{a: " * 40_000),
    "block lists ninety thousand deep": "schema: 2\na:\n  " + "- " * 90_000 + "x\n",
    "indentation that grows for six hundred lines": "schema: 2\n" + "".join(f"{' ' * n}a:\n" for n in range(600)),
    "one key thirty thousand times": many("id: a\n", 30_000),
    "forty-five thousand entries": beside("languages", "[" + "en, " * 45_000 + "en]"),
    "a number of a hundred and fifty thousand digits": beside("version", "9" * 150_000),
    "a rule of brackets": beside("eligibility", "{criteria: [{id: a, rule: '" + "(" * 90_000 + "'}]}"),
    "a length of time of digits": beside("timepoints", "[{closes_after: '" + "9 days " * 25_000 + "'}]"),
    "an id of hyphens": beside("debrief", "messages/" + "a-" * 90_000 + "!"),
    "quotes that never close": many("a: 'b\n", 30_000),
    "a block text of sixty-six thousand lines": "schema: 2\ntitle: |\n" + "  \n" * 60_000,
    "ten thousand documents": "---\nschema: 2\n" * 10_000,
    "directives": "%YAML 1.2\n%TAG ! tag:x,2000:\n" * 3_000 + "---\na: 1\n",
    "tags": "schema: 2\na: !!python/object/apply:os.system ['true']\n",
    "a key of a hundred thousand characters": "schema: 2\n" + "k" * 100_000 + ": 1\n",
    "a question mark before every key": "schema: 2\n" + "? " * 60_000,
    "control characters": many("a: \x01\x02\n", 100),
    "nothing but tabs": "\t" * 190_000,
    "nothing but line ends": "\n" * 190_000,
    "commas": beside("arms", "[" + "," * 150_000 + "]"),
    "half an emoji and a byte order mark": "schema: 2\n\ufeffa: \ufffd\n",
}
BESIDE = [
    (file, name)
    for file in ("instruments/cesd.yaml", "messages/evening.en.md", "exercises/letter.en.md")
    for name in ("ten megabytes of one text", "lists ninety thousand deep", "nothing but line ends")
]


def read(*folders: Path) -> list[Cost]:
    """What reading each folder costs, each in a process with limits."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, folders)], cwd=ROOT, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == "", done.stderr[-2000:]
    return [Cost(*json.loads(line)) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Cost]:
    """(file, name) to the cost of a trial in which that file is hostile."""
    cases = [("protocol.yaml", name) for name in HOSTILE] + BESIDE
    folders = [Folder(tmp_path_factory.mktemp("hostile")) for _ in cases]
    for folder, (file, name) in zip(folders, cases, strict=True):
        folder.write(HOSTILE[name] + ("" if file == "protocol.yaml" else "{{ " * 1000), file)
    return dict(zip(cases, read(*(folder.path for folder in folders)), strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_protocol_is_refused_within_a_second_and_256_megabytes(
    costs: dict[tuple[str, str], Cost], name: str
) -> None:
    cost = costs["protocol.yaml", name]
    assert cost.told and all("/trial/protocol.yaml" in one.split(": ")[0] for one in cost.told), cost.told
    assert cost.seconds < 1 and cost.megabytes < MEGABYTES, cost


@pytest.mark.parametrize(("file", "name"), BESIDE)
def test_a_hostile_file_beside_the_protocol_costs_no_more(
    costs: dict[tuple[str, str], Cost], file: str, name: str
) -> None:
    cost = costs[file, name]
    assert cost.told and cost.seconds < 1 and cost.megabytes < MEGABYTES, cost


def test_more_than_a_thousand_texts_cost_no_more(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for number in range(1200):
        folder.write("x" * 10_000, f"messages/extra-{number}.en.md")
    [cost] = read(folder.path)
    assert "more than 1000 texts" in cost.told[0] and cost.seconds < 1 and cost.megabytes < MEGABYTES, cost


def test_a_protocol_as_long_as_the_limits_allow_is_read_and_linted_in_a_second(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    one = "      - {outcome: depression, timepoint: week_1, contrast: [letter, early_memory]}\n"
    folder.write(folder.text().replace(one, one * 90))
    [cost] = read(folder.path)
    assert cost.told and cost.seconds < 1 and cost.megabytes < MEGABYTES, cost


@pytest.mark.parametrize("name", ["aliases that unfold to nine to the twelfth", "lists ninety thousand deep"])
def test_check_answers_a_hostile_file_with_2_and_a_place(tmp_path: Path, name: str) -> None:
    folder = Folder(tmp_path)
    folder.write(HOSTILE[name])
    done = subprocess.run(
        [sys.executable, "-c", "from trial.cli.main import run; run()", "check", str(folder.path)], cwd=ROOT,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.startswith(folder.file()) and "Traceback" not in done.stderr
