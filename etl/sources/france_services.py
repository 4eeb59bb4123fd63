"""France services counters, from the list of the agency of territorial cohesion (ANCT).

From: the quoted CSV of the agency (UTF-8; a cell may hold line breaks). Relied on: an id for each
counter, the INSEE code of its commune, degrees, and how it is open (``format_fs``, kept as
`detail`), which tells two categories apart:

- ``france_services``: it has a door. ``Fixe``, ``Fixe_antenne(s)`` and ``Multisites``. The
  last is an agency shared among several offices, each with its address and its days; many have a
  row for each office, and a row is open about as long as a fixed counter (median 27 hours a week
  against 29.5 in 2024): to count it as a bus would all but lose it. An office open one day a week
  counts as one open five, which is too much: the hours of a row are those of its own office in
  some, of all the offices in others.
- ``france_services_itinerant``: ``Bus_équivalent`` and ``Itinérante`` tour the communes around. The
  row gives their base, where a bus may not even stop, and not their stops.

Opening hours, telephone and mail addresses are left out: the hours of a bus are those of its whole
tour.
"""

from __future__ import annotations

import re

import pandas as pd

from etl.locate import no_duplicates
from etl.locate_points import located_services, placed, warn_of_crowds, warn_of_strays
from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.service_table import service_table
from geodata.catalogue.nouns import SourceEntry

COLUMNS = ("id_fs", "lib_fs", "insee_com", "latitude", "longitude", "format_fs")
FIXED, ITINERANT = "france_services", "france_services_itinerant"
#: How a counter is open -> its category.
CATEGORIES = {
    "Fixe": FIXED,
    "Fixe_antenne(s)": FIXED,
    "Multisites": FIXED,
    "Bus_équivalent": ITINERANT,
    "Itinérante": ITINERANT,
}


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
    _hold_unknown_formats(frame, ledger)
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
        category=kept["format_fs"].map(CATEGORIES),
        area_id=areas,
        longitude=points["longitude"],
        latitude=points["latitude"],
        position=points["latitude"].notna().map({True: "address", False: "commune"}),
        detail=kept["format_fs"],
        source_id=entry.id,
        period=year,
    )
    return ledger.staged({"service": table})


def _hold_unknown_formats(frame: pd.DataFrame, ledger: Ledger) -> None:
    """Hold back the counters of which it is not said, or not known, whether they tour."""
    unknown = ~frame["format_fs"].isin(list(CATEGORIES))
    if unknown.any():
        text = str(frame.loc[unknown, "format_fs"].iloc[0])
        ledger.quarantine(
            frame.loc[unknown, LINE],
            "unknown_code",
            f"« {text} » ne dit pas si l’espace est fixe ou itinérant",
            f"{text!r} does not say whether the counter is fixed or tours",
            column="format_fs",
            sample=text,
            mend_fr=f"Écrire l’un de ces formats : {', '.join(CATEGORIES)}.",
            mend_en=f"Write one of these formats: {', '.join(CATEGORIES)}.",
        )


def published_year(entry: SourceEntry, file: str) -> str:
    """The year of a file: that of the date in its name, else of its passport's vintage."""
    dates = re.findall(r"(?<![0-9])(20[0-9]{2})-?[01][0-9]-?[0-3][0-9](?![0-9])", file)
    return dates[-1] if dates else str(entry.passport["vintage"])[:4]
