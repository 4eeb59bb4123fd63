"""Forms: a page of a listing as JSON, CSV or GeoJSON, its links, its tag and how long it lasts.

CSV has commas, decimal points and a heading; a text that a spreadsheet would run as a formula has
an apostrophe before it. Without a limit it has every row, sent as they are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import shapely
from flask import Response, request

from dashboard.exports.csv import file_text
from dashboard.interface.asked import Asked
from dashboard.interface.dressing import compact, records
from dashboard.interface.items import envelope
from dashboard.interface.parameters import PAGE
from dashboard.interface.refusals import Refusal
from dashboard.interface.tables import Listing

JSON, CSV, GEOJSON = "application/json", "text/csv", "application/geo+json"
FORMS = {"json": JSON, "csv": CSV, "geojson": GEOJSON}
_LASTING = "private, max-age=31536000, immutable"
_CHECKED = "private, no-cache"
#: Decimals of degrees: a tenth of a metre.
_DECIMALS = 6
Links = list[dict[str, str]]


def form_of(given: str | None, listing: Listing) -> str:
    """The form that the request asks for: by ``f``, else by Accept.

    Raises
    ------
    Refusal
        When the table has no such form.
    """
    offered = {n: m for n, m in FORMS.items() if n != "geojson" or listing.shape}
    if given is not None:
        if given not in offered:
            listed = ", ".join(offered)
            raise Refusal(HTTPStatus.BAD_REQUEST, "no_form", "f", given=given, known=listed)
        return given
    best = request.accept_mimetypes.best_match(list(offered.values())) if _says_accept() else JSON
    for name, media in offered.items():
        if media == best:
            return name
    raise Refusal(
        HTTPStatus.NOT_ACCEPTABLE,
        "no_form",
        given=str(request.accept_mimetypes),
        known=", ".join(offered.values()),
    )


def _says_accept() -> bool:
    return bool(request.headers.get("Accept", "").strip())


def answer(asked: Asked, listing: Listing, given: Mapping[str, Any]) -> Response:
    """The answer to a question of a table; ``given`` are its parameters, read."""
    form, offset, limit = form_of(given.get("f"), listing), given["offset"], given.get("limit")
    if offset and not asked.is_pinned:
        named = asked.release.release_id
        raise Refusal(HTTPStatus.BAD_REQUEST, "unpinned_page", "offset", release=named)
    if form == "csv" and limit is None and not offset:
        return lasting(_whole_csv(listing), asked)
    limit = limit or PAGE
    matched = listing.count()
    frame = listing.page(limit, offset, form == "geojson")
    links = _links(asked, listing, form, (limit, offset, matched))
    if form == "csv":
        made = Response(csv_text(frame), mimetype=CSV)
    elif form == "geojson":
        head = {"numberMatched": matched, "numberReturned": len(frame), "links": links}
        head["release"] = asked.release.release_id
        made = Response(collection_text(listing, frame, head), mimetype=GEOJSON)
    else:
        body = {
            "release": asked.release.release_id,
            "numberMatched": matched,
            "numberReturned": len(frame),
            "items": records(frame),
            "links": links,
        }
        made = Response(compact(envelope(listing.item)().dump(body)), mimetype=JSON)
    made.headers["Link"] = link_header(links)
    return lasting(made, asked, also=made.get_data(as_text=True) if listing.is_moving else "")


def lasting(made: Response, asked: Asked, also: str = "") -> Response:
    """The answer with its tag: for ever where its release is named, else asked for again.

    It is made of the question, a release, the catalogue and the code, and of what ``also`` says.
    """
    of = (asked.release.content_sha256, asked.catalogue.sha256, version("vigie-territoires"), also)
    stamp = hashlib.sha256(" ".join((request.url, made.mimetype or "", *of)).encode())
    made.set_etag(stamp.hexdigest()[:20], weak=True)
    made.headers["Cache-Control"] = _LASTING if asked.is_pinned else _CHECKED
    made.vary.update(("Accept", "Accept-Encoding"))
    made.headers["Vigie-Release"] = asked.release.release_id
    made.make_conditional(request)
    return made


def csv_text(frame: pd.DataFrame, *, with_heading: bool = True) -> str:
    """The rows as CSV; lists are apart by spaces, what is not known is empty."""
    text: str = plain_cells(frame).to_csv(index=False, header=with_heading, lineterminator="\r\n")
    return text


def plain_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows, every cell a number or a text that no spreadsheet runs."""
    return frame.assign(
        **{
            str(name): frame[name].map(_cell)
            for name in frame.columns
            if frame[name].dtype.kind not in "fiu"
        }
    )


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return file_text(" ".join(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return file_text(value) if isinstance(value, str) else value


def _whole_csv(listing: Listing) -> Response:
    """Every row; the first rows are read before anything is sent, so that a fault is an answer."""
    frames = listing.in_turn()
    first = next(frames, None)

    def lines() -> Iterator[str]:
        yield ",".join(listing.item._declared_fields) + "\r\n"
        if first is not None:
            yield csv_text(first, with_heading=False)
        for frame in frames:
            yield csv_text(frame, with_heading=False)

    made = Response(lines(), mimetype=CSV)
    made.implicit_sequence_conversion = False  # nobody may gather it, not even to know its length
    return made


def collection_text(
    listing: Listing,
    frame: pd.DataFrame,
    head: Mapping[str, Any],
    named_by: str = "",
    beside: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """A GeoJSON feature collection: the items as properties, each with its shape.

    A feature is named by the whole key of its item, or by one field of it (``named_by``), by which
    ``beside`` has more to tell.
    """
    told = frame.drop(columns="geometry", errors="ignore")
    dumped = listing.item(many=True).dump(records(told))
    key = (named_by,) if named_by else listing.key
    more = beside or {}
    features = []
    for row, shape in zip(dumped, shapes(listing, frame), strict=True):
        name = "/".join(str(row[part]) for part in key)
        features.append(feature_text(name, shape, {**row, **more.get(name, {})}))
    opening = compact({"type": "FeatureCollection", **head})[:-1]
    return f'{opening},"features":[{",".join(features)}]}}'


def feature_text(feature_id: str, shape: str, properties: Any) -> str:
    """A GeoJSON feature, of a shape that is GeoJSON already."""
    opening = compact({"type": "Feature", "id": feature_id})[:-1]
    return f'{opening},"geometry":{shape},"properties":{compact(properties)}}}'


def shapes(listing: Listing, frame: pd.DataFrame) -> list[str]:
    """The geometry of each row as GeoJSON, or null: contours wound as RFC 7946 has them."""
    if listing.shape == "points":
        points = shapely.points(frame["longitude"], frame["latitude"])
        known = frame["longitude"].notna() & frame["latitude"].notna()
    else:
        known = frame["geometry"].notna()
        points = shapely.from_wkb(frame["geometry"].where(known, None).map(_bytes).to_numpy())
    found = shapely.orient_polygons(shapely.transform(points, lambda xy: xy.round(_DECIMALS)))
    return [
        shapely.to_geojson(shape) if is_known else "null"
        for shape, is_known in zip(found, known, strict=True)
    ]


def _bytes(cell: Any) -> bytes | None:
    return None if cell is None or cell != cell else bytes(cell)


def link_header(links: Links) -> str:
    """The links as the header Link says them (RFC 8288)."""
    return ", ".join(f'<{x["href"]}>; rel="{x["rel"]}"; type="{x["type"]}"' for x in links)


def address(changed: Mapping[str, Any]) -> str:
    """The address of this question with other parameters; None takes one away."""
    given = {**request.args.to_dict(), **changed}
    query = urlencode({name: value for name, value in given.items() if value is not None})
    return f"{request.base_url}?{query}" if query else request.base_url


def page_links(release_id: str, media: str, place: tuple[int, int, int]) -> Links:
    """Links to this page, the next and the one before, of this very release."""
    limit, offset, matched = place
    found = {"self": address({})}
    if offset + limit < matched:
        found["next"] = address({"release": release_id, "limit": limit, "offset": offset + limit})
    if offset:
        before = max(0, offset - limit)
        found["prev"] = address({"release": release_id, "limit": limit, "offset": before or None})
    return [{"href": href, "rel": rel, "type": media} for rel, href in found.items()]


def _links(asked: Asked, listing: Listing, form: str, place: tuple[int, int, int]) -> Links:
    made = page_links(asked.release.release_id, FORMS[form], place)
    others = [x for x in FORMS if x != form and (x != "geojson" or listing.shape)]
    made += [{"href": address({"f": x}), "rel": "alternate", "type": FORMS[x]} for x in others]
    return made
