"""What the gaps of a selection say as a whole, told the same on the page and on paper."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd

from dashboard import data
from dashboard.certainty import verdict
from dashboard.components.area_filter import kept_sum
from dashboard.filters import Kept
from dashboard.pages import View
from geodata.catalogue.nouns import CoverageMeasure, Indicator, Standard


def unmet_indicator(view: View) -> Indicator:
    """The indicator that the map shows: the unmet rate under the selected standard."""
    chosen = CoverageMeasure(view.selection.service, view.selection.standard, "unmet_rate")
    return next(i for i in view.catalogue.indicators.values() if i.coverage == chosen)


def unmet_view(view: View) -> tuple[View, pd.DataFrame]:
    """The view that draws the map of the unmet rate, and the values of its level."""
    indicator = unmet_indicator(view)
    chosen = view.selection
    values = data.area_values(
        view.principal, view.release, indicator.id, chosen.level, chosen.period
    )
    return replace(view, selection=replace(chosen, indicator=indicator.id)), values


def whole_row(view: View) -> pd.Series:
    """The row of the whole territory, as the table of its level has it."""
    chosen, area = view.selection, view.catalogue.territory.area
    frame = data.gaps(
        view.principal, view.release, chosen.service, chosen.standard, chosen.period, area.level
    )
    return frame[frame["area_id"] == area.area_id].iloc[0]


def told_row(
    view: View, found: Kept, whole: pd.Series
) -> tuple[pd.Series, tuple[str, pd.Series] | None]:
    """The row that the key figures tell: the sum of what is kept, else the whole; and that sum."""
    if not found.is_filtered or found.rows.empty:
        return whole, None
    total = kept_sum(found)
    name = view.words("filter.sum", count=view.words.number(len(found.rows)))
    return total, (name, total)


def certainty_words(view: View, rows: pd.DataFrame) -> str:
    """In how many areas places are missing for sure, in how many nobody can tell."""
    told = zip(rows["gap"], rows["p_gap"], rows["status"], strict=True)
    found = Counter(verdict(*row) for row in told)
    counts = {name: view.words.number(found[name]) for name in ("shortage", "unsure", "surplus")}
    return view.words("gaps.sure_counts", **counts)


def chosen_standard(view: View) -> Standard:
    """The standard that the need is measured by."""
    return view.catalogue.services[view.selection.service].standard(view.selection.standard)


def standard_name(view: View, standard: Standard) -> str:
    """A standard with the places per 100 children it stands for."""
    words, chosen = view.words, view.selection
    if standard.value is not None:
        return words.of(standard.name)
    area = view.catalogue.territory.area
    frame = data.gaps(
        view.principal, view.release, chosen.service, standard.id, chosen.period, area.level
    )
    if frame.empty:
        return words.of(standard.name)
    tau = words.number(100 * frame["tau"].iloc[0], 1)
    return words("gaps.standard_with_tau", name=words.of(standard.name), tau=tau)
