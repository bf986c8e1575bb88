"""A meta-analysis in words and tables: on the screen, and as a page of its own."""

from __future__ import annotations

import math
from pathlib import Path

from reports.document import Block, Document, Figure, Paragraph, Row, Section, Table, Terms
from reports.drawing import FONT
from reports.html import FAMILY, render_html
from reports.meta import Meta, meta_values, studies_csv
from reports.meta_figures import decimals, forest, forest_png, funnel, narrow_forest, rows_of, text_of
from reports.numbers import NONE, interval, number, p_phrase, p_value
from reports.results import write_results
from trial.stats.meta_analysis import Pooled

METHODS = {
    "common": "common effect, weights by inverse variance",
    "dl": "random effects, variance between studies by DerSimonian and Laird",
    "pm": "random effects, variance between studies by Paule and Mandel",
    "reml": "random effects, variance between studies by restricted maximum likelihood (REML)",
}
PRETEND = "This contains a rehearsal or a test, with pretend people. It says nothing about real people."


def result(meta: Meta) -> str:
    """What the studies come to, in a sentence."""
    one, places = meta.pooled, decimals(meta)
    what = "The common effect" if one.method == "common" else "The mean effect"
    ends = interval(meta.ends(one.ci), places)
    return (
        f"{what} of {one.k} studies ({meta.shown_measure}) is {number(meta.back(one.estimate), places)}, "
        f"{100 * one.level:g}% CI {ends}, {p_phrase(one.p)}."
    )


def spread(meta: Meta) -> str:
    """How far the studies differ, in a sentence or two."""
    one, places = meta.pooled.heterogeneity, 3
    ci = "empty" if one.empty else interval(one.tau2_ci, places)
    tau2 = "" if meta.pooled.method == "common" else f"{number(one.tau2, places)}, "
    said = (
        f"Q = {number(one.q, 1)} on {_degrees(one.df)} ({p_phrase(one.p)}); variance between studies "
        f"τ² {tau2}{100 * meta.wish.level:g}% CI {ci}; I² {_percent(one.i2)}."
    )
    if meta.pooled.prediction is None:
        return said
    predicted = interval(meta.ends(meta.pooled.prediction), decimals(meta))
    return f"{said} The true effect of one more such study is expected within {predicted}."


def small_studies(meta: Meta) -> str:
    """Egger's regression, or why there is none."""
    one = meta.line
    if one is None:
        return meta.no_line
    limit = f"{number(one.limit, 2)} ({interval(one.limit_ci, 2)})"
    said = (
        f"Egger's regression: the estimate moves by {number(one.bias, 2)} for each unit of standard error "
        f"(SE {number(one.se, 2)}; t = {number(one.t, 2)} on {_degrees(one.df)}; {p_phrase(one.p)}); "
        f"at error 0 it would be {limit}{', on the z scale' if meta.studies[0].correlation else ''}."
    )
    return " ".join((said, *one.notes))


def groups(meta: Meta) -> str:
    """Whether the groups of studies differ."""
    found = meta.subgroups
    if found is None or found.p is None:
        return "Fewer than two groups have two studies or more: they are not compared."
    said = f"Between groups: Q = {number(found.q, 1)} on {_degrees(found.df)} ({p_phrase(found.p)})."
    alone = [name for name, one in found.groups.items() if one is None]
    return f"{said} Not compared, with one study each: {', '.join(alone)}." if alone else said


def screen(meta: Meta) -> list[str]:
    """The lines that the command prints."""
    places = decimals(meta)
    rows = [("Study", f"Estimate ({100 * meta.wish.level:g}% CI)", "Weight")]
    for one in rows_of(meta):
        share = "" if one.weight is None else f"{100 * one.weight:.1f}%"
        rows.append((one.name, text_of(one, places), share))
    wide = [max(len(row[at]) for row in rows) for at in range(3)]
    lines = [PRETEND, ""] if meta.pretend else []
    lines += [f"{name:<{wide[0]}}  {text:>{wide[1]}}  {share:>{wide[2]}}".rstrip() for name, text, share in rows]
    lines += ["", result(meta), spread(meta)]
    if meta.subgroups:
        lines.append(groups(meta))
    lines.append(small_studies(meta))
    return [*lines, *(f"Note: {one}" for one in meta.notes), f"Method: {_method(meta)}."]


def meta_html(meta: Meta) -> str:
    """The page, with everything inside."""
    return render_html(meta_document(meta))


def meta_document(meta: Meta) -> Document:
    """The page as plain values."""
    k = len(meta.studies)
    parts: list[tuple[str, str, list[Block]]] = [
        ("summary", "Result", _summary(meta)),
        ("studies", "The studies", _studies(meta)),
        ("spread", "How far the studies differ", _spread(meta)),
    ]
    if meta.subgroups:
        parts.append(("groups", "Groups of studies", _groups(meta)))
    parts += [
        ("influence", "Each study left out", _influence(meta)),
        ("small-studies", "Small studies", _small(meta)),
        ("how", "How this was made", _how(meta)),
    ]
    mark = "Contains pretend people" if meta.pretend else ""
    sections = tuple(Section(key, heading, tuple(blocks)) for key, heading, blocks in parts)
    return Document("Meta-analysis", f"{k} studies, {meta.shown_measure}", mark, "en", sections)


def _summary(meta: Meta) -> list[Block]:
    blocks: list[Block] = [Paragraph(PRETEND, "mark")] if meta.pretend else []
    blocks += [Paragraph(result(meta), "key"), Paragraph(spread(meta))]
    return blocks + [Paragraph(one, "mark") for one in meta.notes]


def _studies(meta: Meta) -> list[Block]:
    places = decimals(meta)
    rows = tuple(
        Row(
            (one.name, text_of(one, places), "" if one.weight is None else f"{100 * one.weight:.1f}%"),
            "strong" if one.kind == "result" else "plain",
        )
        for one in rows_of(meta)
    )
    columns = ("Study", f"Estimate ({100 * meta.wish.level:g}% CI)", "Weight")
    numbers = Table("studies-table", "The forest plot in numbers", columns, rows)
    caption = (
        "Each study with its interval; the size of a box follows its weight. The diamond is the result with its "
        "interval. Dashed: no effect; dotted: the result."
    )
    if meta.pooled.prediction:
        caption += " The prediction interval is where the true effect of one more such study is expected."
    return [Figure("forest", caption, forest(meta), narrow_forest(meta), table=numbers)]


def _spread(meta: Meta) -> list[Block]:
    one = meta.pooled.heterogeneity
    level = f"{100 * meta.wish.level:g}% CI"
    tau2 = "0, as a common effect has it" if meta.pooled.method == "common" else number(one.tau2, 4)
    empty = "empty: the studies differ less than chance would have it" if one.empty else interval(one.tau2_ci, 4)
    items = [
        ("Q", f"{number(one.q, 2)} on {_degrees(one.df)}, {p_phrase(one.p)}"),
        ("τ², the variance between studies", f"{tau2} ({level} {empty})"),
        ("τ, their standard deviation", number(math.sqrt(one.tau2), 3)),
        ("I², the share of all variance", f"{_percent(one.i2)} ({_percent(one.i2_ci[0])} to {_percent(one.i2_ci[1])})"),
        ("H²", number(one.h2, 2)),
    ]
    if meta.pooled.prediction:
        items.append(("Prediction interval", interval(meta.ends(meta.pooled.prediction), decimals(meta))))
    return [Terms(tuple(items))]


def _groups(meta: Meta) -> list[Block]:
    found = meta.subgroups
    if found is None:
        return []
    rows = [_result_row(name, one, meta) for name, one in found.groups.items()]
    table = Table("groups-table", f"By {meta.wish.by}", _columns(meta, "Group"), tuple(rows))
    return [table, Paragraph(groups(meta)), Paragraph("Groups differ in more than what they are named for.", "note")]


def _influence(meta: Meta) -> list[Block]:
    if not meta.without:
        return [Paragraph("Leaving one study out needs at least three.")]
    rows = [_result_row(one.name, left, meta) for one, left in zip(meta.studies, meta.without, strict=True)]
    rows.append(_result_row("None", meta.pooled, meta, strong=True))
    return [Table("without", "The result without each study", _columns(meta, "Left out"), tuple(rows))]


def _columns(meta: Meta, first: str) -> tuple[str, ...]:
    return (first, "Studies", f"Estimate ({100 * meta.wish.level:g}% CI)", "p", "τ²", "I²")


def _result_row(name: str, one: Pooled | None, meta: Meta, *, strong: bool = False) -> Row:
    if one is None:
        return Row((name, "1", NONE, NONE, NONE, NONE))
    places = decimals(meta)
    text = f"{number(meta.back(one.estimate), places)} ({interval(meta.ends(one.ci), places)})"
    tau2 = number(one.heterogeneity.tau2, 3)
    cells = (name, str(one.k), text, p_value(one.p), tau2, _percent(one.heterogeneity.i2))
    return Row(cells, "strong" if strong else "plain")


def _small(meta: Meta) -> list[Block]:
    caption = (
        "Each study by its estimate and its standard error, the most precise on top. Without differences between "
        "studies and without studies that went missing, most lie within the dashed limits, alike on both sides."
    )
    rows = tuple(
        Row((one.name, number(one.effect.estimate, 3), number(math.sqrt(one.effect.variance), 3)))
        for one in meta.studies
    )
    numbers = Table("funnel-table", "The funnel plot in numbers", ("Study", "Estimate", "Standard error"), rows)
    why = (
        "A lopsided funnel has many reasons besides studies that were not published: small studies may have had other "
        "people or a larger dose. The standard error of a standardised difference grows with the difference, so that "
        "Egger's regression finds too much there."
    )
    figure = Figure("funnel", caption, funnel(meta), table=numbers)
    return [Paragraph(small_studies(meta)), figure, Paragraph(why, "note")]


def _how(meta: Meta) -> list[Block]:
    kinds = list(dict.fromkeys(one.effect.measure for one in meta.studies))
    sources = list(dict.fromkeys(Path(one.source).name for one in meta.studies))
    turned = [one.name for one in meta.studies if one.turned]
    items = [
        ("Method", _method(meta)),
        ("Estimates", "; ".join(kinds)),
        ("Read from", ", ".join(sources)),
        ("Sign turned, lower being better", ", ".join(turned) or "of none"),
        ("Scale of the pooling", meta.measure),
    ]
    words = "Formulas with their sources, and what they were held against, are in docs/statistics.md of Equipoise."
    frozen = [one for one in meta.studies if one.line is None]
    digests = [(f"Digest of {one.name}", one.columns["digest"]) for one in frozen]
    return [Terms((*items, *digests)), Paragraph(words, "note")]


def _method(meta: Meta) -> str:
    one = meta.pooled
    said = METHODS[one.method] + ("" if one.method == "common" else f"; interval by {one.interval}")
    return said + ("; prediction by t on k - 2 degrees of freedom" if one.prediction else "")


def _degrees(df: int | None) -> str:
    return f"{df} degree{'' if df == 1 else 's'} of freedom"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def meta_files(meta: Meta) -> dict[str, bytes]:
    """Every file of the analysis, all made before any is written."""
    drawings = {"forest.svg": forest(meta), "funnel.svg": funnel(meta)}
    return {
        "meta.json": write_results(meta_values(meta)),
        "studies.csv": studies_csv(meta),
        "meta.html": meta_html(meta).encode(),
        **{name: one.svg.replace(FONT, FAMILY).encode() for name, one in drawings.items()},
        "forest.png": forest_png(meta),
    }
