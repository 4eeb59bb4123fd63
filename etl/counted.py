"""Figures that no file gives as such: counted in the areas, the equipment or the register."""

from __future__ import annotations

import pandas as pd

from geodata.catalogue.nouns import Counted, Territory, Variable
from geodata.model import Status

_FIGURE = ["variable", "level", "area_id", "period", "value", "status", "source_id"]


def counted_figures(
    variable: Variable,
    rows: pd.DataFrame,
    membership: pd.DataFrame,
    territory: Territory,
    source_id: str,
) -> pd.DataFrame:
    """The figures of a counted variable on the finest areas, those beyond the border included.

    Parameters
    ----------
    rows: the table the variable is counted in, as one source staged it; the areas themselves for
        a column of the areas.
    membership: level, area_id, parent_level, parent_id, of all areas.

    Returns
    -------
    variable, level, area_id, period, value, status, source_id. Where a source has anything at all
    in a part of the country (of `country_parts_level`), it covers that part: an area of it without
    the category has zero. An area of another part has no row: it is unknown, not zero. So is an
    area of which a service does not say its places, and every area where a period has nothing of
    the category anywhere: the file does not count it.
    """
    counted = variable.counted
    assert counted is not None
    if counted.table == "area":
        return _of_areas(variable, counted, rows, territory, source_id)
    finest = membership["level"] == territory.finest_level
    parents = membership[finest & (membership["parent_level"] == territory.country_parts_level)]
    part = parents.set_index("area_id")["parent_id"]
    amount = "count" if counted.table == "equipment" else "capacity"
    if not counted.counts_places:
        rows = rows.assign(**{amount: 1})
    made = []
    for period, found in rows.dropna(subset=["area_id"]).groupby("period"):
        covered = part.index[part.isin(part.reindex(found["area_id"].unique()).dropna())]
        ours = found[found["category"] == counted.category]
        if ours.empty:
            continue
        sums = ours.groupby("area_id")[amount].sum(min_count=1)
        unsaid = ours.loc[ours[amount].isna(), "area_id"]
        sums = sums.reindex(covered, fill_value=0).astype("float64")
        sums[sums.index.isin(unsaid)] = float("nan")
        made.append(
            pd.DataFrame({"area_id": covered, "period": str(period), "value": sums.to_numpy()})
        )
    if not made:
        return pd.DataFrame(columns=_FIGURE)
    frame = pd.concat(made, ignore_index=True).dropna(subset="value")
    frame = frame.assign(
        variable=variable.id,
        level=territory.finest_level,
        status=Status.OBSERVED.value,
        source_id=source_id,
    )
    return frame.reindex(columns=_FIGURE)


def _of_areas(
    variable: Variable,
    counted: Counted,
    areas: pd.DataFrame,
    territory: Territory,
    source_id: str,
) -> pd.DataFrame:
    """A column of the areas, as figures of the period the catalogue declares."""
    fine = areas[areas["level"] == territory.finest_level].dropna(subset=counted.column)
    return pd.DataFrame(
        {
            "variable": variable.id,
            "level": territory.finest_level,
            "area_id": fine["area_id"],
            "period": counted.period,
            "value": fine[counted.column].astype("float64"),
            "status": Status.OBSERVED.value,
            "source_id": source_id,
        }
    ).reset_index(drop=True)
