"""What became of each commune since 1943: the liste des événements survenus aux communes.

From: INSEE's code officiel géographique (mouvements-communes.csv, mvt_commune_AAAA.csv).
Relied on: the kind of event (MOD), its date of effect, and the type and code of what there was
before and after. Only what happens to whole communes is kept: communes associées and déléguées
and arrondissements municipaux are parts, and a row from a commune to a commune tells their fate
too. A change of code (MOD 41, 50) comes before the mergers of the same day: Freigné, 49144, became
44225 then a part of Vallons-de-l'Erdre, 44180, on one 1 January.
"""

from __future__ import annotations

import pandas as pd

from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, RejectedFile, Staged
from geodata.catalogue.nouns import SourceEntry
from geodata.methods.area_events import contradictions

COLUMNS = ("MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "TYPECOM_AP", "COM_AP")
#: The columns of the table ``area_event``.
EVENT = ("level", "on", "step", "before_id", "after_id", "kind")
LEVEL = "commune"
KINDS = {
    "10": "rename",
    "20": "create",
    "21": "split",
    "30": "end",
    "31": "merge",
    "32": "merge",
    "33": "merge",
    "34": "part",
    "35": "part",
    "41": "recode",
    "50": "recode",
    "70": "part",
    "71": "part",
    "72": "part",
}
#: These come before the other events of their day.
CODE_CHANGES = ("41", "50")
TYPES = ("COM", "COMA", "COMD", "ARM")
CODE = r"(?:[0-9]{2}|2[AB])[0-9]{3}"
DAY = r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_MEND = {
    "mend_fr": "Reprendre le fichier des événements publié par l’INSEE.",
    "mend_en": "Fetch INSEE’s file of events again.",
}


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``area_event`` of communes.

    Raises
    ------
    RejectedFile
        A row that is not well formed, or events that contradict one another: this is a
        reference table.
    """
    ledger = Ledger(entry.id, file)
    frame = ledger.begin(csv_text(content, COLUMNS, ledger), known.mends)
    _check_cells(frame, ledger)
    is_whole_before = frame["TYPECOM_AV"].isin(["COM", ""])
    is_whole_after = frame["TYPECOM_AP"].isin(["COM", ""])
    is_municipal = frame["TYPECOM_AV"].eq("ARM") | frame["TYPECOM_AP"].eq("ARM")
    for mask, code, fr, en in (
        (
            is_municipal,
            "arrondissement",
            "ce qui arrive à un arrondissement municipal, compté avec sa commune",
            "what happens to a municipal arrondissement, counted with its commune",
        ),
        (
            ~is_whole_before & ~is_whole_after,
            "part_to_part",
            "ce qui arrive à une commune associée ou déléguée, sans changer de commune",
            "what happens to an associated or delegated commune within its commune",
        ),
        (
            is_whole_before & ~is_whole_after,
            "whole_to_part",
            "commune devenue associée ou déléguée : une autre ligne dit dans quelle commune",
            "commune made an associated or delegated one: another row says in which commune",
        ),
        (
            ~is_whole_before & is_whole_after,
            "part_to_whole",
            "associée ou déléguée supprimée ou rétablie : une autre ligne dit de quelle commune",
            "associated or delegated one ended or restored: another row says from which commune",
        ),
    ):
        ledger.drop(frame.loc[mask, LINE], code, fr, en)
    kept = ledger.kept(frame)
    key = list(COLUMNS)
    ledger.drop(
        kept.loc[kept.duplicated(key), LINE],
        "repeated",
        "ligne répétée à l’identique",
        "row repeated as it is",
    )
    kept = ledger.kept(kept)
    kind = _kinds(kept, frame)
    events = pd.DataFrame(
        {
            "level": LEVEL,
            "on": kept["DATE_EFF"],
            "step": (~kept["MOD"].isin(CODE_CHANGES)).astype("int64"),
            "before_id": kept["COM_AV"],
            "after_id": kept["COM_AP"],
            "kind": kind,
        }
    )
    _check_sequence(events, kept[LINE], ledger)
    order = ["on", "step", "after_id", "before_id"]
    return ledger.staged({"area_event": events.sort_values(order, ignore_index=True)})


def _kinds(kept: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """The kind of each event; of a commune that others leave (MOD 21), which part is the rest.

    Where the commune gives its code to one of the parts restored, another code is that of the
    rest. Rows from an associated or delegated commune to a commune tell which are restored.
    """
    key = ["DATE_EFF", "COM_AP"]
    is_part = frame["MOD"].eq("21") & frame["TYPECOM_AV"].isin(["COMA", "COMD"])
    is_part &= frame["TYPECOM_AP"].eq("COM") & frame["COM_AV"].eq(frame["COM_AP"])
    named = pd.MultiIndex.from_frame(frame.loc[is_part, key])
    is_named = pd.Series(pd.MultiIndex.from_frame(kept[key]).isin(named), index=kept.index)
    is_same = kept["COM_AV"].eq(kept["COM_AP"])
    origin = [kept["DATE_EFF"], kept["COM_AV"], kept["MOD"]]
    gives_code = (is_same & is_named).groupby(origin).transform("any")
    kind = kept["MOD"].map(KINDS)
    kind[kept["MOD"].eq("21") & is_same & ~is_named] = "rename"
    kind[kept["MOD"].eq("21") & ~is_same & ~is_named & gives_code] = "recode"
    return kind


def _check_cells(frame: pd.DataFrame, ledger: Ledger) -> None:
    """Refuse the first row that is not an event."""
    is_creation = frame["TYPECOM_AV"].eq("") & frame["MOD"].eq("20")
    is_loss = frame["TYPECOM_AP"].eq("") & frame["MOD"].eq("30")
    for column, is_right in (
        ("MOD", frame["MOD"].isin(list(KINDS))),
        ("DATE_EFF", frame["DATE_EFF"].str.fullmatch(DAY)),
        ("TYPECOM_AV", frame["TYPECOM_AV"].isin(list(TYPES)) | is_creation),
        ("TYPECOM_AP", frame["TYPECOM_AP"].isin(list(TYPES)) | is_loss),
        ("COM_AV", frame["COM_AV"].str.fullmatch(CODE) | (is_creation & frame["COM_AV"].eq(""))),
        ("COM_AP", frame["COM_AP"].str.fullmatch(CODE) | (is_loss & frame["COM_AP"].eq(""))),
    ):
        if not is_right.all():
            row = frame[~is_right.astype(bool)].iloc[0]
            raise _refusal(
                ledger,
                "bad_event",
                f"« {row[column]} » n’est pas une valeur connue de {column}",
                f"{row[column]!r} is not a known value of {column}",
                int(row[LINE]),
                column,
            )


def _check_sequence(events: pd.DataFrame, lines: pd.Series, ledger: Ledger) -> None:
    """Refuse a commune that ends before it begins, or begins before it ends."""
    wrong = contradictions(events)
    if wrong.empty:
        return
    on, area = wrong.iloc[0]
    is_it = events["on"].eq(on) & events[["before_id", "after_id"]].eq(area).any(axis=1)
    raise _refusal(
        ledger,
        "contradictory_events",
        f"la commune {area} finit sans avoir commencé, ou commence sans avoir fini, le {on}",
        f"commune {area} ends without having begun, or begins without having ended, on {on}",
        int(lines[is_it].iloc[0]),
        "COM_AV",
    )


def _refusal(ledger: Ledger, code: str, fr: str, en: str, line: int, column: str) -> RejectedFile:
    return ledger.reject(code, fr, en, line=line, column=column, **_MEND)
