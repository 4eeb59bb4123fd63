"""Plotly's own maps of the same areas: what the map of `tests.bench_screen` is measured against."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import geopandas as gpd
import shapely
from playwright.sync_api import BrowserContext, Page

from geodata.release import Release
from tests.bench_screen_areas import Shown

#: What the contours are simplified by, in metres, as one coverage.
TOLERANCE = 200.0
PAGE = """<!DOCTYPE html><meta charset="utf-8"><div id="map"
    style="width:1000px;height:700px"></div>
<script>window.PlotlyGeoAssets = {topojson: {world_110m: {type: "Topology", arcs: [], objects: {
    coastlines: {type: "GeometryCollection", geometries: []},
    land: {type: "GeometryCollection", geometries: []},
    ocean: {type: "GeometryCollection", geometries: []},
    lakes: {type: "GeometryCollection", geometries: []},
    rivers: {type: "GeometryCollection", geometries: []},
    countries: {type: "GeometryCollection", geometries: []},
    subunits: {type: "GeometryCollection", geometries: []}}}}};</script>
<script src="plotly.min.js"></script>"""
#: Draws one kind of map; resolves when the screen shows it.
DRAW = """async ([kind, bounds]) => {
    const {geojson, values} = await (await fetch("areas.json")).json();
    window.values = values;
    const gd = document.getElementById("map");
    const trace = {type: kind, geojson, featureidkey: "properties.id",
        locations: geojson.features.map((f) => f.properties.id), z: values[0],
        marker: {line: {width: 0}}};
    const [west, south, east, north] = bounds;
    const layout = {margin: {l: 0, r: 0, t: 0, b: 0},
        geo: {visible: false, lonaxis: {range: [west, east]}, lataxis: {range: [south, north]}},
        map: {style: "white-bg", bounds: undefined, zoom: bounds[4],
            center: {lon: (west + east) / 2, lat: (south + north) / 2}}};
    await Plotly.newPlot(gd, [trace], layout, {staticPlot: false});
    await window.settled(kind);
    return performance.now();
}"""
SETTLED = """
const next = () => new Promise((done) => requestAnimationFrame(done));
window.frame = () => next().then(next);
window.settled = async (kind) => {
    if (kind === "choroplethmap") {
        const gl = document.getElementById("map")._fullLayout.map._subplot.map;
        gl.triggerRepaint();
        await new Promise((done) => gl.once("idle", done));
    }
    await window.frame();
};
"""
CHANGE = """async ([kind, number]) => {
    const start = performance.now();
    await Plotly.restyle(document.getElementById("map"), {z: [window.values[number]]});
    await window.settled(kind);
    return performance.now() - start;
}"""


@dataclass(frozen=True)
class Peer:
    """What was measured of one of plotly's maps."""

    name: str
    first_bytes: int
    first_s: float
    change_ms: float


def measured(
    context: BrowserContext, release: Release, shown: Shown, changes: int
) -> Iterator[Peer]:
    """Each of plotly's maps on the areas of a release."""
    with TemporaryDirectory(prefix="vigie-peer-") as folder:
        bounds = _write(Path(folder), release, shown, changes + 1)
        handler = partial(_Quiet, directory=folder)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"http://127.0.0.1:{server.server_port}"
        try:
            for kind in ("choropleth", "choroplethmap"):
                yield _of_kind(context.new_page(), host, kind, bounds, changes)
        finally:
            server.shutdown()
            server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002
        """Say nothing."""


def _of_kind(page: Page, host: str, kind: str, bounds: list[float], changes: int) -> Peer:
    taken: list[float] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.clearBrowserCache")  # of what the other one fetched
    network.on("Network.loadingFinished", lambda told: taken.append(told["encodedDataLength"]))
    page.add_init_script(SETTLED)
    page.set_default_timeout(180_000)
    page.goto(host)
    first = float(page.evaluate(DRAW, [kind, bounds]))
    first_bytes = int(sum(taken))
    spent = sorted(float(page.evaluate(CHANGE, [kind, n])) for n in range(1, changes + 1))
    page.close()
    return Peer(f"plotly {kind}", first_bytes, first / 1000, spent[len(spent) // 2])


def _write(folder: Path, release: Release, shown: Shown, sets: int) -> list[float]:
    """The page, plotly's script and the areas with their values; west, south, east, north, zoom."""
    with duckdb.connect(str(release.database), read_only=True) as base:
        area = base.execute(
            "SELECT area_id, geometry FROM area WHERE level = ? AND geometry IS NOT NULL "
            "AND role = 'territory' ORDER BY fid",
            [shown.level],
        ).df()
        values = [
            base.execute(
                "SELECT a.area_id, o.value FROM area a LEFT JOIN (SELECT area_id, value FROM "
                "observation WHERE indicator = ? AND level = ? QUALIFY row_number() OVER "
                "(PARTITION BY area_id ORDER BY period DESC) = 1) o USING (area_id) "
                "WHERE a.level = ? AND a.geometry IS NOT NULL AND a.role = 'territory' "
                "ORDER BY a.fid",
                [indicator, shown.level, shown.level],
            ).df()["value"]
            for indicator in shown.indicators[:sets]
        ]
    contours = gpd.GeoSeries.from_wkb(area["geometry"].map(bytes), crs="EPSG:4326")
    metric = contours.to_crs("EPSG:3857")
    simple = gpd.GeoSeries(
        shapely.coverage_simplify(metric.to_numpy(), TOLERANCE), crs="EPSG:3857"
    ).to_crs("EPSG:4326")
    rounded = shapely.set_precision(simple.to_numpy(), 1e-4, mode="pointwise")
    features = [
        {"type": "Feature", "properties": {"id": code}, "geometry": json.loads(text)}
        for code, text in zip(area["area_id"], shapely.to_geojson(rounded), strict=True)
    ]
    told = {
        "geojson": {"type": "FeatureCollection", "features": features},
        "values": [[None if v != v else v for v in one.tolist()] for one in values],
    }
    (folder / "areas.json").write_text(json.dumps(told))
    (folder / "index.html").write_text(PAGE)
    script = files("plotly") / "package_data" / "plotly.min.js"
    (folder / "plotly.min.js").write_bytes(script.read_bytes())
    ends = contours.bounds
    is_metropolitan = ends["miny"].gt(41) & ends["minx"].between(-6, 10)
    west, south, east, north = contours[is_metropolitan].total_bounds.tolist()
    return [west, south, east, north, 7.5 if east - west < 3 else 4.5]
