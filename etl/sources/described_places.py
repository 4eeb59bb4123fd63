"""The tables ``service`` and ``equipment`` of a described file."""

from __future__ import annotations

import pandas as pd

from etl.gazetteer import SHORT, short_codes
from etl.layout import Layout
from etl.layout_rows import LATITUDE, LONGITUDE
from etl.locate import located, no_duplicates
from etl.locate_points import located_services, placed, warn_of_crowds, warn_of_strays
from etl.source import LINE, Known, Ledger
from etl.sources.service_table import service_table
from etl.values import measured
from geodata.catalogue.nouns import SourceEntry

_PERIOD = "(period)"
_EQUIPMENT = ["area_id", "equipment_code", "period", "category"]


def services(
    entry: SourceEntry, rows: pd.DataFrame, made: Layout, known: Known, ledger: Ledger
) -> pd.DataFrame:
    """One row a service: where it stands, by its point or by the code of its area."""
    categories = _categories(rows, made, ledger)
    rows = ledger.kept(rows)
    ledger.quarantine(
        rows.loc[rows[made.id_column].eq(""), LINE],
        "blank_id",
        "service sans identifiant",
        "service without an identifier",
        column=made.id_column,
        mend_fr="Écrire l’identifiant du service.",
        mend_en="Write the identifier of the service.",
    )
    rows = ledger.kept(rows)
    no_duplicates(rows, [made.id_column], ledger)
    rows = ledger.kept(rows)
    longitude, latitude = made.longitude_column, made.latitude_column
    if not longitude:
        longitude, latitude = LONGITUDE, LATITUDE
        if LONGITUDE not in rows:
            rows = rows.assign(**{LONGITUDE: "", LATITUDE: ""})
    points = placed(rows, longitude, latitude, known, ledger)
    coded = rows if made.area_column else rows.assign(**{"(area)": ""})
    areas = located_services(
        coded, made.area_column or "(area)", points, known, ledger, edition=made.edition
    )
    capacity = pd.Series(float("nan"), index=rows.index)
    if made.capacity_column:
        capacity = measured(
            rows,
            made.capacity_column,
            ledger,
            decimal=made.decimal,
            grouping=made.grouping,
            marks=made.marks,
        )["value"]
    kept = ledger.kept(rows)
    points, areas = points.loc[kept.index], areas.loc[kept.index]
    warn_of_crowds(kept, points, ledger)
    warn_of_strays(kept, points, areas, known, ledger)
    return service_table(
        kept.index,
        service_id=entry.id + ":" + kept[made.id_column],
        name=kept[made.name_column],
        category=categories.loc[kept.index],
        area_id=areas,
        longitude=points["longitude"],
        latitude=points["latitude"],
        position=points["latitude"].notna().map({True: "address", False: "commune"}),
        capacity=capacity.loc[kept.index],
        capacity_unit=made.capacity_unit or None,
        source_id=entry.id,
        period=kept[_PERIOD],
    )


def equipment(
    entry: SourceEntry, rows: pd.DataFrame, made: Layout, known: Known, ledger: Ledger
) -> pd.DataFrame:
    """One row an area, a type and a period; areas that became one are summed."""
    level = known.catalogue.territory.finest_level
    categories = _categories(rows, made, ledger)
    rows = ledger.kept(rows)
    key = [SHORT, _PERIOD, *([made.code_column] if made.code_column else [])]
    no_duplicates(rows.assign(**{SHORT: short_codes(rows[made.area_column])}), key, ledger)
    rows = ledger.kept(rows)
    areas = located(rows, made.area_column, level, known, ledger, edition=made.edition)
    counts = measured(
        rows,
        made.count_column,
        ledger,
        decimal=made.decimal,
        grouping=made.grouping,
        marks=made.marks,
        is_whole=True,
    )["value"]
    ledger.drop(
        rows.loc[counts.isna(), LINE],
        "no_count",
        "lignes sans nombre",
        "rows without a number",
        column=made.count_column,
    )
    kept = ledger.kept(rows)
    codes = kept[made.code_column] if made.code_column else made.equipment_code
    table = pd.DataFrame(
        {
            "area_id": areas.loc[kept.index],
            "equipment_code": codes,
            "period": kept[_PERIOD],
            "category": categories.loc[kept.index],
            "count": counts.loc[kept.index].astype("int64"),
        }
    )
    summed = table.groupby(_EQUIPMENT, sort=True, dropna=False)["count"].sum().reset_index()
    return summed.assign(source_id=entry.id)


def _categories(rows: pd.DataFrame, made: Layout, ledger: Ledger) -> pd.Series:
    """The category of each row; rows of one that is not asked for are dropped."""
    if made.category:
        return pd.Series(made.category, index=rows.index, dtype="object")
    found = rows[made.category_column].map(dict(made.categories)).astype("object")
    ledger.drop(
        rows.loc[found.isna(), LINE],
        "other_category",
        "lignes d’une catégorie qui n’est pas demandée",
        "rows of a category that is not asked for",
        column=made.category_column,
    )
    return found
