"""Services of a directory that speaks Open Referral (HSDS 3).

From: the full services of a directory (JSON: a list, or a page of its API, whose ``contents`` they
are). Written from the documented schema: no real file was met. Relied on: an id, a name, a status
and the locations, each with its point, or with an official code (``external_identifier``) whose
type `options.code_type` names. Contacts, telephones and addresses of mail are never read.

A service is told of once at each of its locations. `options.categories` says which category each
taxonomy term (code or name) is; a service of several is ``open_referral_several_needs``, one of
none ``open_referral_other``. Services that are not active are dropped by the rule ``not_active``,
those without a location by ``no_place``. A capacity (HSDS 3.1) is of the whole service: it is told
where the service has one location and one unit, else it is unknown, never zero.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd

from etl.locate import no_duplicates
from etl.locate_points import located_services, placed, warn_of_crowds, warn_of_strays
from etl.reading import json_rows
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.service_table import service_table
from geodata.catalogue.nouns import SourceEntry

SERVICES = ("id", "name", "status")
_OPTIONAL = (
    *("last_modified", "assured_date", "organization"),
    *("service_at_locations", "attributes", "capacities"),
)
#: The cells of a service as they are kept: what says who answers is not among them.
_CELLS = ("id", "name", "status", "updated", "organization", "terms", "capacity", "unit", "places")
SEVERAL, OTHER = "open_referral_several_needs", "open_referral_other"
_ACTIVE = "active"
#: What is read of each location.
_SPOT = ("place", "longitude", "latitude", "code")


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``service``: a row a service and a location.

    Raises
    ------
    RejectedFile
        When it is not the list described, or more than 1 % of its services are wrong.
    """
    ledger = Ledger(entry.id, file)
    at = () if content.lstrip().startswith(b"[") else ("contents",)
    read = json_rows(content, (*SERVICES, *_OPTIONAL), ledger, at=at, optional=_OPTIONAL)
    frame = ledger.begin(_flat(read, str(entry.options.get("code_type", ""))), known.mends)
    _hold_wrong(frame, ledger)
    no_duplicates(ledger.kept(frame), ["id"], ledger)
    _drop(frame, ledger)
    spots = _spots(ledger.kept(frame), ledger)
    points = placed(spots, "longitude", "latitude", known, ledger)
    spots = ledger.kept(spots)
    areas = located_services(spots, "code", points.loc[spots.index], known, ledger)
    spots = ledger.kept(spots)
    points, areas = points.loc[spots.index], areas.loc[spots.index]
    warn_of_crowds(spots, points, ledger)
    warn_of_strays(spots, points, areas, known, ledger)
    categories: dict[str, str] = dict(entry.options.get("categories", {}))
    table = service_table(
        spots.index,
        service_id="open_referral:" + spots["id"] + "@" + spots["place"],
        name=spots["name"],
        category=spots["terms"].map(lambda terms: category(terms, categories)),
        area_id=areas,
        longitude=points["longitude"],
        latitude=points["latitude"],
        position=points["latitude"].notna().map({True: "address", False: "commune"}),
        capacity=spots["capacity"],
        capacity_unit=spots["unit"],
        detail=spots["organization"],
        source_id=entry.id,
        period=spots["updated"].str[:4],
    )
    return ledger.staged({"service": table})


def category(terms: str, categories: dict[str, str]) -> str:
    """The category of a service whose taxonomy terms are written in one cell, a line each.

    >>> category("Counselling", {"Counselling": "family_counselling"})
    'family_counselling'
    """
    found = {categories[term] for term in terms.split("\n") if term in categories}
    return found.pop() if len(found) == 1 else SEVERAL if found else OTHER


def _flat(read: pd.DataFrame, code_type: str) -> pd.DataFrame:
    """Each service as cells of text; its places as a JSON list."""
    rows = [_cells(row, code_type) for row in read.to_dict("records")]
    flat = pd.DataFrame(rows, columns=list(_CELLS), dtype="object").astype("str")
    return flat.assign(**{LINE: read[LINE].to_numpy()})


def _cells(row: dict[Any, Any], code_type: str) -> dict[str, str]:
    organization = row["organization"]
    capacity, unit = _capacity(_objects(row["capacities"]))
    places = [
        _place(_inner(x, "location"), code_type) for x in _objects(row["service_at_locations"])
    ]
    terms = [_inner(x, "taxonomy_term") for x in _objects(row["attributes"])]
    named = [_text(term.get(key)) for term in terms for key in ("code", "name")]
    return {
        **{name: _text(row[name]) for name in SERVICES},
        "updated": (_text(row["last_modified"]) or _text(row["assured_date"]))[:10],
        "organization": _text(organization.get("name")) if isinstance(organization, dict) else "",
        "terms": "\n".join(dict.fromkeys(filter(None, named))),
        "capacity": capacity if len(places) == 1 else "",
        "unit": unit if len(places) == 1 else "",
        "places": json.dumps(places, ensure_ascii=False),
    }


def _place(location: dict[str, Any], code_type: str) -> dict[str, str]:
    is_official = code_type and _text(location.get("external_identifier_type")) == code_type
    return {
        "place": _text(location.get("id")),
        "longitude": _text(location.get("longitude")),
        "latitude": _text(location.get("latitude")),
        "code": _text(location.get("external_identifier")) if is_official else "",
    }


def _capacity(told: list[dict[str, Any]]) -> tuple[str, str]:
    """How many of one unit a service takes at most; unknown where it counts in several units."""
    units = {_text(_inner(one, "unit").get("name")) for one in told}
    most = [one.get("maximum") for one in told]
    numbers = [float(x) for x in most if isinstance(x, int | float) and not isinstance(x, bool)]
    is_known = len(units) == 1 and len(numbers) == len(told)
    if not is_known or not all(math.isfinite(x) and x >= 0 for x in numbers):
        return "", ""
    return f"{sum(numbers):g}", units.pop()


def _spots(frame: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """A row a service and a place; a place that a correction left unreadable is held back."""
    rows = []
    for row in frame.to_dict("records"):
        try:
            places = json.loads(row["places"])
            rows += [{**row, **{name: str(x[name]) for name in _SPOT}} for x in places]
        except (ValueError, TypeError, KeyError):
            ledger.quarantine(
                int(row[LINE]),
                "bad_places",
                "la liste des lieux ne se lit pas",
                "the list of places cannot be read",
                column="places",
                mend_fr="La reprendre du fichier.",
                mend_en="Take it from the file again.",
            )
    columns = [*frame.columns, *_SPOT]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(_SPOT, "str"))


def _hold_wrong(frame: pd.DataFrame, ledger: Ledger) -> None:
    for column in ("id", "name"):
        blank = frame[column].eq("")
        if blank.any():
            ledger.quarantine(
                frame.loc[blank, LINE],
                "blank_cell",
                f"« {column} » est vide",
                f"{column!r} is empty",
                column=column,
                mend_fr="Remplir la cellule.",
                mend_en="Fill the cell.",
            )
    is_dated = frame["updated"].str.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}").astype(bool)
    if not is_dated.all():
        ledger.quarantine(
            frame.loc[~is_dated, LINE],
            "bad_period",
            "ni « last_modified » ni « assured_date » ne disent de quand est le service",
            "neither 'last_modified' nor 'assured_date' says of when the service is",
            column="updated",
            mend_fr="Écrire la date comme 2026-06-01.",
            mend_en="Write the date like 2026-06-01.",
        )


def _drop(frame: pd.DataFrame, ledger: Ledger) -> None:
    ledger.drop(
        frame.loc[frame["status"].ne(_ACTIVE), LINE],
        "not_active",
        "services fermés, ou pas encore ouverts",
        "services that are closed, or not open yet",
    )
    ledger.drop(
        frame.loc[frame["places"].eq("[]"), LINE],
        "no_place",
        "services sans lieu : à distance, ou partout",
        "services without a place: at a distance, or everywhere",
    )


def _objects(value: object) -> list[dict[str, Any]]:
    return [x for x in value if isinstance(x, dict)] if isinstance(value, list) else []


def _inner(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    if value is None or value != value or isinstance(value, dict | list):
        return ""
    return repr(value) if isinstance(value, float) else str(value).strip()
