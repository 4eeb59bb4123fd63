"""Routes: one question, one address. What is answered is in `tables`, how in `forms`."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import flask_smorest
from flask import Flask, Response, request
from marshmallow import Schema

from dashboard.access import principal
from dashboard.addresses import INTERFACE
from dashboard.interface import document, features, guide, items, parameters, refusals, tables
from dashboard.interface.asked import Asked, asked_of
from dashboard.interface.forms import CSV, GEOJSON, answer
from dashboard.interface.parameters import boxed
from dashboard.interface.refusals import Refusal
from dashboard.interface.tables import Listing
from geodata.settings import Settings

Given = dict[str, Any]
Found = Callable[[Asked, Given], Listing]
_TEXT = {"type": "string"}


class Questions(flask_smorest.Blueprint):  # type: ignore[misc]
    """A set of routes whose parameters are read strictly."""

    ARGUMENTS_PARSER = refusals.Parser()


def register(server: Flask, settings: Settings) -> None:
    """Add the interface, its document and its guide to the server."""
    refusals.register(server)
    api = document.api(server)
    questions = Questions("observatory", __name__, url_prefix=INTERFACE, description="What is told")

    @questions.before_request  # type: ignore[untyped-decorator]
    def once() -> None:
        """A parameter said twice has two meanings."""
        for name, values in request.args.lists():
            if len(values) > 1:
                raise Refusal(HTTPStatus.BAD_REQUEST, "said_twice", name, name=name)

    for path, question, item, shaped, summary, found in _TABLES:
        _add(questions, settings, (path, question, item, shaped, summary), found)
    features.routes(questions, settings)
    api.register_blueprint(questions)
    document.routes(server, api)
    guide.routes(server, settings, tuple((x[0], x[1], x[2]) for x in _TABLES))

    @server.route(f"{INTERFACE}/<path:_rest>")
    def nothing(_rest: str) -> Response:
        raise Refusal(HTTPStatus.NOT_FOUND, "not_found", name=request.path)


def _add(
    questions: Questions,
    settings: Settings,
    told: tuple[str, type[Schema], type[Schema], bool, str],
    found: Found,
) -> None:
    """Add the route of a table, documented by what reads its question and writes its answer."""
    path, question, item, shaped, summary = told

    def route(given: Given) -> Response:
        asked = asked_of(principal(), settings, given.get("release"))
        return answer(asked, found(asked, given), given)

    route.__name__ = f"{path}_table"
    route.__doc__ = f"{summary}\n---\n"
    made = questions.alt_response(
        200, schema=_TEXT, content_type=CSV, description="OK", success=True
    )(route)
    if shaped:
        collection = document.collection(item)
        made = questions.alt_response(
            200, schema=collection, content_type=GEOJSON, description="OK", success=True
        )(made)
    made = questions.response(200, items.envelope(item), description="OK")(made)
    made = questions.arguments(question, location="query")(made)
    questions.route(f"/{path}")(questions.doc(operationId=path)(made))


def _areas(asked: Asked, given: Given) -> Listing:
    return tables.areas(
        asked, given.get("level"), given.get("area"), given.get("within"), boxed(given)
    )


def _observations(asked: Asked, given: Given) -> Listing:
    chosen = (given.get(name) for name in ("indicator", "level", "area", "period"))
    return tables.observations(asked, *chosen)


def _coverage(item: type[Schema]) -> Found:
    names = ("service", "standard", "level", "area", "period")
    return lambda asked, given: tables.coverages(
        asked, item, **{name: given.get(name) for name in names}
    )


#: Every table: its path, question, item, whether its rows have a shape, a summary, what finds it.
_TABLES: tuple[tuple[str, type[Schema], type[Schema], bool, str, Found], ...] = (
    (
        "releases",
        parameters.Question,
        items.ReleaseItem,
        False,
        "The releases that are kept",
        lambda asked, _given: tables.releases(asked),
    ),
    (
        "sources",
        parameters.Question,
        items.SourceItem,
        False,
        "The sources of a release, with their credits",
        lambda asked, _given: tables.sources(asked),
    ),
    (
        "areas",
        parameters.AreaQuestion,
        items.AreaItem,
        True,
        "The areas that are told of",
        _areas,
    ),
    (
        "indicators",
        parameters.IndicatorQuestion,
        items.IndicatorItem,
        False,
        "The indicators: definitions, units, sources",
        lambda asked, given: tables.indicators(asked, given.get("indicator")),
    ),
    (
        "observations",
        parameters.ObservationQuestion,
        items.ObservationItem,
        True,
        "The values of indicators",
        _observations,
    ),
    (
        "services",
        parameters.ServiceQuestion,
        items.ServiceItem,
        True,
        "The registered services",
        lambda asked, given: tables.services(asked, given.get("category"), given.get("within")),
    ),
    (
        "coverage",
        parameters.CoverageQuestion,
        items.CoverageItem,
        True,
        "What people have within reach",
        _coverage(items.CoverageItem),
    ),
    (
        "gaps",
        parameters.CoverageQuestion,
        items.GapItem,
        True,
        "What is missing under a standard",
        _coverage(items.GapItem),
    ),
)
