"""Items: the fields of each table that leaves the house. They serialise, and they document.

A field's metadata hold its ``description`` and, of a number, its ``unit``. A field that is empty is
not known, or is said by ``status``: missing, suppressed and not applicable are never zero.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields

from geodata.model import CareStep, Direction, Flag, Sector, Standing, Status

_STATUSES = ", ".join(Status)
_FLAGS = ", ".join(str(flag.name).lower() for flag in Flag)


def _text(description: str, *, required: bool = False) -> fields.String:
    return fields.String(
        required=required, allow_none=not required, metadata={"description": description}
    )


def _number(description: str, unit: str) -> fields.Float:
    told = {"description": f"{description} ({unit})", "unit": unit}
    return fields.Float(allow_none=True, metadata=told)


def _count(description: str, unit: str) -> fields.Integer:
    told = {"description": f"{description} ({unit})", "unit": unit}
    return fields.Integer(allow_none=True, metadata=told)


def _yes(description: str) -> fields.Boolean:
    return fields.Boolean(required=True, metadata={"description": description})


def _list(description: str) -> fields.Field[Any]:
    return fields.List(
        fields.String(), required=True, metadata={"description": f"{description}; may be empty"}
    )


def _day(description: str) -> fields.String:
    return fields.String(allow_none=True, metadata={"description": description, "format": "date"})


_INVENTED = "Whether what it is drawn from holds invented data, for show and for tests"
_CODE = "Official code of the area: a text, whose zeros count"
_LEVEL = "Level of the area"
_PERIOD = "Period, as its producer has it"


class ReleaseItem(Schema):
    """A release: what was published at once, and never changes."""

    release = _text("Its id; name it as `release=` to be answered from it for ever", required=True)
    number = fields.Integer(required=True, metadata={"description": "Its number, which grows"})
    territory = _text("The territory it is of", required=True)
    made_at = _text("When it was made (UTC)")
    published_at = _text("When it was last published (UTC)")
    is_current = _yes("Whether it is the one that is shown when none is named")
    content_sha256 = _text("Hash of its content")


class SourceItem(Schema):
    """A source of the release, with the credit it is owed."""

    source = _text("Its id", required=True)
    name_fr = _text("Its name, in French")
    name_en = _text("Its name, in English")
    producer = _text("Who produces it")
    dataset = _text("The data set, as its producer names it")
    licence = _text("Its licence")
    vintage = _text("Its edition")
    url = _text("Where it comes from")
    attribution = _text("The credit to give")
    retrieved_on = _text("When it was fetched")
    sha256 = _text("Hash of the file that was read")
    is_invented = _yes("Whether its data are invented, for show and for tests")


class AreaItem(Schema):
    """An area of the territory, or one it is compared with."""

    level = _text(_LEVEL, required=True)
    area_id = _text(_CODE, required=True)
    name = _text("Its name", required=True)
    role = _text("territory: ours; comparison: another area of a compared level", required=True)
    population = _count("Legal population", "people")
    parents = _list("The larger areas it belongs to, each as level/code")
    geography = _text("Edition of the official codes that say so")
    valid_from = _day("Since when it is as it is, where something happened to it")
    valid_to = _day("Until when; empty: it still is")
    seat_longitude = _number("Longitude of its seat", "degrees, WGS 84")
    seat_latitude = _number("Latitude of its seat", "degrees, WGS 84")


class IndicatorItem(Schema):
    """An indicator: what it counts, in what unit, of what sources, and what it cannot tell."""

    indicator = _text("Its id", required=True)
    code = _text("Its code in the catalogue")
    theme = _text("Its theme")
    name_fr = _text("Its name, in French")
    name_en = _text("Its name, in English")
    unit_fr = _text("Unit of its values, in French")
    unit_en = _text("Unit of its values, in English")
    definition_fr = _text("What it counts, in French")
    definition_en = _text("What it counts, in English")
    limits_fr = _text("What it cannot tell, in French")
    limits_en = _text("What it cannot tell, in English")
    decimals = fields.Integer(
        required=True, metadata={"description": "Decimals that its values are told with"}
    )
    direction = _text(f"How to read a higher value: {', '.join(Direction)}")
    sector = _text(f"Which partner it speaks to: {', '.join(Sector)}")
    care_step = _text(f"Link of the care chain: {', '.join(CareStep)}")
    method = _text("The method that computes it")
    levels = _list("Levels it is known at, from fine to coarse")
    periods = _list("Periods it is known for")
    sources = _list("Ids of the sources it is drawn from")
    defined_on = _day("Since when it is defined so")
    is_invented = _yes(_INVENTED)


class ObservationItem(Schema):
    """The value of an indicator for an area and a period, and what it is worth."""

    indicator = _text("Id of the indicator", required=True)
    level = _text(_LEVEL, required=True)
    area_id = _text(_CODE, required=True)
    area = _text("Name of the area")
    period = _text(_PERIOD, required=True)
    value = _number("The value", "unit of the indicator")
    unit_fr = _text("Unit of the value, in French")
    unit_en = _text("Unit of the value, in English")
    status = _text(f"What the value is, or why there is none: {_STATUSES}", required=True)
    flags = _list(f"What weakens it: {_FLAGS}")
    low = _number("Low end of its interval", "unit of the indicator")
    high = _number("High end of its interval", "unit of the indicator")
    interval = _text("How the interval is made (95 %): byar, exact, wilson or drawn")
    numerator = _number("What is counted", "as the definition says")
    denominator = _number("What it is held against", "as the definition says")
    smoothed = _number("The value drawn towards its peers", "unit of the indicator")
    smoothed_low = _number("Low end of the smoothed value", "unit of the indicator")
    smoothed_high = _number("High end of the smoothed value", "unit of the indicator")
    standing = _text(f"Where it lies in the funnel of its level: {', '.join(Standing)}")
    is_invented = _yes(_INVENTED)


class ServiceItem(Schema):
    """A registered service; an unknown capacity is empty, never zero."""

    service = _text("Its id", required=True)
    category = _text("Its category", required=True)
    category_fr = _text("Name of the category, in French")
    category_en = _text("Name of the category, in English")
    name = _text("Its name", required=True)
    level = _text("Level of the area it stands in")
    area_id = _text(_CODE)
    area = _text("Name of the area it stands in")
    longitude = _number("Longitude", "degrees, WGS 84")
    latitude = _number("Latitude", "degrees, WGS 84")
    position = _text("What its position is that of: an address, a street, an area...")
    capacity = _number("How many it takes", "see capacity_unit")
    capacity_unit = _text("Unit of the capacity")
    source = _text("Id of its source", required=True)
    period = _text("Edition of the register")
    is_invented = _yes("Whether its source is invented")


class _Told(Schema):
    """What a row of coverage or of gaps is of."""

    service = _text("Category of the service", required=True)
    standard = _text("Standard that the need is measured by", required=True)
    level = _text(_LEVEL, required=True)
    area_id = _text(_CODE, required=True)
    area = _text("Name of the area")
    period = _text(_PERIOD, required=True)
    status = _text(f"What the figures are, or why there are none: {_STATUSES}", required=True)
    demand = _number("Those concerned", "people")
    need = _number("Need under the standard", "places")


class CoverageItem(_Told):
    """What people of an area have within reach of a service."""

    effective = _number("Effective places: a share of all those within reach", "places")
    coverage = _number("Effective places for those concerned", "places per 100 people")
    served = _number("Need that is served", "places")
    nearest_minutes = _number("Time to the nearest; finest areas only", "minutes")
    is_invented = _yes(_INVENTED)


class GapItem(_Told):
    """What is missing in an area under a standard, and how sure it is."""

    within_reach = _number("Unserved though within reach: saturated", "places")
    out_of_reach = _number("Unserved, out of reach", "places")
    unmet = _number("Need that is not served", "places")
    unmet_rate = _number("Need that is not served", "places per 100 people")
    gap = _number("Effective places less need", "places")
    gap_low = _number("Nine draws in ten are above", "places")
    gap_high = _number("Nine draws in ten are below", "places")
    p_gap = _number("Share of draws in which places are missing", "0 to 1")
    is_invented = _yes(_INVENTED)


class Link(Schema):
    """A link, as the Web and OGC API have it."""

    href = _text("Address", required=True)
    rel = _text("What it is to this answer", required=True)
    type = fields.String(metadata={"description": "Media type"})
    title = fields.String(metadata={"description": "What to call it"})


class Problem(Schema):
    """What was wrong with a request (RFC 9457)."""

    type = _text("Address of what is said of this kind of problem", required=True)
    title = _text("What is wrong", required=True)
    status = fields.Integer(required=True, metadata={"description": "The HTTP status"})
    detail = _text("What is wrong here, and the mend", required=True)
    parameter = fields.String(metadata={"description": "The parameter concerned"})
    errors = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()),
        metadata={"description": "Where several are: each parameter with its detail"},
    )


@cache
def envelope(item: type[Schema]) -> type[Schema]:
    """The schema of a page of items of one release."""
    members: dict[str, Any] = {
        "release": _text("Id of the release that it is all from", required=True),
        "numberMatched": fields.Integer(
            required=True, metadata={"description": "How many items there are on all pages"}
        ),
        "numberReturned": fields.Integer(
            required=True, metadata={"description": "How many items this page has"}
        ),
        "items": fields.List(fields.Nested(item), required=True),
        "links": fields.List(fields.Nested(Link), required=True),
    }
    return Schema.from_dict(members, name=f"{item.__name__.removesuffix('Item')}Page")
