"""Statistical regions of one country of Europe (GeoJSON): names, contours, who belongs to whom.

From: NUTS of Eurostat GISCO. `options.country` is the country's code, `options.levels` our level
for each of theirs ("3" is the finest), `options.period` the edition. Relied on: a code begins with
that of its parent, one character shorter for each level.
"""

from __future__ import annotations

import pandas as pd
import shapely

from etl.locate import no_duplicates
from etl.reading import geo_frame
from etl.source import LINE, Known, Ledger, Staged
from geodata.catalogue.nouns import SourceEntry

COLUMNS = ("NUTS_ID", "LEVL_CODE", "CNTR_CODE", "NAME_LATN")
MEMBERSHIP = ("level", "area_id", "parent_level", "parent_id", "period", "source_id")
#: A code has as many characters as the country's, and one more for each level.
COUNTRY_LENGTH = 2


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The tables ``area``, ``area_membership`` and, for the finest level, ``contour``.

    Raises
    ------
    RejectedFile
        Not the file that is described, a code twice, or more than 1 % of its rows wrong.
    """
    ledger = Ledger(entry.id, file)
    territory = known.catalogue.territory
    levels = {str(number): str(level) for number, level in entry.options["levels"].items()}
    period = str(entry.options["period"])
    frame = ledger.begin(
        geo_frame(content, COLUMNS, ledger, suffix=".geojson", kind="polygon"), known.mends
    )
    number = pd.Series(frame["LEVL_CODE"].astype("str"), index=frame.index)
    ledger.drop(
        frame.loc[frame["CNTR_CODE"] != entry.options["country"], LINE],
        "other_country",
        "région d’un autre pays",
        "region of another country",
    )
    ledger.drop(
        frame.loc[~number.isin(levels.keys()), LINE],
        "other_level",
        "niveau que le territoire n’a pas",
        "level that the territory does not have",
    )
    _check_codes(frame, number, str(entry.options["country"]), ledger)
    no_duplicates(ledger.kept(frame), ["NUTS_ID"], ledger, is_reference=True)
    kept = ledger.kept(frame)
    level = number[kept.index].map(levels)
    areas = pd.DataFrame(
        {
            "level": level,
            "area_id": kept["NUTS_ID"],
            "name": kept["NAME_LATN"],
            "source_id": entry.id,
        }
    )
    links = [
        (own, code, levels[upper], code[: COUNTRY_LENGTH + int(upper)], period, entry.id)
        for own, code, depth in zip(level, kept["NUTS_ID"], number[kept.index], strict=True)
        for upper in levels
        if int(upper) < int(depth)
    ]
    is_finest = level == territory.finest_level
    contours = areas.loc[is_finest, ["level", "area_id", "source_id"]].assign(
        geometry=shapely.to_wkb(kept.loc[is_finest, "geometry"].to_numpy())
    )
    return ledger.staged(
        {
            "area": areas.reset_index(drop=True),
            "area_membership": pd.DataFrame(links, columns=list(MEMBERSHIP)),
            "contour": contours.reset_index(drop=True),
        }
    )


def _check_codes(frame: pd.DataFrame, number: pd.Series, country: str, ledger: Ledger) -> None:
    """Hold back a code that does not say its country and its level."""
    kept = ledger.kept(frame)
    length = COUNTRY_LENGTH + pd.to_numeric(number[kept.index], errors="coerce")
    wrong = kept[(kept["NUTS_ID"].str.len() != length) | ~kept["NUTS_ID"].str.startswith(country)]
    for line, code in zip(wrong[LINE], wrong["NUTS_ID"], strict=True):
        ledger.quarantine(
            int(line),
            "bad_code",
            f"« {code} » n’est pas un code de ce niveau",
            f"{code!r} is not a code of this level",
            column="NUTS_ID",
            sample=str(code),
            mend_fr="Reprendre le fichier chez son producteur.",
            mend_en="Fetch the file again from its producer.",
        )
