"""Figures that no file gives as such: counted in the areas, the equipment or the register."""

from __future__ import annotations

import pandas as pd

from etl.codes import among
from etl.source import QUARANTINE_SHARE, Ledger
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
    the category anywhere: the file does not count it. Where over :data:`QUARANTINE_SHARE` of a
    category's rows do not say their area, those rows may lie in any area that the source covers:
    every one of them is unknown, those with a row too (:func:`warn_of_unplaced` says so). Fewer
    are tolerated as fewer rows in quarantine are.
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
    unsure = _unsure_periods(rows, counted)
    made = []
    for period, found in rows.dropna(subset=["area_id"]).groupby("period"):
        covered = part.index[among(part, part.reindex(found["area_id"].unique()).dropna())]
        ours = found[found["category"] == counted.category]
        if ours.empty or str(period) in unsure:
            continue
        sums = ours.groupby("area_id")[amount].sum(min_count=1)
        unsaid = ours.loc[ours[amount].isna(), "area_id"]
        sums = sums.reindex(covered, fill_value=0).astype("float64")
        sums[among(sums.index.to_series(), unsaid)] = float("nan")
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


def warn_of_unplaced(variable: Variable, rows: pd.DataFrame, ledger: Ledger) -> None:
    """Warn of the rows of a counted category that do not say their area: they are counted nowhere.

    ``rows`` is what :func:`counted_figures` counts in. The warning names the periods in which they
    are too many for any area that the source covers to be known.
    """
    counted = variable.counted
    assert counted is not None
    if counted.table == "area":
        return
    ours = rows[rows["category"] == counted.category]
    unplaced = ours[ours["area_id"].isna()]
    if unplaced.empty:
        return
    fr = f"{len(unplaced)} lignes sur {len(ours)} sans aire : comptées nulle part"
    en = f"{len(unplaced)} of {len(ours)} rows without an area: counted nowhere"
    unsure = ", ".join(_unsure_periods(rows, counted))
    if unsure:
        most = f"{100 * QUARANTINE_SHARE:g}"
        fr += f" ; plus de {most} %, donc toutes les aires du fichier sont inconnues en {unsure}"
        en += f"; more than {most} %, so every area of the file is unknown in {unsure}"
    ledger.warn(
        "rows_without_area",
        f"{variable.name.fr} : {fr}",
        f"{variable.name.en}: {en}",
        column="area_id",
        sample=str(unplaced["service_id"].iloc[0]) if "service_id" in unplaced else "",
        rows=len(unplaced),
        mend_fr="Écrire le code de leur aire, ou leur position là où les contours sont connus.",
        mend_en="Write the code of their area, or their position where contours are known.",
    )


def _unsure_periods(rows: pd.DataFrame, counted: Counted) -> list[str]:
    """The periods in which too many rows of the category do not say their area."""
    ours = rows[rows["category"] == counted.category]
    shares = ours["area_id"].isna().groupby(ours["period"]).mean()
    return [str(period) for period in shares.index[shares > QUARANTINE_SHARE]]


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
