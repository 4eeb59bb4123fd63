"""The geometries of a file, mended, held back or dropped, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from etl.reading import antimeridian
from etl.source import Ledger, RejectedFile

MOST_VERTICES = 5_000_000
MOST_VERTICES_EACH = 200_000
#: A repair may change the area of a contour by this share.
AREA_SHARE = 0.01
#: Nearer to (0, 0) than this, in degrees (100 m), a place was never geocoded.
NULL_ISLAND = 1e-3

_POINT, _POLYGON, _POINTS, _POLYGONS, _COLLECTION = 0, 3, 4, 6, 7
_MEND = {
    "mend_fr": "Corriger la géométrie de cet objet, ou la retirer.",
    "mend_en": "Mend the geometry of this feature, or remove it.",
}


class Shapes:
    """Geometries and their lines; one held back is None from then on."""

    def __init__(
        self,
        geometry: npt.NDArray[np.object_],
        ledger: Ledger,
        lines: npt.NDArray[np.int64] | None = None,
        column: str = "geometry",
    ) -> None:
        self.geometry = geometry
        self.lines = np.arange(2, len(geometry) + 2) if lines is None else lines
        self._ledger, self._column = ledger, column

    def check_sizes(self) -> None:
        """Refuse contours finer than any use."""
        counts = shapely.get_num_coordinates(self.geometry)
        if counts.sum() > MOST_VERTICES or counts.max(initial=0) > MOST_VERTICES_EACH:
            raise too_many_vertices(self._ledger, int(self.lines[counts.argmax()]))

    def hold_empty(self) -> None:
        """Hold back features without a geometry, or with a coordinate that is no number."""
        absent = shapely.is_missing(self.geometry) | shapely.is_empty(self.geometry)
        self._hold(absent, "no_geometry", "géométrie absente ou vide", "geometry absent or empty")
        coordinates, owner = shapely.get_coordinates(self.geometry, return_index=True)
        endless = np.zeros(len(self.geometry), dtype=bool)
        endless[owner[~np.isfinite(coordinates).all(axis=1)]] = True
        self._hold(
            endless,
            "not_finite",
            "coordonnée infinie ou indéfinie",
            "infinite or undefined coordinate",
        )

    def middles(self) -> npt.NDArray[np.float64]:
        """The middle of the bounds of each geometry (x, y); NaN without geometry."""
        bounds = shapely.bounds(self.geometry)
        middles: npt.NDArray[np.float64] = (bounds[:, :2] + bounds[:, 2:]) / 2
        return middles

    def hold_outside(self) -> None:
        """Hold back what has a longitude or a latitude that does not exist."""
        bounds = np.abs(shapely.bounds(self.geometry))
        off = (bounds[:, [0, 2]] > 180).any(axis=1) | (bounds[:, [1, 3]] > 90).any(axis=1)
        self._hold(
            off, "out_of_range", "longitude ou latitude hors du globe", "off the globe, in degrees"
        )

    def hold_null_island(self) -> None:
        """Hold back what lies at (0, 0): a geocoder's way to say it did not find."""
        near = (np.abs(shapely.bounds(self.geometry)) < NULL_ISLAND).all(axis=1)
        self._hold(
            near, "null_island", "placé au point (0, 0) : non localisé", "at (0, 0): never located"
        )

    def flatten(self) -> None:
        """Forget heights and measures."""
        high = shapely.has_z(self.geometry) | shapely.has_m(self.geometry)
        if high.any():
            self.geometry = shapely.force_2d(self.geometry)
            count = int(high.sum())
            self._ledger.note(
                "flattened",
                f"altitudes ou mesures de {count} objets laissées de côté",
                f"heights or measures of {count} features left aside",
                rows=count,
            )

    def keep_kind(self, kind: str) -> None:
        """Keep points or polygons; take them out of what is mixed; hold the others back."""
        single, several = (_POINT, _POINTS) if kind == "point" else (_POLYGON, _POLYGONS)
        types = shapely.get_type_id(self.geometry)
        mixed = np.flatnonzero(types == _COLLECTION)
        lost = 0
        for place in mixed:
            parts = _parts(self.geometry[place])
            same = [part for part in parts if shapely.get_type_id(part) == single]
            lost += len(parts) - len(same)
            self.geometry[place] = _union(same, single) if same else self.geometry[place]
        if lost:
            self._ledger.note(
                "parts_lost",
                f"{lost} parties d’une autre sorte laissées de côté",
                f"{lost} parts of another kind left aside",
                rows=lost,
            )
        if kind == "point":
            types = shapely.get_type_id(self.geometry)
            for place in np.flatnonzero(types == several):
                if shapely.get_num_geometries(self.geometry[place]) == 1:
                    self.geometry[place] = shapely.get_geometry(self.geometry[place], 0)
        types = shapely.get_type_id(self.geometry)
        if kind == "point":
            self._hold(types == several, "several_points", "plusieurs points", "several points")
        fit = (types == single) | ((types == several) & (kind != "point"))
        self._hold(
            ~fit,
            "wrong_kind",
            "géométrie d’une autre sorte que celle de la source",
            "geometry of another kind than the source's",
        )

    def reproject(self, system: pyproj.CRS) -> None:
        """Bring the geometries to degrees; what has no place on the globe is held back."""
        if system.equals("EPSG:4326", ignore_axis_order=True):
            return
        moved = gpd.GeoSeries(self.geometry, crs=system).to_crs("EPSG:4326").to_numpy()
        self.geometry = np.asarray(moved, dtype=object)
        lost = ~np.isfinite(shapely.bounds(self.geometry)).all(axis=1)
        self._hold(
            lost,
            "out_of_range",
            "hors du domaine du système de coordonnées",
            "outside the domain of the reference system",
        )

    def unwrap(self) -> None:
        """Let contours that jump from 180 to -180 degrees run on beyond, for :meth:`cut`.

        One that goes round a pole is held back: nothing says where to cut it.
        """
        bounds = shapely.bounds(self.geometry)
        round_a_pole = np.zeros(len(self.geometry), dtype=bool)
        jumping = []
        for place in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > antimeridian.HALF_TURN):
            made = antimeridian.continued(self.geometry[place])
            if made is None:
                round_a_pole[place] = True
            elif made is not self.geometry[place]:
                self.geometry[place] = made
                jumping.append(place)
        if jumping:
            count = len(jumping)
            self._ledger.note(
                "cut_at_180",
                f"{count} contours passent de 180 à -180 degrés : coupés à ce méridien",
                f"{count} contours go from 180 to -180 degrees: cut at that meridian",
                line=int(self.lines[jumping[0]]),
                column=self._column,
                rows=count,
            )
        self._hold(
            round_a_pole,
            "round_a_pole",
            "contour qui fait le tour d’un pôle, sans dire où le couper",
            "contour that goes round a pole, and does not say where to cut it",
        )

    def cut(self) -> None:
        """Cut at 180 degrees what :meth:`unwrap` let run on beyond."""
        bounds = shapely.bounds(self.geometry)
        beyond = (bounds[:, 0] < -antimeridian.HALF_TURN) | (bounds[:, 2] > antimeridian.HALF_TURN)
        for place in np.flatnonzero(beyond):
            self.geometry[place] = antimeridian.cut(self.geometry[place])

    def mend(self) -> None:
        """Make contours valid; hold back those whose area changes by more than one per cent."""
        wrong = ~(shapely.is_valid(self.geometry) | shapely.is_missing(self.geometry))
        if not wrong.any():
            return
        before = shapely.area(self.geometry[wrong])
        mended = [_union(_polygons(shapely.make_valid(g)), _POLYGON) for g in self.geometry[wrong]]
        self.geometry[wrong] = mended
        after = shapely.area(self.geometry[wrong])
        change = np.abs(after - before) / np.maximum(np.maximum(after, before), 1e-300)
        changed = np.zeros(len(self.geometry), dtype=bool)
        changed[wrong] = (change > AREA_SHARE) | (after == 0)
        count = int((wrong & ~changed).sum())
        if count:
            most = f"{100 * float(change[change <= AREA_SHARE].max()):.2g}"
            self._ledger.note(
                "made_valid",
                f"{count} contours croisés réparés ; aire changée de {most} % au plus",
                f"{count} crossing contours mended; area changed by {most}% at most",
                line=int(self.lines[wrong & ~changed][0]),
                rows=count,
            )
        self._hold(
            changed,
            "invalid_contour",
            "contour croisé dont la réparation change l’aire de plus de 1 %",
            "crossing contour whose repair changes its area by more than 1%",
        )

    def drop_repeated(self, properties: pd.DataFrame) -> None:
        """Drop a feature that is there already, shape and properties."""
        nested = {n: c.map(repr) for n, c in properties.items() if c.dtype == "object"}
        bodies = shapely.to_wkb(shapely.normalize(self.geometry))
        again = properties.assign(**nested | {"geometry": bodies}).duplicated().to_numpy()
        again = again & ~shapely.is_missing(self.geometry)
        self._ledger.drop(
            [int(line) for line in self.lines[again]],
            "repeated_feature",
            "objet répété à l’identique",
            "feature repeated as it is",
        )

    def _hold(self, wrong: npt.NDArray[np.bool_], code: str, fr: str, en: str) -> None:
        wrong = wrong & ~np.isin(self.lines, list(self._ledger.quarantined))
        if wrong.any():
            lines = [int(line) for line in self.lines[wrong]]
            self._ledger.quarantine(lines, code, fr, en, column=self._column, **_MEND)
            self.geometry[wrong] = None


def too_many_vertices(ledger: Ledger, line: int | None = None) -> RejectedFile:
    """The refusal of contours finer than any use."""
    return ledger.reject(
        "too_many_vertices",
        "trop de sommets : plus de 200 000 dans un objet, ou 5 millions en tout",
        "too many vertices: over 200,000 in one feature, or 5 million in all",
        line=line,
        column="geometry",
        mend_fr="Fournir des contours simplifiés.",
        mend_en="Bring simplified contours.",
    )


def _parts(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """The simple parts of a geometry, whatever it is nested in."""
    parts = list(shapely.get_parts(geometry))
    if len(parts) == 1 and shapely.get_type_id(parts[0]) < _POINTS:
        return parts
    return [simple for part in parts for simple in _parts(part)]


def _polygons(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in _parts(geometry) if shapely.get_type_id(part) == _POLYGON]


def _union(parts: Sequence[shapely.Geometry], single: int) -> shapely.Geometry:
    """Simple parts as one geometry: itself when alone, else a multiple one."""
    if len(parts) == 1:
        return parts[0]
    return shapely.multipoints(parts) if single == _POINT else shapely.multipolygons(parts)
