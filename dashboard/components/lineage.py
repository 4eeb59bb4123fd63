"""Where a number comes from: release, method and what it was told, files and their rows."""

from __future__ import annotations

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.in_words import method_words
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator

#: How much of a file's fingerprint is written; the whole is its title.
_SHORT = 12


def lineage(view: View, indicator: Indicator, *, is_named: bool = False) -> Component:
    """Behind a line that opens it: release, method, parameters, and each file with its rows.

    ``is_named``: the line names the indicator, as where there are several.
    """
    words, release = view.words, view.release
    title = words(
        "lineage.title_of" if is_named else "lineage.title", name=words.of(indicator.short)
    )
    told = parameters(view, indicator)
    lines: list[tuple[str, Any]] = [
        (
            words("lineage.release"),
            words(
                "lineage.release_said",
                number=release.number,
                day=words.day(release.published_at),
                id=release.release_id,
            ),
        ),
        (words("lineage.method"), method_words(view, indicator)),
        *([(words("lineage.parameters"), told)] if told else []),
        (words("lineage.files"), _files(view, indicator)),
    ]
    return html.Details(
        [
            html.Summary(title),
            html.Dl([html.Div([html.Dt(name), html.Dd(said)]) for name, said in lines]),
        ],
        className="lineage",
    )


def parameters(view: View, indicator: Indicator) -> Component | None:
    """What the method was told, as the release keeps it; None where there is nothing."""
    lineages = data.lineages(view.principal, view.release).set_index("indicator")
    if indicator.id not in lineages.index:
        return None
    told = json.loads(str(lineages.at[indicator.id, "parameters"]))
    known = {name: x for name, x in told.items() if x is not None}
    shown = ", ".join(f"{name} = {json.dumps(x, ensure_ascii=False)}" for name, x in known.items())
    return html.Code(shown) if shown else None


def _files(view: View, indicator: Indicator) -> Component | str:
    """Each file that the release read for it: name, date, rows and what became of them."""
    words = view.words
    known = data.sources(view.principal, view.release).set_index("source_id")
    used = [name for name in view.catalogue.sources_of(indicator) if name in known.index]
    if not used:
        return words("lineage.no_file")
    return html.Ul([_file(view, name, known.loc[name].to_dict()) for name in used])


def _file(view: View, source_id: str, row: dict[Any, Any]) -> Component:
    words, sha256 = view.words, str(row["sha256"])
    counts = {
        name: words.number(row[f"rows_{name}"])
        for name in ("read", "loaded", "quarantined", "dropped")
    }
    return html.Li(
        [
            html.Strong(words.of(view.catalogue.sources[source_id].name)),
            html.Span(
                words(
                    "lineage.file",
                    producer=row["producer"],
                    vintage=row["vintage"],
                    day=words.day(str(row["retrieved_on"])),
                )
            ),
            html.Code(row["file"]),
            html.Span(words("lineage.rows", **counts)),
            html.Span([words("lineage.sha256"), " ", html.Code(sha256[:_SHORT], title=sha256)]),
        ]
    )
