"""The table of a selection with the contours of its areas: GeoJSON, GeoPackage, GeoParquet.

Columns have their machine names, codes stay codes; a silence is null, and the status says which.
Contours are in degrees (WGS 84, longitude first), rings turn as RFC 7946 asks.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import shapely

from dashboard.exports.table import Kind, Table

#: Decimals of a degree that are written: a centimetre.
_DEGREES = 7
_CRS = "EPSG:4326"
_KEY = "vigie"


def geojson(table: Table, contours: pd.DataFrame, base: str) -> Iterator[str]:
    """The text of a FeatureCollection, a feature at a time; ``contours``: area_id, geometry (WKB).

    What is said around the table is a member ``vigie`` of the collection.
    """
    about = json.dumps(_about(table, base), ensure_ascii=False)
    name = json.dumps(table.name)
    yield f'{{"type":"FeatureCollection","name":{name},"{_KEY}":{about},"features":['
    wkb = dict(zip(contours["area_id"], contours["geometry"], strict=True))
    names = [column.name for column in table.columns]
    for place, row in enumerate(table.rows(is_said=False)):
        told = dict(zip(names, row, strict=True))
        area_id = told["area_id"]
        drawn = wkb.get(area_id)
        shape = "null" if drawn is None else shapely.to_geojson(_drawn(shapely.from_wkb(drawn)))
        key, properties = (json.dumps(x, ensure_ascii=False) for x in (area_id, told))
        yield ("," if place else "") + (
            f'\n{{"type":"Feature","id":{key},"geometry":{shape},"properties":{properties}}}'
        )
    yield "\n]}\n"


def geopackage(table: Table, contours: pd.DataFrame, base: str) -> bytes:
    """The bytes of a GeoPackage: a layer of the areas, and tables of its columns and its words."""
    frame = areas_frame(table, contours)
    told = _about(table, base)
    with TemporaryDirectory(prefix="vigie-") as folder:
        path = Path(folder) / f"{table.name}.gpkg"
        pyogrio.write_dataframe(
            frame,
            path,
            layer=table.name,
            driver="GPKG",
            promote_to_multi=True,
            layer_options={"IDENTIFIER": table.context.title, "GEOMETRY_NAME": "geometry"},
        )
        columns = pd.DataFrame(told["columns"])
        rows = [("about", name, said) for name, said in told["about"].items()]
        rows += [("caveat", "", said) for said in told["caveats"]]
        rows += [("mark", name, said) for name, said in told["marks"].items()]
        rows += [
            ("source", row["name"], json.dumps(row, ensure_ascii=False)) for row in told["sources"]
        ]
        words = pd.DataFrame(rows, columns=["kind", "name", "said"])
        for name, extra in (("columns", columns), ("about", words)):
            pyogrio.write_dataframe(extra, path, layer=name, driver="GPKG", append=True)
        return path.read_bytes()


def geoparquet(table: Table, contours: pd.DataFrame, base: str) -> bytes:
    """The bytes of a GeoParquet file (1.1); what is said around the table is its metadata."""
    made = io.BytesIO()
    areas_frame(table, contours).to_parquet(made, index=False, schema_version="1.1.0")
    made.seek(0)
    read = pq.read_table(made)
    about = json.dumps(_about(table, base), ensure_ascii=False).encode("utf-8")
    told = {**(read.schema.metadata or {}), _KEY.encode(): about}
    written = io.BytesIO()
    pq.write_table(read.replace_schema_metadata(told), written, compression="zstd")
    return written.getvalue()


def areas_frame(table: Table, contours: pd.DataFrame) -> gpd.GeoDataFrame:
    """The rows of a table with the contours of their areas, under machine names."""
    names = [column.name for column in table.columns]
    frame = pd.DataFrame(table.rows(is_said=False), columns=names)
    kinds = {
        column.name: "float64" if column.kind is Kind.NUMBER else "object"
        for column in table.columns
    }
    known = contours.set_index("area_id")["geometry"].reindex(frame["area_id"])
    shapes = _drawn(shapely.from_wkb(known.where(known.notna(), None).to_numpy()))
    return gpd.GeoDataFrame(frame.astype(kinds), geometry=shapes, crs=_CRS)


def _drawn(shapes: Any) -> Any:
    """Contours with rings that turn as RFC 7946 asks, to the centimetre."""
    turned = shapely.orient_polygons(shapes, exterior_cw=False)
    return shapely.transform(turned, lambda degrees: degrees.round(_DEGREES))


def _about(table: Table, base: str) -> dict[str, Any]:
    """What is said around a table, as machines read it."""
    context = table.context
    return {
        "about": {
            "title": context.title,
            **dict(context.facts),
            "release_id": context.release_id,
            "link": f"{base.rstrip('/')}{context.link}",
        },
        "columns": [
            {
                "name": column.name,
                "title": column.title,
                "unit": column.unit,
                "kind": column.kind.value,
                "decimals": column.decimals if column.kind is Kind.NUMBER else None,
                "codes": json.dumps(dict(column.said), ensure_ascii=False) if column.said else "",
            }
            for column in table.columns
        ],
        "sources": [
            dict(zip(context.sources.names, row, strict=True)) for row in context.sources.rows
        ],
        "caveats": list(context.caveats),
        "marks": dict(context.marks),
    }
