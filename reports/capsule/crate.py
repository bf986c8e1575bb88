"""The metadata of a capsule as an RO-Crate, version 1.1 of its specification (https://w3id.org/ro/crate/1.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

NAME = "ro-crate-metadata.json"
FORMATS = {
    "csv": "text/csv",
    "json": "application/json",
    "md": "text/markdown",
    "yaml": "application/yaml",
    "html": "text/html",
    "txt": "text/plain",
    "sha256": "text/plain",
    "py": "text/x-python",
    "R": "text/x-r",
    "sav": "application/x-spss-sav",
    "dta": "application/x-stata-dta",
}


@dataclass(frozen=True, slots=True)
class About:
    """What a crate says of itself; `published` is an ISO 8601 date, `licence` and `authors` are the protocol's."""

    title: str
    description: str
    published: str
    licence: str
    version: str
    authors: tuple[str, ...]


def crate(about: About, files: Mapping[str, bytes], told: Mapping[str, str]) -> bytes:
    """The metadata file over `files`; `told` says what is in those that have more to them than a name."""
    parts = [_file(name, files[name], told.get(name)) for name in sorted(files)]
    authors = [
        {"@id": f"#author-{number}", "@type": "Person", "name": name}
        for number, name in enumerate(about.authors, start=1)
    ]
    written = [{"@id": one["@id"]} for one in authors]
    graph: list[dict[str, Any]] = [
        {
            "@id": NAME,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": about.title,
            "description": about.description,
            "datePublished": about.published,
            "license": {"@id": "#licence"},
            "author": written if len(written) > 1 else written[0],
            "hasPart": [{"@id": one["@id"]} for one in parts],
            "mentions": {"@id": "#equipoise"},
        },
        {
            "@id": "#licence",
            "@type": "CreativeWork",
            "name": about.licence,
            "description": "As the protocol declares it under administrative.data_sharing.licence.",
        },
        {
            "@id": "#equipoise",
            "@type": "SoftwareApplication",
            "name": "equipoise",
            "softwareVersion": about.version,
            "description": "What ran the trial, analysed its data and made this capsule.",
        },
        *authors,
        *parts,
    ]
    whole = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode()


def _file(name: str, data: bytes, told: str | None) -> dict[str, Any]:
    ending = name.rpartition(".")[2]
    entity = {
        "@id": quote(name),
        "@type": "File",
        "name": name,
        "contentSize": str(len(data)),
        "encodingFormat": FORMATS.get(ending, "application/octet-stream"),
    }
    return entity | ({"description": told} if told else {})
