"""Hospitals of France, from Eurostat's healthcare services in Europe.

From: the country file of Eurostat (GISCO), UTF-8 CSV. It was written by a tool that took FINESS
numbers for numbers: those of the départements 01 to 09 lost their leading zero. It is put back
where the key of the number is then right. Relied on: degrees, one row a hospital. No commune code:
the commune is found by the point, where a source read before holds the contours. Beds are never
told in this file: the capacity is unknown. ``geo_qual`` 3 (low) is a place in the commune, not an
address.
"""

from __future__ import annotations

import pandas as pd

from etl.locate import no_duplicates
from etl.locate_points import located_by_point, placed, warn_of_crowds
from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.check_keys import finess_numbers
from etl.sources.service_table import service_table
from etl.values import measured
from geodata.catalogue.nouns import SourceEntry

COLUMNS = (
    "id",
    "hospital_name",
    "lat",
    "lon",
    "geo_qual",
    "cap_beds",
    "facility_type",
    "ref_date",
)


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``service``: one row a hospital.

    Raises
    ------
    RejectedFile
        When it is not the table described, or more than 1 % of its rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    frame = ledger.begin(csv_text(content, COLUMNS, ledger), known.mends)
    frame = frame.assign(id=finess_numbers(frame, "id", ledger))
    no_duplicates(ledger.kept(frame), ["id"], ledger)
    dates = pd.to_datetime(frame["ref_date"], format="%d/%m/%Y", errors="coerce")
    if dates.isna().any():
        ledger.quarantine(
            frame.loc[dates.isna(), LINE],
            "bad_period",
            "date de référence illisible",
            "unreadable reference date",
            column="ref_date",
            sample=str(frame.loc[dates.isna(), "ref_date"].iloc[0]),
            mend_fr="Écrire la date comme 06/03/2020.",
            mend_en="Write the date like 06/03/2020.",
        )
    beds = measured(frame, "cap_beds", ledger, minimum=0, is_whole=True)
    points = placed(frame, "lon", "lat", known, ledger)
    kept = ledger.kept(frame)
    areas = located_by_point(kept, points.loc[kept.index], known, ledger)
    kept = ledger.kept(kept)
    points = points.loc[kept.index]
    warn_of_crowds(kept, points, ledger)
    is_address = points["latitude"].notna() & kept["geo_qual"].ne("3")
    table = service_table(
        kept.index,
        service_id="finess:" + kept["id"],
        name=kept["hospital_name"].str.title(),
        category="hospital",
        area_id=areas,
        longitude=points["longitude"],
        latitude=points["latitude"],
        position=is_address.map({True: "address", False: "commune"}),
        capacity=beds["value"],
        capacity_unit="beds",
        detail=kept["facility_type"],
        source_id=entry.id,
        period=dates.dt.year.loc[kept.index].astype("str"),
    )
    return ledger.staged({"service": table})
