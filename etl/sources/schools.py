"""Schools and their pupils, from the social position indices (IPS) of the ministry of education.

From: the three files of the ministry (schools, lower and upper secondary), `;`-separated UTF-8,
numbers with a decimal point ("540.0"). `options` says which file it is: ``category`` is the
category of its services, ``pupils`` the column that counts pupils. Relied on: the UAI number of
each school, with its key letter; the INSEE code of its commune. A school has no position, only a
commune. A school without a count of pupils has an unknown capacity. The files list only schools
whose index is published (public, and private under contract).
"""

from __future__ import annotations

import re

from etl.locate import located, no_duplicates
from etl.reading import Dialect, csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.check_keys import has_uai_key, hold_wrong_keys
from etl.sources.service_table import service_table
from etl.values import measured
from geodata.catalogue.nouns import SourceEntry

COLUMNS = ("rentree_scolaire", "uai", "nom_de_l_etablissment", "secteur")
COMMUNE = "code_insee_de_la_commune"


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``service``: one row a school, of the last year the file holds.

    Raises
    ------
    RejectedFile
        When it is not the table described, or more than 1 % of its rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    pupils = str(entry.options["pupils"])
    columns = (*COLUMNS, COMMUNE, pupils)
    frame = csv_text(content, columns, ledger, Dialect(separator=";"))
    frame = ledger.begin(frame, known.mends)
    is_year = frame["rentree_scolaire"].map(_is_school_year)
    if not is_year.all():
        ledger.quarantine(
            frame.loc[~is_year, LINE],
            "bad_period",
            "année scolaire illisible",
            "unreadable school year",
            column="rentree_scolaire",
            sample=str(frame.loc[~is_year, "rentree_scolaire"].iloc[0]),
            mend_fr="Écrire l’année scolaire comme 2022-2023.",
            mend_en="Write the school year like 2022-2023.",
        )
    last = frame.loc[is_year, "rentree_scolaire"].max() if is_year.any() else ""
    ledger.drop(
        frame.loc[is_year & frame["rentree_scolaire"].ne(last), LINE],
        "earlier_year",
        f"années antérieures à {last}",
        f"years before {last}",
    )
    hold_wrong_keys(frame, ~frame["uai"].map(has_uai_key), "uai", "UAI", ledger)
    no_duplicates(ledger.kept(frame), ["uai"], ledger)
    values = measured(frame, pupils, ledger, minimum=0, is_whole=True)
    level = known.catalogue.territory.finest_level
    areas = located(frame, COMMUNE, level, known, ledger, edition=f"{last[:4]}-01-01")
    kept = ledger.kept(frame)
    table = service_table(
        kept.index,
        service_id="uai:" + kept["uai"],
        name=kept["nom_de_l_etablissment"].str.title(),
        category=entry.options["category"],
        area_id=areas,
        position="commune",
        capacity=values["value"],
        capacity_unit="pupils",
        detail=kept["secteur"],
        source_id=entry.id,
        period=last[:4],
    )
    return ledger.staged({"service": table})


def _is_school_year(text: str) -> bool:
    found = re.fullmatch("([0-9]{4})-([0-9]{4})", text)
    return found is not None and int(found[2]) == int(found[1]) + 1
