"""The codebook of a capsule, as CSV and as a page: every column of every table, in the words of the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from reports.capsule.statistical_files import encoded
from reports.capsule.tables import Table
from trial.core.dataset import write_table

HEADER = ("table", "column", "label", "type", "values", "name_in_stata", "name_in_spss")
STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;
color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%;margin:0 0 2rem}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;
border-bottom:1px solid #ccc}caption{text-align:left;font-weight:600;padding:.5rem 0}code{font-size:.95em}
@media(max-width:40rem){table,caption,tbody,tr,td{display:block}thead{display:none}td{border:0}
tr{border-bottom:1px solid #ccc}}"""


def codebook_csv(tables: Iterable[Table]) -> bytes:
    """One row for each column."""
    return write_table(HEADER, (row for table in tables for row in _rows(table))).encode()


def codebook_html(tables: Sequence[Table], title: str) -> bytes:
    """The same as one page without scripts."""
    heading = escape(f"Codebook: {title}")
    body = "\n".join(_table(one) for one in tables)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{heading}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f"<body><main><h1>{heading}</h1>\n<p>An empty cell is a missing value. A code stands before =; in the SPSS and "
        f"Stata files a level is the number in brackets, with its label.</p>\n{body}\n</main></body></html>\n"
    ).encode()


def _rows(table: Table) -> Iterator[tuple[str, ...]]:
    stata, spss = encoded(table.columns, "dta"), encoded(table.columns, "sav")
    for one, in_stata, in_spss in zip(table.columns, stata, spss, strict=True):
        values = "; ".join(f"{code} = {label} ({in_stata.codes[code]})" for code, label in one.levels)
        yield table.name, one.name, one.label, one.kind, values, in_stata.name, in_spss.name


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{one}</th>' for one in ("Column", "Meaning", "Type", "Values"))
    rows = []
    for _, name, label, kind, values, stata, spss in _rows(table):
        other = dict.fromkeys(one for one in (stata, spss) if one != name)
        also = f" (also {', '.join(f'<code>{escape(one)}</code>' for one in other)})" if other else ""
        cells = (f"<code>{escape(name)}</code>{also}", escape(label), kind, escape(values))
        rows.append("<tr>" + "".join(f"<td>{one}</td>" for one in cells) + "</tr>")
    caption = escape(f"{table.name}: {table.title}")
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
