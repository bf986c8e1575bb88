"""The guide's table of metrics is what is exported: each name, type and label, and who tells it; and the rules fit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase
from ruamel.yaml import YAML

from trial.core.errors import Unavailable
from trial.metrics.ledger import LedgerCollector
from trial.metrics.meters import LABELS, BeatMeters, WebMeters, WorkerMeters
from trial.services.delivery_status import Open

GUIDE = (Path(__file__).parents[2] / "docs" / "guide-operator.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(equipoise_\w+)` \| (\w+) \| (.*?) ?\| (.+?) \| (.+) \|$", GUIDE, re.MULTILINE)
NOTHING = Open(0, 0.0, 0, 0, 0, 0, 0, 0, 0.0)


def exported() -> dict[str, tuple[str, tuple[str, ...], str]]:
    """Type, labels and teller of each metric, as the code has them."""
    found = {}
    for made, teller in ((WebMeters, "`serve`"), (WorkerMeters, "worker"), (BeatMeters, "beat")):
        meters = made(CollectorRegistry())
        for one in vars(meters).values():
            if isinstance(one, MetricWrapperBase):
                (family,) = one.describe()
                name = family.name + ("_total" if family.type == "counter" else "")
                found[name] = (family.type, tuple(one._labelnames), teller)
    for family in LedgerCollector(lambda: NOTHING).collect():
        found[family.name] = (family.type, (), "`serve`, worker")
    return found


def test_the_table_has_a_row_for_each_metric_and_no_other() -> None:
    told = {name: (kind, tuple(re.findall(r"`(\w+)`", labels)), teller) for name, kind, labels, teller, _ in ROWS}
    assert len(ROWS) == len(told) > 15
    assert told == exported()


def test_names_keep_to_the_conventions() -> None:
    for name, (kind, labels, _) in exported().items():
        assert (kind == "counter") == name.endswith("_total"), name
        assert not re.search(r"_(ms|minutes|millis|percent|count|sum|bucket)\b", name)
        assert set(labels) <= set(LABELS)
    timed = [name for name in exported() if "duration" in name or "timestamp" in name or "oldest" in name]
    assert timed and all(name.endswith("_seconds") for name in timed)


def test_every_value_of_a_label_that_is_named_in_the_guide_is_one_that_is_told() -> None:
    said = {name: what for name, _, _, _, what in ROWS}
    for metric, label in (("equipoise_mails_total", "outcome"), ("equipoise_mail_stage_duration_seconds", "stage"),
                          ("equipoise_ticks_total", "result"), ("equipoise_http_requests_total", "app")):  # fmt: skip
        assert set(LABELS[label]) <= set(re.findall(r"`(\w+)`", said[metric]))


def blocks() -> list[dict[str, object]]:
    chapter = GUIDE.split("### Metrics")[1]
    return [YAML(typ="safe").load(one) for one in re.findall(r"```yaml\n(.*?)```", chapter, re.DOTALL)]


def test_the_rules_ask_for_metrics_that_are_there_and_the_targets_are_services() -> None:
    scrape, rules = blocks()
    text = str(rules)
    asked = set(re.findall(r"equipoise_\w+", text))
    assert len(asked) == text.count("'expr'") == 3 and asked <= set(exported())
    assert set(re.findall(r"(\w+)\|(\w+)\|(\w+)", text)[0]) <= set(LABELS["outcome"])
    compose = YAML(typ="safe").load(Path(__file__).parents[2] / "docker-compose.yml")
    targets = re.findall(r"'(\w+):\d+'", str(scrape))
    assert len(targets) == 4 and set(targets) <= set(compose["services"])


def test_a_database_that_is_away_is_told_and_fails_no_scrape() -> None:
    def away() -> Open:
        raise Unavailable("The database", "EQUIPOISE_DATABASE_URL", "gone")

    (only,) = LedgerCollector(away).collect()
    assert (only.name, [one.value for one in only.samples]) == ("equipoise_database_up", [0.0])
    with pytest.raises(Unavailable):
        away()
