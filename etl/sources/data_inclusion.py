"""Services and organisations of social inclusion, from data·inclusion.

From: the weekly files of the « référentiel de l'offre d'insertion » (services-inclusion-DATE and
structures-inclusion-DATE, CSV or JSON), schema v1. `options.table` says which one it is. Written
from the documented schema: no real file was met. A list is text in the CSV (``['a--b', 'c--d']``)
and an array in the JSON. Relied on: an id, a name, the INSEE code or a point, the themes.
Telephones, mail addresses and names of contacts are never read.

A service is under the category of its theme; ``inclusion_several_needs`` when its themes are of
several. Services at a distance only, with neither a commune nor a point, are dropped by the rule
``no_place``: they are everywhere. Capacity does not exist in the schema: unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from etl.locate import no_duplicates
from etl.locate_points import located_services, placed, warn_of_crowds, warn_of_strays
from etl.reading import csv_text, json_rows
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.service_table import service_table
from geodata.catalogue.nouns import SourceEntry

SERVICES = (
    "id",
    "structure_id",
    "source",
    "nom",
    "type",
    "thematiques",
    "frais",
    "code_insee",
    "longitude",
    "latitude",
    "modes_accueil",
    "date_maj",
)
STRUCTURES = ("id", "source", "nom", "date_maj")
#: Beginning of a theme (schema v1) -> the category of its services.
CATEGORIES = {
    "choisir-un-metier": "inclusion_employment",
    "creer-une-entreprise": "inclusion_employment",
    "difficultes-administratives-ou-juridiques": "inclusion_rights",
    "difficultes-financieres": "inclusion_money",
    "equipement-et-alimentation": "inclusion_goods",
    "famille": "inclusion_family",
    "lecture-ecriture-calcul": "inclusion_literacy",
    "logement-hebergement": "inclusion_housing",
    "mobilite": "inclusion_mobility",
    "numerique": "inclusion_digital",
    "preparer-sa-candidature": "inclusion_employment",
    "remobilisation": "inclusion_social_ties",
    "sante": "inclusion_health",
    "se-former": "inclusion_employment",
    "souvrir-a-linternational": "inclusion_employment",
    "trouver-un-emploi": "inclusion_employment",
}
SEVERAL, OTHER = "inclusion_several_needs", "inclusion_other"
_TERM = re.compile("[a-z0-9][a-z0-9-]*")


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """``service`` from services; ``organization`` (organization_id, name) from structures.

    Raises
    ------
    RejectedFile
        When it is not the table described, or more than 1 % of its rows are wrong.
    """
    read = {"services": _services, "structures": _structures}
    return read[str(entry.options["table"])](entry, Ledger(entry.id, file), content, known)


def category(themes: str) -> str:
    """The category of a service whose themes are written in one cell."""
    families = {term.partition("--")[0] for term in _TERM.findall(themes)}
    found = {CATEGORIES.get(family, OTHER) for family in families}
    return found.pop() if len(found) == 1 else SEVERAL if found else OTHER


def _structures(entry: SourceEntry, ledger: Ledger, content: bytes, known: Known) -> Staged:
    frame = ledger.begin(_rows(content, STRUCTURES, ledger), known.mends)
    _hold_blank(frame, ledger)
    no_duplicates(ledger.kept(frame), ["id"], ledger)
    kept = ledger.kept(frame)
    table = pd.DataFrame({"organization_id": kept["id"], "name": kept["nom"]})
    return ledger.staged({"organization": table.reset_index(drop=True)})


def _services(entry: SourceEntry, ledger: Ledger, content: bytes, known: Known) -> Staged:
    frame = ledger.begin(_rows(content, SERVICES, ledger), known.mends)
    _hold_blank(frame, ledger)
    no_duplicates(ledger.kept(frame), ["id"], ledger)
    is_dated = frame["date_maj"].str.match("[0-9]{4}-[0-9]{2}-[0-9]{2}").astype(bool)
    if not is_dated.all():
        ledger.quarantine(
            frame.loc[~is_dated, LINE],
            "bad_period",
            "date de mise à jour illisible",
            "unreadable date of update",
            column="date_maj",
            sample=str(frame.loc[~is_dated, "date_maj"].iloc[0]),
            mend_fr="Écrire la date comme 2026-06-01.",
            mend_en="Write the date like 2026-06-01.",
        )
    has_code = frame["code_insee"].ne("")
    ledger.drop(
        frame.loc[~has_code & frame["longitude"].eq("") & frame["latitude"].eq(""), LINE],
        "no_place",
        "services sans commune ni point : à distance, ou partout",
        "services with neither a commune nor a point: at a distance, or everywhere",
    )
    points = placed(frame, "longitude", "latitude", known, ledger)
    kept = ledger.kept(frame)
    year = kept["date_maj"].max()[:4] if len(kept) else ""
    edition = f"{year}-01-01" if year else None
    areas = located_services(
        kept, "code_insee", points.loc[kept.index], known, ledger, edition=edition
    )
    kept = ledger.kept(kept)
    points, areas = points.loc[kept.index], areas.loc[kept.index]
    warn_of_crowds(kept, points, ledger)
    warn_of_strays(kept, points, areas, known, ledger)
    table = service_table(
        kept.index,
        service_id="data_inclusion:" + kept["id"],
        name=kept["nom"],
        category=kept["thematiques"].map(category),
        area_id=areas,
        longitude=points["longitude"],
        latitude=points["latitude"],
        position=points["latitude"].notna().map({True: "address", False: "commune"}),
        detail=_details(kept, known),
        source_id=entry.id,
        period=year,
    )
    return ledger.staged({"service": table})


def _rows(content: bytes, columns: Sequence[str], ledger: Ledger) -> pd.DataFrame:
    """The rows of a CSV or JSON file, all text; a list is its terms, separated by commas."""
    if not content.lstrip().startswith((b"[", b"{")):
        return csv_text(content, columns, ledger)
    frame = json_rows(content, columns, ledger)
    for name in columns:
        frame[name] = frame[name].map(_text).astype("str")
    return frame


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return repr(value) if isinstance(value, float) else str(value).strip()


def _details(kept: pd.DataFrame, known: Known) -> pd.Series[str]:
    """The organisation, the type, the cost and, where it is so, « a-distance »."""
    names: dict[str, str] = {}
    for tables in known.tables.values():
        if "organization" in tables:
            table = tables["organization"]
            names = dict(zip(table["organization_id"], table["name"], strict=True))
    remote = kept["modes_accueil"].map(lambda cell: _TERM.findall(cell) == ["a-distance"])
    parts = [
        kept["structure_id"].map(lambda number: names.get(number, "")),
        kept["type"],
        kept["frais"],
        remote.map({True: "a-distance", False: ""}),
    ]
    rows = zip(*parts, strict=True)
    return pd.Series([" · ".join(filter(None, row)) for row in rows], index=kept.index)


def _hold_blank(frame: pd.DataFrame, ledger: Ledger) -> None:
    for column in ("id", "nom"):
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
