"""From what producers published to what indicators need: derived variables and sums of parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.catalogue.nouns import Catalogue
from geodata.methods.aggregation import reconciliation, sums_over_parts
from geodata.methods.rates import checked_figures, severity, status_of_severity
from geodata.methods.windows import window_sum
from geodata.model import Additivity

KEY = ["variable", "level", "area_id", "period"]
_SUMMED = [*KEY, "value", "status", "parts", "parts_expected"]
_JOIN = "\x1f"  # unit separator: never in a code


@dataclass(frozen=True, slots=True, eq=False)
class Parents:
    """The areas of a level above, ``ids`` in order; which of them each part is in (``group``), and
    where that part is among all the finest areas (``inside``).
    """

    ids: npt.NDArray[Any]
    group: npt.NDArray[np.int64]
    inside: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The finest areas of a territory and, by level, those that they make up."""

    areas: pd.Index
    above: Mapping[str, Parents]


def parts_of(membership: pd.DataFrame) -> Parts:
    """The parts of a territory, for all the sums that are taken of them.

    ``membership``: area_id, parent_level, parent_id of the territory's own finest areas.
    """
    areas = pd.Index(membership["area_id"].unique(), dtype=object)
    above = {}
    for level, members in membership.groupby("parent_level"):
        ids, group = _coded(members["parent_id"])
        inside = areas.get_indexer(pd.Index(members["area_id"], dtype=object))
        above[str(level)] = Parents(ids, group, inside)
    return Parts(areas, above)


def derived_figures(figures: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """The variables that the catalogue derives from published ones, for every level they have."""
    made = []
    there = set(figures["variable"].unique())
    for variable in catalogue.variables.values():
        if variable.window_of in there:
            parts = figures[figures["variable"] == variable.window_of]
            made.append(window_sum(parts, variable.window_years).assign(variable=variable.id))
    return pd.concat(made, ignore_index=True) if made else figures.iloc[:0]


def sums_of_parts(figures: pd.DataFrame, parts: Parts, catalogue: Catalogue) -> pd.DataFrame:
    """Sums of the territory's finest areas, for every level above and every summable variable.

    Parameters
    ----------
    figures: variable, level, area_id, period, value, status.
    parts: see :func:`parts_of`.

    Returns
    -------
    variable, level, area_id, period, value, status, parts, parts_expected. A sum with a hole
    has no value. Where parts are rounded by their producer the sum is an estimate.
    """
    finest = catalogue.territory.finest_level
    additivity = {v.id: v.additivity for v in catalogue.variables.values()}
    summed = [v for v in figures["variable"].unique() if additivity[v] != Additivity.NO]
    fine = figures[(figures["level"] == finest) & _is_one_of(figures["variable"], summed)]
    column = parts.areas.get_indexer(pd.Index(fine["area_id"], dtype=object))
    fine, column = fine[column >= 0], column[column >= 0]
    if fine.empty:
        return pd.DataFrame(columns=_SUMMED)
    checked_figures(fine.set_index("area_id"), "figures")
    series, row = _coded(fine["variable"] + _JOIN + fine["period"])
    shape = (len(series), len(parts.areas))
    value, worst = np.full(shape, np.nan), np.full(shape, severity(pd.Series(["missing"]))[0])
    value[row, column] = fine["value"].to_numpy(dtype="float64")
    worst[row, column] = severity(fine["status"])
    named = pd.Series(series).str.split(_JOIN, expand=True)
    made = []
    for parent_level, parents in parts.above.items():
        inside, size = parents.inside, len(parents.ids)
        sums = sums_over_parts(value[:, inside], worst[:, inside], parents.group, size)
        made.append(
            pd.DataFrame(
                {
                    "variable": named[0].to_numpy().repeat(size),
                    "level": parent_level,
                    "area_id": np.tile(parents.ids, len(series)),
                    "period": named[1].to_numpy().repeat(size),
                    "value": sums.value.ravel(),
                    "status": status_of_severity(
                        sums.severity.ravel(), pd.RangeIndex(sums.severity.size)
                    ),
                    "parts": sums.parts.ravel(),
                    "parts_expected": np.tile(sums.parts_expected, len(series)),
                }
            )
        )
    frame = pd.concat(made, ignore_index=True)
    rounded = [v for v in summed if additivity[v] == Additivity.ROUNDED]
    is_rounded = _is_one_of(frame["variable"], rounded)
    frame.loc[is_rounded & (frame["status"] == "observed"), "status"] = "estimated"
    return frame


def completed_figures(figures: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """The figures, with a sum of parts wherever the producer published nothing for the whole.

    Each level keeps its published value, even where its parts add up to something else.
    """
    if sums.empty:
        return figures
    published = pd.MultiIndex.from_frame(_of_levels(figures, sums)[KEY])
    is_new = ~pd.MultiIndex.from_frame(sums[KEY]).isin(published)
    return pd.concat([figures, sums[is_new]], ignore_index=True)


def reconciliations(figures: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Where both exist, the sum of the parts beside the published figure: they need not agree.

    Columns variable, period, level, area_id, parts_sum, published, difference.
    """
    if sums.empty:
        return pd.DataFrame(columns=[*KEY, "parts_sum", "published", "difference"])
    ours, theirs = sums.set_index(KEY), _of_levels(figures, sums).set_index(KEY)
    both = ours.index.intersection(theirs.index)
    compared = reconciliation(ours.loc[both], theirs.loc[both])
    compared = compared.dropna(subset="difference").reset_index()
    return compared[[*KEY, "parts_sum", "published", "difference"]]


def _of_levels(figures: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """The figures of the levels that sums are of: few, the finest areas being left out."""
    return figures[_is_one_of(figures["level"], sums["level"].unique())]


def _is_one_of(column: pd.Series, words: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Where a column says one of a few words: they are compared one by one, which is fastest."""
    found = np.zeros(len(column), dtype=np.bool_)
    for word in words:
        found |= (column == word).to_numpy(dtype=np.bool_)
    return found


def _coded(texts: pd.Series) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The distinct texts, sorted, and the place of each text among them."""
    codes, found = pd.factorize(texts.to_numpy(dtype=object), sort=True)
    return found, codes
