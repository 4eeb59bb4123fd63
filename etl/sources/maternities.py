"""Maternities and perinatal centres, from DREES's yearly survey of establishments (SAE).

From: two files of the survey, `;`-separated cp1252 (the bytes 0x92 and 0x96 are an apostrophe and
a dash). `ID` says where each establishment stands; `PERINAT` what its perinatal unit does.
`options.table` says which file it is; PERINAT needs ID. FI is the number of the place (« ET »),
FI_EJ that of the body that runs it. Relied on: one row an establishment, the FINESS key, the INSEE
code of the commune (COMINSEE; overseas « 9A101 » for 97101), births = deliveries (SEJACC).

Of PERINAT, rows with a level of care (TYPE1, 2, 3) are maternities, and CPPR are local perinatal
centres, without births by nature; rows without either (abortion units, ante-natal care) are
dropped by the rule ``no_authorised_unit``. Beds are LIT_OBS: empty is unknown, never zero. The
service is the unit, so its id is not that of the hospital around it.
"""

from __future__ import annotations

import pandas as pd

from etl.locate import located, no_duplicates
from etl.reading import Dialect, csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.check_keys import finess_numbers
from etl.sources.finess_layout import official_codes
from etl.sources.service_table import service_table
from etl.values import measured
from geodata.catalogue.nouns import SourceEntry

DIALECT = Dialect(separator=";", encoding="cp1252")
IDENTITY = ("fi", "rs", "COMINSEE")
PERINATAL = ("AN", "FI", "RS", "AUTOR", "LIT_OBS", "SEJACC")
#: What a unit is authorised for -> its category and its words.
UNITS = {
    "TYPE1": ("maternity", "type 1"),
    "TYPE2": ("maternity", "type 2"),
    "TYPE3": ("maternity", "type 3"),
    "CPPR": ("perinatal_centre", "centre périnatal de proximité"),
}


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """``establishment_place`` from ID (finess, name, commune_code), ``service`` from PERINAT.

    Raises
    ------
    RejectedFile
        When it is not the table described, more than 1 % of its rows are wrong, or PERINAT is
        read without ID.
    """
    read = {"ID": _identity, "PERINAT": _units}[str(entry.options["table"])]
    return read(entry, Ledger(entry.id, file), content, known)


def _identity(entry: SourceEntry, ledger: Ledger, content: bytes, known: Known) -> Staged:
    frame = ledger.begin(csv_text(content, IDENTITY, ledger, DIALECT), known.mends)
    frame = frame.assign(fi=finess_numbers(frame, "fi", ledger))
    no_duplicates(ledger.kept(frame), ["fi"], ledger)
    kept = ledger.kept(frame)
    places = pd.DataFrame(
        {
            "finess": kept["fi"],
            "name": kept["rs"],
            "commune_code": official_codes(kept["COMINSEE"]),
        }
    )
    return ledger.staged({"establishment_place": places.reset_index(drop=True)})


def _units(entry: SourceEntry, ledger: Ledger, content: bytes, known: Known) -> Staged:
    frame = csv_text(content, PERINATAL, ledger, DIALECT)
    places = _places(known, ledger)
    frame = ledger.begin(frame.assign(COMINSEE=frame["FI"].map(places).fillna("")), known.mends)
    frame = frame.assign(FI=finess_numbers(frame, "FI", ledger))
    by_number = frame["FI"].map(places).fillna("")
    frame = frame.assign(COMINSEE=frame["COMINSEE"].where(frame["COMINSEE"].ne(""), by_number))
    no_duplicates(ledger.kept(frame), ["FI"], ledger)
    is_unit = frame["AUTOR"].isin(list(UNITS))
    ledger.drop(
        frame.loc[frame["AUTOR"].eq(""), LINE],
        "no_authorised_unit",
        "établissements sans maternité ni centre périnatal",
        "establishments with neither a maternity nor a perinatal centre",
        column="AUTOR",
    )
    _hold(
        frame,
        ~is_unit & frame["AUTOR"].ne(""),
        "AUTOR",
        "type d’unité inconnu",
        "unknown type of unit",
        ledger,
    )
    orphan = frame["COMINSEE"].eq("")
    _hold(frame, orphan, "FI", "établissement absent du fichier ID", "not in the file ID", ledger)
    beds = measured(frame, "LIT_OBS", ledger, minimum=0, is_whole=True)
    births = measured(frame, "SEJACC", ledger, minimum=0, is_whole=True)
    kept = ledger.kept(frame)
    year = str(frame["AN"].max())
    level = known.catalogue.territory.finest_level
    areas = located(kept, "COMINSEE", level, known, ledger, edition=f"{year}-01-01")
    kept = ledger.kept(kept)
    _warn_of_silence(kept, births["value"], ledger)
    table = service_table(
        kept.index,
        service_id="sae_perinatal:" + kept["FI"],
        name=kept["RS"].str.title(),
        category=kept["AUTOR"].map({code: unit[0] for code, unit in UNITS.items()}),
        area_id=areas,
        position="commune",
        capacity=beds["value"],
        capacity_unit="beds",
        detail=_details(kept["AUTOR"], births["value"].loc[kept.index]),
        source_id=entry.id,
        period=kept["AN"],
    )
    return ledger.staged({"service": table})


def _places(known: Known, ledger: Ledger) -> pd.Series[str]:
    """The commune code of each establishment, by FINESS number."""
    for tables in known.tables.values():
        if "establishment_place" in tables:
            return tables["establishment_place"].set_index("finess")["commune_code"]
    raise ledger.reject(
        "missing_source",
        "le fichier ID de la même enquête n’a pas été lu : les communes sont inconnues",
        "the file ID of the same survey was not read: the communes are unknown",
        mend_fr="Apporter aussi SAE_2023_ID.csv.",
        mend_en="Bring SAE_2023_ID.csv too.",
    )


def _details(units: pd.Series[str], births: pd.Series[float]) -> pd.Series[str]:
    """The type of each unit and, for a maternity, its births of the year."""
    told = [
        f" · {count:.0f} accouchements" if unit != "CPPR" and not pd.isna(count) else ""
        for unit, count in zip(units, births, strict=True)
    ]
    words = [UNITS[unit][1] for unit in units]
    return pd.Series(
        [a + b for a, b in zip(words, told, strict=True)], index=units.index, dtype="str"
    )


def _warn_of_silence(kept: pd.DataFrame, births: pd.Series[float], ledger: Ledger) -> None:
    """Warn of maternities without births: closed within the year, or silent."""
    silent = kept[kept["AUTOR"].ne("CPPR") & ~(births.loc[kept.index] > 0)]
    if len(silent):
        ledger.warn(
            "no_births",
            f"{len(silent)} maternités sans accouchement : fermées ou sans réponse",
            f"{len(silent)} maternities without births: closed, or silent",
            line=int(silent[LINE].iloc[0]),
            column="SEJACC",
            rows=len(silent),
        )


def _hold(
    frame: pd.DataFrame, wrong: pd.Series[bool], column: str, fr: str, en: str, ledger: Ledger
) -> None:
    if wrong.any():
        ledger.quarantine(
            frame.loc[wrong, LINE],
            "unknown_code",
            fr,
            en,
            column=column,
            sample=str(frame.loc[wrong, column].iloc[0]),
            mend_fr="Vérifier le code, ou apporter les deux fichiers de la même année.",
            mend_en="Check the code, or bring the two files of the same year.",
        )
