"""Whether contours share the ground as areas of one level must: none twice, none left out.

Looked at before contours are cleaned: an overlap or a gap that the cleaning would take away in
silence is told here. Pure geometry, of any country. Areas are measured on an equal-area projection
of the whole globe, so one rule serves every metric zone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from etl.codes import among
from etl.contours import GEOGRAPHIC_CRS, Shapes, hole_owners, holes_in
from etl.source import Ledger

EQUAL_AREA = "EPSG:6933"
#: Share of a level's ground held twice, or by no area: said, then held.
WARN_SHARE, HOLD_SHARE = 0.001, 0.01
#: Share of one area's own ground that another holds too: said, whatever it is of the whole.
OWN_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class SharedGround:
    """What is held twice or by no area: shares of all the ground, and where they are largest.

    ``pairs``: positions of two areas that overlap and how much of the smaller one the other holds
    too, the largest share first. ``gaps``: closed gaps, largest first; ``at_gap``: positions of
    the areas on the border of the largest.
    """

    overlap: float
    gap: float
    pairs: list[tuple[int, int, float]]
    gaps: list[shapely.Polygon]
    at_gap: list[int]


def shared_ground(
    shapes: Shapes, growing: Collection[int] = (), enclaves: Sequence[shapely.Point] = ()
) -> SharedGround:
    """Overlaps and gaps of the polygons of one level, in an equal-area projection.

    The union is that of the polygons that share every edge, which is fast, and of the few others:
    of two that overlap, at least one has an edge that the other does not share.
    A gap is ground closed in on all sides; one open to the outside cannot be told from a coast.
    Gaps at one of ``growing`` (positions, see :func:`etl.contours.hole_owners`) and those that
    hold one of ``enclaves`` are explained, and left out.
    """
    is_wrong = ~shapely.is_valid(shapes)
    shapes = valid(shapes)
    is_crooked = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes)) | is_wrong
    crooked = np.flatnonzero(is_crooked)
    union = shapely.coverage_union_all(shapes[~is_crooked])
    if len(crooked):
        union = shapely.union(union, shapely.union_all(shapes[crooked]))
    whole = float(union.area) or 1.0
    pairs = _overlaps(shapes, crooked)
    gaps = holes_in(union)
    explained = set(hole_owners(shapes, gaps, growing)) if growing else set()
    explained |= {n for n, gap in enumerate(gaps) if shapely.contains(gap, enclaves).any()}
    left = [gap for n, gap in enumerate(gaps) if n not in explained]
    return SharedGround(
        overlap=max(0.0, float(shapely.area(shapes).sum()) - union.area) / whole if pairs else 0.0,
        gap=sum(gap.area for gap in left) / whole,
        pairs=pairs,
        gaps=left,
        at_gap=_at_border(left[0], shapes) if left else [],
    )


def tell_shared_ground(
    contours: pd.DataFrame,
    ledger: Ledger,
    growing: Collection[str] = (),
    enclaves: Sequence[shapely.Point] = (),
) -> None:
    """Warn of overlaps and gaps over :data:`WARN_SHARE` of the ground; hold over a hundredth.

    ``contours``: area_id, name and geometry (degrees) of the areas of one level. ``growing``:
    areas that are given the holes at their border. An overlap over :data:`OWN_SHARE` of one
    of its two areas is a warning, however small the area.
    """
    contours = contours.reset_index(drop=True)
    flat = gpd.GeoSeries(contours["geometry"], crs=GEOGRAPHIC_CRS).to_crs(EQUAL_AREA).to_numpy()
    abroad = gpd.GeoSeries(list(enclaves), crs=GEOGRAPHIC_CRS).to_crs(EQUAL_AREA)
    places = np.flatnonzero(among(contours["area_id"], growing)).tolist()
    found = shared_ground(np.asarray(flat, dtype=object), places, list(abroad))
    own_share = found.pairs[0][2] if found.pairs else 0.0
    if found.overlap > WARN_SHARE or own_share > OWN_SHARE:
        named = _named(contours, found.pairs[0][:2])
        say = ledger.hold if found.overlap > HOLD_SHARE else ledger.warn
        share, own = _percent(found.overlap), _percent(own_share)
        say(
            "areas_overlap",
            f"{share} % du sol est dans deux aires à la fois, jusqu’à {own} % d’une aire ; "
            f"d’abord {' et '.join(named)}",
            f"{share}% of the ground is in two areas at once, up to {own}% of one area; "
            f"first {' and '.join(named)}",
            column="geometry",
            mend_fr="Fournir des contours d’une même date, qui se touchent sans se chevaucher.",
            mend_en="Bring contours of one date, which touch and do not overlap.",
            rows=len(found.pairs),
        )
    if found.gap > WARN_SHARE:
        named = _named(contours, found.at_gap)
        say = ledger.hold if found.gap > HOLD_SHARE else ledger.warn
        share = _percent(found.gap)
        say(
            "gaps_between_areas",
            f"{share} % du sol n’est dans aucune aire ; d’abord entre {' et '.join(named)}",
            f"{share}% of the ground is in no area; first between {' and '.join(named)}",
            column="geometry",
            mend_fr="Fournir le contour des aires qui manquent, ou des contours qui se touchent.",
            mend_en="Bring the contours of the areas that lack, or contours that touch.",
            rows=len(found.gaps),
        )


def valid(shapes: Shapes) -> Shapes:
    """The same shapes, those that cross themselves made valid."""
    is_wrong = ~shapely.is_valid(shapes)
    made = shapes.copy()
    made[is_wrong] = shapely.make_valid(shapes[is_wrong])
    return made


def _overlaps(shapes: Shapes, crooked: npt.NDArray[np.intp]) -> list[tuple[int, int, float]]:
    """The pairs of an area of ``crooked`` and any other that overlap: see :class:`SharedGround`."""
    place, near = shapely.STRtree(shapes).query(shapes[crooked], predicate="intersects")
    both = np.sort(np.column_stack([crooked[place], near]), axis=1)
    one, other = np.unique(both[both[:, 0] < both[:, 1]], axis=0).T
    common = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    is_held = common > 0
    one, other, common = one[is_held], other[is_held], common[is_held]
    share = common / np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    order = np.argsort(-share, kind="stable")
    return [(int(one[n]), int(other[n]), float(share[n])) for n in order]


def _at_border(gap: shapely.Polygon, shapes: Shapes) -> list[int]:
    """The areas on the border of a gap, the longest border first."""
    near = shapely.STRtree(shapes).query(gap, predicate="intersects")
    shared = shapely.length(shapely.intersection(shapes[near], gap.exterior))
    return [int(near[n]) for n in np.argsort(-shared, kind="stable")]


def _named(contours: pd.DataFrame, places: Sequence[int]) -> list[str]:
    rows = contours.iloc[list(places[:2])]
    return [f"{code} {name}" for code, name in zip(rows["area_id"], rows["name"], strict=True)]


def _percent(share: float) -> str:
    return f"{100 * share:.2g}"
