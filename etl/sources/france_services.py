"""France services counters, from the list of the agency of territorial cohesion (ANCT).

From: the quoted CSV of the agency (UTF-8; a cell may hold line breaks). Relied on: an id for each
counter, the INSEE code of its commune, degrees. `detail` says how it is open (``format_fs``):
fixed, with antennas, on several sites, by bus or itinerant. The position of a bus or itinerant
counter is that of its base: it serves other communes too. Opening hours, telephone and mail
addresses are left out.
"""

from __future__ import annotations

import re

from etl.locate import no_duplicates
from etl.locate_points import located_services, placed, warn_of_crowds, warn_of_strays
from etl.reading import csv_text
from etl.source import Known, Ledger, Staged
from etl.sources.service_table import service_table
from geodata.catalogue.nouns import SourceEntry

COLUMNS = ("id_fs", "lib_fs", "insee_com", "latitude", "longitude", "format_fs")


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``service``: one row a counter.

    Raises
    ------
    RejectedFile
        When it is not the table described, or more than 1 % of its rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    frame = ledger.begin(csv_text(content, COLUMNS, ledger), known.mends)
    no_duplicates(frame, ["id_fs"], ledger)
    points = placed(frame, "longitude", "latitude", known, ledger)
    year = published_year(entry, file)
    areas = located_services(frame, "insee_com", points, known, ledger, edition=f"{year}-01-01")
    kept = ledger.kept(frame)
    points, areas = points.loc[kept.index], areas.loc[kept.index]
    warn_of_crowds(kept, points, ledger)
    warn_of_strays(kept, points, areas, known, ledger)
    table = service_table(
        kept.index,
        service_id="france_services:" + kept["id_fs"],
        name=kept["lib_fs"],
        category="france_services",
        area_id=areas,
        longitude=points["longitude"],
        latitude=points["latitude"],
        position=points["latitude"].notna().map({True: "address", False: "commune"}),
        detail=kept["format_fs"],
        source_id=entry.id,
        period=year,
    )
    return ledger.staged({"service": table})


def published_year(entry: SourceEntry, file: str) -> str:
    """The year of a file: that of the date in its name, else of its passport's vintage."""
    dates = re.findall(r"(?<![0-9])(20[0-9]{2})-?[01][0-9]-?[0-3][0-9](?![0-9])", file)
    return dates[-1] if dates else str(entry.passport["vintage"])[:4]
