"""OGC API - Features, Part 1 (Core, GeoJSON): areas as maps of other programs open them.

A collection is a level. With ``indicator`` (and ``period``) each area bears that value, its status
and its interval, as the screen tells them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pandas as pd
from flask import Response, request
from marshmallow import Schema, fields, validate

from dashboard import data
from dashboard.access import principal
from dashboard.addresses import GUIDE_PATHS, INTERFACE
from dashboard.interface import document, dressing, items, tables
from dashboard.interface.asked import LATEST, Asked, asked_of, one_of
from dashboard.interface.forms import (
    GEOJSON,
    JSON,
    Links,
    collection_text,
    feature_text,
    lasting,
    link_header,
    page_links,
    shapes,
)
from dashboard.interface.parameters import MOST, PAGE, ReleaseQuestion, boxed
from dashboard.interface.refusals import Refusal
from geodata.settings import Settings

ROOT = f"{INTERFACE}/ogc"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_CONFORMANCE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
_MOMENT = r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})|\d{4}-\d{2}-\d{2})"
_DATETIME = re.compile(rf"{_MOMENT}|({_MOMENT}|\.\.)?/({_MOMENT}|\.\.)?", re.ASCII)
#: What a feature tells of the value that is asked for.
_TOLD = (
    *("value", "unit_fr", "unit_en", "status", "flags", "low", "high", "period", "indicator"),
    "is_invented",
)
Given = dict[str, Any]


class PlainQuestion(ReleaseQuestion):
    """What a question of a description takes."""

    f = fields.String(
        validate=validate.OneOf(("json",)), metadata={"description": "Form: json, the only one"}
    )


class FeatureQuestion(ReleaseQuestion):
    """Which value an area bears."""

    f = fields.String(
        validate=validate.OneOf(("json", "geojson")),
        metadata={"description": "Form: json or geojson, which are the same"},
    )
    indicator = fields.String(
        validate=validate.Length(1, 200),
        metadata={"description": "Id of an indicator whose value each area is to bear"},
    )
    period = fields.String(
        validate=validate.Length(1, 200),
        metadata={"description": "Its period; without: the latest. Only with indicator"},
    )


class ItemsQuestion(FeatureQuestion):
    """Which areas of a collection."""

    limit = fields.Integer(
        load_default=PAGE,
        validate=validate.Range(1),
        metadata={"description": f"Whole number from 1: areas on a page, {MOST} at most"},
    )
    offset = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 10**9),
        metadata={"description": "Whole number from 0: areas left out; only with release"},
    )
    bbox = fields.String(
        metadata={"description": "Rectangle in degrees: west,south,east,north (CRS84)"}
    )
    datetime = fields.String(
        validate=validate.Regexp(_DATETIME.pattern + r"\Z"),
        metadata={
            "description": "A moment or interval (RFC 3339); areas have no date of their own"
        },
    )


def routes(questions: Any, settings: Settings) -> None:
    """Add the routes."""

    def added(path: str, name: str, question: type[Schema], answer: Any, schema: Any) -> None:
        def route(given: Given, **place: str) -> Response:
            asked = asked_of(principal(), settings, given.get("release"))
            made: Response = lasting(answer(asked, given, **place), asked)
            return made

        route.__name__, route.__doc__ = name, f"{answer.__doc__}\n---\n"
        media = GEOJSON if name in ("features", "feature") else JSON
        told = questions.response(200, schema, content_type=media, description="OK")(route)
        told = questions.arguments(question, location="query")(told)
        questions.route(f"/ogc{path}")(questions.doc(operationId=name)(told))

    plain = {"type": "object"}
    one, many = document.feature(items.AreaItem), document.collection(items.AreaItem)
    added("", "landing", PlainQuestion, landing, plain)
    added("/conformance", "conformance", PlainQuestion, conformance, plain)
    added("/collections", "collections", PlainQuestion, collections, plain)
    added("/collections/<level>", "collection", PlainQuestion, collection, plain)
    added("/collections/<level>/items", "features", ItemsQuestion, features, many)
    added("/collections/<level>/items/<area_id>", "feature", FeatureQuestion, feature, one)


def landing(asked: Asked, _given: Given) -> Response:
    """What there is to open, and where."""
    known, root = asked.catalogue.territory, _root()
    links = [
        _link(root, "self", JSON, "Vigie"),
        _link(_address(document.PATH), "service-desc", document.OPENAPI, "OpenAPI"),
        _link(_address(GUIDE_PATHS["fr"]), "service-doc", "text/html", "Mode d’emploi"),
        _link(f"{root}/conformance", "conformance", JSON, "Conformance"),
        _link(f"{root}/collections", "data", JSON, known.name.fr),
    ]
    title = f"Vigie – {known.name.fr}"
    return _json({"title": title, "description": "Areas and their indicators", "links": links})


def conformance(_asked: Asked, _given: Given) -> Response:
    """The parts of the standard that are followed."""
    return _json({"conformsTo": [f"{_CONFORMANCE}/{part}" for part in ("core", "geojson")]})


def collections(asked: Asked, _given: Given) -> Response:
    """The collections: a level each, those that are drawn."""
    found = [_collection(asked, level) for level in _drawn_levels(asked)]
    links = [_link(f"{_root()}/collections", "self", JSON, "Collections")]
    return _json({"links": links, "collections": found})


def collection(asked: Asked, _given: Given, level: str) -> Response:
    """One collection: the areas of a level."""
    return _json(_collection(asked, _known(asked, level)))


def features(asked: Asked, given: Given, level: str) -> Response:
    """The areas of a collection, a page of them."""
    limit, offset = min(given["limit"], MOST), given["offset"]
    if offset and not asked.is_pinned:
        named = asked.release.release_id
        raise Refusal(HTTPStatus.BAD_REQUEST, "unpinned_page", "offset", release=named)
    listing = tables.areas(asked, _known(asked, level), box=boxed(given))
    frame, matched = listing.page(limit, offset, True), listing.count()
    links = page_links(asked.release.release_id, GEOJSON, (limit, offset, matched))
    links.append(_link(f"{_root()}/collections/{level}", "collection", JSON, level))
    head = {
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": matched,
        "numberReturned": len(frame),
        "release": asked.release.release_id,
        "links": links,
    }
    values = _values(asked, given, level, frame)
    made = Response(collection_text(listing, frame, head, "area_id", values), mimetype=GEOJSON)
    made.headers["Link"] = link_header(links)
    return made


def feature(asked: Asked, given: Given, level: str, area_id: str) -> Response:
    """One area."""
    listing = tables.areas(asked, _known(asked, level), area_id)
    frame = listing.page(1, 0, True)
    values = _values(asked, given, level, frame)
    told = dressing.records(frame.drop(columns="geometry"))[0] | values.get(area_id, {})
    address = f"{_root()}/collections/{level}/items/{area_id}"
    links: Links = [
        _link(address, "self", GEOJSON, str(told["name"])),
        _link(f"{_root()}/collections/{level}", "collection", JSON, level),
    ]
    body = feature_text(area_id, shapes(listing, frame)[0], told)
    return Response(f'{body[:-1]},"links":{dressing.compact(links)}}}', mimetype=GEOJSON)


def _values(
    asked: Asked, given: Given, level: str, frame: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    """What the asked indicator tells of each area of a page, by its code; one statement."""
    name, period = given.get("indicator"), given.get("period")
    if name is None:
        if period is not None:
            raise Refusal(HTTPStatus.BAD_REQUEST, "period_alone", "period")
        return {}
    one_of(name, asked.indicators, "indicator")
    listing = tables.observations(asked, [name], level, None, period or LATEST)
    found = listing.page(len(asked.offer.areas[level]), 0, False)
    found = found[found["area_id"].isin(frame["area_id"])]
    return {
        str(row["area_id"]): {told: row[told] for told in _TOLD} for row in dressing.records(found)
    }


def _collection(asked: Asked, level: str) -> dict[str, Any]:
    known = asked.catalogue.territory.level(level)
    frame = data.areas(asked.principal, asked.release, level)
    shown = frame[frame["role"] != "edge"]
    bounds = [
        float(shown["west"].min()),
        float(shown["south"].min()),
        float(shown["east"].max()),
        float(shown["north"].max()),
    ]
    address = f"{_root()}/collections/{level}"
    return {
        "id": level,
        "title": known.name.fr,
        "description": f"{known.name.en} – {len(shown)}",
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {"spatial": {"bbox": [bounds], "crs": CRS84}},
        "links": [
            _link(address, "self", JSON, known.name.fr),
            _link(f"{address}/items", "items", GEOJSON, known.name.fr),
        ],
    }


def _drawn_levels(asked: Asked) -> tuple[str, ...]:
    """The levels whose areas have a contour."""
    return tuple(
        level
        for level in asked.levels(None)
        if data.areas(asked.principal, asked.release, level)["west"].notna().any()
    )


def _known(asked: Asked, level: str) -> str:
    return one_of(level, _drawn_levels(asked), "level")


def _root() -> str:
    return _address(ROOT)


def _address(path: str) -> str:
    return request.host_url.rstrip("/") + path


def _link(href: str, rel: str, media: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media, "title": title}


def _json(body: Any) -> Response:
    return Response(dressing.compact(body), mimetype=JSON)
