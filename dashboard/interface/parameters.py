"""Parameters: what each question takes. One that is not here is refused."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate
from webargs.fields import DelimitedList

from dashboard.interface.refusals import Refusal
from geodata.queries.published import Box

#: How many items a page has unless told, and at most.
PAGE, MOST = 1000, 5000
#: No table has so many rows; more would not be a number that databases know.
_FARTHEST = 10**9
_FORMS = ("json", "csv", "geojson")


def _text(description: str) -> fields.String:
    told = {"description": description}
    return fields.String(validate=validate.Length(1, 200), metadata=told)


class Question(Schema):
    """What every question takes."""

    release = _text(
        "Id of a release, to be answered from it for ever; without: the current one",
    )
    f = fields.String(
        validate=validate.OneOf(_FORMS),
        metadata={"description": "Form of the answer: json, csv or geojson; else Accept says"},
    )
    limit = fields.Integer(
        validate=validate.Range(1, MOST),
        metadata={
            "description": f"Whole number from 1 to {MOST}: items on a page (JSON, GeoJSON: "
            f"{PAGE} unless told; CSV: all)"
        },
    )
    offset = fields.Integer(
        load_default=0,
        validate=validate.Range(0, _FARTHEST),
        metadata={
            "description": "Whole number from 0: items left out before the page; only with "
            "release, so that no two pages are of two releases"
        },
    )


class AreaQuestion(Question):
    """Which areas."""

    level = _text("Level of areas")
    area = _text("Official code of an area")
    within = _text("The larger area they belong to, as level/code")
    bbox = fields.String(
        metadata={
            "description": "Rectangle in degrees that they meet: west,south,east,north",
        }
    )


class IndicatorQuestion(Question):
    """Which indicators."""

    indicator = DelimitedList(
        fields.String(validate=validate.Length(1, 200)),
        metadata={"description": "Ids of indicators, separated by commas"},
    )


class ObservationQuestion(IndicatorQuestion):
    """Which values."""

    level = _text("Level of areas")
    area = _text("Official code of an area")
    period = _text("A period, or latest: the last of each indicator")


class ServiceQuestion(Question):
    """Which services."""

    category = _text("Category of service")
    within = _text("The area they stand in, as level/code")


class CoverageQuestion(Question):
    """Which rows of coverage or of gaps."""

    service = _text("Category of service")
    standard = _text("Standard of the need")
    level = _text("Level of areas")
    area = _text("Official code of an area")
    period = _text("A period, or latest")


class ReleaseQuestion(Schema):
    """What questions take whose answer is one thing."""

    release = _text("Id of a release; without: the current one")


def known_names(schema: type[Schema]) -> tuple[str, ...]:
    """The names of the parameters of a question, or of the fields of an item."""
    return tuple(schema._declared_fields)


def boxed(given: Mapping[str, Any]) -> Box | None:
    """The rectangle of a request.

    Raises
    ------
    Refusal
        When it is none.
    """
    text = given.get("bbox")
    if text is None:
        return None
    made = box_of(text)
    if made is None:
        order = "west,south,east,north (WGS 84)"
        raise Refusal(HTTPStatus.BAD_REQUEST, "bad_parameter", "bbox", name="bbox", why=order)
    return made


def box_of(text: str) -> Box | None:
    """The rectangle that a bbox says, heights left aside; None where it is none.

    >>> box_of("3.5,44.8,0,4.1,45.4,900")
    (3.5, 44.8, 4.1, 45.4)
    >>> box_of("3.5,44.8")
    """
    numbers = [_number(part) for part in text.split(",")]
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
        return None
    west, south, east, north = numbers
    is_right = south <= north and all(-180 <= x <= 180 for x in (west, east))
    return (west, south, east, north) if is_right else None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
