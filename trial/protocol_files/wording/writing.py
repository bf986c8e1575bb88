"""Wording put into an instrument file: its key, comments and sources stay as they were, and it is read back."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from trial.core import instrument_keys
from trial.core.errors import EquipoiseError
from trial.core.instruments import Instrument
from trial.protocol_files import upgrades, yaml_text
from trial.protocol_files.problems import validate
from trial.protocol_files.wording import Wording


class NotReadBack(EquipoiseError):
    """The file that would be written does not read back as the wording that was given; nothing was written."""


def filled(text: str, wording: Wording, language: str) -> str:
    """The instrument file with this wording in one language, other languages kept.

    `text` is a file that the loader has accepted, so it holds no alias, no tag and nothing deep.
    """
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 118
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree: Any = yaml.load(text)
    tree["wording"] = "official"
    for item in tree["items"]:
        item.fa.set_block_style()
        _put(item, "words", language, wording.fitted.words[item["id"]], after="topic")
    for choice in tree["response"]["choices"] if "response" in tree else ():
        if choice["value"] in wording.fitted.answers:
            choice["label"][language] = DoubleQuotedScalarString(wording.fitted.answers[choice["value"]])
    if wording.instructions:
        tree["instructions"][language] = DoubleQuotedScalarString(wording.instructions)
    out = StringIO()
    yaml.dump(tree, out)
    _require_same(out.getvalue(), wording, language)
    return out.getvalue()


def _put(item: Any, key: str, language: str, words: str, *, after: str) -> None:
    if key not in item:
        texts = CommentedMap()
        texts.fa.set_flow_style()
        item.insert(list(item).index(after) + 1, key, texts)
    item[key][language] = DoubleQuotedScalarString(words)


def _require_same(text: str, wording: Wording, language: str) -> None:
    tree, problems = yaml_text.read(text, "the new file")
    tree = upgrades.newest_instrument(tree)
    instrument, invalid = validate(Instrument, tree, "the new file")
    findings = instrument_keys.find(tree)
    back = {item.id: (item.words or {}).get(language) for item in instrument.items} if instrument else {}
    if problems or invalid or findings or back != wording.fitted.words:
        said = [str(one) for one in (*problems, *invalid)] + [f"{one.what} {one.mend}" for one in findings]
        raise NotReadBack("\n".join(["Nothing was written: the new file would not read back.", *said[:5]]))
