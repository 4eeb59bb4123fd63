"""The gap report: a selection of the gap page as 4 to 12 pages, with the figures of the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from dashboard import data
from dashboard.components.area_filter import kept_gaps, kept_names
from dashboard.components.engine import drawn_words, nearest_words
from dashboard.components.gap_notes import method_entries
from dashboard.components.gap_table import (
    TRIAD,
    gap_rows,
)
from dashboard.components.gap_words import (
    certainty_words,
    chosen_standard,
    standard_name,
    told_row,
    unmet_indicator,
    unmet_view,
    whole_row,
)
from dashboard.components.invented import invented_words
from dashboard.components.triad import FIGURES, gap_facts, part_words, unmet_and_net, why_silent
from dashboard.filters import Kept, kept_words
from dashboard.pages import View
from dashboard.paper.gap_ranking import chosen_areas, most_short, ranking
from dashboard.paper.map_plate import plate
from dashboard.paper.parts import (
    Part,
    area_name,
    around,
    chain_part,
    is_known,
    map_part,
    source_part,
)
from dashboard.paper.typesetting import pdf
from dashboard.typography import typeset_document
from geodata.catalogue.nouns import Indicator
from geodata.model import AreaKey, Status

TEMPLATE = "gap_report"
_MAP_WIDTH, _MAP_TALLEST = 640.0, 560.0


def gap_report(view: View, address: str) -> bytes:
    """The report of a selection, as a tagged PDF; ``address`` is where the observatory answers.

    Raises
    ------
    data.Unready
        When the release knows no gap.
    """
    document = typeset_document(gap_document(view, address), view.words.language)
    return pdf(TEMPLATE, document, view.release.published_at or view.release.made_at)


def gap_report_name(view: View) -> str:
    """A file name that says territory, service, level, standard, period and release."""
    chosen = view.selection
    parts = [chosen.service, chosen.level, chosen.standard, chosen.period]
    parts += [view.words("filter.file")] if chosen.only else []
    return "_".join(("vigie", view.release.territory_id, *parts, view.release.release_id)) + ".pdf"


def gap_document(view: View, address: str) -> Part:
    """Everything that the report says, in its order, as texts and drawings."""
    words, known = view.words, view.catalogue
    found, whole = kept_gaps(view), whole_row(view)
    told, summed = told_row(view, found, whole)
    unmet = unmet_indicator(view)
    period = words.period(known.period_kind(unmet), view.selection.period)
    level = words.of(known.territory.level(view.selection.level).name)
    service = words.of(known.services[view.selection.service].name)
    territory = words.of(known.territory.name)
    measured = _measured(view)
    return {
        **around(
            view,
            words("paper.gap_title", territory=territory),
            words("paper.gap_eyebrow"),
            f"{service} · {level} · {period}",
            address,
        ),
        "invented": invented_words(view, [unmet]),
        "facts": [
            [words("paper.service"), service],
            [words("gaps.standard"), standard_name(view, chosen_standard(view))],
            [words("gaps.level"), level],
            [words("gaps.period"), period],
            [words("paper.release_term"), words("paper.release_day", **_dated(view))],
        ],
        "figures": _figures(view, told, period),
        "summary": _summary(view, found, whole),
        "triad": _triad(view, whole, summed),
        "first": most_short(view, found),
        "maps": [map_part(plate(one, _MAP_WIDTH, _MAP_TALLEST)) for one in _mapped(view, measured)],
        "table": ranking(view, found, level, period),
        "chains": _chains(view),
        "method": [
            [words(f"gaps.method_{name}_title"), text]
            for name, text in method_entries(view, whole, unmet).items()
        ],
        "limits": _limits(view, found, measured),
        "sources": source_part(view, measured),
        "titles": {
            name: words(f"paper.{name}")
            for name in ("maps", "method", "limits", "summary", "chain")
        },
    }


def _dated(view: View) -> dict[str, Any]:
    release = view.release
    return {
        "number": release.number,
        "day": view.words.day(release.published_at or release.made_at),
    }


def _measured(view: View) -> list[Indicator]:
    """The indicators of the service under the standard that are mapped at this level."""
    chosen = view.selection
    made = [
        indicator
        for name in ("unmet_rate", "gap_rate")
        for indicator in view.catalogue.indicators.values()
        if indicator.coverage is not None
        and indicator.coverage.measure == name
        and indicator.coverage.service == chosen.service
        and indicator.coverage.standard == chosen.standard
    ]
    offered = view.offer.indicators
    return [one for one in made if chosen.period in offered.get(one.id, {}).get(chosen.level, ())]


def _mapped(view: View, measured: list[Indicator]) -> list[View]:
    """A view for each map: that of the page first."""
    first = unmet_view(view)[0]
    views = [
        replace(first, selection=replace(first.selection, indicator=one.id)) for one in measured
    ]
    return views or [first]


def _figures(view: View, told: pd.Series, period: str) -> list[Part]:
    """The key figures of the page, each with its unit and its date."""
    words = view.words
    made = []
    for name in FIGURES:
        write = words.signed if name == "gap" else words.number
        decimals = 0 if name == "demand" else 1
        known = is_known(told[name])
        text = (
            write(told[name], decimals)
            if known
            else words.value(told[name], str(told["status"]), decimals)
        )
        where = f"{words(f'gap_unit.{name}')}, {period}"
        label = words(f"gap_column.{name}")
        made.append({"label": label, "value": text, "where": where, "is_silent": not known})
    return made


def _summary(view: View, found: Kept, whole: pd.Series) -> list[str]:
    """What to know first, in sentences that the release gives."""
    kept = kept_words(
        view.words, found, view.words(f"areas.{view.selection.level}"), kept_names(view)
    )
    if found.rows.empty:
        return [*kept, *gap_facts(view, found.rows)]
    balance = (
        unmet_and_net(view, whole) if is_known(whole["need"]) else why_silent(view, found.rows)
    )
    return [*kept, *gap_facts(view, found.rows), certainty_words(view, found.rows), balance]


def _triad(view: View, whole: pd.Series, summed: tuple[str, pd.Series] | None) -> Part | None:
    """What becomes of the need: of the whole, of what filters keep, of each chosen area."""
    words = view.words
    shown = [(words.of(view.catalogue.territory.name), whole), *([summed] if summed else [])]
    rows = gap_rows(view)
    for one in chosen_areas(view):
        found = rows[rows["area_id"] == one]
        shown += [(str(row["name"]), row) for _place, row in found.iterrows()]
    known = [(name, row) for name, row in shown if is_known(row["need"]) and row["need"] > 0]
    if not known:
        return None
    return {
        "title": words("gaps.triad_title"),
        "caption": words("gaps.triad_caption"),
        "unit": words("gaps.triad_unit"),
        "parts": [words(f"gap_column.{part}") for part in TRIAD],
        "rows": [
            {
                "name": name,
                "shares": [float(row[part]) / float(row["need"]) for part in TRIAD],
                "texts": [part_words(view, row, part) for part in TRIAD],
            }
            for name, row in known
        ],
    }


def _chains(view: View) -> list[Part]:
    """The care chain of each chosen area; of the whole where none is chosen."""
    level = view.selection.level
    keys = [AreaKey(level, one) for one in chosen_areas(view)] or [view.catalogue.territory.area]
    made = [chain_part(view, key, area_name(view, key)) for key in keys]
    return [one for one in made if one is not None]


def _limits(view: View, found: Kept, measured: list[Indicator]) -> list[str]:
    """What the figures cannot tell: how they are drawn, estimated, silent; their own limits."""
    words, known = view.words, view.catalogue
    nobody = int((found.rows["status"] == Status.NOT_APPLICABLE).sum())
    told = [
        drawn_words(view),
        words("gaps.estimated", none=nobody),
        *(words.of(one.limits) for one in measured),
    ]
    if view.selection.level == known.territory.finest_level:
        told.append(nearest_words(view))
    told.append(words("profile.caveat_gap"))
    return list(dict.fromkeys(told))


def check_gaps(view: View) -> None:
    """Let through a release that knows gaps.

    Raises
    ------
    data.Unready
        When it knows none.
    """
    if not view.offer.services:
        raise data.Unready("empty")
