"""The tiles of the areas as a step: drawn from the territory alone, beside all other steps."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from etl import tiles
from etl.source import Ledger
from etl.steps import Made, Step
from geodata.catalogue.nouns import Catalogue


def tile_table(territory: Step, words: Catalogue) -> Made:
    """The table ``tile`` of the areas of a territory.

    Raises
    ------
    RejectedFile
        When the contours of a level overlap, or do not share their edges.
    """
    place = words.territory
    try:
        made = tiles.tiles(
            _drawn(territory.frame("area")),
            place.metric_crs,
            first_zoom={level.id: level.first_zoom for level in place.levels},
            min_zoom=place.tile_zooms[0],
            max_zoom=place.tile_zooms[1],
        )
    except tiles.CoverageError as error:
        entry = next(e for e in words.sources.values() if e.is_territory)
        raise Ledger(entry.id, entry.file or entry.id).reject(
            "not_a_coverage",
            f"les contours se chevauchent ou ne se touchent pas ({error})",
            f"contours overlap or do not share their edges ({error})",
            column="geometry",
            mend_fr="Fournir des contours qui partagent leurs limites.",
            mend_en="Bring contours that share their edges.",
        ) from error
    return {"tile": made}, {}


def _drawn(areas: pd.DataFrame) -> gpd.GeoDataFrame:
    """The areas that have a contour, as the tile builder takes them."""
    with_contour = areas.dropna(subset="geometry")
    frame = with_contour[["level", "area_id", "name", "fid"]].assign(
        is_in_territory=with_contour["role"] == "territory"
    )
    contours = gpd.GeoSeries.from_wkb(with_contour["geometry"], crs="EPSG:4326")
    return gpd.GeoDataFrame(frame, geometry=contours)
