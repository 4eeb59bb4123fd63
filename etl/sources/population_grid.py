"""People by cell of a grid: where those who need something live, finer than areas (CSV, GPKG).

From: INSEE's cells of 200 m (Filosofi), Eurostat's of 1 km (census grid), or points of one's own.
`options.people` names the column of people, `options.period` their year, `options.ages` our name
of each column of ages that the file may have -> theirs. Where a cell is stands in its code
(`options.cell`): reference system, side in metres, north and east of its lower left corner, as in
CRS3035RES200mN2029800E4254000; the older 1kmN2029E4254 is of EPSG:3035. Without `options.cell`,
`point_id`, `longitude` and `latitude` say it, in degrees. The centre of a cell stands for those
who live in it, and is in one area. `options.imputed` names a column that is 1 where people were
imputed; `options.marks` the texts that stand for a status; `options.aliases` other headings.
Relied on: one row a cell, cells without anybody may be absent. A raster (GHSL) is first to be
written as points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyproj

from etl.locate import no_duplicates
from etl.locate_points import located_by_point, placed
from etl.reading import Dialect, csv_names, csv_text, geo_frame
from etl.source import LINE, Known, Ledger, Staged
from etl.values import measured
from geodata.catalogue.nouns import SourceEntry
from geodata.model import Status

POINT = ("point_id", "longitude", "latitude")
_CELL = r"CRS(?P<crs>[0-9]{4,5})RES(?P<side>[0-9]+)mN(?P<north>-?[0-9]+)E(?P<east>-?[0-9]+)"
_OLD_CELL = r"1kmN(?P<north>[0-9]+)E(?P<east>[0-9]+)"
#: Decimals of a degree that are kept: a tenth of a metre.
DECIMALS = 6
_IN_DEGREES = pyproj.CRS.from_epsg(4326)


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``demand_point``: ``point_id``, ``area_id``, ``longitude``, ``latitude``, people.

    ``people`` and each age are NaN where they are not known (``status`` says why); ``area_id`` is
    None where no contour is known.

    Raises
    ------
    RejectedFile
        Not the file that is described, or more than 1 % of its rows wrong.
    """
    ledger = Ledger(entry.id, file)
    options = entry.options
    cell = options.get("cell")
    placing = POINT if cell is None else (str(cell),)
    frame = ledger.begin(_rows(content, file, placing, entry, ledger), known.mends)
    no_duplicates(frame, [placing[0]], ledger)
    kept = ledger.kept(frame)
    if cell is None:
        points = placed(kept, "longitude", "latitude", known, ledger)
        _hold_nowhere(kept, points, ledger)
    else:
        points = _centres(kept, str(cell), ledger)
    kept = ledger.kept(kept)
    marks = {str(text): Status(word) for text, word in dict(options.get("marks", {})).items()}
    people = measured(kept, str(options["people"]), ledger, marks=marks)
    ages = {
        name: measured(kept, column, ledger, marks=marks)["value"]
        for name, column in _ages(options).items()
        if column in kept
    }
    kept = ledger.kept(kept)
    areas = located_by_point(kept, points.loc[kept.index], known, ledger)
    kept = ledger.kept(kept)
    status = people.loc[kept.index, "status"]
    if "imputed" in options:
        is_imputed = kept[str(options["imputed"])].astype("str").eq("1")
        status = status.mask(is_imputed & status.eq(Status.OBSERVED), Status.IMPUTED.value)
    made = pd.DataFrame(
        {
            "point_id": kept[placing[0]],
            "area_id": areas[kept.index],
            **points.loc[kept.index].round(DECIMALS),
            "people": people.loc[kept.index, "value"],
            **{name: values[kept.index] for name, values in ages.items()},
            "status": status,
            "period": str(options["period"]),
            "source_id": entry.id,
        }
    )
    return ledger.staged({"demand_point": made.reset_index(drop=True)})


def _ages(options: Mapping[str, Any]) -> dict[str, str]:
    """Our name of each column of ages -> theirs."""
    return {str(ours): str(theirs) for ours, theirs in dict(options.get("ages", {})).items()}


def _rows(
    content: bytes, file: str, placing: tuple[str, ...], entry: SourceEntry, ledger: Ledger
) -> pd.DataFrame:
    """The rows with the columns that are asked for, of a table or of the layer of a GeoPackage."""
    options = entry.options
    needed = [*placing, str(options["people"])]
    if "imputed" in options:
        needed.append(str(options["imputed"]))
    if file.lower().endswith(".gpkg"):
        columns = [*needed, *_ages(options).values()]
        read = geo_frame(content, columns, ledger, suffix=".gpkg", kind="polygon")
        return pd.DataFrame(read.drop(columns="geometry"))
    aliases = {str(other): str(name) for other, name in dict(options.get("aliases", {})).items()}
    dialect = Dialect(separator=str(options.get("separator", ",")), aliases=aliases)
    names = csv_names(content, Ledger(entry.id, file), dialect)
    there = {aliases.get(name, name) for name in names}
    columns = [*needed, *(name for name in _ages(options).values() if name in there)]
    return csv_text(content, columns, ledger, dialect)


def _centres(frame: pd.DataFrame, column: str, ledger: Ledger) -> pd.DataFrame:
    """``longitude`` and ``latitude`` of the centre of each cell; a code that is none is held."""
    codes = frame[column].astype("str")
    parts = codes.str.extract(f"^{_CELL}$")
    old = codes[parts["crs"].isna()].str.extract(f"^{_OLD_CELL}$").dropna()
    if len(old):
        parts.loc[old.index, ["north", "east"]] = old + "000"
        parts.loc[old.index, ["crs", "side"]] = ["3035", "1000"]
    corners = parts[["side", "north", "east"]].astype("float64")
    centres = pd.DataFrame({"longitude": float("nan"), "latitude": float("nan")}, index=frame.index)
    for crs, rows in parts.groupby("crs"):
        try:
            system = pyproj.CRS.from_epsg(int(str(crs)))
        except pyproj.exceptions.CRSError:
            continue  # held back below, with the other codes that say nothing
        here = corners.loc[rows.index]
        half = here["side"] / 2
        turned = pyproj.Transformer.from_crs(system, _IN_DEGREES, always_xy=True).transform(
            (here["east"] + half).to_numpy(), (here["north"] + half).to_numpy()
        )
        centres.loc[rows.index, ["longitude", "latitude"]] = pd.DataFrame(
            {"longitude": turned[0], "latitude": turned[1]}, index=rows.index
        )
    is_place = centres["longitude"].abs().le(180) & centres["latitude"].abs().le(90)
    if not is_place.all():
        ledger.quarantine(
            frame.loc[~is_place, LINE],
            "bad_cell",
            "ce n’est pas le code d’un carreau",
            "this is not the code of a cell",
            column=column,
            sample=str(codes[~is_place].iloc[0])[:40],
            mend_fr="Écrire le code du carreau, comme CRS3035RES200mN2029800E4254000.",
            mend_en="Write the code of the cell, such as CRS3035RES200mN2029800E4254000.",
        )
    return centres


def _hold_nowhere(frame: pd.DataFrame, points: pd.DataFrame, ledger: Ledger) -> None:
    """Hold back people of whom nothing says where they live."""
    nowhere = points.isna().any(axis=1)
    if nowhere.any():
        ledger.quarantine(
            frame.loc[nowhere, LINE],
            "no_place",
            "un point sans longitude ni latitude",
            "a point without longitude and latitude",
            column="longitude",
            mend_fr="Écrire la longitude et la latitude, en degrés.",
            mend_en="Write the longitude and the latitude, in degrees.",
        )
